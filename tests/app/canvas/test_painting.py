"""Painting with real mouse events: the mask holds what the hand drew, and no stroke is lost."""

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QPointingDevice, QTabletEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from core.classes import UNLABELED
from core.masks.editor import MaskEditor
from core.masks.geometry import Point
from core.masks.tiles import Mask
from tests.app.canvas.conftest import HEIGHT, WIDTH, Painter, Right, Show

Way = list[Point]
WAY: Way = [(60, 60), (200, 90), (330, 240)]


def painted_by_editor(painter: Painter, way: Way, value: int, size: float = 20) -> np.ndarray:
    editor = MaskEditor(Mask(HEIGHT, WIDTH))
    editor.begin_stroke(value, size / 2)
    editor.extend_stroke([painter.exactly(point) for point in way])
    editor.end_stroke()
    return editor.mask.read()


def test_a_stroke_paints_what_the_editor_would(painter: Painter) -> None:
    painter.view.set_active_class(2)
    painter.drag(*WAY)
    np.testing.assert_array_equal(painter.labels, painted_by_editor(painter, WAY, 2))
    assert [edit.kind for edit in painter.edits] == ["stroke"]


def test_a_fast_stroke_leaves_no_gaps(painter: Painter) -> None:
    painter.view.set_brush_size(4)
    painter.drag((10, 150), (390, 150))
    assert (painter.labels[150, 10:390] == 0).all()


def test_the_mask_is_painted_while_the_hand_moves(painter: Painter) -> None:
    painter.press((60, 60))
    painter.move((200, 60))
    assert painter.labels[60, 150] == 0
    assert painter.edits == []
    painter.release((200, 60))
    assert len(painter.edits) == 1


def test_undo_brings_back_the_look(painter: Painter) -> None:
    painter.rest()
    before = painter.screen()
    painter.drag(*WAY)
    painter.rest()
    assert painter.screen() != before
    edit = painter.editor.undo()
    assert edit is not None
    painter.view.refresh(edit.rect)
    assert painter.screen() == before


def test_what_a_stroke_leaves_on_screen_is_what_a_fresh_look_shows(painter: Painter) -> None:
    for zoom in (1.0, 0.3, 3.0):
        painter.view.zoom_to(zoom)
        painter.drag(*WAY)
        painter.view.set_active_class(painter.view.hand.active_class + 1)
        painter.rest()
        step_by_step = painter.screen()
        painter.view.set_mask_opacity(0.45)  # draws everything anew
        assert painter.screen() == step_by_step


@pytest.mark.parametrize("how", ["right button", "eraser"])
def test_erasing(painter: Painter, how: str) -> None:
    painter.drag(*WAY)
    if how == "eraser":
        painter.view.set_tool("eraser")
        painter.view.set_eraser_size(20)
    painter.view.hand.eraser_size = 20
    if how == "right button":
        painter.drag(*WAY, button=Right)
    else:
        painter.drag(*WAY)
    assert (painter.labels == UNLABELED).all()
    assert [edit.kind for edit in painter.edits] == ["stroke", "erase"]
    painter.view.set_tool("brush")
    painter.drag(*WAY)
    assert painter.edits[-1].kind == "stroke"


def test_the_eraser_has_a_size_of_its_own(painter: Painter) -> None:
    painter.view.set_brush_size(60)
    painter.drag((200, 150), (201, 150))
    painter.view.set_eraser_size(10)
    painter.drag((200, 150), (201, 150), button=Right)
    assert painter.labels[150, 200] == UNLABELED and painter.labels[165, 200] == 0


def test_a_locked_class_stays(painter: Painter) -> None:
    painter.drag(*WAY)
    locked = painter.labels == 0
    painter.view.set_active_class(3)
    painter.view.set_allowed(frozenset({1, 2, 3, UNLABELED}))
    painter.drag((60, 60), (330, 60), (60, 240), (330, 240))
    assert (painter.labels[locked] == 0).all() and (painter.labels == 3).any()


def test_nothing_is_painted_where_nothing_may_be_painted_over(painter: Painter) -> None:
    painter.view.set_allowed(frozenset())
    painter.drag(*WAY)
    assert painter.edits == [] and (painter.labels == UNLABELED).all()


def test_fill_gives_a_region_another_class(painter: Painter) -> None:
    painter.drag(*WAY)
    stroke = painter.labels == 0
    painter.view.set_tool("fill")
    painter.view.set_active_class(4)
    painter.drag((200, 90))
    assert (painter.labels[stroke] == 4).all() and (painter.labels[~stroke] == UNLABELED).all()
    painter.drag((5, 290))
    assert painter.labels[290, 5] == 4
    assert [edit.kind for edit in painter.edits] == ["stroke", "fill", "fill"]


def test_a_lasso_fills_what_it_goes_around(painter: Painter) -> None:
    painter.view.set_tool("lasso")
    painter.drag((50, 50), (250, 50), (250, 200), (50, 200))
    assert (painter.labels[60:190, 60:240] == 0).all()
    assert painter.labels[30, 100] == UNLABELED and len(painter.edits) == 1


@pytest.mark.parametrize("how", ["tool", "alt"])
def test_the_picker_takes_the_class_under_it(painter: Painter, qtbot: QtBot, how: str) -> None:
    painter.view.set_active_class(5)
    painter.drag(*WAY)
    if how == "tool":
        painter.view.set_tool("picker")
    keys = Qt.KeyboardModifier.AltModifier if how == "alt" else Qt.KeyboardModifier.NoModifier
    with qtbot.waitSignal(painter.view.class_picked) as picked:
        painter.drag((200, 90), keys=keys)
    assert picked.args == [5]
    with qtbot.assertNotEmitted(painter.view.class_picked):
        painter.drag((5, 290), keys=keys)
    assert len(painter.edits) == 1


