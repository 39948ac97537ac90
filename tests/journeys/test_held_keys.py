"""A tool's key at the whole window: a tap chooses the tool, held it lends it."""

from collections.abc import Callable
from pathlib import Path
from time import sleep

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app import tool_keys
from core.classes import UNLABELED
from tests.journeys.person import Person, let_go_on, make_pictures

Sit = Callable[[], Person]
E, B = Qt.Key.Key_E, Qt.Key.Key_B


@pytest.fixture
def person(sit_down: Sit, tmp_path: Path) -> Person:
    """Has painted the picture's whole width at a height of 80."""
    person = sit_down()
    person.drop(make_pictures(tmp_path / "p", 1))
    person.sees_picture("picture-1.png")
    person.press(B)
    person.paint([(5, 80), (235, 80)])
    return person


def hold(person: Person, key: Qt.Key) -> None:
    """Press a key and keep it down. The keyboard repeats it, and does not always say so."""
    QTest.keyPress(person.window.rooms.canvas, key)
    event = QKeyEvent(QEvent.Type.KeyRelease, key, Qt.KeyboardModifier.NoModifier, "", autorep=True)
    for _ in range(3):
        QApplication.sendEvent(person.window.rooms.canvas, event)
        QTest.keyRelease(person.window.rooms.canvas, key)
        QTest.keyPress(person.window.rooms.canvas, key)


def let_go(person: Person, key: Qt.Key) -> None:
    QTest.keyRelease(person.window.rooms.canvas, key)
    let_go_on(tool_keys.REPEAT_MS + 20)


def tap(person: Person, key: Qt.Key) -> None:
    QTest.keyPress(person.window.rooms.canvas, key)
    let_go(person, key)


def tool(person: Person) -> str:
    """In hand, and shown so on the rail."""
    in_hand = person.window.rooms.canvas.tool
    assert person.window.actions_[in_hand].isChecked()
    return in_hand


def test_e_held_erases_and_the_brush_is_back_when_it_is_let_go(person: Person) -> None:
    hold(person, E)
    assert tool(person) == "eraser"
    person.paint([(120, 80)])
    let_go(person, E)
    assert tool(person) == "brush"
    assert person.labels[80, 120] == UNLABELED and person.labels[80, 20] == 0
    person.paint([(120, 80)])
    assert person.labels[80, 120] == 0
    person.press(Qt.Key.Key_Z)
    person.press(Qt.Key.Key_Z)
    assert (person.labels[80, 5:235] == 0).all(), "what was erased is one edit"


def test_e_tapped_chooses_the_eraser_and_tapped_again_puts_it_away(person: Person) -> None:
    tap(person, Qt.Key.Key_L)
    tap(person, E)
    assert tool(person) == "eraser"
    person.paint([(120, 80)])
    assert tool(person) == "eraser" and person.labels[80, 120] == UNLABELED
    tap(person, E)
    assert tool(person) == "lasso"
    tap(person, E)
    tap(person, B)
    assert tool(person) == "brush"


def test_a_key_held_for_long_and_not_used_gives_its_tool_back(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tool_keys, "HOLD_S", 0.02)
    hold(person, E)
    sleep(0.03)
    let_go(person, E)
    assert tool(person) == "brush"


def test_a_hand_that_is_quicker_than_the_key_goes_on_erasing_to_its_end(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tool_keys, "HOLD_S", 0.02)
    canvas = person.window.rooms.canvas
    hold(person, E)
    start, end = (canvas.from_image(point).toPoint() for point in ((60, 80), (180, 80)))
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, start)
    sleep(0.03)
    let_go(person, E)
    QTest.mouseMove(canvas, end)
    assert tool(person) == "eraser"
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, end)
    assert tool(person) == "brush"
    assert (person.labels[80, 60:180] == UNLABELED).all()


def test_a_tap_and_a_stroke_at_once_choose_the_eraser(person: Person) -> None:
    canvas = person.window.rooms.canvas
    place = canvas.from_image((60, 80)).toPoint()
    hold(person, E)
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)
    let_go(person, E)
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)
    assert tool(person) == "eraser"


def test_any_tool_is_lent_by_its_key_whatever_key_that_is(person: Person) -> None:
    person.window.shortcuts.choose("rectangle", ("Y",))
    hold(person, Qt.Key.Key_Y)
    person.paint([(20, 20), (60, 50)])
    let_go(person, Qt.Key.Key_Y)
    assert tool(person) == "brush" and person.labels[22, 22] == 0


def test_another_tool_chosen_while_a_key_is_held_stays(person: Person) -> None:
    hold(person, E)
    person.paint([(120, 80)])
    person.window.actions_["fill"].trigger()
    let_go(person, E)
    assert tool(person) == "fill"


def test_the_eraser_keeps_its_size_over_night_and_so_does_the_brush(
    sit_down: Sit, tmp_path: Path, person: Person
) -> None:
    size = person.window.rooms.options.brush_size
    size.setValue(31)
    person.press(E)
    size.setValue(77)
    person.leave()
    again = sit_down()
    again.drop(tmp_path / "p" / "p.maskwright")
    again.sees_picture("picture-1.png")
    hand = again.window.rooms.canvas.hand
    assert (hand.brush_size, hand.eraser_size) == (31, 77)
    assert tool(again) == "eraser" and again.window.rooms.options.brush_size.value() == 77
