"""Keys that can be changed, and commands found by typing."""

import json

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.actions import ACTIONS
from app.dialogs.finder import Command, ranked
from app.dialogs.settings import SettingsDialog
from app.places import window_settings
from app.shortcuts import FIXED, STORED
from app.theme import Theme
from app.window import MainWindow

CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


def make_window(qtbot: QtBot, theme: Theme) -> MainWindow:
    window = MainWindow(theme, window_settings())
    qtbot.addWidget(window)
    window.show()
    qtbot.waitExposed(window)
    window.activateWindow()
    return window


@pytest.fixture
def window(qtbot: QtBot, theme: Theme) -> MainWindow:
    return make_window(qtbot, theme)


@pytest.fixture
def dialog(window: MainWindow) -> SettingsDialog:
    window.actions_["settings"].trigger()
    return next(d for d in window.findChildren(SettingsDialog) if d.isVisible())


def keys_of(window: MainWindow, name: str) -> list[str]:
    return [key.toString() for key in window.actions_[name].shortcuts()]


def press_new(dialog: SettingsDialog, name: str, key: Qt.Key, modifiers: Qt.KeyboardModifier) -> None:
    dialog.choose(name)
    QTest.keyClick(dialog.field, key, modifiers)


# --- changing keys


def test_new_keys_are_pressed_kept_and_come_back_after_a_restart(
    qtbot: QtBot, theme: Theme, window: MainWindow, dialog: SettingsDialog
) -> None:
    press_new(dialog, "train", Qt.Key.Key_F7, CONTROL)
    assert dialog.note.text() == "These keys are free."
    QTest.mouseClick(dialog.change, Qt.MouseButton.LeftButton)
    assert keys_of(window, "train") == ["Ctrl+F7"]
    assert "Ctrl+F7" in window.actions_["train"].toolTip()
    assert "Ctrl+F7" in window.rooms.options.train.toolTip()
    window.close()
    assert keys_of(make_window(qtbot, theme), "train") == ["Ctrl+F7"]


def test_enter_in_the_search_takes_the_first_action_found_to_its_new_keys(
    window: MainWindow, dialog: SettingsDialog
) -> None:
    press_new(dialog, "brush", Qt.Key.Key_F6, CONTROL)
    QTest.keyClicks(dialog.search, "curtain")
    QTest.keyClick(dialog.search, Qt.Key.Key_Return)
    assert dialog.action == "curtain" and dialog.field.hasFocus() and dialog.isVisible()
    assert keys_of(window, "brush") == ["B"] and keys_of(window, "curtain") == ["T"]
    QTest.keyClick(dialog.field, Qt.Key.Key_F8, CONTROL)
    QTest.keyClick(dialog.change, Qt.Key.Key_Return)
    assert keys_of(window, "curtain") == ["Ctrl+F8"]


def test_keys_in_use_are_named_before_they_are_taken(window: MainWindow, dialog: SettingsDialog) -> None:
    press_new(dialog, "fill", Qt.Key.Key_B, Qt.KeyboardModifier.NoModifier)
    assert "“Brush”" in dialog.note.text()
    assert keys_of(window, "brush") == ["B"], "nothing changes before it is asked for"
    QTest.mouseClick(dialog.change, Qt.MouseButton.LeftButton)
    assert keys_of(window, "fill")[0] == "B"
    assert keys_of(window, "brush") == []


def test_no_key_ever_means_two_things(window: MainWindow) -> None:
    shortcuts = window.shortcuts
    for spec in ACTIONS:
        shortcuts.choose(spec.name, ("Ctrl+J", "F9"))
        held = [key for s in ACTIONS for key in shortcuts.keys(s.name)]
        assert len(held) == len(set(held))
    assert keys_of(window, ACTIONS[-1].name) == ["Ctrl+J", "F9"]


def test_the_keys_of_the_hands_cannot_be_given_away(window: MainWindow, dialog: SettingsDialog) -> None:
    press_new(dialog, "train", Qt.Key.Key_3, Qt.KeyboardModifier.NoModifier)
    assert "always means" in dialog.note.text()
    assert not dialog.change.isEnabled()
    window.shortcuts.choose("train", tuple(FIXED))
    assert keys_of(window, "train") == []


