"""The frame: actions, keys, and what is imported for it."""

import subprocess
import sys
from collections import Counter

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QDialogButtonBox,
    QKeySequenceEdit,
    QLabel,
    QLineEdit,
    QMenu,
    QScrollArea,
    QScrollBar,
    QTabBar,
    QWidget,
)
from pytestqt.qtbot import QtBot

from app.actions import ACTIONS
from app.canvas.view import CanvasView
from app.places import window_settings
from app.theme import DARK, LIGHT, Theme, Tones
from app.window import MainWindow


@pytest.fixture
def window(qtbot: QtBot, theme: Theme) -> MainWindow:
    window = MainWindow(theme, window_settings())
    qtbot.addWidget(window)
    window.show()
    return window


def test_no_key_means_two_things() -> None:
    keys = Counter(QKeySequence(key).toString() for spec in ACTIONS for key in spec.keys)
    assert [key for key, count in keys.items() if count > 1] == []


def test_every_action_does_something(window: MainWindow) -> None:
    for spec in ACTIONS:
        action = window.actions_[spec.name]
        wired = action.receivers("2triggered(bool)") + action.receivers("2toggled(bool)")
        assert wired > (1 if spec.group else 0), spec.name


HIDDEN_PARTS = ("QComboBoxListView", "QHeaderView", "QMenuBar", "QDockWidgetTitleButton")


def controls(root: QWidget) -> list[QWidget]:
    """Everything below `root` that can be pressed, typed into or walked through; Qt's own inner parts left out."""
    kinds = (QAbstractButton, QAbstractSlider, QComboBox, QLineEdit, QAbstractSpinBox, QAbstractItemView)
    found: list[QWidget] = [w for kind in kinds for w in root.findChildren(kind) if not isinstance(w, QScrollBar)]
    found += [w for w in root.findChildren(QWidget) if w.focusPolicy() & Qt.FocusPolicy.TabFocus]
    inner = (QAbstractSpinBox, QComboBox, QKeySequenceEdit, QDialogButtonBox, QTabBar)
    private = ("qt_scrollarea", "qt_spinbox", "qt_keysequence")
    return [
        w
        for w in dict.fromkeys(found)
        if not isinstance(w.parent(), inner)
        and not w.objectName().startswith(private)
        and type(w).__name__ not in ("QComboBoxPrivateContainer", "QComboBoxListView", "QHeaderView")
        and w.metaObject().className() not in HIDDEN_PARTS
        and not isinstance(w, QScrollArea | QTabBar)
    ]


def test_every_control_has_a_name_for_those_who_listen(window: MainWindow) -> None:
    every = controls(window)
    words = [(w, w.accessibleName() or getattr(w, "text", str)()) for w in every]
    assert [f"{type(w).__name__} in {type(w.parent()).__name__}" for w, name in words if not name] == []
    assert len(every) > 40


def test_every_control_without_words_says_what_it_is_when_pointed_at(window: MainWindow) -> None:
    silent = [
        f"{type(w).__name__} {w.accessibleName()} in {type(w.parent()).__name__} of {type(w.window()).__name__}"
        for w in controls(window)
        if not w.toolTip()
        and not (isinstance(w, QAbstractButton | QLabel) and w.text())
        and not (isinstance(w, QLineEdit) and (w.text() or w.placeholderText()))
        and not isinstance(w, CanvasView)
        and w.accessibleName() != "Clear"
    ]
    assert silent == [], silent


def in_menus(window: MainWindow) -> set[QAction]:
    actions: set[QAction] = set()
    waiting = [menu for action in window.menuBar().actions() if isinstance(menu := action.menu(), QMenu)]
    while waiting:
        for action in waiting.pop().actions():
            if isinstance(menu := action.menu(), QMenu):
                waiting.append(menu)
            elif not action.isSeparator():
                actions.add(action)
    return actions


def test_the_model_menu_stands_in_groups_of_a_few(window: MainWindow) -> None:
    (menu,) = (m for a in window.menuBar().actions() if isinstance(m := a.menu(), QMenu) and "Model" in m.title())
    groups: list[list[str]] = [[]]
    for action in menu.actions():
        if action.isSeparator():
            groups.append([])
        else:
            groups[-1].append(action.objectName())
    assert groups[0] == ["train", "stop", "training-settings"]
    assert max(map(len, groups)) <= 7 and all(groups)


def test_every_action_is_in_a_menu_with_its_keys(window: MainWindow) -> None:
    shown = in_menus(window)
    for spec in ACTIONS:
        action = window.actions_[spec.name]
        assert action in shown, spec.name
        assert action.shortcuts() == [QKeySequence(key) for key in spec.keys], spec.name
        assert action.isShortcutVisibleInContextMenu() or action.text(), spec.name
    assert all(action.text() and action.toolTip() for action in shown)


def test_the_sheet_of_keys_opens_with_a_question_mark_and_holds_all_keys(window: MainWindow, qtbot: QtBot) -> None:
    window.activateWindow()
    window.actions_["keys"].trigger()
    sheet = next(w for w in window.findChildren(QWidget) if w.windowTitle() == "Keys")
    texts = {label.text() for label in sheet.findChildren(QWidget) if hasattr(label, "text")}
    missing = [s.text for s in ACTIONS if s.keys and s.text.rstrip("…") not in texts]
    assert missing == []
    QTest.keyClick(sheet, Qt.Key.Key_Escape)
    assert not sheet.isVisible()


def test_nothing_that_needs_a_project_can_be_pressed_without_one(window: MainWindow) -> None:
    useless = ("undo", "next", "train", "stop", "accept", "export-masks", "export-model", "close-project")
    assert not any(window.actions_[name].isEnabled() for name in useless)


def test_the_window_needs_neither_tensorflow_nor_alembic() -> None:
    code = "import sys, app.start; print([m for m in ('tensorflow', 'keras', 'alembic', 'h5py') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def luminance(color: str) -> float:
    parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("scheme", [DARK, LIGHT], ids=["dark", "light"])
def test_text_and_controls_stand_out_from_what_is_behind_them(scheme: Tones) -> None:
    for text in (scheme.text, scheme.muted, scheme.problem):
        for ground in (scheme.panel, scheme.raised):
            assert contrast(text, ground) >= 4.5, (text, ground)
    assert contrast(scheme.accent_text, scheme.accent) >= 4.5
    assert contrast(scheme.edge, scheme.panel) >= 3
    assert contrast(scheme.accent, scheme.panel) >= 3
