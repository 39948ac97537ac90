"""A window on a project with a run, and how long a person waits there for what the run says."""

import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import cv2
import numpy as np
from PySide6.QtCore import QEvent, QPointF, QSettings, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from app.theme import Theme
from app.window import MainWindow
from core.classes import load_template
from core.images import read_image
from core.masks.tiles import Array
from core.project import Project
from core.sample import make_sample
from core.training.messages import PredictionReady
from core.training.settings import TrainingSettings
from tests.benchmarks.application import application
from tests.benchmarks.canvas import PaintCounter, wait_until

SMALL, LARGE = (480, 360), 4096
OPENED, ACCEPTED = 10, 15
REGION_PIXELS = 1_000_000
LONGEST_S = 120.0
NETWORK = "quick"


def run_window(data: Path | None, folder: Path) -> dict[str, Any]:
    """Needs a main guard where it is started: the window starts a worker process."""
    path = _project(data, folder)
    app = application()
    settings = QSettings(str(folder / "settings.ini"), QSettings.Format.IniFormat)
    sitting = _Sitting(app, MainWindow(Theme(app), settings))
    try:
        return sitting.measure(path)
    finally:
        sitting.window.close()


def _project(data: Path | None, folder: Path) -> Path:
    """Small pictures, a large one, and a run whose weights mean nothing but take as long as others."""
    source = data / "train" / "images" if data else make_sample(folder / "sample").parent / "images"
    names = sorted(file for file in source.iterdir() if file.suffix in (".png", ".jpg"))
    with Project.create(folder / "overlay.maskwright", load_template("cityscapes")) as project:
        for number in range(3 * OPENED):
            image = read_image(names[number % len(names)])
            small = cv2.resize(image, SMALL)
            small[0, 0] = number  # another file each time
            project.add_image(_written(folder / f"small{number:02d}.png", small))
        project.add_image(_written(folder / "vast.png", cv2.resize(image, (LARGE, LARGE))))
        _add_run(project)
        return project.path


def _written(path: Path, image: Any) -> Path:
    cv2.imencode(".png", image)[1].tofile(path)
    return path


def _add_run(project: Project) -> None:
    from core.training.heads import head_named
    from core.training.inputs import Inputs
    from core.training.network import new_network, pack_weights
    from core.training.quiet import load_keras
    from core.training.unet import shape_named

    load_keras()
    network = new_network(shape_named(NETWORK), Inputs(3), head_named("softmax"), project.classes)
    project.add_run(
        seed=0,
        settings=TrainingSettings(network=NETWORK).to_mapping() | network.to_mapping(),
        label_revision=0,
        classes=project.classes,
        device="CPU",
        seconds=1.0,
        metrics={},
        curves={},
        weights=pack_weights(network.model.get_weights()),
    )


class _Sitting:
    """One window, and the times at which its canvas was painted."""

    def __init__(self, app: QApplication, window: MainWindow) -> None:
        self.app, self.window = app, window
        self.canvas = window.rooms.canvas
        self.paints = PaintCounter(self.canvas)
        self.canvas.installEventFilter(self.paints)
        self._predicted: list[PredictionReady] = []
        window.learning.predicting.predicted.connect(self._predicted.append)
        window.resize(1500, 900)
        window.show()

    def measure(self, path: Path) -> dict[str, Any]:
        self.window.open_path(path)
        self._until(lambda: bool(self._predicted))  # the worker is warm
        small = [record.id for record in self.window.workspace.records.values() if record.width == SMALL[0]]
        far = small[-1:0:-2][:OPENED]  # away from what is predicted in the background first
        opened = [self._opened(image_id) for image_id in far]
        large = next(record.id for record in self.window.workspace.records.values() if record.width == LARGE)
        large_s = self._opened(large)
        self.window.actions_["predict-all"].setChecked(False)
        accepted = self._accepted()
        return {
            "open_to_prediction_s": round(median(opened), 3),
            "open_to_prediction_s_most": round(max(opened), 3),
            "open_large_s": round(large_s, 3),
            "accept_ms": round(median(accepted), 1),
            "accept_ms_most": round(max(accepted), 1),
        }

    def _opened(self, image_id: int) -> float:
        """Seconds from asking for a picture to the frame with what is predicted of it, or of the part in sight."""
        self._predicted.clear()
        self._rest(0.7)  # the person looks; pictures are predicted in the background
        start = time.perf_counter()
        self.window.workspace.open_image(image_id)
        self._until(lambda: any(said.image_id == image_id for said in self._predicted))
        seen = self.paints.count
        self._until(lambda: self.paints.count > seen)
        return time.perf_counter() - start

    def _accepted(self) -> list[float]:
        """Milliseconds from a click on a region to the frame that shows it labelled."""
        class_map, confidence = _disc(), np.full((LARGE, LARGE), 230, np.uint8)
        image = self.window.workspace.image
        assert image is not None
        self._until(lambda: not self.window.learning.predicting.busy)
        self.window.showing.show_prediction(PredictionReady(image.record.id, 1, class_map, confidence))
        self.window.actions_["accept-region"].trigger()
        middle = self.canvas.from_image((LARGE / 2, LARGE / 2))
        spent = []
        for _ in range(ACCEPTED):
            self._mouse(QEvent.Type.MouseMove, middle)
            self._rest(0.4)  # the hand comes to the region before it presses
            start, seen = time.perf_counter(), self.paints.count
            self._mouse(QEvent.Type.MouseButtonPress, middle)
            self._mouse(QEvent.Type.MouseButtonRelease, middle)
            while self.paints.count == seen:
                self.app.processEvents()
            spent.append((time.perf_counter() - start) * 1e3)
            assert image.editor.mask.value(LARGE // 2, LARGE // 2) == 1
            self._rest(0.3)
            self.window.editing.undo()
            self._until(lambda: self.window.workspace.saves.state == "saved")
        return spent

    def _mouse(self, kind: QEvent.Type, at: QPointF) -> None:
        left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
        button = none if kind == QEvent.Type.MouseMove else left
        held = left if kind == QEvent.Type.MouseButtonPress else none
        where = self.canvas.mapToGlobal(at)
        self.app.sendEvent(self.canvas, QMouseEvent(kind, at, where, button, held, Qt.KeyboardModifier.NoModifier))

    def _until(self, ready: Callable[[], bool]) -> None:
        end = time.monotonic() + LONGEST_S

        def ended() -> bool:
            if time.monotonic() > end:
                raise RuntimeError("the window took too long")
            return ready()

        wait_until(ended)

    def _rest(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.app.processEvents()
            time.sleep(0.002)


def _disc() -> Array:
    """(LARGE, LARGE) class 1 in a disc of a million pixels, 0 around it."""
    class_map = np.zeros((LARGE, LARGE), np.uint8)
    cv2.circle(class_map, (LARGE // 2, LARGE // 2), round((REGION_PIXELS / np.pi) ** 0.5), 1, -1)
    return class_map
