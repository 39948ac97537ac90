"""How long after the pointer is lifted an edit is on disk, and that the window's thread runs no SQL.

An edit's size is the number of pixels whose class it changes, a byte each: from dabs of 4 kB to strokes of 4 MB. What
is written are whole tiles before compression, so `tile_kb_from_to` starts at one tile.
"""

import argparse
import random
import sys
import tempfile
import threading
import time
from math import hypot, pi
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from PySide6.QtCore import QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from sqlalchemy import Engine, event

from app.canvas.view import CanvasView
from app.workspace import Workspace
from core.classes import load_template
from core.masks.editor import MaskEdit
from core.masks.tiles import TILE
from core.project import Project
from tests.benchmarks.canvas import HEIGHT, WIDTH, platform, wait_until

EDITS = 250
SMALLEST, LARGEST = 4e3, 4e6
"""Pixels, and so bytes, that edits change."""
SLANT = 1 / 3
"""Strokes are one diameter long from left to right and this much of it downwards."""


def run(args: argparse.Namespace) -> dict[str, object]:
    size = int(getattr(args, "size", None) or 4096)
    statements: dict[int, int] = {}

    @event.listens_for(Engine, "before_cursor_execute")
    def _count(*_: object) -> None:
        statements[threading.get_ident()] = statements.get(threading.get_ident(), 0) + 1

    with tempfile.TemporaryDirectory() as folder:
        path = _make_project(Path(folder), size)
        statements.clear()
        strokes = _paint(path, size)
        event.remove(Engine, "before_cursor_execute", _count)
        written = path.stat().st_size
    taken, changed, tiles = zip(*strokes, strict=True)
    return {
        "size": size,
        "platform": platform(),
        "edits": len(taken),
        "edit_kb_from_to": f"{min(changed) / 1e3:.0f} {max(changed) / 1e3:.0f}",
        "tile_kb_from_to": f"{min(tiles) / 1e3:.0f} {max(tiles) / 1e3:.0f}",
        "durable_ms_p50": round(float(np.percentile(taken, 50)), 2),
        "durable_ms_p99": round(float(np.percentile(taken, 99)), 2),
        "durable_ms_max": round(max(taken), 2),
        "gui_sql_statements": statements.get(threading.get_ident(), 0),
        "other_sql_statements": sum(n for thread, n in statements.items() if thread != threading.get_ident()),
        "file_mb": round(written / 1e6, 1),
    }


def _make_project(folder: Path, size: int) -> Path:
    picture = folder / "picture.png"
    cv2.imwrite(str(picture), np.full((size, size, 3), 90, np.uint8), [cv2.IMWRITE_PNG_COMPRESSION, 1])
    with Project.create(folder / "p.maskwright", load_template("landcover")) as project:
        project.add_image(picture)
        return project.path


class Stroke(NamedTuple):
    ms: float
    """From the release of the button to the commit."""
    changed: int
    tiles: int
    """Bytes of the tiles that it touched."""


def _paint(path: Path, size: int) -> list[Stroke]:
    """Dabs and strokes of many sizes with the mouse."""
    found = QApplication.instance()
    app = found if isinstance(found, QApplication) else QApplication(sys.argv[:1])
    work, view = Workspace(), CanvasView()
    view.resize(WIDTH, HEIGHT)
    view.show()
    edits: list[MaskEdit] = []
    view.edit_made.connect(work.save_edit)
    view.edit_made.connect(edits.append)
    work.open_project(path)
    wait_until(lambda: work.image is not None)
    assert work.image is not None
    view.set_image(work.image.pixels)
    view.set_classes(work.classes)
    view.set_editor(work.image.editor)
    choose, strokes = random.Random(0), []
    for pixels in _sizes(choose):
        ms = _stroke(app, work, view, choose, pixels)
        edit = edits.pop()
        changed = sum(int((edit.before[key] != after).sum()) for key, after in edit.after.items())
        strokes.append(Stroke(ms, changed, len(edit.after) * TILE * TILE))
    view.close()
    work.close_project()
    work.close()
    return strokes


def _sizes(choose: random.Random) -> list[float]:
    """Of all edits, evenly by their logarithm; the largest first, as long as nothing has its class already."""
    *others, largest = np.geomspace(SMALLEST, LARGEST, EDITS)
    choose.shuffle(others)
    return [largest, *others]


def _stroke(app: QApplication, work: Workspace, view: CanvasView, choose: random.Random, pixels: float) -> float:
    """One stroke over so many pixels, all of it on the picture, in another class than where it begins."""
    editor, size = view.hand.editor, view.viewport.image_width
    assert editor is not None
    diameter = (pixels / (pi / 4 + hypot(1, SLANT))) ** 0.5
    x, y = (choose.uniform(diameter / 2, size - diameter * 3 / 2) for _ in "xy")
    below = editor.mask.value(int(y), int(x))
    view.set_active_class(choose.choice([value for value in range(7) if value != below]))
    view.set_brush_size(diameter)
    start, end = (view.from_image(point).toPoint() for point in ((x, y), (x + diameter, y + diameter * SLANT)))
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QTest.mousePress(view, left, none, start)
    for step in range(1, 9):
        QTest.mouseMove(view, start + (end - start) * step / 8)
        app.processEvents()
    began = time.perf_counter()
    QTest.mouseRelease(view, left, none, end)
    wait_until(lambda: work.saves.state == "saved")
    elapsed = (time.perf_counter() - began) * 1e3
    app.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    return elapsed
