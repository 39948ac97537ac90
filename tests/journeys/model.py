"""A project with a trained run, and who answers for its model: for journeys that are not about the network."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QTimer

from core.classes import load_template
from core.project import Project
from core.training.messages import Predict, PredictionReady, Request
from core.training.settings import TrainingSettings
from tests.journeys.person import Person

Sure = tuple[np.ndarray, np.ndarray]
"""(h, w) class ids, and how sure it is of them in 1/255."""


def make_project(folder: Path, pictures: int) -> Path:
    """The pictures of `make_pictures` in a project, nothing labelled, and a run."""
    path = folder / "p.maskwright"
    with Project.create(path, load_template("landcover")) as made:
        for number in range(1, pictures + 1):
            made.add_image(folder / f"picture-{number}.png")
        add_run(made)
    return path


def add_run(project: Project) -> int:
    return project.add_run(
        seed=0,
        settings=TrainingSettings().to_mapping(),
        label_revision=0,
        classes=project.classes,
        device="CPU",
        seconds=60.0,
        metrics={},
        curves={},
        weights=b"none",
    ).id


class Model:
    """Stands in for the worker: says at once what `sees` says of an image."""

    def __init__(self, person: Person, monkeypatch: pytest.MonkeyPatch, sees: Callable[[int], Sure]) -> None:
        self._window = person.window
        self._sees = sees
        self.asked: list[int] = []
        """The images that were to be predicted."""
        monkeypatch.setattr(person.window.learning._thread, "send", self._answer)
        monkeypatch.setattr(person.window.learning._thread, "start", lambda *_: None)

    def _answer(self, request: Request) -> None:
        run = self._window.workspace.run
        if not isinstance(request, Predict) or run is None or request.region is None:
            return
        self.asked.append(request.image_id)
        class_map, confidence = (values[request.region.slices] for values in self._sees(request.image_id))
        report = PredictionReady(request.image_id, run.id, class_map, confidence, request.region)
        learning = self._window.learning
        QTimer.singleShot(0, learning, lambda: learning._take(report))
