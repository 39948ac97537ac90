"""Training and what becomes of it, without the worker: what it would report is handed in."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pytestqt.qtbot import QtBot

from app.learning import Learning
from app.panels.prediction import run_text
from app.workspace import Workspace
from core.classes import load_template
from core.project import Project
from core.records import TrainingRun
from core.training.messages import Request, Train, TrainingEnded, TrainingStarted
from core.training.settings import TrainingSettings

CLASSES = load_template("landcover")
ENDED = TrainingEnded({}, 1, 1, CLASSES, "CPU", 3.0, {"miou": 0.5}, {"loss": [1.0]}, b"weights", stopped=True)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    Image.fromarray(np.zeros((40, 60, 3), np.uint8)).save(tmp_path / "a.png")
    with Project.create(tmp_path / "fields.maskwright", CLASSES) as project:
        project.add_image(tmp_path / "a.png", mask=np.zeros((40, 60), np.uint8))
    return tmp_path / "fields.maskwright"


class Room:
    """A workspace that learns; requests to the worker are kept instead of sent."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.workspace = Workspace()
        self.learning = Learning(self.workspace)
        self.requests: list[Request] = []
        monkeypatch.setattr(self.learning._thread, "send", self.requests.append)

    def open(self, path: Path, qtbot: QtBot) -> None:
        with qtbot.waitSignal(self.workspace.image_opened):
            self.workspace.open_project(path)

    def train(self, qtbot: QtBot) -> None:
        self.learning.train(TrainingSettings())
        qtbot.waitUntil(lambda: any(isinstance(request, Train) for request in self.requests))
        self.learning._take(TrainingStarted(1, 100, "held-out pixels"))

    def end(self, qtbot: QtBot) -> None:
        with qtbot.waitSignal(self.learning.ended):
            self.learning._take(ENDED)


@pytest.fixture
def room(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[Room]:
    room = Room(monkeypatch)
    yield room
    room.workspace.close_project()
    room.workspace.close()


def test_closing_the_project_keeps_what_a_training_has_learned(qtbot: QtBot, room: Room, path: Path) -> None:
    room.open(path, qtbot)
    room.train(qtbot)
    room.workspace.close_project()
    assert room.learning.state == "stopping"
    room.end(qtbot)
    room.open(path, qtbot)  # the file was let go of, or this would be refused
    assert [run.metrics["miou"] for run in room.workspace.runs] == [0.5]


def test_a_project_opened_again_before_its_training_ended_gets_the_run(qtbot: QtBot, room: Room, path: Path) -> None:
    room.open(path, qtbot)
    room.train(qtbot)
    room.open(path, qtbot)
    room.end(qtbot)
    assert len(room.workspace.runs) == 1
    project = room.workspace.project
    assert project is not None
    assert len(project.runs()) == 1, "stored once, and the project is still open"


def test_a_run_goes_to_its_own_project_when_another_is_open(
    qtbot: QtBot, room: Room, path: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.maskwright"
    with Project.create(other, CLASSES) as project:
        project.add_image(tmp_path / "a.png")
    room.open(path, qtbot)
    room.train(qtbot)
    room.open(other, qtbot)
    room.end(qtbot)
    assert room.workspace.runs == []
    room.open(path, qtbot)
    assert len(room.workspace.runs) == 1


def test_a_project_without_a_training_is_let_go_of_at_once(qtbot: QtBot, room: Room, path: Path) -> None:
    room.open(path, qtbot)
    room.workspace.close_project()
    qtbot.waitUntil(lambda: room.workspace.jobs.run(lambda: True).result())
    Project.open(path).close()


def test_no_worker_is_started_for_a_window_that_is_gone(room: Room) -> None:
    room.learning.close()
    room.learning.warm_up()
    assert not room.learning._thread.isRunning()


@pytest.mark.parametrize(("measured_on", "shown"), [("training pixels", False), ("validation images", True)])
def test_a_figure_on_what_was_learned_by_heart_is_no_run_s_name(measured_on: str, shown: bool) -> None:
    metrics = {"miou": 0.99, "measured_on": measured_on}
    run = TrainingRun(3, datetime.now(UTC), 0, {}, 1, (), "CPU", 60.0, metrics, {})
    assert ("99 % mIoU" in run_text(run)) is shown