def test_shift_draws_a_straight_line_from_where_the_last_stroke_ended(painter: Painter) -> None:
    painter.drag((40, 40), (60, 40))
    painter.drag((340, 240), keys=Qt.KeyboardModifier.ShiftModifier)
    expected = painted_by_editor(painter, [(60, 40), (340, 240)], 0)
    assert (painter.labels[expected == 0] == 0).all()


def test_escape_takes_the_stroke_under_way_back(painter: Painter) -> None:
    painter.rest()
    before = painter.screen()
    painter.press((60, 60))
    painter.move((200, 90))
    QTest.keyClick(painter.view, Qt.Key.Key_Escape)
    painter.move((330, 240))
    painter.release((330, 240))
    painter.rest()
    assert painter.edits == [] and (painter.labels == UNLABELED).all()
    assert painter.screen() == before


@pytest.mark.parametrize("event", [QEvent.Type.UngrabMouse, QEvent.Type.WindowDeactivate, QEvent.Type.Hide])
def test_a_stroke_that_loses_its_mouse_is_kept(painter: Painter, event: QEvent.Type) -> None:
    painter.press((60, 60))
    painter.move((200, 90))
    QApplication.sendEvent(painter.view, QEvent(event))
    assert len(painter.edits) == 1 and painter.labels[90, 200] == 0
    assert not painter.editor.in_stroke
    painter.move((330, 240))
    assert painter.labels[240, 330] == UNLABELED


def test_a_stroke_that_loses_the_focus_is_kept(painter: Painter, qtbot: QtBot) -> None:
    other = QLineEdit(painter.view)
    other.show()
    painter.view.activateWindow()
    painter.view.setFocus()
    qtbot.waitUntil(painter.view.hasFocus)
    painter.press((60, 60))
    painter.move((200, 90))
    other.setFocus()
    assert len(painter.edits) == 1 and painter.labels[90, 200] == 0


def test_changing_the_tool_mid_stroke_keeps_the_stroke(painter: Painter) -> None:
    painter.press((60, 60))
    painter.move((200, 90))
    painter.view.set_tool("fill")
    assert len(painter.edits) == 1


def test_a_second_button_does_not_disturb_a_stroke(painter: Painter) -> None:
    painter.press((60, 60))
    painter.press((60, 60), Right)
    painter.move((200, 60))
    painter.release((200, 60), Right)
    painter.move((300, 60))
    painter.release((300, 60))
    assert len(painter.edits) == 1 and (painter.labels[60, 60:300] == 0).all()


def test_strokes_may_begin_and_end_outside_the_picture(show: Show) -> None:
    painter = show(size=(600, 500))
    painter.drag((-30, 150), (WIDTH + 30, 150))
    assert (painter.labels[150] == 0).all()


def test_the_eraser_end_of_a_pen_erases(painter: Painter) -> None:
    painter.drag(*WAY)
    painter.view.hand.eraser_size = 40
    for kind, point in ((QEvent.Type.TabletPress, (200, 90)), (QEvent.Type.TabletRelease, (200, 90))):
        pen(painter, kind, point, QPointingDevice.PointerType.Eraser)
    assert painter.labels[90, 200] == UNLABELED and painter.edits[-1].kind == "erase"


def test_a_pen_that_presses_lightly_draws_a_thin_line_where_pressure_counts(painter: Painter) -> None:
    painter.view.set_pressure(True)
    painter.view.set_brush_size(40)
    tip = QPointingDevice.PointerType.Pen
    pen(painter, QEvent.Type.TabletPress, (50, 100), tip, pressure=0.25)
    pen(painter, QEvent.Type.TabletMove, (300, 100), tip, pressure=0.25)
    pen(painter, QEvent.Type.TabletRelease, (300, 100), tip, pressure=0.0)
    assert 6 <= (painter.labels[:, 200] == 0).sum() <= 12


def pen(
    painter: Painter, kind: QEvent.Type, point: Point, tip: QPointingDevice.PointerType, pressure: float = 0.5
) -> None:
    at = QPointF(painter.at(point))
    device = QPointingDevice.primaryPointingDevice()
    held = Qt.MouseButton.NoButton if kind == QEvent.Type.TabletRelease else Qt.MouseButton.LeftButton
    button = Qt.MouseButton.NoButton if kind == QEvent.Type.TabletMove else Qt.MouseButton.LeftButton
    stylus = QPointingDevice("pen", 77, device.type().Stylus, tip, QPointingDevice.Capability.Pressure, 1, 3)
    event = QTabletEvent(
        kind,
        stylus,
        at,
        painter.view.mapToGlobal(at),
        pressure,
        0,
        0,
        0,
        0,
        0,
        Qt.KeyboardModifier.NoModifier,
        button,
        held,
    )
    QApplication.sendEvent(painter.view, event)


def test_a_hidden_class_does_not_show(painter: Painter) -> None:
    bare = painter.color((200, 90))
    painter.drag(*WAY)
    painter.rest()
    assert painter.color((200, 90)) != bare
    painter.view.set_hidden_classes(frozenset({0}))
    assert painter.color((200, 90)) == bare


def test_a_shift_line_leaves_no_trace(painter: Painter) -> None:
    painter.drag((40, 40))
    painter.rest()
    before = painter.screen()
    for point in ((350, 250), (300, 60), (80, 250)):
        QTest.keyPress(painter.view, Qt.Key.Key_Shift, Qt.KeyboardModifier.ShiftModifier)
        painter.move(point)
    QTest.keyRelease(painter.view, Qt.Key.Key_Shift)
    painter.rest()
    assert painter.screen() == before
