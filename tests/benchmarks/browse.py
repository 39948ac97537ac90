"""How soon a project of 100,000 pictures is open, and whether its filmstrip scrolls without a hitch."""

import argparse
import random
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PySide6.QtCore import QPoint, QPointF, QSettings, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication
from sqlalchemy import insert

from app.theme import Theme
from app.window import MainWindow
from core.classes import load_template
from core.project import Project
from core.store.tables import ClassPixelsRow, ImageRow, ThumbnailRow
from tests.benchmarks.application import application
from tests.benchmarks.canvas import Frame, PaintCounter, peak_mb, platform, spread, wait_until

PICTURES = 100_000
NOTCHES, JUMPS = 400, 60
SIZE = 512


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--pictures", type=int, default=PICTURES)


def run(args: argparse.Namespace) -> dict[str, object]:
    count = int(getattr(args, "pictures", PICTURES))
    with tempfile.TemporaryDirectory() as folder:
        path = make_project(Path(folder), count)
        app = application()
        window = MainWindow(Theme(app), QSettings(str(Path(folder, "settings.ini")), QSettings.Format.IniFormat))
        window.resize(1500, 900)
        window.show()
        _settle(app, 0.5)
        strip = window.rooms.images.strip
        paints = PaintCounter(strip.viewport())
        strip.viewport().installEventFilter(paints)
        start, busy = time.perf_counter(), time.process_time()
        window.open_path(path)
        wait_until(lambda: window.workspace.image is not None and paints.count > 0)
        open_s, open_cpu_s = time.perf_counter() - start, time.process_time() - busy
        _settle(app, 1.0)
        frames = [_frame(app, paints, action) for action in _scrolls(window)]
        shown = window.rooms.images.model.rowCount()
        result: dict[str, Any] = {
            "pictures": shown,
            "platform": platform(),
            "open_s": round(open_s, 2),
            "open_cpu_s": round(open_cpu_s, 2),
            "scroll_ms_p50": spread(frames)["p50_ms"],
            "scroll_ms_p99": spread(frames)["p99_ms"],
            "scroll_ms_max": spread(frames)["max_ms"],
            "scroll_cpu_ms_p99": spread(frames)["cpu_p99_ms"],
            "peak_rss_mb": peak_mb(),
        }
        window.close()
    return result


def make_project(folder: Path, count: int) -> Path:
    """A project whose rows are written directly; only the first picture has a file, all have thumbnails."""
    path, picture = folder / "large.maskwright", folder / "000000.png"
    rng = np.random.default_rng(0)
    cv2.imwrite(str(picture), rng.integers(0, 255, (SIZE, SIZE, 3), np.uint8))
    with Project.create(path, load_template("landcover")) as project:
        first = project.add_image(picture)
        small = cv2.resize(rng.integers(0, 255, (9, 12, 3), np.uint8), (160, 120), interpolation=cv2.INTER_CUBIC)
        jpeg = cv2.imencode(".jpg", small)[1].tobytes()
        facts = {
            "sha256": "0" * 64, "file_size": 1, "file_time_ns": 1, "height": SIZE, "width": SIZE, "channels": 3,
            "bits": 8, "revision": 0,
        }  # fmt: skip
        ids = range(first.id + 1, first.id + count)
        with project._transaction() as session:
            session.execute(
                insert(ImageRow),
                [
                    {
                        **facts,
                        "id": n,
                        "path": f"{n:06d}.jpg",
                        "split": "train",
                        "done": n % 9 == 0,
                        "sha256": f"{n:064d}",
                    }
                    for n in ids
                ],
            )
            session.execute(
                insert(ClassPixelsRow),
                [{"image_id": n, "class_id": n % 7, "pixels": n % SIZE**2} for n in ids if n % 3],
            )
            session.execute(insert(ThumbnailRow), [{"image_id": n, "jpeg": jpeg} for n in ids])
    return path


def _scrolls(window: MainWindow) -> list[Callable[[], object]]:
    """Turns of the wheel, as fast as frames come, and pulls of the scroll bar to anywhere."""
    strip, choose = window.rooms.images.strip, random.Random(0)
    bar = strip.horizontalScrollBar()
    actions: list[Callable[[], object]] = [lambda: _turn_wheel(window)] * NOTCHES
    for place in range(0, NOTCHES, NOTCHES // JUMPS):
        actions.insert(place, lambda: bar.setValue(choose.randrange(bar.maximum() - 100_000)))
    return actions


def _turn_wheel(window: MainWindow) -> None:
    viewport = window.rooms.images.strip.viewport()
    at = QPointF(viewport.rect().center())
    event = QWheelEvent(
        at, viewport.mapToGlobal(at), QPoint(), QPoint(0, -120), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(viewport, event)


def _frame(app: QApplication, paints: PaintCounter, action: Callable[[], object]) -> Frame:
    seen, start, busy = paints.count, time.perf_counter(), time.process_time()
    action()
    while paints.count == seen:
        app.processEvents()
        if time.perf_counter() - start > 10:
            raise RuntimeError("the strip was not painted")
    app.processEvents()
    frame = Frame((time.perf_counter() - start) * 1e3, (time.process_time() - busy) * 1e3)
    _settle(app, 0.004)
    return frame


def _settle(app: QApplication, seconds: float) -> None:
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        app.processEvents()
        time.sleep(0.002)
