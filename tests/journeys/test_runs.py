"""Keeping order among trainings: note, star, compare, look at the labels of then, go back, delete, and find it all
again."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from sqlalchemy import delete

from app.dialogs.run_model import NOTE, RUN
from app.dialogs.runs import RunsDialog
from core.classes import load_template
from core.masks.tiles import Array
from core.project import Project
from core.store.tables import WeightsRow
from core.training.learned import DIGITS
from core.training.messages import LoadModel, Predict, PredictionReady, Request
from core.training.settings import TrainingSettings
from tests.journeys.person import Person, make_pictures

Sit = Callable[[], Person]
CLASSES = load_template("landcover")
WATER, FOREST, LAST = 0, 1, len(CLASSES) - 1
SHAPE = (160, 240)
NONE, CTRL = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier


def corner(value: int) -> Array:
    """A few labels in a corner that nobody paints on."""
    mask = np.full(SHAPE, 255, np.uint8)
    mask[:20, :30] = value
    return mask


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Two pictures; a run that learned from the first, and one that learned from both."""
    make_pictures(tmp_path / "p", 2)
    path = tmp_path / "p" / "p.maskwright"
    with Project.create(path, CLASSES) as made:
        for number, miou in ((1, 0.5), (2, 0.75)):
            made.add_image(tmp_path / "p" / f"picture-{number}.png", mask=corner(number - 1))
            learned = [record.sha256[-DIGITS:] for record in made.images()]
            made.add_run(
                seed=0,
                settings=TrainingSettings().to_mapping() | {"learned_from": learned},
                label_revision=made.revision,
                classes=made.classes,
                device="CPU",
                seconds=60.0,
                metrics={"miou": miou, "iou": {"water": miou}, "measured_on": "held-out pixels"},
                curves={"measured_seconds": [30.0, 60.0], "measured_miou": [0.3, miou]},
                weights=bytes(500_000),
            )
    return path


