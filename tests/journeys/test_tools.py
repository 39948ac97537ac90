"""Tools at the whole window: keys, the rail, the options above the picture, the question at its foot."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QWidget

from app.actions import TOOL_GROUPS, TOOLS
from app.panels.tool_rail import GroupButton, ToolRail
from core.classes import UNLABELED
from tests.journeys.person import Person, make_pictures

Sit = Callable[[], Person]
CTRL, SHIFT, ALT = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.AltModifier,
)


@pytest.fixture
def person(sit_down: Sit, tmp_path: Path) -> Person:
    person = sit_down()
    person.drop(make_pictures(tmp_path / "p"))
    person.sees_picture("picture-1.png")
    person.sees(lambda: len(person.window.workspace.records) == 3)
    return person


def sees_question(person: Person, words: str) -> None:
    bar = person.window.rooms.question
    person.sees(lambda: bar.isVisible() and words in bar.text.text() and bar.apply.isEnabled())


def options(person: Person) -> set[QWidget]:
    tool = person.window.rooms.options.tool
    named = (tool.square, tool.steady, tool.reach, tool.tolerance, tool.piece_size, tool.operation, tool.hint)
    return {widget for widget in named if widget.isVisible()}


def test_every_tool_has_a_key_and_shows_only_its_own_options(person: Person) -> None:
    tool = person.window.rooms.options.tool
    own = {
        "brush": {tool.square, tool.steady},
        "eraser": {tool.square, tool.steady},
        "line": {tool.square},
        "accept-brush": {tool.square, tool.steady},
        "fill": {tool.reach},
        "wand": {tool.tolerance},
        "superpixels": {tool.piece_size},
        "mend": {tool.operation},
    }
    for name in TOOLS:
        person.window.actions_["pan"].trigger()
        QTest.keySequence(person.window.rooms.canvas, person.window.actions_[name].shortcut())
        assert person.window.rooms.canvas.tool == name
        assert options(person) == own.get(name, {tool.hint}), name


def test_the_rail_is_short_and_a_button_stands_for_the_tool_last_used(person: Person) -> None:
    rail = person.window.findChild(ToolRail)
    assert rail is not None
    buttons = rail.findChildren(GroupButton)
    assert len(buttons) == len(TOOL_GROUPS) <= 10
    person.press(Qt.Key.Key_G)
    lasso = buttons[3]
    assert lasso.defaultAction().objectName() == "polygon" and lasso.isChecked()
    person.press(Qt.Key.Key_B)
    person.click(lasso)
    assert person.window.rooms.canvas.tool == "polygon"
    assert [action.objectName() for action in lasso.menu().actions()] == list(TOOL_GROUPS[3])


@pytest.mark.parametrize("answer", ["apply", "cancel", "enter", "escape"])
def test_a_class_is_grown_after_a_look_and_a_yes(person: Person, answer: str) -> None:
    person.paint([(60, 60), (120, 60)])
    before = person.labels
    person.window.actions_["grow-class"].trigger()
    sees_question(person, "Grow water by 4 px")
    np.testing.assert_array_equal(person.labels, before)
    bar = person.window.rooms.question
    if answer in ("apply", "cancel"):
        person.click(bar.apply if answer == "apply" else bar.cancel)
    else:
        person.press(Qt.Key.Key_Return if answer == "enter" else Qt.Key.Key_Escape)
    assert not bar.isVisible() and person.picture == "picture-1.png"
    assert ((person.labels == 0).sum() > (before == 0).sum()) == (answer in ("apply", "enter"))
    person.sees_saved()


def test_the_amount_that_is_typed_shows_at_once(person: Person) -> None:
    person.paint([(60, 60), (120, 60)])
    person.window.actions_["grow-class"].trigger()
    sees_question(person, "4 px")
    person.window.rooms.options.tool.amount.setValue(9)
    sees_question(person, "9 px")
    QTest.keyClick(person.window.rooms.canvas, Qt.Key.Key_Return)
    assert person.labels[60 + 20 + 8, 90] == 0


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Escape])
def test_after_an_amount_is_typed_the_keyboard_answers_the_question(person: Person, key: Qt.Key) -> None:
    person.paint([(60, 60), (120, 60)])
    before = person.labels
    person.window.actions_["grow-class"].trigger()
    sees_question(person, "4 px")
    amount = person.window.rooms.options.tool.amount
    amount.setFocus()
    amount.selectAll()
    QTest.keyClicks(amount, "7")
    QTest.keyClick(amount, Qt.Key.Key_Return)
    sees_question(person, "7 px")
    assert (person.labels == before).all() and not amount.hasFocus()
    QTest.keyClick(person.window, key)
    assert ((person.labels == 0).sum() > (before == 0).sum()) == (key == Qt.Key.Key_Return)
    assert person.picture == "picture-1.png" and not person.window.rooms.canvas.waits


def test_labels_of_the_picture_before_are_a_start(person: Person) -> None:
    person.paint([(60, 60), (120, 60)])
    first = person.labels
    person.press(Qt.Key.Key_D)
    person.sees_picture("picture-2.png")
    person.press(Qt.Key.Key_2)
    person.paint([(120, 30), (120, 90)])
    mine = person.labels
    person.press(Qt.Key.Key_V, CTRL | SHIFT)
    sees_question(person, "Copy the labels of picture-1.png")
    person.press(Qt.Key.Key_Return)
    expected = np.where(mine == UNLABELED, first, mine)
    np.testing.assert_array_equal(person.labels, expected)
    person.sees_saved()
    person.press(Qt.Key.Key_Z)
    np.testing.assert_array_equal(person.labels, mine)


def test_the_picture_before_is_that_of_the_strip_in_any_order(person: Person) -> None:
    person.press(Qt.Key.Key_D)
    person.sees_picture("picture-2.png")
    person.paint([(60, 60), (120, 60)])
    person.sees_saved()
    second = person.labels
    person.window.rooms.images.order.setCurrentText("Most labelled first")
    person.press(Qt.Key.Key_D)
    person.sees_picture("picture-1.png")
    person.press(Qt.Key.Key_V, CTRL | SHIFT)
    sees_question(person, "Copy the labels of picture-2.png")
    person.press(Qt.Key.Key_Return)
    np.testing.assert_array_equal(person.labels, second)


def test_the_first_picture_has_none_before_it(person: Person) -> None:
    person.press(Qt.Key.Key_V, CTRL | SHIFT)
    person.sees(lambda: "No picture stands before" in person.notice)


def test_strokes_grow_up_to_the_edge_of_the_picture(person: Person) -> None:
    person.paint([(40, 80), (60, 80)])
    person.press(Qt.Key.Key_2)
    person.paint([(180, 80), (200, 80)])
    person.press(Qt.Key.Key_G, SHIFT)
    sees_question(person, "Grow the strokes")
    person.press(Qt.Key.Key_Return)
    labels = person.labels
    dark = np.zeros(labels.shape, bool)
    dark[:, :120] = True
    assert ((labels == 0) == dark).mean() > 0.97 and ((labels == 1) == ~dark).mean() > 0.97


def test_only_chosen_classes_are_painted_over(person: Person) -> None:
    person.paint([(40, 40), (120, 40)])
    person.press(Qt.Key.Key_2)
    person.paint([(40, 100), (120, 100)])
    bar = person.window.rooms.options
    bar.rule.setCurrentIndex(2)
    for action in bar.over.menu().actions():
        action.setChecked(action.text() == "forest")
    person.sees(lambda: bar.over.isVisible() and bar.over.text() == "forest")
    before = person.labels
    person.press(Qt.Key.Key_3)
    person.paint([(80, 30), (80, 120)])
    changed = person.labels != before
    assert changed.any() and (before[changed] == 1).all()


def test_alt_on_an_eye_shows_a_class_alone_and_again_all(person: Person) -> None:
    rows = person.window.rooms.classes.rows
    QTest.mouseClick(rows[2].shown, Qt.MouseButton.LeftButton, ALT)
    assert person.window.rooms.classes.hidden_classes() == frozenset(range(7)) - {2}
    QTest.mouseClick(rows[2].shown, Qt.MouseButton.LeftButton, ALT)
    assert person.window.rooms.classes.hidden_classes() == frozenset()
    QTest.mouseClick(rows[2].shown, Qt.MouseButton.LeftButton)
    assert person.window.rooms.classes.hidden_classes() == {2}


def test_a_locked_class_outlives_clearing(person: Person) -> None:
    person.paint([(40, 40), (120, 40)])
    person.press(Qt.Key.Key_2)
    person.paint([(40, 100), (120, 100)])
    before = person.labels
    person.click(person.window.rooms.classes.rows[0].locked)
    person.window.actions_["clear"].trigger()
    np.testing.assert_array_equal(person.labels, np.where(before == 0, 0, UNLABELED))


def test_undo_takes_points_back_before_strokes(person: Person) -> None:
    person.paint([(40, 40), (120, 40)])
    painted = person.labels
    person.press(Qt.Key.Key_G)
    for point in ((60, 60), (100, 60)):
        person.paint([point])
    person.press(Qt.Key.Key_Z)
    person.press(Qt.Key.Key_Z)
    np.testing.assert_array_equal(person.labels, painted)
    assert not person.window.rooms.canvas.waits
    person.press(Qt.Key.Key_Z)
    assert (person.labels == UNLABELED).all()


def test_tool_options_come_back_the_next_day(sit_down: Sit, tmp_path: Path, person: Person) -> None:
    tool = person.window.rooms.options.tool
    person.press(Qt.Key.Key_W)
    person.click(tool.square)
    tool.tolerance.setValue(44)
    tool.operation.setCurrentIndex(3)
    tool.amount.setValue(7)
    person.leave()
    again = sit_down()
    again.drop(tmp_path / "p" / "p.maskwright")
    again.sees_picture("picture-1.png")
    hand = again.window.rooms.canvas.hand
    assert again.window.rooms.canvas.tool == "wand"
    assert (hand.tolerance, hand.operation, hand.distance) == (44, "smooth", 7)


def test_a_size_changed_by_the_right_button_leaves_the_brush_alone(person: Person) -> None:
    canvas, size = person.window.rooms.canvas, person.window.rooms.options.brush_size
    brush = size.value()
    place = canvas.from_image((60, 60)).toPoint()
    QTest.mousePress(canvas, Qt.MouseButton.RightButton, Qt.KeyboardModifier.NoModifier, place)
    turn_wheel(canvas, QPointF(place), 3)
    QTest.mouseRelease(canvas, Qt.MouseButton.RightButton, Qt.KeyboardModifier.NoModifier, place)
    assert canvas.hand.brush_size == brush == size.value() and canvas.hand.eraser_size > 40


def turn_wheel(canvas: QWidget, at: QPointF, notches: int) -> None:
    none, phase = Qt.MouseButton.NoButton, Qt.ScrollPhase.NoScrollPhase
    event = QWheelEvent(at, canvas.mapToGlobal(at), QPoint(), QPoint(0, 120 * notches), none, CTRL, phase, False)
    QApplication.sendEvent(canvas, event)


def test_words_for_every_choice(person: Person) -> None:
    for combo in person.window.rooms.options.findChildren(QComboBox):
        assert combo.accessibleName() and all(combo.itemText(k) for k in range(combo.count()))
