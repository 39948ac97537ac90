"""Small windows beside the big one."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.dialogs.new_project import NewProjectDialog
from app.panels.options import OptionsBar
from app.theme import Theme


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
