"""Masks come into the open project by the window, while painting goes on."""

from collections.abc import Callable
from pathlib import Path
from time import sleep

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton

from app.dialogs.import_masks import ImportMasksDialog
from core.classes import UNLABELED
from core.masks.tiles import Array
from core.project import Project, StagedMasks
from tests.journeys.person import LEFT, Person, let_go_on, make_pictures

Sit = Callable[[], Person]
Key = Qt.Key
COUNT = 3
STROKE = [(60.0, 60.0), (120.0, 90.0)]


@pytest.fixture
def person(sit_down: Sit, tmp_path: Path) -> Person:
    """With three pictures and a stroke of the first class on the first."""
    person = sit_down()
    person.drop(make_pictures(tmp_path / "p", COUNT))
    person.sees_picture("picture-1.png")
    person.sees(lambda: len(person.window.workspace.records) == COUNT)
    person.press(Key.Key_B)
    person.press(Key.Key_1)
    person.paint(STROKE)
    person.sees_saved()
    return person


@pytest.fixture
def masks(tmp_path: Path) -> Path:
    """For two of the pictures: class 2 at the left, a stranger at the right; and one for no picture."""
    folder = tmp_path / "masks"
    folder.mkdir()
    mask = np.full((160, 240), UNLABELED, np.uint8)
    mask[:, :90], mask[:, 200:] = 2, 9
    for name in ("picture-1", "picture-2", "elsewhere"):
        Image.fromarray(mask).save(folder / f"{name}.png")
    return folder


def dialog_of(person: Person) -> ImportMasksDialog:
    person.window.actions_["import-masks"].trigger()
    dialog = person.window.importing.dialog
    assert dialog is not None
    person.sees(dialog.isActiveWindow)
    return dialog


def ready(person: Person, masks: Path) -> ImportMasksDialog:
    """The dialog with these masks, the stranger left out."""
    dialog = dialog_of(person)
    dialog.path.setFocus()
    QTest.keyClicks(dialog.path, str(masks))
    QTest.keyClick(dialog.path, Key.Key_Return)
    person.sees(dialog.leave_rest_out.isVisible)
    assert not dialog.import_button.isEnabled()
    person.click(dialog.leave_rest_out)
    person.sees(dialog.import_button.isEnabled)
    return dialog


def gone(person: Person) -> bool:
    return person.window.importing.dialog is None


def undo(person: Person) -> None:
    person.window.activateWindow()  # as the system does when a dialog goes
    person.sees(person.window.isActiveWindow)
    person.press(Key.Key_Z)


def project_of(person: Person) -> Project:
    project = person.window.workspace.project
    assert project is not None
    return project


