"""Which hand movement means what: mouse, wheel, pen, touchpad and held keys, turned into gestures and moves."""

from collections.abc import Callable
from math import exp
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import (
    QInputDevice,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPointingDevice,
    QTabletEvent,
    QWheelEvent,
)

if TYPE_CHECKING:
    from app.canvas.view import CanvasView

PAN = Qt.Key.Key_Space
"""Moves the picture while it is held."""
GESTURE_KEYS = (Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Backspace)
"""Keys that mean something while a gesture is under way."""
SIZE_STEP = 1.15
Button = Qt.MouseButton
BUTTONS = (Button.LeftButton, Button.RightButton, Button.MiddleButton)
Modifier = Qt.KeyboardModifier


class Input:
    """Follows the hand over one canvas. Each handler says whether it used the event up."""

    def __init__(self, view: "CanvasView") -> None:
        self._view = view
        self._gesturing = view.gesturing
        self._pointer = view.pointer
        self.use_pressure = False
        self._button = Button.NoButton
        kind = QEvent.Type
        self._handlers: dict[QEvent.Type, Callable[[Any], bool]] = {
            kind.MouseButtonPress: self._mouse_press,
            kind.MouseButtonDblClick: self._double_click,
            kind.MouseMove: self._mouse_move,
            kind.MouseButtonRelease: self._mouse_release,
            kind.TabletPress: self._pen_press,
            kind.TabletMove: self._pen_move,
            kind.TabletRelease: self._pen_release,
            kind.Wheel: self._wheel,
            kind.NativeGesture: self._native_gesture,
            kind.ShortcutOverride: self._claim_key,
            kind.KeyPress: self._key_press,
            kind.KeyRelease: self._key_release,
            kind.Leave: self._leave,
            kind.FocusOut: self._let_go,
            kind.UngrabMouse: self._let_go,
            kind.WindowDeactivate: self._let_go,
            kind.Hide: self._let_go,
        }

    def handle(self, event: QEvent) -> bool:
        handler = self._handlers.get(event.type())
        return handler is not None and handler(event)

    # --- what mouse and pen have in common

    def _press(self, at: QPointF, button: Qt.MouseButton, *, erase: bool = False, pressure: float = 1.0) -> None:
        self._button = button
        pointer, gesturing = self._pointer, self._gesturing
        if button == Button.MiddleButton or pointer.may_pan or gesturing.tool == "pan":
            pointer.panning = at
        else:
            straight = bool(pointer.modifiers & Modifier.ShiftModifier)
            pick = bool(pointer.modifiers & Modifier.AltModifier)
            erase = erase or button == Button.RightButton
            point = self._view.to_image(at)
            gesturing.press(point, straight=straight, pick=pick, erase=erase, pressure=pressure)
        self._point_at(at)

    def _drag(self, at: QPointF, pressure: float = 1.0) -> None:
        last = self._pointer.panning
        if last is not None:
            self._view.pan(at.x() - last.x(), at.y() - last.y())
            self._pointer.panning = at
        else:
            self._gesturing.drag([self._view.to_image(at)], pressure)
        self._point_at(at)

    def _release(self) -> None:
        """The hand let go. What waits for its next press goes on, also when the picture was pushed in between."""
        panned, self._pointer.panning, self._button = self._pointer.panning is not None, None, Button.NoButton
        if not (panned and self._gesturing.waits):
            self._gesturing.lift()
        self._view.show_cursor()

    def _let_go(self, event: QEvent) -> bool:
        if not self._gesturing.waits:
            self._gesturing.finish()
        self._pointer.panning, self._button = None, Button.NoButton
        self._pointer.may_pan = False
        self._view.show_cursor()
        return False

    def _point_at(self, at: QPointF) -> None:
        self._pointer.at = at
        point = self._view.to_image(at)
        if self._pointer.panning is None:
            self._gesturing.hover(point)
        self._view.tell_pixel(point)
        self._view.show_cursor()

    # --- mouse

    def _mouse_press(self, event: QMouseEvent) -> bool:
        self._pointer.modifiers = event.modifiers()
        if self._button == Button.NoButton and event.button() in BUTTONS:
            self._press(event.position(), event.button())
        return True

    def _mouse_move(self, event: QMouseEvent) -> bool:
        self._pointer.eraser_end = False
        self._pointer.modifiers = event.modifiers()
        if self._button != Button.NoButton and not event.buttons() & self._button:
            self._release()  # it was let go somewhere else
        self._drag(event.position())
        return True

    def _mouse_release(self, event: QMouseEvent) -> bool:
        if event.button() == self._button:
            self._drag(event.position())
            self._release()
        return True

    def _double_click(self, event: QMouseEvent) -> bool:
        now = self._gesturing.now
        if now is None or not now.stays or now.asks:
            return self._mouse_press(event)
        self._gesturing.confirm()  # the first click of the two was a point already
        return True

    def _leave(self, event: QEvent) -> bool:
        self._gesturing.leave()
        if self._gesturing.now is None:
            self._pointer.at = None
            self._view.left.emit()
            self._view.show_cursor()
        return False

    # --- pen

    def _pen_press(self, event: QTabletEvent) -> bool:
        self._pointer.modifiers = event.modifiers()
        if self._button == Button.NoButton:
            erase = self._pointer.eraser_end = is_eraser(event)
            self._press(event.position(), event.button(), erase=erase, pressure=self._pressure(event))
        return True

    def _pen_move(self, event: QTabletEvent) -> bool:
        self._pointer.modifiers = event.modifiers()
        self._pointer.eraser_end = is_eraser(event)
        self._drag(event.position(), self._pressure(event))
        return True

    def _pen_release(self, event: QTabletEvent) -> bool:
        self._release()
        return True

    def _pressure(self, event: QTabletEvent) -> float:
        return max(0.05, event.pressure()) if self.use_pressure else 1.0

    # --- wheel and touchpad

    def _wheel(self, event: QWheelEvent) -> bool:
        pixels, angle = event.pixelDelta(), event.angleDelta()
        ctrl = bool(event.modifiers() & Modifier.ControlModifier)
        by_finger = event.phase() != Qt.ScrollPhase.NoScrollPhase and not pixels.isNull()
        if by_finger or event.device().type() == QInputDevice.DeviceType.TouchPad:
            if ctrl:  # how some systems report a pinch
                self._view.zoom_to(self._view.zoom * exp(angle.y() / 240), event.position())
            else:
                move = pixels if not pixels.isNull() else angle / 2
                self._view.pan(move.x(), move.y())
            return True
        notches = (angle.y() or angle.x()) / 120
        if notches and ctrl:
            self._resize_brush(notches)
        elif notches:
            self._view.zoom_by(notches, event.position())
        return True

    def _native_gesture(self, event: QNativeGestureEvent) -> bool:
        if event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
            self._view.zoom_to(self._view.zoom * (1 + event.value()), event.position())
            return True
        return False

    def _resize_brush(self, steps: float) -> None:
        old = self._pointer.size
        size = old * SIZE_STEP**steps
        if abs(size - old) < 1:
            size = old + (1 if steps > 0 else -1)
        set_size = self._view.set_eraser_size if self._pointer.erases else self._view.set_brush_size
        set_size(round(size))
        self._view.brush_size_changed.emit(self._pointer.size)

    # --- keys

    def _claim_key(self, event: QKeyEvent) -> bool:
        """Keys that the canvas needs while it has the focus, before the window's shortcuts see them."""
        plain = event.modifiers() in (Modifier.NoModifier, Modifier.ShiftModifier)
        under_way = self._gesturing.now is not None
        return (event.key() == PAN and plain) or (event.key() in GESTURE_KEYS and under_way)

    def _key_press(self, event: QKeyEvent) -> bool:
        self._pointer.modifiers = event.modifiers()
        self._view.show_cursor()
        under_way = self._gesturing.now is not None
        match event.key():
            case Qt.Key.Key_Escape if under_way:
                self._gesturing.cancel()
            case Qt.Key.Key_Return | Qt.Key.Key_Enter if under_way:
                self._gesturing.confirm()
            case Qt.Key.Key_Backspace if self._gesturing.waits:
                self._gesturing.step_back()
            case key if key == PAN and not event.modifiers() & Modifier.ControlModifier:
                self._pointer.may_pan = True
            case _:
                return False
        self._view.show_cursor()
        return True

    def _key_release(self, event: QKeyEvent) -> bool:
        self._pointer.modifiers = event.modifiers()
        if event.key() == PAN and not event.isAutoRepeat():
            self._pointer.may_pan = False
        self._view.show_cursor()
        return False


def is_eraser(event: QTabletEvent) -> bool:
    """Whether the pen is turned round."""
    return event.pointerType() == QPointingDevice.PointerType.Eraser
