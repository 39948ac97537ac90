"""Rectangle, ellipse, polygon and wand: shown first, then one edit."""

import numpy as np
import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from core.classes import UNLABELED
from tests.app.canvas.conftest import HEIGHT, WIDTH, Left, Painter, Plain, Right, Show

SQUARE = [(50, 50), (250, 50), (250, 200), (50, 200)]


def test_a_rectangle_fills_what_was_dragged_over(painter: Painter) -> None:
    painter.view.set_tool("rectangle")
    painter.press((50, 60))
    painter.move((300, 250), (250, 200))
    assert painter.edits == [] and (painter.labels == UNLABELED).all()
    painter.release((250, 200))
    assert len(painter.edits) == 1
    filled = np.argwhere(painter.labels == 0)
    np.testing.assert_allclose(filled.min(0), (60, 50), atol=1)
    np.testing.assert_allclose(filled.max(0), (200, 250), atol=1)
    assert (painter.labels[61:199, 51:249] == 0).all()


def test_an_ellipse_fills_its_inside(painter: Painter) -> None:
    painter.view.set_tool("ellipse")
    painter.drag((100, 100), (300, 200))
    share = (painter.labels == 0).sum() / (200 * 100)
    assert share == pytest.approx(np.pi / 4, abs=0.02)
    assert painter.labels[150, 200] == 0 and painter.labels[102, 102] == UNLABELED


def test_shift_makes_a_square(painter: Painter) -> None:
    painter.view.set_tool("rectangle")
    painter.drag((50, 50), (200, 80), keys=Qt.KeyboardModifier.ShiftModifier)
    extent = np.ptp(np.argwhere(painter.labels == 0), 0)
    assert abs(extent[0] - extent[1]) <= 1 and extent[0] > 145


def test_the_right_button_takes_away_what_a_rectangle_holds(painter: Painter) -> None:
    painter.view.set_tool("rectangle")
    painter.drag((50, 50), (250, 200))
    painter.drag((40, 40), (260, 210), button=Right)
    assert (painter.labels == UNLABELED).all() and len(painter.edits) == 2


@pytest.mark.parametrize("how", ["first point", "double click", "enter"])
def test_a_polygon_closes(painter: Painter, how: str) -> None:
    painter.view.set_tool("polygon")
    for point in SQUARE:
        painter.drag(point)
    assert painter.edits == []
    if how == "first point":
        painter.drag((52, 51))
    elif how == "double click":
        QTest.mouseDClick(painter.view, Left, Plain, painter.at(SQUARE[-1]))
    else:
        QTest.keyClick(painter.view, Qt.Key.Key_Return)
    assert len(painter.edits) == 1
    assert (painter.labels[60:190, 60:240] == 0).all() and painter.labels[30, 100] == UNLABELED
    painter.drag((350, 50))
    painter.view.set_tool("brush")
    painter.view.set_tool("polygon")
    assert not painter.view.waits, "a single point of a new polygon is no loss"


def test_backspace_takes_a_polygons_last_point_back_and_escape_all(painter: Painter) -> None:
    painter.view.set_tool("polygon")
    for point in [*SQUARE[:3], (380, 290)]:
        painter.drag(point)
    QTest.keyClick(painter.view, Qt.Key.Key_Backspace)
    painter.drag(SQUARE[3])
    QTest.keyClick(painter.view, Qt.Key.Key_Return)
    assert painter.labels[280, 370] == UNLABELED and painter.labels[100, 100] == 0
    for point in SQUARE:
        painter.drag(point)
    QTest.keyClick(painter.view, Qt.Key.Key_Escape)
    QTest.keyClick(painter.view, Qt.Key.Key_Return)
    assert len(painter.edits) == 1


def test_a_polygon_waits_while_the_picture_is_pushed_or_the_window_is_left(painter: Painter) -> None:
    painter.view.set_tool("polygon")
    for point in SQUARE[:2]:
        painter.drag(point)
    QTest.keyPress(painter.view, Qt.Key.Key_Space)
    painter.drag((100, 100), (120, 110))
    QTest.keyRelease(painter.view, Qt.Key.Key_Space)
    QApplication.sendEvent(painter.view, QEvent(QEvent.Type.WindowDeactivate))
    for point in SQUARE[2:]:
        painter.drag(point)
    QTest.keyClick(painter.view, Qt.Key.Key_Return)
    assert len(painter.edits) == 1 and (painter.labels[60:190, 60:240] == 0).all()


def test_outlines_leave_no_trace(painter: Painter) -> None:
    painter.rest()
    before = painter.screen()
    for tool in ("rectangle", "ellipse", "lasso", "polygon"):
        painter.view.set_tool(tool)
        painter.press((50, 50))
        painter.move((350, 250), (300, 80), (100, 70))
        assert painter.screen() != before
        QTest.keyClick(painter.view, Qt.Key.Key_Escape)
        painter.release((100, 70))
        painter.rest()
        painter.view.set_tool("brush")
        painter.rest()
        assert painter.screen() == before


@pytest.fixture
def two_tones(show: Show) -> Painter:
    image = np.full((HEIGHT, WIDTH, 3), 60, np.uint8)
    image[50:250, 100:300] = (150, 140, 90)
    image += np.random.default_rng(0).integers(0, 6, image.shape, np.uint8)
    painter = show(image)
    painter.view.set_tool("wand")
    return painter


def test_the_wand_takes_pixels_of_like_colour(two_tones: Painter) -> None:
    two_tones.drag((200, 150))
    inside = np.zeros((HEIGHT, WIDTH), bool)
    inside[50:250, 100:300] = True
    assert ((two_tones.labels == 0) == inside).mean() > 0.99
    assert [edit.kind for edit in two_tones.edits] == ["fill"]


def test_the_wand_shows_what_it_would_do_before_it_does_it(two_tones: Painter) -> None:
    two_tones.rest()
    before = two_tones.screen()
    two_tones.press((200, 150))
    inside, outside = two_tones.at((200, 150)), two_tones.at((50, 150))
    shown = two_tones.screen()
    assert shown.pixel(inside) != before.pixel(inside) and shown.pixel(outside) == before.pixel(outside)
    assert (two_tones.labels == UNLABELED).all()
    two_tones.move((360, 150))  # further to the right takes more
    assert two_tones.screen().pixel(outside) != before.pixel(outside)
    QTest.keyClick(two_tones.view, Qt.Key.Key_Escape)
    two_tones.release((360, 150))
    two_tones.rest()
    assert two_tones.screen() == before and two_tones.edits == []


def test_the_wand_keeps_to_the_paint_rule(two_tones: Painter) -> None:
    two_tones.view.set_tool("rectangle")
    two_tones.drag((150, 100), (200, 200))
    two_tones.view.set_tool("wand")
    two_tones.view.set_active_class(3)
    two_tones.view.set_allowed(frozenset({UNLABELED}))
    two_tones.drag((250, 150))
    assert two_tones.labels[150, 180] == 0 and two_tones.labels[150, 250] == 3


def test_a_wand_off_the_picture_does_nothing(two_tones: Painter) -> None:
    two_tones.drag((-20, -20), (30, 30))
    assert two_tones.edits == []
