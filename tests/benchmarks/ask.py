"""How long one waits in the window for the next question, in a project of 10,000 pictures."""

import argparse
import os
import tempfile
import time
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from PySide6.QtCore import QSettings, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from sqlalchemy import insert, update

from app.theme import Theme
from app.window import MainWindow
from core.masks.tiles import Array
from core.prediction.regions import find_regions
from core.project import Project
from core.regions import RegionTable
from core.store.tables import ImageRegionsRow, ImageRow
from core.training.messages import Predict, PredictionReady, Request
from core.training.settings import TrainingSettings
from tests.benchmarks.application import application
from tests.benchmarks.browse import SIZE, make_project
from tests.benchmarks.canvas import Frame, peak_mb, platform, wait_until

PICTURES = 10_000
ANSWERS = 100
THINKING_S = 0.25
"""Nobody answers faster. Meanwhile the next picture is read and predicted; the network's own time is left out."""
BLOCK = 64


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--pictures", type=int, default=PICTURES)


def run(args: argparse.Namespace) -> dict[str, Any]:
    rng = np.random.default_rng(0)
    class_map = np.kron(rng.integers(0, 7, (SIZE // BLOCK, SIZE // BLOCK), np.uint8), np.ones((BLOCK, BLOCK), np.uint8))
    app = application()
    with tempfile.TemporaryDirectory() as folder:
        path = _with_regions(make_project(Path(folder), args.pictures), class_map, rng)
        window = MainWindow(Theme(app), QSettings(str(Path(folder, "settings.ini")), QSettings.Format.IniFormat))
        window.resize(1500, 900)
        window.show()
        window.learning._thread.send = partial(_answer, window, class_map)  # type: ignore[method-assign]
        window.learning._thread.start = lambda *_: None  # type: ignore[method-assign]
        start = time.perf_counter()
        window.open_path(path)
        wait_until(lambda: window.asking.gathering.queue.left > 0 and window.editing.prediction is not None)
        filled = time.perf_counter() - start
        waits = [_wait(app, window, Qt.Key.Key_V), *(_wait(app, window, Qt.Key.Key_Return) for _ in range(ANSWERS))]
        result = {
            "pictures": args.pictures,
            "platform": platform(),
            "open_and_filled_s": round(filled, 2),
            "first_question_ms": round(waits[0].ms, 1),
            "next_question_ms": round(median(wait.ms for wait in waits[1:]), 1),
            "next_question_ms_most": round(max(wait.ms for wait in waits[1:]), 1),
            "next_question_cpu_ms": round(median(wait.cpu_ms for wait in waits[1:]), 1),
            "regions_left": window.asking.gathering.queue.left,
            "peak_rss_mb": peak_mb(),
        }
        window.close()
    return result


def _wait(app: QApplication, window: MainWindow, key: Qt.Key) -> Frame:
    """How long it takes from a key to the next question that can be answered, then time to think."""
    asking = window.asking
    before, start, busy = asking._region, time.perf_counter(), time.thread_time()
    QTest.keyClick(window.rooms.canvas, key)
    wait_until(lambda: asking._region is not before and asking.ready)
    spent = Frame((time.perf_counter() - start) * 1e3, (time.thread_time() - busy) * 1e3)
    end = time.perf_counter() + THINKING_S
    while time.perf_counter() < end:
        app.processEvents()
        time.sleep(0.002)
    return spent


def _answer(window: MainWindow, class_map: Array, request: Request) -> None:
    """Stands in for the worker."""
    if isinstance(request, Predict) and request.region is not None:
        part = class_map[request.region.slices]
        report = PredictionReady(request.image_id, 1, part, np.full_like(part, 150), request.region)
        QTimer.singleShot(0, window, partial(window.learning._take, report))


def _with_regions(path: Path, class_map: Array, rng: np.random.Generator) -> Path:
    """Give every picture a file, all with the same content, and regions that are differently sure."""
    table = find_regions(class_map, np.full_like(class_map, 150), np.full_like(class_map, 255))
    first = path.parent / "000000.png"
    stat = first.stat()
    with Project.open(path) as project:
        run = project.add_run(
            seed=0, settings=TrainingSettings().to_mapping(), label_revision=0, classes=project.classes, device="CPU",
            seconds=60.0, metrics={}, curves={}, weights=b"none",
        )  # fmt: skip
        records = project.images()
        for record in records:
            if record.name != first.name:
                os.link(first, path.parent / record.name)
        with project._transaction() as session:
            session.execute(update(ImageRow).values(file_size=stat.st_size, file_time_ns=stat.st_mtime_ns))
            rows = [(record, _doubted(table, rng)) for record in records]
            session.execute(
                insert(ImageRegionsRow),
                [
                    {"image_id": r.id, "run_id": run.id, "revision": 0, "sha256": r.sha256, "regions": t.tobytes()}
                    for r, t in rows
                ],
            )
    return path


def _doubted(table: RegionTable, rng: np.random.Generator) -> RegionTable:
    other = table.copy()
    other["confidence"] = rng.uniform(0.3, 1, len(table))
    return other
