"""A model from elsewhere comes in by the window: by consent, tried while painting goes on, then it predicts."""

from collections.abc import Callable
from pathlib import Path
from time import monotonic

import numpy as np
import pytest
from PySide6.QtCore import Qt

from app.dialogs.import_model import EMPTY, NOT_AGREED, OPEN, TRYING, ImportModelDialog
from app.dropping import ONE_MODEL
from core.foreign.import_model import check_model, find_model, keep_model
from tests.core.foreign.models import onnx_model, project_of_scenes
from tests.journeys.person import Person, let_go_on, make_pictures

Sit = Callable[[], Person]


@pytest.fixture
def person(sit_down: Sit, tmp_path: Path) -> Person:
    person = sit_down()
    person.drop(make_pictures(tmp_path / "p", 2))
    person.sees_picture("picture-1.png")
    return person


def dark_and_light(path: Path, classes: int = 7) -> Path:
    """A model that calls dark pixels the first class and light ones the second; of the others it knows nothing."""
    kernel, bias = np.zeros((3, classes), np.float32), np.full(classes, -99, np.float32)
    kernel[:, 1], bias[:2] = 10, (0, -15)
    return onnx_model(path, kernel=kernel, bias=bias)


def dialog_of(person: Person) -> ImportModelDialog:
    person.sees(lambda: person.window.model_importing.dialog is not None)
    dialog = person.window.model_importing.dialog
    assert dialog is not None
    return dialog


def test_a_model_that_is_dropped_is_tried_only_when_it_is_trusted(person: Person, tmp_path: Path) -> None:
    person.drop(dark_and_light(tmp_path / "theirs.onnx"))
    dialog = dialog_of(person)
    assert dialog.text.text() == NOT_AGREED
    assert "a program from elsewhere" in dialog.consent.text()
    assert not dialog.import_button.isEnabled()
    dialog.agreed.click()
    assert dialog.text.text() == TRYING
    person.press(Qt.Key.Key_B)
    person.paint([(60, 60), (120, 90)])
    person.sees_saved()
    person.sees(dialog.import_button.isEnabled)
    assert "softmax makes probabilities" in dialog.text.text()
    assert [box.currentText() for box in dialog.channels.boxes.values()][:2] == ["water", "forest"]
    assert person.window.workspace.runs == []


def test_it_is_a_run_then_and_predicts(person: Person, tmp_path: Path) -> None:
    person.window.actions_["import-model"].trigger()
    dialog = dialog_of(person)
    assert dialog.text.text() == EMPTY
    dialog.open_path(dark_and_light(tmp_path / "theirs.onnx"))
    dialog.agreed.click()
    person.sees(dialog.import_button.isEnabled)
    person.click(dialog.import_button)
    person.sees(lambda: "Run 1 is theirs.onnx, a model from elsewhere. It predicts now." in person.notice)
    person.sees(lambda: person.window.model_importing.dialog is None)
    run = person.window.workspace.run
    assert run is not None and run.imported
    assert person.window.rooms.training.status.text() == "Run 1: a model from elsewhere, onnx"
    assert not person.window.rooms.training.begin.isVisible(), "the next training does not go on from it"
    person.window.actions_["export-model"].trigger()
    person.sees(lambda: "All models here came from elsewhere" in person.notice)
    person.window.actions_["runs"].trigger()
    ledger = person.window.ledger.dialog
    ledger.table.choose({1})
    let_go_on(50)
    assert ledger.figures.title.text() == "Run 1 · a model from elsewhere"
    assert not ledger.labels.isEnabled()


@pytest.mark.slow
def test_what_it_predicts_is_shown_and_can_be_accepted(person: Person, tmp_path: Path) -> None:
    dialog = start(person, dark_and_light(tmp_path / "theirs.onnx"))
    person.sees(dialog.import_button.isEnabled)
    person.click(dialog.import_button)
    person.sees(lambda: person.window.editing.prediction is not None, 40_000)
    person.window.rooms.prediction.threshold.setValue(0)
    person.click(person.window.rooms.prediction.accept)
    person.sees_saved()
    labels = person.labels
    assert (labels[:, :110] == 0).all()
    assert (labels[:, 130:] == 1).all()


def start(person: Person, path: Path) -> ImportModelDialog:
    person.drop(path)
    dialog = dialog_of(person)
    dialog.agreed.click()
    return dialog


def test_channels_that_the_project_does_not_know_are_asked_about(person: Person, tmp_path: Path) -> None:
    dialog = start(person, dark_and_light(tmp_path / "theirs.onnx", 2))
    person.sees(lambda: dialog.text.text().endswith(OPEN))
    assert not dialog.import_button.isEnabled()
    for name, index in (("0", 3), ("1", 7)):
        box = dialog.channels.boxes[name]
        box.setCurrentIndex(index)
        box.activated.emit(index)
    assert dialog.import_button.isEnabled()
    person.click(dialog.import_button)
    person.sees(lambda: person.window.workspace.runs)
    assert person.window.workspace.runs[0].settings["imported"]["to"] == [2, 6]


def test_a_model_that_cannot_be_used_is_told_in_a_sentence(person: Person, tmp_path: Path) -> None:
    (tmp_path / "broken.onnx").write_bytes(b"\x08\x08" * 100)
    dialog = start(person, tmp_path / "broken.onnx")
    person.sees(lambda: "is no ONNX file, or is damaged" in dialog.text.text())
    assert not dialog.import_button.isEnabled()
    dialog.open_path(dark_and_light(tmp_path / "theirs.onnx"))
    assert not dialog.agreed.isChecked(), "another model is another question"
    assert dialog.text.text() == NOT_AGREED
    assert person.window.workspace.runs == []


def test_several_models_at_once_are_not_taken(person: Person, tmp_path: Path) -> None:
    person.drop(dark_and_light(tmp_path / "a.onnx"), dark_and_light(tmp_path / "b.onnx"))
    person.sees(lambda: person.notice == ONE_MODEL)
    assert person.window.model_importing.dialog is None


def test_cancelling_ends_the_trial_and_so_does_closing_the_project(person: Person, tmp_path: Path) -> None:
    dialog = start(person, dark_and_light(tmp_path / "theirs.onnx"))
    person.click(dialog.cancel)
    person.sees(lambda: person.window.model_importing.dialog is None)
    start(person, tmp_path / "theirs.onnx")
    person.window.close_project()
    person.sees(lambda: person.window.model_importing.dialog is None)
    begun = monotonic()
    person.window.model_importing.close()
    assert monotonic() - begun < 3


def test_a_model_that_came_with_a_project_predicts_only_when_it_is_trusted(sit_down: Sit, tmp_path: Path) -> None:
    with project_of_scenes(tmp_path, 2) as project:
        model = find_model(onnx_model(tmp_path / "theirs.onnx"))
        keep_model(project, model, check_model(project, model))
    person = sit_down()
    person.drop(tmp_path / "ponds.maskwright")
    person.sees_picture("scene1.png")
    person.sees(lambda: "Run 1, theirs.onnx, is a model from elsewhere that came with this project" in person.notice)
    work, panel = person.window.workspace, person.window.rooms.prediction
    assert work.run is None
    assert panel.runs.currentIndex() == -1
    panel.runs.activated.emit(0)
    assert work.run is None, "choosing it is asked about, too"
    trust = person.window.rooms.banner.buttons()[0]
    person.click(trust)
    person.sees(lambda: work.run is not None)
    assert person.notice == ""
    person.window.close_project()
    person.drop(tmp_path / "ponds.maskwright")
    person.sees_picture("scene1.png")
    assert work.run is not None, "it is asked once"