class Worker:
    """Answers for the models: run 1 sees water everywhere, run 2 at the right the last class there is."""

    def __init__(self, person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
        self.learning = person.window.learning
        self.loaded = 0
        monkeypatch.setattr(self.learning._thread, "send", self.answer)
        monkeypatch.setattr(self.learning._thread, "start", lambda *_: None)

    def answer(self, request: Request) -> None:
        if isinstance(request, LoadModel):
            self.loaded = request.model.run_id
        elif isinstance(request, Predict):
            said = np.full(SHAPE, WATER, np.uint8)
            said[:, 120:] = WATER if self.loaded == 1 else LAST
            report = PredictionReady(request.image_id, self.loaded, said, np.full(SHAPE, 230, np.uint8), request.region)
            QTimer.singleShot(0, self.learning, lambda: self.learning._take(report))


def sits_down(sit_down: Sit, project: Path, monkeypatch: pytest.MonkeyPatch) -> Person:
    """Someone before what the newest run says of the first picture."""
    person = sit_down()
    Worker(person, monkeypatch)
    person.drop(project)
    person.sees_picture("picture-1.png")
    person.sees(lambda: person.window.editing.prediction is not None)
    return person


@pytest.fixture
def person(sit_down: Sit, project: Path, monkeypatch: pytest.MonkeyPatch) -> Person:
    return sits_down(sit_down, project, monkeypatch)


def says(person: Person, class_id: int) -> bool:
    """Whether that is what is predicted at the right of the open picture."""
    prediction = person.window.editing.prediction
    return prediction is not None and bool((prediction.class_map[:, 120:] == class_id).all())


def opens_the_runs(person: Person) -> RunsDialog:
    """By what people call them."""
    dialog, finder = person.window.ledger.dialog, person.window.commanding.finder
    person.press(Qt.Key.Key_K, CTRL)
    QTest.keyClicks(finder.field, "ledger")
    assert [command.text for command in finder.shown] == ["Runs"]
    QTest.keyClick(finder.field, Qt.Key.Key_Return)
    person.sees(lambda: len(dialog.table.runs.seen) == len(person.window.workspace.runs))
    return dialog


def picks(dialog: RunsDialog, run: int, modifier: Qt.KeyboardModifier = NONE) -> None:
    at: QPoint = dialog.table.visualRect(dialog.table.place(run, RUN)).center()
    QTest.mouseClick(dialog.table.viewport(), Qt.MouseButton.LeftButton, modifier, at)


def writes(dialog: RunsDialog, run: int, note: str) -> None:
    picks(dialog, run)
    QTest.keyClick(dialog.table, Qt.Key.Key_F2)
    field = dialog.table.viewport().findChild(QLineEdit)
    assert isinstance(field, QLineEdit)
    QTest.keyClicks(field, note)
    QTest.keyClick(field, Qt.Key.Key_Return)


def test_a_run_that_was_better_is_found_again_and_the_other_goes(
    person: Person, sit_down: Sit, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work, dialog = person.window.workspace, opens_the_runs(person)
    writes(dialog, 1, "only the first picture")
    person.sees(lambda: work.runs[1].note == "only the first picture")
    QTest.keyClick(dialog.table, Qt.Key.Key_Space)
    person.sees(lambda: work.runs[1].starred)
    assert person.window.rooms.prediction.runs.itemText(1).startswith("Run 1 ★ · 50 % mIoU")

    picks(dialog, 2, CTRL)
    assert "water 50.0 % 75.0 % +25.0" in dialog.figures.table.rows

    picks(dialog, 1)
    person.click(dialog.restore)
    person.sees(lambda: says(person, WATER))
    assert "Run 1 predicts now" in person.notice

    picks(dialog, 2)
    person.click(dialog.delete)
    person.sees(dialog.question.isVisible)
    assert "0.5 MB" in dialog.question.text.text()
    person.click(dialog.question.yes)
    person.sees(lambda: [run.id for run in work.runs] == [1])
    assert work.run is not None and work.run.id == 1

    person.leave()
    again = sits_down(sit_down, project, monkeypatch)
    dialog = opens_the_runs(again)
    assert dialog.table.place(1, NOTE).data() == "only the first picture"
    QTest.keyClick(dialog.table, Qt.Key.Key_Delete)
    assert "Run 1 is starred" in dialog.problem.text()
    assert [run.id for run in again.window.workspace.runs] == [1]


def test_the_pixels_that_changed_between_two_runs_are_shown_and_counted_from_picture_to_picture(person: Person) -> None:
    work, dialog, choice = person.window.workspace, opens_the_runs(person), person.window.rooms.prediction.choice
    changed = dialog.figures.changed
    picks(dialog, 1)
    person.click(dialog.restore)
    person.sees(lambda: says(person, WATER))
    picks(dialog, 2, CTRL)
    person.click(dialog.figures.compare)
    person.sees(lambda: changed.text() == f"50.0 % of picture-1.png changed: water → {CLASSES[LAST].name} 50.0 %")
    assert choice.show_now == "run" and choice.other == 1 and says(person, LAST)
    person.window.rooms.images.open_next()
    person.sees(lambda: changed.text().startswith("50.0 % of picture-2.png changed"))
    picks(dialog, 1)
    assert not changed.isVisible()
    assert work.project is not None
    with work.project._transaction() as session:
        session.execute(delete(WeightsRow).where(WeightsRow.run_id == 1))
    picks(dialog, 2, CTRL)
    person.click(dialog.figures.compare)
    person.sees(lambda: "weights of run 1 are gone" in dialog.problem.text())
    assert changed.text() == "" and says(person, LAST)


def test_the_labels_that_a_run_saw_are_looked_at_and_painting_goes_on_beside_the_list(person: Person) -> None:
    dialog, canvas = opens_the_runs(person), person.window.rooms.canvas
    person.press(Qt.Key.Key_2)
    person.paint([(60, 100), (100, 100)])
    person.sees_saved()
    now = person.labels
    assert (now == FOREST).any()
    picks(dialog, 1)
    person.click(dialog.labels)
    person.sees(lambda: person.window.timeline.in_past)
    assert "the labels that run 1 learned from" in person.notice
    person.paint([(60, 120), (100, 120)])
    person.press(Qt.Key.Key_Escape)
    assert not person.window.timeline.in_past and canvas.hand.editor is not None
    assert (person.labels == now).all(), "looking changes nothing"
    person.window.activateWindow()
    person.sees(person.window.isActiveWindow)
    person.press(Qt.Key.Key_D)
    person.sees_picture("picture-2.png")
    person.click(dialog.labels)
    person.sees(lambda: "which saw no label of this picture" in person.notice)


def test_a_class_that_was_removed_is_not_accepted_from_a_run_that_knows_it(person: Person) -> None:
    person.sees(lambda: says(person, LAST))
    person.click(person.window.rooms.classes.remove)
    person.sees(lambda: len(person.window.workspace.classes) == LAST)
    assert "does not have now" in person.notice
    person.press(Qt.Key.Key_Return)
    person.sees_saved()
    assert set(np.unique(person.labels)) == {WATER, 255}
    dialog = opens_the_runs(person)
    assert f"also learned {CLASSES[LAST].name}" in dialog.figures.notes.text()
