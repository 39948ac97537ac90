"""Time to fill all of an 8192 × 8192 mask, undo that, accept a region and all of a prediction, and fill a maze."""

import argparse
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import cv2
import numpy as np
from PySide6.QtCore import QEvent

from app.canvas.tools import ToolName
from core.masks.editor import MaskEdit, MaskEditor
from core.masks.predicted import Predicted
from core.masks.tiles import Mask
from tests.benchmarks.canvas import HEIGHT, WIDTH, Table, peak_mb, platform, set_table


def run(args: argparse.Namespace) -> dict[str, object]:
    size = int(getattr(args, "size", None) or 8192)
    result: dict[str, Any] = {"size": size, "platform": platform()}
    table = set_table(size, labels=False)
    result["fill_ms"] = round(table.frame(partial(_click, table)).ms, 1)
    result["undo_ms"] = round(table.frame(partial(_step, table, table.editor.undo)).ms, 1)
    result["redo_ms"] = round(table.frame(partial(_step, table, table.editor.redo)).ms, 1)
    table.editor.undo()
    table.frame(partial(table.view.set_prediction, _blot(size)))
    accepted = table.frame(partial(_click, table, "accept-region"))
    result["accept_region_ms"], result["accept_region_cpu_ms"] = round(accepted.ms, 1), round(accepted.cpu_ms, 1)
    result["accept_region_pixels"] = sum(table.editor.mask.class_pixels().values())
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


def _click(table: Table, tool: ToolName = "fill") -> None:
    table.view.set_tool(tool)
    for kind in (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonRelease):
        table.mouse(kind, WIDTH / 2, HEIGHT / 2)


def _step(table: Table, step: Callable[[], MaskEdit | None]) -> None:
    edit = step()
    if edit is not None:
        table.view.refresh(edit.rect)


def _blot(size: int) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """A prediction of one class in a ragged blot of a million pixels, and specks of others around it."""
    rough = np.random.default_rng(0).normal(0, 4, (size // 4, size // 4)).astype(np.float32)
    y, x = np.ogrid[: size // 4, : size // 4]
    inside = np.hypot(x - size / 8, y - size / 8) + rough < np.sqrt(1e6 / np.pi) / 4
    small = np.where(inside, np.uint8(1), (cv2.blur(rough, (9, 9)) > 0) + np.uint8(2))
    return np.asarray(cv2.resize(small, (size, size), interpolation=cv2.INTER_NEAREST), np.uint8)


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
