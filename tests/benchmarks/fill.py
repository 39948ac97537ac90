"""Time to fill all of an 8192 × 8192 mask, to undo it, to accept a prediction, and to fill a maze of labels."""

import argparse
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from PySide6.QtCore import QEvent

from core.masks.editor import MaskEdit, MaskEditor
from core.masks.predicted import Predicted
from core.masks.tiles import Mask
from tests.benchmarks.canvas import Table, peak_mb, platform, set_table


def run(args: argparse.Namespace) -> dict[str, object]:
    size = int(getattr(args, "size", None) or 8192)
    result: dict[str, Any] = {"size": size, "platform": platform()}
    table = set_table(size, labels=False)
    result["fill_ms"] = round(table.frame(partial(_click, table)).ms, 1)
    result["undo_ms"] = round(table.frame(partial(_step, table, table.editor.undo)).ms, 1)
    result["redo_ms"] = round(table.frame(partial(_step, table, table.editor.redo)).ms, 1)
    table.editor.undo()
    prediction = np.zeros((size, size), np.uint8)
    result["accept_ms"] = _ms(partial(table.editor.accept, Predicted(prediction)))
    table.view.close()
    table.view.set_image(None)
    del prediction
    maze = MaskEditor(Mask.from_array(_maze(size)))
    result["fill_maze_ms"] = _ms(partial(maze.fill, (0.5, 0.5), 3))
    result["undo_maze_ms"] = _ms(maze.undo)
    result["peak_mb"] = peak_mb()
    return result


def _click(table: Table) -> None:
    table.view.set_tool("fill")
    for kind in (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonRelease):
        table.mouse(kind, 700, 400)


def _step(table: Table, step: Callable[[], MaskEdit | None]) -> None:
    edit = step()
    if edit is not None:
        table.view.refresh(edit.rect)


def _maze(size: int) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """Corridors three pixels wide, all connected, through every tile."""
    maze = np.zeros((size, size), np.uint8)
    maze[3::6, :] = 1
    maze[3::6, ::40] = 0
    return maze


def _ms(action: Callable[[], object]) -> float:
    start = time.perf_counter()
    action()
    return round((time.perf_counter() - start) * 1e3, 1)
