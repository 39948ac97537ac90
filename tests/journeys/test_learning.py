"""Paint, train, see what was learned, correct it, take it along. With a real training process."""

import multiprocessing
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt

from core.classes import UNLABELED
from core.project import Project
from tests.journeys.person import Person, make_pictures

Sit = Callable[[], Person]
TRAINING_MS = 300_000

pytestmark = pytest.mark.slow


@pytest.fixture
def painted(sit_down: Sit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Person:
    """Someone with two pictures, who painted dark and light in the first and may train for twelve seconds."""
    monkeypatch.setattr(
        "app.panels.training.BUDGETS", ((3.0, "3 s"), (12.0, "12 s"), (60.0, "1 min"), (300.0, "5 min"))
    )
    person = sit_down()
    person.drop(make_pictures(tmp_path / "p", 2))
    person.sees(lambda: len(person.window.workspace.records) == 2)
    person.sees_picture("picture-1.png")
    person.paint([(30, 30), (40, 130)])
    person.press(Qt.Key.Key_2)
    person.paint([(200, 30), (210, 130)])
    may_train(person, 12)
    return person


def may_train(person: Person, seconds: float) -> None:
    """Choose how long in the training panel."""
    budget = person.window.rooms.training.budget
    budget.setCurrentIndex(budget.findData(float(seconds)))
    budget.activated.emit(budget.currentIndex())


def kill_worker() -> None:
    for process in multiprocessing.active_children():
        process.kill()


def trains(person: Person) -> None:
    """Press Train and wait for the prediction that follows."""
    before = len(person.window.workspace.runs)
    person.click(person.window.rooms.options.train)
    person.sees(lambda: len(person.window.workspace.runs) == before + 1, TRAINING_MS)
    person.sees(lambda: person.window.editing.prediction is not None, TRAINING_MS)


def test_train_stop_train_again(painted: Person) -> None:
    rooms, learning = painted.window.rooms, painted.window.learning
    may_train(painted, 60)
    painted.click(rooms.options.train)
    painted.sees(lambda: rooms.options.train.text() == "Stop")
    painted.sees(lambda: "left" in rooms.training.status.text(), TRAINING_MS)
    painted.paint([(60, 30), (70, 60)])  # painting goes on meanwhile
    painted.sees_saved()
    painted.click(rooms.options.train)
    painted.sees(lambda: learning.state == "idle", TRAINING_MS)
    painted.sees(lambda: len(painted.window.workspace.runs) == 1)
    assert painted.window.workspace.project is not None
    first = painted.window.workspace.runs[0]
    assert first.label_revision < painted.window.workspace.project.revision, "it knows the labels it began with"
    assert rooms.training.begins.text() == "Goes on from run 1"
    may_train(painted, 3)
    trains(painted)
    assert [run.id for run in painted.window.workspace.runs] == [2, 1]
    assert painted.window.workspace.runs[0].settings["started_from"] == 1
    assert "Run 2" in rooms.training.status.text()


def test_the_picture_shows_what_is_learned_while_it_is_learned(painted: Person) -> None:
    may_train(painted, 60)
    painted.click(painted.window.rooms.options.train)
    painted.sees(lambda: painted.window.editing.prediction is not None, TRAINING_MS)
    prediction = painted.window.editing.prediction
    assert prediction is not None and prediction.run_id == 0
    assert painted.window.learning.state == "training"
    assert (prediction.class_map != UNLABELED).all()


def test_what_was_learned_is_shown_accepted_taken_back_and_taken_along(
    painted: Person, tmp_path: Path, sit_down: Sit
) -> None:
    trains(painted)
    mine = painted.labels
    prediction = painted.window.editing.prediction
    assert prediction is not None
    assert (prediction.class_map[:, :100] == 0).mean() > 0.8
    assert (prediction.class_map[:, 140:] == 1).mean() > 0.8

    painted.press(Qt.Key.Key_Return)
    accepted = painted.labels
    assert (accepted != UNLABELED).all()
    assert np.array_equal(accepted[mine != UNLABELED], mine[mine != UNLABELED]), "what I drew wins"
    painted.press(Qt.Key.Key_Z)
    assert np.array_equal(painted.labels, mine), "undo after accept brings back my strokes"
    painted.press(Qt.Key.Key_V)  # region by region
    painted.sees(lambda: painted.window.asking.ready)
    painted.press(Qt.Key.Key_Return)
    answered = painted.labels != mine
    assert answered.any() and (mine[answered] == UNLABELED).all()
    painted.sees(lambda: painted.window.asking.ready, TRAINING_MS)
    painted.press(Qt.Key.Key_Z)
    painted.press(Qt.Key.Key_Escape)
    painted.sees(lambda: np.array_equal(painted.labels, mine))
    painted.press(Qt.Key.Key_L, Qt.KeyboardModifier.ShiftModifier)
    painted.paint([(100, 20), (180, 20), (180, 120), (100, 120)])
    inside = painted.labels[60:80, 110:170]
    assert (inside != UNLABELED).all()
    assert (painted.labels[140:, 80:120] == UNLABELED).all()
    painted.sees_saved()

    painted.press(Qt.Key.Key_PageDown)
    painted.sees_picture("picture-2.png")
    painted.sees(lambda: painted.window.editing.prediction is not None, TRAINING_MS)
    painted.press(Qt.Key.Key_Return)
    painted.sees_saved()

    # Masks and model go out; the masks come back in as they were.
    painted.window.actions_["export-masks"].trigger()
    dialog = painted.window.exporting.dialog
    assert dialog is not None
    dialog.folder.setText(str(tmp_path / "out"))
    painted.click(dialog.export_button)
    painted.sees(lambda: "2 masks are in" in painted.notice)
    painted.window.actions_["export-model"].trigger()
    asked = painted.window.model_exporting.dialog
    assert asked is not None
    asked.folder.setText(str(tmp_path / "model"))
    painted.click(asked.export_button)
    painted.sees(lambda: "The model is in" in painted.notice, TRAINING_MS)
    assert (tmp_path / "model" / "model.keras").exists()
    with Image.open(tmp_path / "out" / "picture-2.png") as mask:
        out = np.asarray(mask)
    assert np.array_equal(out, painted.labels)
    painted.leave()
    with Project.create(tmp_path / "again.maskwright", painted.window.workspace.classes) as again:
        record = again.add_image(tmp_path / "p" / "picture-2.png", mask=out)
        assert np.array_equal(again.load_mask(record.id).read(), out)


def test_training_with_nothing_painted_says_what_to_do(sit_down: Sit, tmp_path: Path) -> None:
    person = sit_down()
    person.drop(make_pictures(tmp_path / "p", 1))
    person.sees_picture("picture-1.png")
    person.press(Qt.Key.Key_T, Qt.KeyboardModifier.ControlModifier)
    person.sees(lambda: "Nothing is labelled yet" in person.window.rooms.training.problem.text())
    assert person.window.rooms.options.train.text() == "Train"


def test_a_training_process_that_dies_takes_nothing_along(painted: Person) -> None:
    rooms = painted.window.rooms
    may_train(painted, 60)
    painted.click(rooms.options.train)
    painted.sees(lambda: "left" in rooms.training.status.text(), TRAINING_MS)
    kill_worker()
    painted.sees(lambda: "ended unexpectedly" in rooms.training.problem.text())
    may_train(painted, 12)
    trains(painted)


def test_a_training_that_was_cut_off_goes_on_where_it_stood(painted: Person, tmp_path: Path, sit_down: Sit) -> None:
    project = painted.window.workspace.project
    assert project is not None
    may_train(painted, 12)
    painted.click(painted.window.rooms.options.train)
    painted.sees(lambda: project.checkpoint() is not None, TRAINING_MS)
    kill_worker()
    painted.sees(lambda: "Go on?" in painted.notice)
    painted.leave()  # neither taken up nor declined: it is offered again

    person = sit_down()
    person.drop(tmp_path / "p" / "p.maskwright")
    person.sees(lambda: "Go on?" in person.notice)
    person.click(person.window.rooms.banner.buttons()[0])
    person.sees(lambda: len(person.window.workspace.runs) == 1, TRAINING_MS)
    again = person.window.workspace.project
    assert again is not None and again.checkpoint() is None
    assert person.window.workspace.runs[0].settings["budget_s"] == 12.0
    assert again.faults() == []


def test_one_class_alone_cannot_be_learned_and_the_panel_says_why(sit_down: Sit, tmp_path: Path) -> None:
    person = sit_down()
    person.drop(make_pictures(tmp_path / "p", 1))
    person.sees_picture("picture-1.png")
    person.paint([(30, 30), (40, 130)])
    person.sees_saved()
    person.press(Qt.Key.Key_T, Qt.KeyboardModifier.ControlModifier)
    problem = person.window.rooms.training.problem
    person.sees(lambda: "Paint a second class" in problem.text(), TRAINING_MS)
    assert person.window.rooms.options.train.text() == "Train"


def test_a_picture_that_changed_on_the_disk_is_left_out_and_named(painted: Person, tmp_path: Path) -> None:
    painted.press(Qt.Key.Key_PageDown)
    painted.sees_picture("picture-2.png")
    painted.press(Qt.Key.Key_1)
    painted.paint([(30, 30), (40, 130)])
    painted.press(Qt.Key.Key_2)
    painted.paint([(200, 30), (210, 130)])
    painted.sees_saved()
    Image.new("RGB", (240, 160), "red").save(tmp_path / "p" / "picture-1.png")
    painted.click(painted.window.rooms.options.train)
    painted.sees(lambda: "Not used: picture-1.png is changed" in painted.notice, TRAINING_MS)
    painted.sees(lambda: "left" in painted.window.rooms.training.status.text(), TRAINING_MS)
    painted.click(painted.window.rooms.options.train)
    painted.sees(lambda: painted.window.learning.state == "idle", TRAINING_MS)


def test_closing_the_window_keeps_what_a_training_has_learned_so_far(
    painted: Person, tmp_path: Path, sit_down: Sit
) -> None:
    rooms = painted.window.rooms
    may_train(painted, 60)
    painted.click(rooms.options.train)
    painted.sees(lambda: "left" in rooms.training.status.text(), TRAINING_MS)
    painted.leave()
    person = sit_down()
    person.drop(tmp_path / "p" / "p.maskwright")
    person.sees(lambda: len(person.window.workspace.runs) == 1)


def test_closing_the_project_keeps_what_a_training_has_learned_so_far(painted: Person, tmp_path: Path) -> None:
    rooms, learning = painted.window.rooms, painted.window.learning
    may_train(painted, 60)
    painted.click(rooms.options.train)
    painted.sees(lambda: "left" in rooms.training.status.text(), TRAINING_MS)
    painted.press(Qt.Key.Key_W, Qt.KeyboardModifier.ControlModifier)
    painted.sees(rooms.start.isVisible)
    painted.sees(lambda: "is kept with its project" in painted.notice)
    painted.sees(lambda: learning.state == "idle", TRAINING_MS)
    painted.drop(tmp_path / "p" / "p.maskwright")
    painted.sees(lambda: len(painted.window.workspace.runs) == 1)
