"""Accepting predictions in many pictures, without the worker: what it would report is handed in."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.canvas.view import CanvasView
from app.editing import Editing
from app.prelabelling import PreLabelling
from core.classes import UNLABELED
from core.project import Project
from core.regions import table_of
from core.training.messages import LookAt, LookedAt
from tests.app.test_predicting_all import COUNT, Room, paint, path

__all__ = ["path"]

SURE = 80


class Accepting(Room):
    """A room in which predictions can be accepted everywhere; predicting all pauses."""

    def __init__(self, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__(qtbot, monkeypatch)
        self.window = QWidget()
        self.canvas = CanvasView()
        for widget in (self.window, self.canvas):
            qtbot.addWidget(widget)
        self.workspace.image_opened.connect(self._show)
        self.editing = Editing(self.workspace, self.canvas, self.workspace)
        self.accepting = PreLabelling(self.workspace, self.looking, self.editing, self.window)
        self.accepting.learned.connect(self.all.learn)

    def _show(self) -> None:
        image = self.workspace.image
        assert image is not None
        self.canvas.set_image(image.pixels)
        self.canvas.set_editor(image.editor)

    def begin(self, path: Path) -> Project:
        self.open(path)
        first = self.next()
        self.action.setChecked(False)
        self.answer(first)
        self.qtbot.waitUntil(lambda: self.found == [1])
        assert self.workspace.project is not None
        return self.workspace.project

    def start(self) -> None:
        self.accepting.ask(60)
        dialog = self.accepting.dialog
        assert dialog is not None and dialog.sure.value() == 60
        dialog.sure.setValue(SURE)
        dialog.accept_button.click()

    def accepts(self, request: LookAt) -> None:
        """The worker is sure of the upper half."""
        accepted = np.full((40, 60), UNLABELED, np.uint8)
        accepted[:20] = 4
        self.learning._take(LookedAt(request.image_id, 1, table_of([]), accepted))

    def ended(self) -> str:
        self.qtbot.waitUntil(lambda: not self.accepting.running and self.workspace.saves.state == "saved")
        return self.said[-1].text


@pytest.fixture
def room(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[Accepting]:
    room = Accepting(qtbot, monkeypatch)
    yield room
    room.workspace.close_project()
    room.looking.close()
    room.workspace.close()
    room.canvas.close_tools()


def test_every_unlabelled_picture_to_train_on_gets_one_edit_that_can_be_undone(room: Accepting, path: Path) -> None:
    project = room.begin(path)
    paint(room, 2)
    room.workspace.set_split(3, "val")
    room.qtbot.waitUntil(lambda: room.workspace.records[3].split == "val" and room.workspace.records[2].labelled > 0)
    room.start()
    seen = []
    for _ in range(COUNT - 2):
        request = room.next()
        assert request.accept_above == 204
        seen.append(request.image_id)
        room.accepts(request)
    assert room.ended() == "Predictions of run 1 are accepted in 4 pictures."
    assert seen == [1, 4, 5, 6]
    assert not room.workspace.records[3].labelled
    for image_id in seen:
        assert [revision.kind for revision in project.revisions(image_id)] == ["accept"]
        assert room.workspace.records[image_id].labelled == 20 * 60
    editor = project.open_editor(5)
    assert editor.mask.accepted().sum() == 20 * 60
    editor.undo()
    assert not editor.mask.class_pixels()
    room.qtbot.waitUntil(lambda: {4, 5, 6} <= project.regions_known(1))


def test_the_open_picture_shows_it_at_once_and_what_was_drawn_meanwhile_stays(room: Accepting, path: Path) -> None:
    room.begin(path)
    room.start()
    request = room.next()
    image = room.workspace.image
    assert request.image_id == 1 and image is not None
    edit = image.editor.apply("stroke", image.editor.mask.bounds, _left_half(), 6)
    assert edit is not None
    room.workspace.save_edit(edit)
    room.accepts(request)
    room.accepting.stop()  # too early for this one
    room.ended()
    assert set(np.unique(image.editor.mask.read())) == {6, UNLABELED}
    room.start()
    room.accepts(room.next())  # the second picture: the first has labels now
    room.qtbot.waitUntil(lambda: room.workspace.records[2].labelled > 0)
    assert not image.editor.mask.accepted().any()


def test_a_stroke_under_way_is_waited_for(room: Accepting, path: Path) -> None:
    room.begin(path)
    room.start()
    image = room.workspace.image
    assert image is not None
    image.editor.begin_stroke(6, 3)
    room.accepts(room.next())
    for _ in range(COUNT - 1):
        room.accepts(room.next())
    last = room.next()
    assert last.image_id == 1
    image.editor.cancel_stroke()
    room.accepts(last)
    assert "6 pictures" in room.ended()
    assert image.editor.mask.accepted().sum() == 20 * 60


def test_a_picture_that_is_labelled_while_it_is_looked_at_is_left_alone(room: Accepting, path: Path) -> None:
    project = room.begin(path)
    room.start()
    room.accepts(room.next())
    request = room.next()
    paint(room, request.image_id)
    room.accepts(request)
    room.qtbot.waitUntil(lambda: room.workspace.records[request.image_id].labelled > 0)
    room.accepting.stop()
    room.ended()
    assert [revision.kind for revision in project.revisions(request.image_id)] == ["fill"]


def test_where_nothing_is_left_to_label_that_is_said(room: Accepting, path: Path) -> None:
    room.begin(path)
    for image_id in room.workspace.records:
        room.workspace.set_split(image_id, "test")
    room.qtbot.waitUntil(lambda: all(record.split == "test" for record in room.workspace.records.values()))
    room.accepting.ask(50)
    assert room.accepting.dialog is None and "has labels already" in room.said[-1].text


def _left_half() -> np.ndarray:
    where = np.zeros((40, 60), np.bool_)
    where[:, :30] = True
    return where


def accept_all(room: Accepting) -> None:
    room.start()
    for _ in range(COUNT):
        room.accepts(room.next())
    assert room.ended() == f"Predictions of run 1 are accepted in {COUNT} pictures."
    room.qtbot.waitUntil(lambda: all(room.workspace.records[i].labelled for i in range(1, COUNT + 1)))


def take_back(room: Accepting) -> str:
    (choice,) = room.said[-1].choices
    assert choice.text == "Take back"
    choice.choose()
    room.qtbot.waitUntil(lambda: not room.accepting.taking_back.running and room.workspace.saves.state == "saved")
    return room.said[-1].text


def test_all_that_was_accepted_is_taken_back_in_one_go(room: Accepting, path: Path) -> None:
    project = room.begin(path)
    accept_all(room)
    assert take_back(room) == f"Taken back in {COUNT} pictures."
    room.qtbot.waitUntil(lambda: not any(record.labelled for record in room.workspace.records.values()))
    image = room.workspace.image
    assert image is not None and not image.editor.mask.class_pixels()  # the open one, before everybody's eyes
    for image_id in range(1, COUNT + 1):
        assert not project.load_mask(image_id).class_pixels()
    editor = project.open_editor(5)
    editor.redo()
    assert editor.mask.accepted().sum() == 20 * 60


def test_what_was_painted_on_since_is_not_taken_back(room: Accepting, path: Path) -> None:
    project = room.begin(path)
    accept_all(room)
    accepted = room.said[-1]
    paint(room, 2)
    room.qtbot.waitUntil(lambda: len(project.revisions(2)) == 2)
    room.said.append(accepted)
    text = take_back(room)
    assert text == f"Taken back in {COUNT - 1} pictures. 1 picture stays as before: painted on since, or not reached."
    assert len(project.revisions(2)) == 2
    assert not project.load_mask(3).class_pixels()


def test_nothing_accepted_leaves_nothing_to_take_back(room: Accepting, path: Path) -> None:
    room.begin(path)
    room.start()
    room.next()
    room.accepting.stop()
    assert room.ended() == "Nothing was accepted."
    assert not room.said[-1].choices
