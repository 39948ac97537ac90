"""Files are dropped on the window, and it knows what they are."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt

from app.dropping import NO_PROJECT, ONE
from core.formats import MASK_FORMATS
from core.formats.export_masks import export_masks
from tests.journeys.person import Person, let_go_on, make_pictures

Sit = Callable[[], Person]


@pytest.fixture
def person(sit_down: Sit, tmp_path: Path) -> Person:
    """With two pictures, the first one painted on."""
    person = sit_down()
    person.drop(make_pictures(tmp_path / "p", 2))
    person.sees_picture("picture-1.png")
    person.sees(lambda: pictures(person) == 2)
    person.press(Qt.Key.Key_B)
    person.paint([(60, 60), (120, 90)])
    person.sees_saved()
    return person


def pictures(person: Person) -> int:
    return len(person.window.workspace.records)


def test_labels_of_another_tool_open_the_dialog_on_them(person: Person, tmp_path: Path) -> None:
    assert person.window.workspace.project is not None
    export_masks(person.window.workspace.project, tmp_path / "out", MASK_FORMATS["coco"], lambda *_: None)
    (labels,) = (tmp_path / "out").rglob("*.json")
    person.drop(labels)
    person.sees(lambda: person.window.importing.dialog is not None)
    dialog = person.window.importing.dialog
    assert dialog is not None
    person.sees(dialog.import_button.isEnabled)
    assert dialog.path.text() == str(labels)
    assert dialog.words.text().startswith("Found: coco, ")
    assert pictures(person) == 2


def test_a_folder_of_masks_is_asked_about_and_several_files_are_not(person: Person, tmp_path: Path) -> None:
    folder = tmp_path / "masks"
    folder.mkdir()
    for number in (1, 2):
        Image.fromarray(np.full((160, 240), number, np.uint8)).save(folder / f"picture-{number}.png")
    person.drop(*sorted(folder.iterdir()))
    person.sees(lambda: person.notice == ONE)
    person.drop(folder)
    person.sees(lambda: person.window.importing.dialog is not None)
    assert pictures(person) == 2


def test_pictures_are_added(person: Person, tmp_path: Path) -> None:
    make_pictures(tmp_path / "more", 5)
    for number in (1, 2):
        (tmp_path / f"more/picture-{number}.png").unlink()
    person.drop(tmp_path / "more")
    person.sees(lambda: pictures(person) == 5)
    person.drop(tmp_path / "p")
    let_go_on(300)
    assert pictures(person) == 5
    assert person.window.importing.dialog is None


def test_a_project_file_opens_in_place_of_the_other(person: Person, tmp_path: Path) -> None:
    make_pictures(tmp_path / "q", 1)
    person.window.actions_["close-project"].trigger()
    person.drop(tmp_path / "q")
    person.sees(lambda: pictures(person) == 1)
    person.drop(tmp_path / "p" / "p.maskwright")
    person.sees(lambda: pictures(person) == 2)


def test_anything_else_is_answered_in_one_sentence(person: Person, tmp_path: Path) -> None:
    letter = tmp_path / "letter.rtf"
    letter.write_text("Dear all")
    person.drop(letter)
    person.sees(lambda: person.notice == "There are neither pictures nor masks in letter.rtf that can be read.")
    person.window.actions_["close-project"].trigger()
    person.drop(letter)
    person.sees(lambda: person.notice == NO_PROJECT)