def test_shipped_keys_come_back_one_by_one_and_all_at_once(window: MainWindow, dialog: SettingsDialog) -> None:
    window.shortcuts.choose("fill", ("B",))
    window.shortcuts.choose("undo", ("F8",))
    dialog.choose("brush")
    QTest.mouseClick(dialog.back, Qt.MouseButton.LeftButton)
    assert (keys_of(window, "brush"), keys_of(window, "fill")) == (["B"], [])
    QTest.mouseClick(dialog.all_back, Qt.MouseButton.LeftButton)
    for spec in ACTIONS:
        assert window.actions_[spec.name].shortcuts() == [QKeySequence(key) for key in spec.keys]
    assert json.loads(str(window.settings.value(STORED))) == {}


def test_settings_that_make_no_sense_leave_the_shipped_keys(qtbot: QtBot, theme: Theme) -> None:
    window_settings().setValue(STORED, '["not", "a mapping"]')
    assert keys_of(make_window(qtbot, theme), "brush") == ["B"]


def test_a_changed_key_is_on_the_sheet_of_keys(window: MainWindow) -> None:
    window.shortcuts.choose("fit", ("F12",))
    window.actions_["keys"].trigger()
    sheet = next(w for w in window.children() if getattr(w, "windowTitle", str)() == "Keys")
    assert "F12" in {label.text() for label in sheet.findChildren(type(window.rooms.status.saved))}


def test_the_colours_are_chosen_in_the_settings(window: MainWindow, dialog: SettingsDialog) -> None:
    dialog.theme.setCurrentIndex(2)
    dialog.theme.activated.emit(2)
    assert window.actions_["theme-light"].isChecked()
    assert window.settings.value("theme") == "theme-light"
    window.actions_["theme-system"].trigger()


# --- finding commands


def texts(query: str, *names: str, recent: tuple[str, ...] = ()) -> list[str]:
    commands = [Command(name, name, "File", "", lambda: None) for name in names]
    return [command.text for command in ranked(query, commands, recent)]


def test_words_may_come_in_any_order_and_in_part() -> None:
    assert texts("pict ad", "Add pictures", "Next picture", "Add a folder") == ["Add pictures"]


def test_the_start_of_a_name_comes_before_the_middle_and_before_single_letters() -> None:
    assert texts("tr", "Set entries", "Train", "Stop training", "The rail") == [
        "Train", "Stop training", "Set entries", "The rail",
    ]  # fmt: skip


def test_what_was_used_lately_comes_first_among_equals() -> None:
    assert texts("", "One", "Two", "Three", recent=("Three", "Two")) == ["Three", "Two", "One"]
    assert texts("zzz", "One") == []


def test_a_command_is_typed_and_done_with_enter_and_remembered(window: MainWindow) -> None:
    window.commanding.open()
    finder = window.commanding.finder
    assert finder.isVisible()
    assert finder.field.hasFocus()
    QTest.keyClicks(finder.field, "light")
    assert finder.shown[0].name == "theme-light"
    QTest.keyClick(finder.field, Qt.Key.Key_Return)
    assert not finder.isVisible()
    assert window.actions_["theme-light"].isChecked()
    window.commanding.open()
    assert finder.shown[0].name == "theme-light", "used lately"
    window.actions_["theme-system"].trigger()


def test_the_finder_shows_keys_moves_by_arrows_and_goes_with_esc(window: MainWindow) -> None:
    QTest.keyClick(window, Qt.Key.Key_K, CONTROL)
    finder = window.commanding.finder
    assert finder.isVisible()
    assert "Ctrl+O" in {command.keys for command in finder.shown}
    QTest.keyClick(finder.field, Qt.Key.Key_Down)
    assert finder.list.currentRow() == 1
    QTest.keyClick(finder.field, Qt.Key.Key_Escape)
    assert not finder.isVisible()
    QTest.keyClick(window, Qt.Key.Key_P, CONTROL | SHIFT)
    assert finder.isVisible()


def test_what_cannot_be_done_now_is_not_offered(window: MainWindow) -> None:
    names = {command.name for command in window.commanding.commands()}
    assert "undo" not in names
    assert {"open-project", "settings", "theme-dark"} <= names


def test_typing_a_command_paints_picks_and_runs_nothing_else(window: MainWindow) -> None:
    window.commanding.open()
    before = window.rooms.canvas.tool
    QTest.keyClicks(window.commanding.finder.field, "elf1?")
    assert window.commanding.finder.field.text() == "elf1?"
    assert window.rooms.canvas.tool == before
    assert window.commanding.finder.nothing.isVisible()
