"""Panels that move, float, hide, and come back where they were."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, QPoint, QPointF, QSize, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDockWidget, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from app.places import window_settings
from app.theme import Theme
from app.window import MainWindow, first_size
from core.classes import load_template
from core.project import Project
from tests.journeys.person import let_go_on

LEFT_AREA = Qt.DockWidgetArea.LeftDockWidgetArea
BUTTON, PLAIN = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "fields").mkdir()
    for name in ("lake", "hill"):
        Image.fromarray(np.zeros((90, 120, 3), np.uint8)).save(tmp_path / "fields" / f"{name}.png")
    with Project.create(tmp_path / "fields" / "fields.maskwright", load_template("landcover")) as project:
        project.add_image(tmp_path / "fields" / "lake.png")
        project.add_image(tmp_path / "fields" / "hill.png")
    return tmp_path / "fields" / "fields.maskwright"


def sit_down(qtbot: QtBot, theme: Theme) -> MainWindow:
    window = MainWindow(theme, window_settings())
    qtbot.addWidget(window)
    window._warm_up.setInterval(10**6)
    window.show()
    qtbot.waitExposed(window)
    return window


def opened(qtbot: QtBot, theme: Theme, path: Path) -> MainWindow:
    window = sit_down(qtbot, theme)
    with qtbot.waitSignal(window.workspace.image_opened):
        window.open_path(path)
    let_go_on(20)
    return window


def dock(window: MainWindow, name: str) -> QDockWidget:
    return next(d for d in window.docks.all if d.windowTitle() == name)


# --- docks


def test_panels_come_back_moved_floating_and_hidden_as_they_were_left(qtbot: QtBot, theme: Theme, path: Path) -> None:
    window = opened(qtbot, theme, path)
    window.addDockWidget(LEFT_AREA, dock(window, "Prediction"))
    dock(window, "Training").setFloating(True)
    dock(window, "Pictures").close()
    dock(window, "History").toggleViewAction().trigger()
    window.close()
    again = opened(qtbot, theme, path)
    assert again.dockWidgetArea(dock(again, "Prediction")) == LEFT_AREA
    assert dock(again, "Training").isFloating()
    assert dock(again, "Pictures").isHidden()
    assert not dock(again, "History").isHidden()
    assert not dock(again, "Classes").isHidden()


def test_panels_can_be_put_back_where_they_came_from(qtbot: QtBot, theme: Theme, path: Path) -> None:
    window = opened(qtbot, theme, path)
    before = {d.windowTitle(): (window.dockWidgetArea(d), d.isHidden(), d.isFloating()) for d in window.docks.all}
    window.addDockWidget(LEFT_AREA, dock(window, "Classes"))
    dock(window, "Training").setFloating(True)
    dock(window, "Pictures").close()
    window.actions_["panels-back"].trigger()
    after = {d.windowTitle(): (window.dockWidgetArea(d), d.isHidden(), d.isFloating()) for d in window.docks.all}
    assert after == before


def test_title_bars_float_and_hide_their_panel(qtbot: QtBot, theme: Theme, path: Path) -> None:
    window = opened(qtbot, theme, path)
    for bar, each in zip(window.docks.bars, window.docks.all, strict=True):
        each.show()
        QTest.mouseClick(bar.float, BUTTON)
        assert each.isFloating(), each.windowTitle()
        QTest.mouseClick(bar.float, BUTTON)
        assert not each.isFloating(), each.windowTitle()
        QTest.mouseClick(bar.close_button, BUTTON)
        assert each.isHidden(), each.windowTitle()


def test_seven_classes_need_no_scrolling_at_1280_by_800(qtbot: QtBot, theme: Theme, path: Path) -> None:
    window = opened(qtbot, theme, path)
    window.resize(1280, 800)
    let_go_on(20)
    (scroll,) = window.rooms.classes.findChildren(QScrollArea)
    assert len(window.rooms.classes.rows) == 7
    assert scroll.verticalScrollBar().maximum() == 0
    for name in ("History", "Display"):
        dock(window, name).toggleViewAction().trigger()
        let_go_on(20)
        assert scroll.verticalScrollBar().maximum() == 0, name


def test_no_panel_moves_when_numbers_grow(qtbot: QtBot, theme: Theme, path: Path) -> None:
    window = opened(qtbot, theme, path)
    rooms = window.rooms
    watched = [*window.docks.all, rooms.status.coverage, rooms.status.zoom, rooms.classes.rows[0].name]
    before = [(w.geometry(), w.mapTo(window, QPoint(0, 0))) for w in watched]
    for entry in rooms.classes.rows:
        entry.set_share(1.0)
    rooms.prediction.threshold.setValue(99)
    rooms.status.show_zoom(63.99)
    rooms.status.coverage.setText("100 % labelled")
    rooms.status.pointer.setText("8191, 8191 · bare ground")
    let_go_on(20)
    assert [(w.geometry(), w.mapTo(window, QPoint(0, 0))) for w in watched] == before


def test_f6_walks_from_the_picture_through_every_panel_and_back(qtbot: QtBot, theme: Theme, path: Path) -> None:
    window = opened(qtbot, theme, path)
    window.activateWindow()
    window.rooms.canvas.setFocus()
    panels = [window.rooms.options, *(d.widget() for d in window.docks.all if d.isVisible())]
    visited: list[QWidget] = []
    for _ in range(len(panels) + 1):
        window.actions_["next-panel"].trigger()
        focus = window.focusWidget()
        assert focus is not None
        visited += [p for p in (window.rooms.canvas, *panels) if p is focus or p.isAncestorOf(focus)]
    assert visited == [*panels, window.rooms.canvas]


def test_tab_walks_the_classes_line_by_line(qtbot: QtBot, theme: Theme, path: Path) -> None:
    window = opened(qtbot, theme, path)
    window.activateWindow()
    classes = window.rooms.classes
    classes.rows[0].color.setFocus()
    visited = []
    for _ in range(7):
        visited.append(window.focusWidget())
        QTest.keyClick(window.focusWidget(), Qt.Key.Key_Tab)
    first, second = classes.rows[:2]
    expected = [first.color, first.shown, first.locked, second.color, second.shown, second.locked]
    assert visited == [*expected, classes.rows[2].color]


@pytest.mark.parametrize(
    ("screen", "window"), [((1280, 800), (1280, 760)), ((1920, 1080), (1600, 918)), ((3840, 2160), (1600, 1000))]
)
def test_the_first_window_takes_most_of_the_screen(screen: tuple[int, int], window: tuple[int, int]) -> None:
    assert first_size(QSize(*screen)) == QSize(*window)


# --- the window's title and classes


def test_the_title_names_picture_and_project(qtbot: QtBot, theme: Theme, path: Path) -> None:
    window = opened(qtbot, theme, path)
    assert window.windowTitle() == "hill.png – fields – Maskwright"
    with qtbot.waitSignal(window.workspace.image_opened):
        window.actions_["next"].trigger()
    assert window.windowTitle() == "lake.png – fields – Maskwright"
    window.actions_["close-project"].trigger()
    assert window.windowTitle() == "Maskwright"


def test_a_class_is_removed_from_the_end_but_not_one_that_is_painted(qtbot: QtBot, theme: Theme, path: Path) -> None:
    window = opened(qtbot, theme, path)
    classes, work = window.rooms.classes, window.workspace
    assert "bare ground" in classes.remove.toolTip()
    with qtbot.waitSignal(work.classes_changed):
        QTest.mouseClick(classes.remove, BUTTON)
    assert [label.name for label in work.classes][-1] == "building"
    image = work.image
    assert image is not None
    window.editing.take(image.editor.fill((5, 5), 5))  # type: ignore[arg-type]
    qtbot.waitUntil(lambda: work.saves.state == "saved")
    with qtbot.waitSignal(work.classes_changed):
        QTest.mouseClick(classes.remove, BUTTON)
    assert len(work.classes) == 6
    assert "building" in window.rooms.banner.text.text()


def test_what_a_picture_is_for_is_chosen_in_the_menu_and_shown(qtbot: QtBot, theme: Theme, path: Path) -> None:
    window = opened(qtbot, theme, path)
    assert window.actions_["split-train"].isChecked()
    with qtbot.waitSignal(window.workspace.record_changed):
        window.actions_["split-val"].trigger()
    assert "kept aside to measure" in window.rooms.status.coverage.text()
    with qtbot.waitSignal(window.workspace.image_opened):
        window.actions_["next"].trigger()
    assert window.actions_["split-train"].isChecked()
    assert "kept aside" not in window.rooms.status.coverage.text()


# --- drops


def drop(window: MainWindow, at: QWidget, *paths: Path) -> bool:
    """Drag files over a part of the window and let go, as the window system tells it; whether they were taken."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    place = at.mapTo(window, at.rect().center())
    copy = Qt.DropAction.CopyAction
    entering = QDragEnterEvent(place, copy, data, BUTTON, PLAIN)
    QApplication.sendEvent(window.windowHandle(), entering)
    QApplication.sendEvent(window.windowHandle(), QDragMoveEvent(place, copy, data, BUTTON, PLAIN))
    event = QDropEvent(QPointF(place), copy, data, BUTTON, PLAIN)
    QApplication.sendEvent(window.windowHandle(), event)
    return entering.isAccepted()


