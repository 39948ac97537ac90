"""How soon after Train the open picture shows what the model sees: worker started ahead, and cold."""

import argparse
import os
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from core.classes import load_template
from core.images import read_mask_file
from core.masks.tiles import Array
from core.project import Project
from core.training.metrics import Confusion
from tests.benchmarks.learn import sample_project

if TYPE_CHECKING:
    from app.window import MainWindow
    from core.training.messages import PredictionReady

LONGEST_S = 600.0
WATCHED_S = 20.0
"""So long after the first preview the later ones are watched."""


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--once", action="store_true", help="only with the worker started ahead")


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Train in the window on five scribbled pictures, and wait for the first preview.

    Returns:
        ahead_s, cold_s: from Train to the first preview on screen, with the worker started ahead, and without.
        preview_miou: of that first preview against the picture's dense mask, where --data has one; later: seconds
        from Train and mIoU of the previews that followed. One picture's figures: they jump.
    """
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["MASKWRIGHT_HOME"] = folder
        path = _scribbled(Path(folder), args.data) if args.data else sample_project(Path(folder))
        cold = [] if args.once else _previews(path, args.data, ahead=False)
        ahead = _previews(path, args.data, ahead=True)
    return {
        "data": str(args.data or "sample"),
        "ahead_s": ahead[0][0],
        "cold_s": cold[0][0] if cold else None,
        "preview_miou": ahead[0][1],
        "later": ahead[1:],
    }


def _scribbled(folder: Path, data: Path) -> Path:
    """A project of the five scribbled pictures, and nothing else."""
    path = folder / "preview.maskwright"
    with Project.create(path, load_template("cityscapes")) as project:
        for name in (data / "scribbled5.txt").read_text(encoding="utf-8").split():
            project.add_image(data / "train/images" / name, mask=read_mask_file(data / "train/scribbles" / name))
    return path


def _previews(path: Path, data: Path | None, *, ahead: bool) -> list[tuple[float, float | None]]:
    """Seconds from Train and mIoU of each preview."""
    from app.places import window_settings
    from app.theme import Theme
    from app.window import MainWindow
    from tests.benchmarks.application import application

    window = MainWindow(Theme(application()), window_settings())
    window.resize(1280, 800)
    window.show()
    window.open_path(path)
    _wait(lambda: window.workspace.image is not None)
    if ahead:
        window.learning.warm_up()
        _wait(lambda: window.learning.device is not None)
    else:
        window._warm_up.stop()
    seen: list[tuple[float, float | None]] = []
    truth = _truth(window, data)

    def look(prediction: "PredictionReady") -> None:
        if prediction.run_id == 0:
            window.repaint()  # it counts when it is on screen
            seen.append((round(time.perf_counter() - begun, 2), _miou(prediction.class_map, truth)))

    refused: list[str] = []
    window.learning.failed.connect(refused.append)
    window.learning.predicting.predicted.connect(look)
    begun = time.perf_counter()
    window.train()
    _wait(lambda: bool(seen or refused))
    if refused:
        raise RuntimeError(refused[0])
    _wait(lambda: not ahead or time.perf_counter() - begun > seen[0][0] + WATCHED_S)
    window.learning.stop()
    _wait(lambda: window.learning.state == "idle")
    window.close()
    window.deleteLater()
    _wait(lambda: True)
    _forget_runs(path)
    return seen


def _forget_runs(path: Path) -> None:
    """The next training shall not go on from this one."""
    with Project.open(path) as project:
        for run in project.runs():
            project.delete_runs([run.id])


def _truth(window: "MainWindow", data: Path | None) -> Array | None:
    """The dense mask of the open picture, where there is one."""
    image = window.workspace.image
    assert image is not None
    mask = data / "train/masks" / image.record.name if data else None
    return read_mask_file(mask) if mask and mask.exists() else None


def _miou(class_map: Array, truth: Array | None) -> float | None:
    if truth is None:
        return None
    confusion = Confusion.empty(int(max(class_map.max(), truth[truth < 255].max())) + 1)
    confusion.add(truth, np.asarray(class_map))
    return round(confusion.miou, 4)


def _wait(condition: object) -> None:
    from PySide6.QtCore import QCoreApplication, QEventLoop

    assert callable(condition)
    end = time.monotonic() + LONGEST_S
    while True:
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents, 20)
        if condition():
            return
        if time.monotonic() > end:
            raise TimeoutError("the window did not get there; see the training panel")
