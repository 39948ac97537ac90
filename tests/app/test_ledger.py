"""The runs in their dialog, with a real project and real events."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QModelIndex, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QWidget
from pytestqt.qtbot import QtBot
from sqlalchemy import delete

from app.canvas.view import CanvasView
from app.dialogs.run_model import LEARNED, MIOU, NOTE, RUN, SIZE, STAR
from app.editing import Editing
from app.ledger import Ledger
from app.panels.history import HistoryPanel
from app.theme import Theme
from app.timeline import Timeline
from app.workspace import Workspace
from core.classes import load_template
from core.project import Project
from core.store.tables import WeightsRow
from core.training.learned import DIGITS

CLASSES = load_template("landcover")
LEFT = Qt.MouseButton.LeftButton
NONE, CTRL = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier
MIOUS = (0.4, 0.7, 0.6)


def add_run(project: Project, miou: float, note: str = "") -> int:
    learned = [record.sha256[-DIGITS:] for record in project.images() if record.labelled]
    head = "sigmoid" if miou > 0.65 else "softmax"
    run = project.add_run(
        seed=0,
        settings={"network": "quick", "head": head, "learned_from": learned},
        label_revision=project.revision,
        classes=CLASSES,
        device="CPU",
        seconds=100 * miou,
        metrics={"miou": miou, "accuracy": 0.9, "iou": {"water": miou, "road": None}, "measured_on": "held-out pixels"},
        curves={"measured_seconds": [1.0, 2.0], "measured_miou": [0.1, miou]},
        weights=bytes(int(1_000_000 * miou)),
    )
    if note:
        project.note_run(run.id, note)
    return run.id


@pytest.fixture
def path(tmp_path: Path) -> Path:
    Image.fromarray(np.zeros((40, 60, 3), np.uint8)).save(tmp_path / "a.png")
    with Project.create(tmp_path / "p.maskwright", CLASSES) as project:
        project.add_image(tmp_path / "a.png", mask=np.zeros((40, 60), np.uint8))
        for miou in MIOUS:
            add_run(project, miou, "hedges" if miou == 0.4 else "")
    return tmp_path / "p.maskwright"


class Room:
    """A project that is open, with its runs in sight."""

    def __init__(self, path: Path, qtbot: QtBot) -> None:
        self.workspace, self.window = Workspace(), QWidget()
        canvas, history = CanvasView(self.window), HistoryPanel(self.window)
        self.editing = Editing(self.workspace, canvas, self.window)
        self.timeline = Timeline(self.workspace, canvas, history, self.editing, self.window)
        self.ledger = Ledger(self.workspace, self.timeline, self.window)
        self.dialog = self.ledger.dialog
        self.table = self.dialog.table
        with qtbot.waitSignal(self.workspace.image_opened):
            self.workspace.open_project(path)
        self.ledger.show()
        qtbot.waitUntil(lambda: len(self.table.runs.seen) == len(MIOUS))

    def stored(self, qtbot: QtBot) -> Project:
        """The project, after everything on its way to the file is there."""
        self.workspace.jobs.run(lambda: None).result()
        assert self.workspace.project is not None
        return self.workspace.project

    def cell(self, run: int, column: int) -> QPoint:
        return self.table.visualRect(self.table.place(run, column)).center()

    def click(self, run: int, column: int = RUN, modifier: Qt.KeyboardModifier = NONE) -> None:
        QTest.mouseClick(self.table.viewport(), LEFT, modifier, self.cell(run, column))

    def text(self, run: int, column: int) -> str:
        return str(self.table.place(run, column).data())

    def order(self) -> list[str]:
        model = self.table.model()
        return [model.index(line, RUN, QModelIndex()).data() for line in range(model.rowCount())]


@pytest.fixture
def room(qtbot: QtBot, theme: Theme, path: Path) -> Iterator[Room]:
    room = Room(path, qtbot)
    yield room
    room.workspace.close_project()
    room.ledger.close()
    room.workspace.close()
    room.dialog.close()
    room.window.close()


def test_every_run_is_listed_with_what_it_learned_from_and_what_it_takes(room: Room) -> None:
    assert room.order() == ["3", "2", "1"] and not room.dialog.isModal()
    assert room.text(2, LEARNED) == "1 picture · 2,400 px"
    assert (room.text(2, MIOU), room.text(2, SIZE), room.text(1, NOTE)) == ("70.0 %", "0.7 MB", "hedges")
    assert "The project file takes 1." in room.dialog.room.text()
    assert [run.id for run in room.table.chosen] == [3], "the run that predicts is chosen"
    assert "1 picture, 2,400 pixels at revision 1" in room.dialog.figures.notes.text()
    assert "water 2,400 60.0 %" in room.dialog.figures.table.rows


def test_a_click_on_a_heading_sorts(room: Room) -> None:
    header = room.table.header()
    for column, order in ((MIOU, ["1", "3", "2"]), (RUN, ["1", "2", "3"]), (RUN, ["3", "2", "1"])):
        place = QPoint(header.sectionViewportPosition(column) + 20, header.height() // 2)
        QTest.mouseClick(header.viewport(), LEFT, NONE, place)
        assert room.order() == order


def test_a_note_is_written_in_place_and_saved_at_once(room: Room, qtbot: QtBot) -> None:
    room.click(2, NOTE)
    QTest.mouseDClick(room.table.viewport(), LEFT, NONE, room.cell(2, NOTE))
    editor = room.table.viewport().findChild(QLineEdit)
    assert isinstance(editor, QLineEdit)
    QTest.keyClicks(editor, "with more roads ")
    with qtbot.waitSignal(room.workspace.run_changed):
        QTest.keyClick(editor, Qt.Key.Key_Return)
    assert room.stored(qtbot).run(2).note == "with more roads" == room.workspace.runs[1].note
    assert room.workspace.run is not None and room.workspace.run.id == 3, "Enter meant the note alone"


def test_a_note_that_is_being_written_is_kept_when_a_training_ends(room: Room, qtbot: QtBot) -> None:
    room.click(2)
    QTest.keyClick(room.table, Qt.Key.Key_F2)
    editor = room.table.viewport().findChild(QLineEdit)
    assert isinstance(editor, QLineEdit)
    QTest.keyClicks(editor, "half a")
    project = room.stored(qtbot)
    with qtbot.waitSignal(room.workspace.run_changed):
        room.workspace.add_run(project.run(add_run(project, 0.8)))
    assert room.stored(qtbot).run(2).note == "half a"
    assert [run.id for run in room.table.chosen] == [2]


def test_stars_are_set_by_a_click_and_by_space(room: Room, qtbot: QtBot) -> None:
    with qtbot.waitSignal(room.workspace.run_changed):
        room.click(1, STAR)
    with qtbot.waitSignal(room.workspace.run_changed):
        room.click(2)
        QTest.keyClick(room.table, Qt.Key.Key_Space)
    assert [run.starred for run in room.stored(qtbot).runs()] == [False, True, True]
    with qtbot.waitSignal(room.workspace.run_changed):
        QTest.keyClick(room.table, Qt.Key.Key_Space)
    assert [run.starred for run in room.stored(qtbot).runs()] == [False, False, True]


def test_a_starred_run_is_not_deleted_before_its_star_is_gone(room: Room, qtbot: QtBot) -> None:
    with qtbot.waitSignal(room.workspace.run_changed):
        room.click(1, STAR)
    QTest.keyClick(room.table, Qt.Key.Key_Delete)
    assert "Run 1 is starred" in room.dialog.problem.text() and room.dialog.question.isHidden()
    assert len(room.stored(qtbot).runs()) == 3


def test_deleting_asks_with_the_size_and_the_newest_other_predicts(room: Room, qtbot: QtBot) -> None:
    assert room.workspace.run is not None and room.workspace.run.id == 3
    room.click(3)
    QTest.mouseClick(room.dialog.delete, LEFT)
    assert "Delete run 3" in room.dialog.question.text.text() and "0.6 MB" in room.dialog.question.text.text()
    assert room.dialog.question.no.hasFocus(), "what is pressed by mistake keeps it"
    QTest.mouseClick(room.dialog.question.no, LEFT)
    assert len(room.stored(qtbot).runs()) == 3
    QTest.mouseClick(room.dialog.delete, LEFT)
    with qtbot.waitSignal(room.workspace.runs_changed):
        QTest.mouseClick(room.dialog.question.yes, LEFT)
    assert room.order() == ["2", "1"] and room.workspace.run.id == 2
    assert [run.id for run in room.stored(qtbot).runs()] == [2, 1]
    qtbot.waitUntil(lambda: "0.6 MB of it free" in room.dialog.room.text())


def test_the_last_run_can_go_too(room: Room, qtbot: QtBot) -> None:
    room.click(1)
    room.click(3, modifier=Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClick(room.table, Qt.Key.Key_Delete)
    assert "Delete 3 runs" in room.dialog.question.text.text() and "1.7 MB" in room.dialog.question.text.text()
    with qtbot.waitSignal(room.workspace.runs_changed):
        QTest.mouseClick(room.dialog.question.yes, LEFT)
    assert room.workspace.run is None and room.order() == []
    assert not room.dialog.restore.isEnabled() and not room.dialog.delete.isEnabled()


def test_two_runs_stand_beside_each_other(room: Room) -> None:
    room.click(1)
    room.click(2, modifier=CTRL)
    figures = room.dialog.figures
    assert figures.title.text() == "Run 1 (dashed) and run 2"
    assert "head softmax → sigmoid" in figures.notes.text()
    assert figures.table.rows[:2] == ["Run 1 Run 2 Change", "mean IoU 40.0 % 70.0 % +30.0"]
    assert "road – – –" in figures.table.rows
    assert figures.plot.accessibleDescription() == "run 1 40 %, run 2 70 %"
    room.click(3, modifier=CTRL)
    assert "Choose two runs" in figures.title.text() and not figures.plot.isVisible()


def test_going_back_to_a_run_makes_it_predict(room: Room, qtbot: QtBot) -> None:
    room.click(1)
    with qtbot.waitSignal(room.workspace.runs_changed):
        QTest.mouseClick(room.dialog.restore, LEFT)
    assert room.workspace.run is not None and room.workspace.run.id == 1
    assert room.table.place(1, RUN).data(Qt.ItemDataRole.AccessibleTextRole) == "1, predicts"
    assert not room.dialog.restore.isEnabled(), "it does already"


def test_a_run_without_weights_is_not_gone_back_to(room: Room, qtbot: QtBot) -> None:
    with room.stored(qtbot)._transaction() as session:
        session.execute(delete(WeightsRow).where(WeightsRow.run_id == 1))
    room.click(1)
    QTest.keyClick(room.table, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "weights of run 1 are gone" in room.dialog.problem.text())
    assert room.workspace.run is not None and room.workspace.run.id == 3
    assert room.order() == ["3", "2", "1"]


def test_classes_that_changed_since_are_told_beside_the_run(room: Room, qtbot: QtBot) -> None:
    with qtbot.waitSignal(room.workspace.classes_changed):
        room.workspace.set_classes(CLASSES[:-1])
    assert f"also learned {CLASSES[-1].name}" in room.dialog.figures.notes.text()


def test_a_note_that_cannot_be_saved_is_shown_as_it_was(room: Room, qtbot: QtBot) -> None:
    room.stored(qtbot).delete_runs([2])  # behind the window's back
    room.dialog.noted.emit(2, "lost")
    qtbot.waitUntil(lambda: "There is no run 2" in room.dialog.problem.text())
    assert room.text(2, NOTE) == ""


def test_closing_the_project_puts_the_runs_away(room: Room) -> None:
    room.workspace.close_project()
    assert room.order() == [] and not room.dialog.isVisible()


def test_columns_are_as_wide_as_they_were_left(room: Room, qtbot: QtBot) -> None:
    header = room.table.header()
    edge = QPoint(header.sectionPosition(LEARNED + 1) - 1, header.height() // 2)
    QTest.mousePress(header.viewport(), LEFT, NONE, edge)
    QTest.mouseMove(header.viewport(), edge + QPoint(45, 0))
    QTest.mouseRelease(header.viewport(), LEFT, NONE, edge + QPoint(45, 0))
    wide = header.sectionSize(LEARNED)
    assert wide > 200
    room.ledger.close()
    again = Ledger(room.workspace, room.timeline, room.window)
    assert again.dialog.table.header().sectionSize(LEARNED) == wide
    again.close()
