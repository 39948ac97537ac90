"""How long after the pointer is lifted an edit is on disk, and that the window's thread runs no SQL."""

import argparse
import random
import sys
import tempfile
import threading
import time
from pathlib import Path

import cv2
import numpy as np
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from sqlalchemy import Engine, event

from app.canvas.view import CanvasView
from app.workspace import Workspace
from core.classes import load_template
from core.masks.tiles import TILE
from core.project import Project
from tests.benchmarks.canvas import HEIGHT, WIDTH, platform, wait_until

EDITS = 250
SMALLEST, LARGEST = 4e3, 4e6
"""Pixels, and so bytes, that an edit changes about."""


def run(args: argparse.Namespace) -> dict[str, object]:
    size = int(getattr(args, "size", None) or 4096)
    statements: dict[int, int] = {}

    @event.listens_for(Engine, "before_cursor_execute")
    def _count(*_: object) -> None:
        statements[threading.get_ident()] = statements.get(threading.get_ident(), 0) + 1

    with tempfile.TemporaryDirectory() as folder:
        path = _make_project(Path(folder), size)
        statements.clear()
        taken, changed = _paint(path, size)
        event.remove(Engine, "before_cursor_execute", _count)
        written = path.stat().st_size
    return {
        "size": size,
        "platform": platform(),
        "edits": len(taken),
        "edit_kb_from_to": f"{min(changed) / 1e3:.0f} {max(changed) / 1e3:.0f}",
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


def _paint(path: Path, size: int) -> tuple[list[float], list[int]]:
    """Dabs and strokes of many sizes with the mouse; milliseconds from each release to its commit, and its bytes."""
    found = QApplication.instance()
    app = found if isinstance(found, QApplication) else QApplication(sys.argv[:1])
    work, view = Workspace(), CanvasView()
    view.resize(WIDTH, HEIGHT)
    view.show()
    changed: list[int] = []
    view.edit_made.connect(work.save_edit)
    view.edit_made.connect(lambda edit: changed.append(len(edit.after) * TILE * TILE))
    work.open_project(path)
    wait_until(lambda: work.image is not None)
    assert work.image is not None
    view.set_image(work.image.pixels)
    view.set_classes(work.classes)
    view.set_editor(work.image.editor)
    choose = random.Random(0)
    taken = [_stroke(app, work, view, choose) for _ in range(EDITS)]
    view.close()
    work.close_project()
    work.close()
    return taken, changed


def _stroke(app: QApplication, work: Workspace, view: CanvasView, choose: random.Random) -> float:
    pixels = SMALLEST * (LARGEST / SMALLEST) ** choose.random()
    diameter = (pixels / 2) ** 0.5  # a stroke of two diameters and a bit
    view.set_active_class(choose.randrange(7))
    view.set_brush_size(diameter)
    reach = diameter * view.zoom
    start = QPoint(choose.randrange(400, 1000), choose.randrange(100, 800))
    end = start + QPoint(round(choose.choice((-1, 1)) * reach), round(reach / 3))
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
