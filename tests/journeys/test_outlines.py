"""An outline that is begun and not closed is never filled by accident, and its points are never lost."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from core.classes import UNLABELED
from tests.journeys.person import Person, let_go_on, make_pictures

Sit = Callable[[], Person]
CORNERS = [(40, 30), (200, 30), (200, 130), (40, 130)]


@pytest.fixture
def person(sit_down: Sit, tmp_path: Path) -> Person:
    person = sit_down()
    person.drop(make_pictures(tmp_path / "p", 2))
    person.sees_picture("picture-1.png")
    person.sees(lambda: len(person.window.workspace.records) == 2)
    return person


def begin(person: Person, key: Qt.Key = Qt.Key.Key_G) -> None:
    """Three points of four."""
    person.press(key)
    for point in CORNERS[:3]:
        person.paint([point])


def close(person: Person) -> None:
    person.paint([CORNERS[3]])
    person.press(Qt.Key.Key_Return)


def is_filled(person: Person) -> bool:
    """All of the rectangle, and nothing else."""
    inside = person.labels[35:125, 45:195] != UNLABELED
    return bool(inside.all()) and (person.labels != UNLABELED).sum() < 101 * 161 + 400


@pytest.mark.parametrize("key", [Qt.Key.Key_G, Qt.Key.Key_K], ids=["polygon", "edge lasso"])
def test_another_tool_puts_an_outline_aside_and_its_own_takes_it_up(person: Person, key: Qt.Key) -> None:
    begin(person, key)
    person.press(Qt.Key.Key_B)
    assert (person.labels == UNLABELED).all()
    assert "not closed" in person.notice
    person.paint([(20, 150)])
    person.press(Qt.Key.Key_Z)
    person.press(key)
    assert person.notice == ""
    close(person)
    if key == Qt.Key.Key_G:
        assert is_filled(person)
    assert person.labels[80, 120] == 0


def test_a_key_held_for_another_tool_does_not_disturb_an_outline(person: Person) -> None:
    begin(person)
    person.press(Qt.Key.Key_H)
    person.paint([(100, 100), (110, 100)])
    person.press(Qt.Key.Key_G)
    close(person)
    assert is_filled(person)


def test_an_outline_stays_with_its_picture(person: Person) -> None:
    begin(person)
    person.press(Qt.Key.Key_D)
    person.sees_picture("picture-2.png")
    assert (person.labels == UNLABELED).all() and not person.window.rooms.canvas.waits
    assert "picture-1.png" in person.notice
    begin(person)
    person.press(Qt.Key.Key_A)
    person.sees_picture("picture-1.png")
    assert (person.labels == UNLABELED).all()
    close(person)
    assert is_filled(person)
    person.press(Qt.Key.Key_D)
    person.sees_picture("picture-2.png")
    close(person)
    assert is_filled(person)


def test_an_outline_is_there_again_the_next_day(sit_down: Sit, tmp_path: Path, person: Person) -> None:
    begin(person)
    person.leave()
    again = sit_down()
    again.drop(tmp_path / "p" / "p.maskwright")
    again.sees_picture("picture-1.png")
    assert (again.labels == UNLABELED).all()
    close(again)
    assert is_filled(again)


def test_training_neither_closes_an_outline_nor_ends_it(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    begin(person)
    monkeypatch.setattr(person.window.learning, "train", _nothing)
    person.window.actions_["train"].trigger()
    assert person.window.rooms.canvas.waits
    close(person)
    assert is_filled(person)


def _nothing(*_: object, **__: object) -> None:
    pass


def test_an_outline_that_waits_can_be_dropped(person: Person) -> None:
    begin(person)
    person.press(Qt.Key.Key_B)
    (drop,) = person.window.rooms.banner.buttons()
    person.click(drop)
    assert person.notice == ""
    person.press(Qt.Key.Key_G)
    assert not person.window.rooms.canvas.waits


def test_a_question_in_between_leaves_an_outline_as_it_was(person: Person) -> None:
    person.paint([(20, 150), (60, 150)])
    begin(person)
    person.press(Qt.Key.Key_G, Qt.KeyboardModifier.ShiftModifier)  # grow strokes: there is one class only
    person.sees(person.window.rooms.question.isVisible)
    person.press(Qt.Key.Key_Escape)
    assert person.window.rooms.canvas.waits
    person.press(Qt.Key.Key_2)
    close(person)
    assert person.labels[80, 120] == 1, "the class that was in hand when it was closed"


def test_an_outline_that_waits_shows_and_leaves_no_trace(person: Person) -> None:
    canvas = person.window.rooms.canvas

    def look() -> object:
        let_go_on(5)
        QApplication.processEvents()
        return canvas.grab().toImage()

    person.press(Qt.Key.Key_B)
    before = look()
    begin(person)
    person.press(Qt.Key.Key_B)
    assert look() != before
    person.press(Qt.Key.Key_G)
    person.press(Qt.Key.Key_Escape)
    person.press(Qt.Key.Key_B)
    canvas.pointer.at = None
    assert look() == before