def test_a_folder_pictures_or_a_project_can_be_dropped_on_the_empty_window(
    qtbot: QtBot, theme: Theme, path: Path, tmp_path: Path
) -> None:
    windows = [sit_down(qtbot, theme) for _ in range(3)]  # kept to the end: no window is collected by another thread
    for number, (window, dropped) in enumerate(
        zip(windows, (path.parent, path, path.parent / "lake.png"), strict=True)
    ):
        target = (window.rooms.start, window.rooms.start.open_folder, window.rooms.start.template.combo)[number]
        with qtbot.waitSignal(window.workspace.image_opened):
            assert drop(window, target, dropped)
        window.close()


def test_pictures_dropped_on_any_part_of_the_open_window_join_the_project(
    qtbot: QtBot, theme: Theme, path: Path, tmp_path: Path
) -> None:
    window = opened(qtbot, theme, path)
    rooms = window.rooms
    for number, part in enumerate((rooms.canvas, rooms.classes, rooms.images.strip, rooms.options, rooms.status)):
        Image.fromarray(np.zeros((30, 40, 3), np.uint8)).save(tmp_path / f"new-{number}.png")
        with qtbot.waitSignal(window.workspace.images_changed):
            assert drop(window, part, tmp_path / f"new-{number}.png"), type(part).__name__
    qtbot.waitUntil(lambda: len(window.workspace.records) == 7)
