"""All pictures predicted in the background, without the worker: what it would report is handed in."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QTimer
from PySide6.QtGui import QAction
from pytestqt.qtbot import QtBot

from app.learning import Learning
from app.looking import Looking
from app.notices import Notice
from app.predicting_all import FEW, MOST_FAILURES, REST_MS, PredictingAll
from app.progress import Progress
from app.workspace import Workspace
from core.classes import load_template
from core.masks.rect import Rect
from core.project import Project
from core.regions import Region, table_of
from core.training.messages import Failed, LookAt, LookedAt, Predict, PredictionReady, Request, Train
from core.training.settings import TrainingSettings

CLASSES = load_template("landcover")
COUNT = 6


def add_run(project: Project) -> int:
    return project.add_run(
        seed=0,
        settings={},
        label_revision=0,
        classes=CLASSES,
        device="CPU",
        seconds=1.0,
        metrics={},
        curves={},
        weights=b"",
    ).id


@pytest.fixture
def path(tmp_path: Path) -> Path:
    with Project.create(tmp_path / "p.maskwright", CLASSES) as project:
        for number in range(COUNT):
            Image.fromarray(np.full((40, 60, 3), number, np.uint8)).save(tmp_path / f"{number}.png")
            project.add_image(tmp_path / f"{number}.png")
        add_run(project)
    return tmp_path / "p.maskwright"


class Room:
    """A workspace with a run; requests to the worker are kept instead of sent."""

    def __init__(self, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
        self.qtbot = qtbot
        self.workspace = Workspace()
        self.learning = Learning(self.workspace)
        self.looking = Looking(self.workspace, self.learning, (), self.workspace)
        self.action = QAction("all", self.workspace)
        self.action.setCheckable(True)
        self.action.setChecked(True)
        self.all = PredictingAll(self.workspace, self.looking, self.action, self.workspace)
        self.all._rest.setInterval(REST_MS // 30)
        self.requests: list[Request] = []
        self.said: list[Notice] = []
        self.told: list[Progress | None] = []
        self.found: list[int] = []
        self.workspace.noticed.connect(self.said.append)
        self.all.progressed.connect(self.told.append)
        self.all.regions_found.connect(lambda image_id, *_: self.found.append(image_id))
        monkeypatch.setattr(self.learning._thread, "send", self.send)

    def open(self, path: Path) -> None:
        with self.qtbot.waitSignal(self.workspace.image_opened):
            self.workspace.open_project(path)

    def send(self, request: Request) -> None:
        """Keep it; the open image is answered at once."""
        self.requests.append(request)
        if isinstance(request, Predict):
            values = np.zeros((40, 60), np.uint8)
            answer = PredictionReady(request.image_id, self.run, values, values, request.region)
            QTimer.singleShot(0, self.workspace, lambda: self.learning._take(answer))

    def looks(self) -> list[LookAt]:
        return [request for request in self.requests if isinstance(request, LookAt)]

    def next(self) -> LookAt:
        """Wait until the next image is asked for."""
        before = self._asked
        self.qtbot.waitUntil(lambda: len(self.looks()) > before)
        self._asked = before + 1
        return self.looks()[before]

    _asked = 0

    def answer(self, request: LookAt, run: int = 0) -> None:
        region = Region(request.image_id, Rect(0, 0, 20, 30), (5, 5), 2, 600, 1 - request.image_id / 10)
        self.learning._take(LookedAt(request.image_id, run or self.run, table_of([region])))

    @property
    def run(self) -> int:
        assert self.workspace.run is not None
        return self.workspace.run.id

    def all_through(self, count: int) -> list[int]:
        """Answer so many; returns their images."""
        seen, before = [], len(self.found)
        for _ in range(count):
            request = self.next()
            self.answer(request)
            seen.append(request.image_id)
        self.qtbot.waitUntil(lambda: len(self.found) == before + count)
        return seen

    def is_quiet(self) -> None:
        """Nothing more is asked for."""
        self.qtbot.wait(40)
        assert len(self.looks()) == self._asked


@pytest.fixture
def room(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[Room]:
    room = Room(qtbot, monkeypatch)
    yield room
    room.workspace.close_project()
    room.looking.close()
    room.workspace.close()


def paint(room: Room, image_id: int) -> None:
    project = room.workspace.project
    assert project is not None
    editor = project.open_editor(image_id)
    edit = editor.fill((5, 5), 3)
    assert edit is not None
    room.workspace.saves.add(project, image_id, edit, editor)


def test_all_are_predicted_from_the_open_one_on_and_again_only_what_changed(room: Room, path: Path) -> None:
    room.open(path)
    assert room.all_through(COUNT) == [1, 2, 3, 4, 5, 6]
    room.is_quiet()
    assert room.workspace.doubts[5] == pytest.approx(0.5 * 600 / 2400)
    paint(room, 4)
    assert room.all_through(1) == [4]
    room.is_quiet()
    project = room.workspace.project
    assert project is not None and project.regions_known(1) == set(range(1, COUNT + 1))


def test_a_project_that_is_opened_again_goes_on_where_it_was_and_a_new_run_begins_anew(room: Room, path: Path) -> None:
    room.open(path)
    room.all_through(2)
    room.answer(room.next())
    room.qtbot.waitUntil(lambda: len(room.found) == 3)
    last = room.next()
    room.workspace.close_project()
    room.answer(last, 1)  # the worker was still at it
    room.open(path)
    assert set(room.all_through(3)) == {4, 5, 6}
    assert len(room.workspace.doubts) == COUNT
    project = room.workspace.project
    assert project is not None
    add_run(project)
    room.workspace.add_run(project.run())
    assert len(room.all_through(COUNT)) == COUNT
    assert project.regions_known(2) == set(range(1, COUNT + 1))


def test_pausing_holds_and_is_remembered_with_the_project(room: Room, path: Path) -> None:
    room.open(path)
    first = room.next()
    room.action.setChecked(False)
    room.answer(first)
    room.qtbot.waitUntil(lambda: room.found == [1])
    room.is_quiet()
    assert room.told[-1] == Progress("Predicting", 1, COUNT, None, paused=True)
    room.workspace.close_project()
    room.action.setChecked(True)
    room.open(path)
    assert not room.action.isChecked()
    room.is_quiet()
    room.action.setChecked(True)
    room.all_through(COUNT - 1)
    room.qtbot.waitUntil(lambda: room.told[-1] is None)
    assert any(told is not None and told.seconds_left is not None for told in room.told)


def test_training_comes_first_and_what_gave_way_is_asked_for_again(room: Room, path: Path) -> None:
    room.open(path)
    project = room.workspace.project
    assert project is not None
    paint(room, 6)
    request = room.next()
    with room.qtbot.waitSignal(room.learning.sent):
        room.learning.train(TrainingSettings())
    assert isinstance(room.requests[-1], Train)
    room.learning._take(LookedAt(request.image_id, 1, None))
    room.is_quiet()
    room.learning._take(Failed("train", "That came to nothing."))
    room.qtbot.waitUntil(lambda: len(room.looks()) == 2)
    assert room.looks()[-1].image_id == request.image_id


def test_a_picture_that_is_gone_or_another_one_is_left_out_and_said_once(room: Room, path: Path) -> None:
    (path.parent / "2.png").unlink()
    Image.fromarray(np.zeros((40, 60, 3), np.uint8)).save(path.parent / "3.png", dpi=(10, 10))
    room.open(path)
    assert set(room.all_through(COUNT - 2)) == {1, 2, 5, 6}
    room.qtbot.waitUntil(lambda: bool(room.said))
    assert room.said[-1].text.startswith("Not predicted: 2.png is missing.")
    assert "1 more" in room.said[-1].text
    record = room.workspace.records[4]
    room.workspace.adopt(record.id)
    assert room.all_through(1) == [4]


def test_a_worker_that_fails_again_and_again_is_left_alone_until_one_asks(room: Room, path: Path) -> None:
    room.open(path)
    for _ in range(MOST_FAILURES):
        room.next()
        room.learning._take(Failed("look", "There was not enough memory."))
    room.is_quiet()
    assert not room.action.isChecked() and room.said[-1].text.startswith("There was not enough memory.")
    room.action.setChecked(True)
    room.next()


def test_weights_that_are_gone_are_said_and_another_model_never_stands_in(
    room: Room, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.open(path)
    room.all_through(COUNT)
    project = room.workspace.project
    assert project is not None
    add_run(project)
    sent = len(room.requests)

    def gone(run_id: int) -> bytes:
        return Project.run_weights(project, 99)

    monkeypatch.setattr(project, "run_weights", gone)
    room.workspace.add_run(project.run())
    room.qtbot.waitUntil(lambda: not room.action.isChecked())
    assert "are gone. Train again, or use another run." in room.said[-1].text
    assert room.requests[sent:] == [] and not room.learning.predicting.busy


def test_progress_is_told_only_where_there_is_time_to_read_it(room: Room, path: Path) -> None:
    room.open(path)
    room.all_through(COUNT)
    room.is_quiet()
    room.told.clear()
    for image_id in range(1, FEW + 1):
        paint(room, image_id)
    room.all_through(FEW)
    assert set(room.told) == {None}