def read_slowly(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    add = StagedMasks.add

    def slow(*arguments: object) -> None:
        sleep(seconds)
        add(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(StagedMasks, "add", slow)


def test_the_dialog_tells_what_would_happen_and_changes_nothing(person: Person, masks: Path) -> None:
    before = project_of(person).revision
    dialog = ready(person, masks)
    assert "2 of 3 masks belong to a picture" in dialog.text.text()
    assert "labelled now" in dialog.text.text()
    assert dialog.left_out.toPlainText() == "elsewhere: the project has no image of that name."
    assert "grey-png" in dialog.words.text()
    assert [(name, box.currentText()) for name, box in dialog.classes.boxes.items()] == [
        ("9", "Leave out"),
        ("2", person.window.workspace.classes[2].name),
    ], "what must be decided stands first"
    QTest.keyClick(dialog, Key.Key_Escape)
    person.sees(lambda: gone(person))
    assert project_of(person).revision == before


def test_masks_come_in_and_the_open_picture_shows_them_at_once(person: Person, masks: Path) -> None:
    stroke = person.labels
    place = person.window.rooms.canvas.from_image((0, 0))
    dialog = ready(person, masks)
    QTest.keyClick(dialog, Key.Key_Return)
    person.sees(lambda: gone(person))
    assert person.notice == "Masks are imported into 2 pictures. 1 was left out."
    expected = np.full((160, 240), UNLABELED, np.uint8)
    expected[:, :90] = 2
    assert np.array_equal(person.labels, expected)
    assert person.window.rooms.canvas.from_image((0, 0)) == place, "the picture stays where it is"
    undo(person)
    assert np.array_equal(person.labels, stroke)
    undo(person)
    assert (person.labels == UNLABELED).all()
    person.sees_saved()
    assert project_of(person).faults() == []


def test_all_of_it_is_taken_back_by_one_button(person: Person, masks: Path) -> None:
    before = person.labels
    person.click(ready(person, masks).import_button)
    person.sees(lambda: gone(person))
    (button,) = [b for b in person.window.rooms.banner.findChildren(QPushButton) if b.text() == "Take back"]
    person.click(button)
    person.sees(lambda: person.notice == "Taken back in 2 pictures.")
    assert np.array_equal(person.labels, before)
    person.sees_saved()
    assert [bool(record.labelled) for record in project_of(person).images()] == [True, False, False]


@pytest.mark.parametrize(("rule", "kept"), [(1, False), (2, True)])
def test_labels_stay_as_the_rule_says(person: Person, masks: Path, rule: int, kept: bool) -> None:
    stroke = person.labels
    dialog = ready(person, masks)
    dialog.rule.setFocus()
    for _ in range(rule):
        QTest.keyClick(dialog.rule, Key.Key_Down)
    person.sees(dialog.import_button.isEnabled)
    person.click(dialog.import_button)
    person.sees(lambda: gone(person))
    expected = np.full((160, 240), UNLABELED, np.uint8)
    expected[:, :90] = 2
    seen = stroke != UNLABELED
    if not kept:
        seen[:, :90] = False
    assert np.array_equal(person.labels, np.where(seen, stroke, expected))


def test_a_strange_class_gets_one_of_the_project_by_keyboard(person: Person, masks: Path) -> None:
    dialog = dialog_of(person)
    dialog.open_path(masks)
    person.sees(dialog.leave_rest_out.isVisible)
    box = dialog.classes.boxes["9"]
    for _ in range(20):
        QTest.keyClick(QApplication.focusWidget() or dialog, Key.Key_Tab)
        if box.hasFocus():
            break
    assert box.hasFocus(), "Tab comes by every box"
    QTest.keyClick(box, Key.Key_Down)
    person.sees(dialog.import_button.isEnabled)
    QTest.keyClick(box, Key.Key_Return)
    person.sees(lambda: gone(person))
    assert (person.labels[:, 200:] == 0).all()


def test_what_is_no_mask_is_said_in_a_sentence(person: Person, tmp_path: Path) -> None:
    (tmp_path / "letter.rtf").write_text("Dear all")
    dialog = dialog_of(person)
    dialog.open_path(tmp_path / "letter.rtf")
    person.sees(lambda: "holds no masks of a known format" in dialog.text.text())
    assert not dialog.import_button.isEnabled()
    Image.new("L", (240, 160)).save(tmp_path / "stranger.png")
    dialog.open_path(tmp_path / "stranger.png")
    person.sees(lambda: dialog.text.text() == "None of the masks belongs to a picture of the project.")
    assert not dialog.import_button.isEnabled()


def test_an_import_can_be_stopped_and_begun_again(person: Person, masks: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = project_of(person).revision
    dialog = ready(person, masks)
    with monkeypatch.context() as slow:
        read_slowly(slow, 0.3)
        person.click(dialog.import_button)
        assert dialog.cancel.text() == "Stop"
        QTest.keyClick(dialog, Key.Key_Escape)
        assert "Nothing was imported" in dialog.text.text()
        let_go_on(800)
    assert project_of(person).revision == before
    person.click(dialog.import_button)
    person.sees(lambda: gone(person))
    assert project_of(person).revision == before + 2


def test_a_stroke_is_saved_while_masks_are_read_and_comes_before_them(
    person: Person, masks: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dialog = ready(person, masks)
    dialog.rule.setCurrentIndex(2)
    dialog.rule.activated.emit(2)
    person.sees(dialog.import_button.isEnabled)
    read_slowly(monkeypatch, 0.5)
    before = project_of(person).revision
    person.click(dialog.import_button)
    person.paint([(20, 20), (60, 30)])
    person.sees_saved()
    assert dialog.busy
    assert project_of(person).revision == before + 1
    mine: Array = person.labels
    person.sees(lambda: gone(person))
    assert (person.labels[mine != UNLABELED] == 0).all()
    assert (person.labels[:, :90] != UNLABELED).all()
    undo(person)
    assert np.array_equal(person.labels, mine)


def test_masks_wait_for_the_end_of_a_stroke(person: Person, masks: Path) -> None:
    dialog, canvas = ready(person, masks), person.window.rooms.canvas
    place = canvas.from_image((150, 40)).toPoint()
    none = Qt.KeyboardModifier.NoModifier
    QTest.mousePress(canvas, LEFT, none, place)
    dialog.import_button.click()
    person.sees(lambda: "Waiting until you finish" in dialog.text.text())
    let_go_on(200)
    assert dialog.busy
    QTest.mouseRelease(canvas, LEFT, none, place)
    person.sees(lambda: gone(person))
    kinds = [revision.kind for revision in project_of(person).revisions(project_of(person).images()[0].id)]
    assert kinds == ["import", "stroke", "stroke"]
    person.paint([(150, 100), (170, 110)])
    person.sees_saved()
    assert project_of(person).faults() == []
    stored = project_of(person).load_mask(project_of(person).images()[0].id).read()
    assert np.array_equal(stored, person.labels)


def test_closing_the_project_ends_the_import(
    person: Person, masks: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    dialog = ready(person, masks)
    read_slowly(monkeypatch, 0.2)
    person.click(dialog.import_button)
    person.window.actions_["close-project"].trigger()
    person.sees(lambda: gone(person))
    let_go_on(600)
    person.drop(next((tmp_path / "p").glob("*.maskwright")))
    person.sees_picture("picture-1.png")
    assert [revision.kind for revision in project_of(person).revisions(1)] == ["stroke"]
