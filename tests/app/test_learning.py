"""Training and what becomes of it, without the worker: what it would report is handed in."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pytestqt.qtbot import QtBot

from app.learning import Learning
from app.notices import Notice as Said
from app.panels.prediction import run_text
from app.workspace import Workspace
from core.classes import load_template
from core.project import Project
from core.records import Checkpoint, TrainingRun
from core.training.messages import (
    CheckpointReached,
    Failed,
    Notice,
    Request,
    Train,
    TrainingEnded,
    TrainingStarted,
)
from core.training.settings import TrainingSettings

CLASSES = load_template("landcover")
SETTINGS = TrainingSettings().to_mapping()
CUT_OFF = Checkpoint(SETTINGS | {"budget_s": 300.0}, CLASSES, 1, 90, 42.0, {"loss": [1.0]}, b"state")
ENDED = TrainingEnded(SETTINGS, 1, 1, CLASSES, "CPU", 3.0, {"miou": 0.5}, {"loss": [1.0]}, b"weights", stopped=True)


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
        self.said: list[Said] = []
        self.workspace.noticed.connect(self.said.append)
        monkeypatch.setattr(self.learning._thread, "send", self.requests.append)

    def open(self, path: Path, qtbot: QtBot) -> None:
        with qtbot.waitSignal(self.workspace.image_opened):
            self.workspace.open_project(path)

    def train(self, qtbot: QtBot, settings: TrainingSettings | None = None, *, fresh: bool = False) -> Train:
        with qtbot.waitSignal(self.learning.sent):
            self.learning.train(settings or TrainingSettings(), fresh=fresh)
        return self.begun()

    def begun(self) -> Train:
        """The worker took up the last request to train."""
        self.learning._take(TrainingStarted(1, 100, "held-out pixels"))
        return next(request for request in reversed(self.requests) if isinstance(request, Train))

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


# --- going on


def test_a_training_goes_on_from_the_last_run_unless_a_fresh_one_is_wanted(
    qtbot: QtBot, room: Room, path: Path
) -> None:
    room.open(path, qtbot)
    assert room.train(qtbot).start_from is None
    room.end(qtbot)
    start = room.train(qtbot).start_from
    assert start is not None and (start.run_id, start.weights) == (1, b"weights")
    room.end(qtbot)
    assert room.train(qtbot, fresh=True).start_from is None


def test_a_run_of_another_network_is_passed_over_for_one_that_fits(qtbot: QtBot, room: Room, path: Path) -> None:
    room.open(path, qtbot)
    room.train(qtbot)
    room.end(qtbot)
    assert room.train(qtbot, TrainingSettings(network="quality")).start_from is None
    with qtbot.waitSignal(room.learning.ended):
        room.learning._take(replace(ENDED, settings=SETTINGS | {"network": "quality"}))
    start = room.train(qtbot).start_from
    assert start is not None and start.run_id == 1


def test_where_a_training_stands_is_kept_until_it_becomes_a_run(qtbot: QtBot, room: Room, path: Path) -> None:
    room.open(path, qtbot)
    room.train(qtbot)
    project = room.workspace.project
    assert project is not None
    room.learning._take(CheckpointReached(CUT_OFF))
    qtbot.waitUntil(lambda: project.checkpoint() is not None)
    room.end(qtbot)
    assert project.checkpoint() is None


@pytest.fixture
def cut_off(path: Path) -> Path:
    """A project whose last training never ended."""
    with Project.open(path) as project:
        project.save_checkpoint(CUT_OFF)
    return path


def test_a_training_that_was_cut_off_is_offered_and_goes_on(qtbot: QtBot, room: Room, cut_off: Path) -> None:
    room.open(cut_off, qtbot)
    qtbot.waitUntil(lambda: bool(room.said))
    assert room.said[-1].text == "A training was cut off at 0:42 of 5:00. Go on?"
    with qtbot.waitSignal(room.learning.sent):
        room.said[-1].choices[0].choose()
    request = room.begun()
    assert request.resume is not None and (request.resume.step, request.resume.state) == (90, b"state")
    assert request.settings.budget_s == 300.0


def test_what_was_cut_off_can_be_forgotten(qtbot: QtBot, room: Room, cut_off: Path) -> None:
    room.open(cut_off, qtbot)
    qtbot.waitUntil(lambda: bool(room.said))
    room.said[-1].choices[1].choose()
    project = room.workspace.project
    assert project is not None
    qtbot.waitUntil(lambda: project.checkpoint() is None)


def test_training_anew_settles_the_offer(qtbot: QtBot, room: Room, cut_off: Path) -> None:
    room.open(cut_off, qtbot)
    qtbot.waitUntil(lambda: bool(room.said))
    with qtbot.waitSignal(room.workspace.settled, check_params_cb=lambda topic: topic == "cut-off"):
        request = room.train(qtbot)
    assert request.resume is None


def test_a_worker_that_dies_leaves_an_offer_to_go_on(qtbot: QtBot, room: Room, path: Path) -> None:
    room.open(path, qtbot)
    room.train(qtbot)
    room.learning._take(CheckpointReached(CUT_OFF))
    room.learning._take(Failed("train", "The training process ended unexpectedly."))
    qtbot.waitUntil(lambda: bool(room.said))
    assert "Go on?" in room.said[-1].text


def test_what_changed_on_the_way_is_said_quietly(qtbot: QtBot, room: Room, path: Path) -> None:
    room.open(path, qtbot)
    room.train(qtbot)
    room.learning._take(Notice("Memory ran out: going on with 2 patches a step."))
    assert room.said[-1].text.startswith("Memory ran out")
    assert not room.said[-1].problem


def test_labelled_pictures_that_are_gone_are_named(qtbot: QtBot, room: Room, path: Path) -> None:
    room.open(path, qtbot)
    (path.parent / "a.png").unlink()
    with qtbot.waitSignal(room.learning.failed) as failed:
        room.learning.train(TrainingSettings())
    assert failed.args == ["No labelled picture can be used: a.png is missing. Put the files back."]
