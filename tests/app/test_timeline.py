"""History: looking back at a picture's labels, and going back, in the window."""

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtGui import QIcon
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.panels.history import ago
from app.places import window_settings
from app.theme import Theme
from app.window import MainWindow
from core.classes import UNLABELED, load_template
from core.masks.rect import Rect
from core.project import Project
from core.store import masks as mask_rows
from tests.journeys.person import let_go_on


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A project with two pictures; the first has three strokes of an earlier day."""
    with Project.create(tmp_path / "fields.maskwright", load_template("landcover")) as project:
        for name in ("a", "b"):
            Image.fromarray(np.zeros((120, 160, 3), np.uint8)).save(tmp_path / f"{name}.png")
            project.add_image(tmp_path / f"{name}.png")
        editor = project.open_editor(1)
        for value in range(3):
            editor.begin_stroke(value, 10)
            editor.extend_stroke([(20.0 + 40 * value, 10), (20.0 + 40 * value, 110)])
            edit = editor.end_stroke()
            assert edit is not None
            project.save_edit(1, edit)
    return tmp_path / "fields.maskwright"


@pytest.fixture
def window(qtbot: QtBot, theme: Theme, path: Path) -> MainWindow:
    window = MainWindow(theme, window_settings())
    qtbot.addWidget(window)
    window.show()
    window._warm_up.setInterval(10**6)
    with qtbot.waitSignal(window.workspace.image_opened):
        window.open_path(path)
    next(a for a in window.docks.toggles() if a.text() == "History").trigger()
    qtbot.waitUntil(lambda: window.rooms.history.model.rowCount() > 0)
    return window


def choose(window: MainWindow, line: int, qtbot: QtBot) -> None:
    window.rooms.history.list.setCurrentIndex(window.rooms.history.model.index(line, 0))
    qtbot.waitUntil(lambda: window.timeline.in_past)


def lines(window: MainWindow) -> list[str]:
    model = window.rooms.history.model
    return [str(model.index(row, 0).data()) for row in range(model.rowCount())]


def labels(window: MainWindow) -> np.ndarray:
    assert window.workspace.image is not None
    return window.workspace.image.editor.mask.read()


def shown(window: MainWindow) -> set[int]:
    """The values of the mask that is drawn over the picture."""
    plane = window.rooms.canvas._overlay.mask
    assert plane is not None
    return set(np.unique(plane.sample(np.arange(120), np.arange(160), 1.0)).tolist()) - {UNLABELED}


def test_every_change_is_listed_newest_first_down_to_the_beginning(window: MainWindow) -> None:
    assert [line[:6] for line in lines(window)] == ["Stroke"] * 3 + ["Nothin"]
    assert "as it is now" in lines(window)[0]


def test_looking_back_shows_the_past_and_changes_nothing(window: MainWindow, qtbot: QtBot) -> None:
    before = labels(window)
    choose(window, 1, qtbot)
    assert shown(window) == {0, 1}
    assert np.array_equal(labels(window), before)
    assert "As it was" in window.rooms.banner.text.text()
    choose(window, 3, qtbot)
    qtbot.waitUntil(lambda: shown(window) == set())
    QTest.mouseClick(window.rooms.history.now, Qt.MouseButton.LeftButton)
    assert shown(window) == {0, 1, 2}
    assert not window.rooms.banner.isVisible()
    assert window.workspace.project is not None
    assert len(window.workspace.project.revisions(1)) == 3


def test_nothing_is_painted_on_the_past(window: MainWindow, qtbot: QtBot) -> None:
    canvas, before = window.rooms.canvas, labels(window)
    choose(window, 2, qtbot)
    middle = canvas.rect().center()
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, middle)
    QTest.mouseMove(canvas, middle / 2)
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, middle / 2)
    let_go_on(20)
    assert np.array_equal(labels(window), before)
    window.timeline.show_now()
    QTest.mouseClick(canvas, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, middle)
    assert not np.array_equal(labels(window), before), "and now it paints again"


def test_going_back_is_saved_and_one_undo_brings_everything_again(window: MainWindow, qtbot: QtBot) -> None:
    late = labels(window)
    choose(window, 2, qtbot)
    QTest.mouseClick(window.rooms.history.back, Qt.MouseButton.LeftButton)
    assert set(np.unique(labels(window))) == {0, UNLABELED}
    qtbot.waitUntil(lambda: lines(window)[0].startswith("Gone back"))
    window.actions_["undo"].trigger()
    assert np.array_equal(labels(window), late)
    qtbot.waitUntil(lambda: lines(window)[0].startswith("Undo"))


def test_keys_alone_go_back_and_return_to_now(window: MainWindow, qtbot: QtBot) -> None:
    history = window.rooms.history
    history.list.setFocus()
    choose(window, 1, qtbot)
    QTest.keyClick(history.list, Qt.Key.Key_Escape)
    assert not window.timeline.in_past
    choose(window, 1, qtbot)
    QTest.keyClick(history.list, Qt.Key.Key_Return)
    assert set(np.unique(labels(window))) == {0, 1, UNLABELED}
    assert not window.workspace.records[1].done, "Enter meant nothing else"


def test_a_hand_that_wants_to_paint_on_the_past_is_told_and_esc_returns(window: MainWindow, qtbot: QtBot) -> None:
    choose(window, 1, qtbot)
    QTest.mouseClick(window.rooms.banner.close_button, Qt.MouseButton.LeftButton)
    assert not window.rooms.banner.isVisible()
    QTest.mouseClick(window.rooms.canvas, Qt.MouseButton.LeftButton)
    assert window.rooms.banner.text.text().startswith("As it was")
    QTest.keyClick(window.rooms.canvas, Qt.Key.Key_Escape)
    assert not window.timeline.in_past


def test_an_undo_while_looking_back_shows_the_labels_as_they_are(window: MainWindow, qtbot: QtBot) -> None:
    choose(window, 3, qtbot)
    window.actions_["undo"].trigger()
    assert not window.timeline.in_past
    assert shown(window) == {0, 1}


def test_another_picture_leaves_the_past_and_has_its_own_history(window: MainWindow, qtbot: QtBot) -> None:
    choose(window, 1, qtbot)
    with qtbot.waitSignal(window.workspace.image_opened):
        window.workspace.open_image(2)
    assert not window.timeline.in_past
    qtbot.waitUntil(lambda: lines(window) == [])
    assert window.rooms.history.hint.isVisible()


def test_the_project_can_be_closed_while_looking_back(window: MainWindow, qtbot: QtBot) -> None:
    choose(window, 1, qtbot)
    window.actions_["close-project"].trigger()
    assert not window.timeline.in_past
    let_go_on(30)
    assert window.rooms.banner.text.text() == "" or not window.rooms.banner.isVisible()


def test_undo_of_an_earlier_day_asks_the_file_on_another_thread(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    real = mask_rows.read_edit

    def read(*args: object) -> object:
        asked.append(threading.current_thread().name)
        return real(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(mask_rows, "read_edit", read)
    with qtbot.waitSignal(window.workspace.image_opened):
        window.workspace.open_image(2)
    with qtbot.waitSignal(window.workspace.image_opened):
        window.workspace.open_image(1)
    image = window.workspace.image
    assert image is not None
    qtbot.waitUntil(lambda: image.editor.not_read() == [])
    for _ in range(3):
        window.actions_["undo"].trigger()
    assert (labels(window) == UNLABELED).all()
    assert asked and not any(name == threading.main_thread().name for name in asked)


def test_times_are_told_as_a_person_would() -> None:
    now = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
    assert ago(now - timedelta(seconds=5), now) == "just now"
    assert ago(now - timedelta(minutes=7, seconds=50), now) == "7 min ago"
    assert ago(now - timedelta(hours=5), now) == "5 h ago"
    assert ago(now - timedelta(days=9), now).startswith("2026-04-25")
    assert ago(now + timedelta(seconds=3), now) == "just now"


def test_lines_tell_the_class_they_painted_in_words_and_colour(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: "grass" in lines(window)[0])
    assert "Stroke, forest" in lines(window)[1] and "Stroke, water" in lines(window)[2]
    model = window.rooms.history.model
    icon = model.data(model.index(0, 0), Qt.ItemDataRole.DecorationRole)
    assert isinstance(icon, QIcon)
    assert icon.pixmap(20, 20).toImage().pixelColor(5, 10).name() == load_template("landcover")[2].color.lower()
    window.rooms.classes._change(2, name="meadow")
    qtbot.waitUntil(lambda: "meadow" in lines(window)[0])


def test_a_line_over_several_classes_names_none(window: MainWindow, qtbot: QtBot) -> None:
    image = window.workspace.image
    assert image is not None
    values = np.tile(np.arange(160, dtype=np.uint8) % 5, (120, 1))
    edit = image.editor.apply("import", Rect(0, 0, 120, 160), np.ones((120, 160), bool), values)
    assert edit is not None and edit.painted == UNLABELED
    window.editing.take(edit)
    qtbot.waitUntil(lambda: "Mask brought in · " in lines(window)[0])
