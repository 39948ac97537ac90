"""Small windows beside the big one."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from app.dialogs.accept_everywhere import AcceptEverywhereDialog
from app.dialogs.evaluation import EvaluationDialog
from app.dialogs.head_lab import HeadLabDialog
from app.dialogs.new_project import NewProjectDialog
from app.dialogs.training_settings import TrainingSettingsDialog
from app.notices import Choice, Notice
from app.panels.banner import Banner
from app.panels.options import OptionsBar
from app.theme import Theme
from app.training_choice import TrainingChoice


def _accepting() -> AcceptEverywhereDialog:
    return AcceptEverywhereDialog(1, 12, 50)


def _settings() -> TrainingSettingsDialog:
    return TrainingSettingsDialog(TrainingChoice(), None)


def test_a_new_project_needs_a_folder_and_takes_the_classes_chosen(
    qtbot: QtBot, theme: Theme, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dialog = NewProjectDialog(None)
    dialog.show()
    assert not dialog.isModal()
    assert not dialog.create_button.isEnabled()
    monkeypatch.setattr("app.dialogs.new_project.ask_folder", lambda *_: tmp_path)
    QTest.mouseClick(dialog.browse, Qt.MouseButton.LeftButton)
    dialog.template.combo.setCurrentText("cityscapes")
    with qtbot.waitSignal(dialog.chosen) as chosen:
        QTest.mouseClick(dialog.create_button, Qt.MouseButton.LeftButton)
    assert chosen.args == [tmp_path, "cityscapes"]


def test_enter_after_typing_a_brush_size_only_ends_the_typing(qtbot: QtBot, theme: Theme) -> None:
    bar = OptionsBar()
    qtbot.addWidget(bar)
    bar.show()
    bar.activateWindow()
    bar.brush_size.setFocus()
    bar.brush_size.selectAll()
    with qtbot.waitSignal(bar.brush_size_changed) as changed:
        QTest.keyClicks(bar.brush_size, "64")
        QTest.keyClick(bar.brush_size, Qt.Key.Key_Return)
    assert changed.args is not None
    assert bar.brush_size.value() == 64
    assert not bar.brush_size.hasFocus()


@pytest.mark.parametrize("make", [EvaluationDialog, HeadLabDialog, _accepting, _settings])
def test_enter_presses_what_is_to_be_pressed_and_not_the_first_button(
    make: Callable[[], QDialog], qtbot: QtBot, theme: Theme
) -> None:
    dialog = make()
    qtbot.addWidget(dialog)
    dialog.show()
    pressed = [each.text() for each in dialog.findChildren(QPushButton) if each.isDefault()]
    assert pressed == [
        {"Evaluation": "Measure", "Compare heads": "Compare", "Accept predictions": "Accept"}.get(
            dialog.windowTitle(), "Close"
        )
    ]


def test_enter_accepts_everywhere_what_the_slider_says(qtbot: QtBot, theme: Theme) -> None:
    dialog = _accepting()
    dialog.show()
    dialog.sure.setFocus()
    QTest.keyClick(dialog.sure, Qt.Key.Key_PageUp)
    with qtbot.waitSignal(dialog.chosen) as chosen:
        QTest.keyClick(dialog.sure, Qt.Key.Key_Return)
    assert chosen.args == [60]


def test_what_is_no_problem_leaves_the_picture_once_it_was_read(qtbot: QtBot, theme: Theme) -> None:
    place = QWidget()
    qtbot.addWidget(place)
    place.show()
    banner = Banner(place)
    banner._reading.setInterval(0)
    banner.show_notice(Notice("It is done.", problem=False))
    assert banner.isVisible()
    qtbot.waitUntil(lambda: not banner.isVisible())
    banner.show_notice(Notice("It went wrong."))
    banner.show_notice(Notice("As it was.", (Choice("Back", place.close),), problem=False))
    qtbot.wait(20)
    assert banner.text.text() == "As it was."
