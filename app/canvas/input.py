"""Which hand movement means what: mouse, wheel, pen, touchpad and held keys, turned into gestures and moves."""

from collections.abc import Callable, Sequence
from math import exp
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QPointF, QRect, Qt
from PySide6.QtGui import (
    QInputDevice,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPointingDevice,
    QTabletEvent,
    QWheelEvent,
)

from app.canvas.cursor import Ring, box
from app.canvas.questions import Mend, Question
from app.canvas.toolbox import Toolbox
from app.canvas.tools import Gesture, ToolName, may_paint, value_at
from core.classes import UNLABELED
from core.masks.change import Change
from core.masks.editor import EditKind
from core.masks.geometry import Point

if TYPE_CHECKING:
    from app.canvas.view import CanvasView

PAN, ERASE, PEEK = Qt.Key.Key_Space, Qt.Key.Key_E, Qt.Key.Key_H
"""Keys that change the tool while they are held."""
RINGED = ("brush", "eraser", "line")
"""Tools that paint with a tip of a size."""
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
        self._hand = view.hand
        self._toolbox = Toolbox(view)
        self.desk = self._toolbox.desk
        self._eraser_end = False
        """The pen is turned round."""
        self.tool: ToolName = "brush"
        self.use_pressure = False
        self._gesture: Gesture | None = None
        self._erasing = False
        self._panning: QPointF | None = None
        self._button = Button.NoButton
        self._held: set[int] = set()
        self._modifiers = Modifier.NoModifier
        self._at: QPointF | None = None
        """Where the pointer is; None outside the canvas."""
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

    def set_tool(self, tool: ToolName) -> None:
        self.finish()
        self._toolbox.pieces.forget()
        self.tool = tool
        self._view.show_cursor()

    def look_anew(self) -> None:
        """Another picture, or the same shown differently: what tools have seen counts no more."""
        self._toolbox.pieces.forget()

    def options_changed(self) -> None:
        if self._gesture is not None:
            self._gesture.options_changed()
        elif self.tool == "superpixels" and self._at is not None:
            self._toolbox.pieces.hover(self._view.to_image(self._at))
        self._view.show_cursor()

    def close(self) -> None:
        self.cancel()
        self._toolbox.desk.close()

    # --- gestures

    def _begin(self, at: QPointF, *, erase: bool, pressure: float = 1.0) -> None:
        editor = self._hand.editor
        if editor is None or editor.in_stroke:
            return
        straight = bool(self._modifiers & Modifier.ShiftModifier)
        if self._gesture is None:
            tool = "picker" if self._modifiers & Modifier.AltModifier else self.tool
            self._erasing = erase or ERASE in self._held
            self._gesture = self._toolbox.take(tool, editor, erase=self._erasing)
        point = self._view.to_image(at)
        self._view.refresh(self._gesture.press(point, straight=straight, pressure=pressure, erase=erase))

    def ask_first(self, kind: EditKind, question: str, job: Callable[..., Change], *args: Any) -> None:
        editor = self._hand.editor
        self.finish()
        if editor is not None and not editor.in_stroke:
            asking = Question(self._toolbox.desk, editor, kind)
            self._gesture = asking
            asking.find(question, job, *args)

    def mend_class(self) -> None:
        editor = self._hand.editor
        self.finish()
        if editor is not None and not editor.in_stroke:
            mending = Mend(self._toolbox.desk, editor)
            self._gesture = mending
            mending.take_class(self._hand.active_class)

    def drop_question(self) -> None:
        if self._gesture is not None and self._gesture.asks:
            self.cancel()

    @property
    def waits(self) -> bool:
        return self._gesture is not None and self._gesture.stays

    def confirm(self) -> None:
        """Do what is shown, if that is known by now."""
        if self._gesture is not None and self._gesture.ready:
            self.finish(confirmed=True)

    def _drag(self, at: QPointF, pressure: float = 1.0) -> None:
        if self._panning is not None:
            self._view.pan(at.x() - self._panning.x(), at.y() - self._panning.y())
            self._panning = at
        elif self._gesture is not None:
            self._view.refresh(self._gesture.drag([self._view.to_image(at)], pressure))
        self._point_at(at)

    def finish(self, *, confirmed: bool = False) -> None:
        """End what is under way as if the hand had let go: a stroke must never be lost.

        What was only shown and asked is done if it is `confirmed`.
        """
        if self._gesture is not None and self._gesture.asks and not confirmed:
            self.cancel()
            return
        gesture, self._gesture = self._gesture, None
        self._panning, self._button, self._erasing = None, Button.NoButton, False
        if gesture is None:
            return
        if gesture.outline:
            self._view.update()
        edit = gesture.release()
        if edit is not None:
            self._view.refresh(edit.rect)
            self._view.edit_made.emit(edit)

    def cancel(self) -> None:
        gesture, self._gesture = self._gesture, None
        self._panning, self._button, self._erasing = None, Button.NoButton, False
        if gesture is not None:
            self._view.refresh(gesture.cancel())
            self._view.update()

    def _let_go(self, event: QEvent) -> bool:
        if self._gesture is None or not self._gesture.stays or event.type() == QEvent.Type.Hide:
            self.finish()
        self._held.clear()
        self._view.peek(False)
        self._view.show_cursor()
        return False

    # --- mouse

    def _mouse_press(self, event: QMouseEvent) -> bool:
        self._modifiers = event.modifiers()
        button, at = event.button(), event.position()
        if self._button != Button.NoButton or button not in (
            Button.LeftButton,
            Button.RightButton,
            Button.MiddleButton,
        ):
            return True
        self._button = button
        if button == Button.MiddleButton or PAN in self._held or self.tool == "pan":
            self._panning = at
        else:
            self._begin(at, erase=button == Button.RightButton)
        self._point_at(at)
        return True

    def _mouse_move(self, event: QMouseEvent) -> bool:
        self._eraser_end = False
        self._modifiers = event.modifiers()
        if self._button != Button.NoButton and not event.buttons() & self._button:
            self.finish()  # the release went somewhere else
        self._drag(event.position())
        return True

    def _mouse_release(self, event: QMouseEvent) -> bool:
        if event.button() == self._button:
            self._drag(event.position())
            self._release()
        return True

    def _release(self) -> None:
        """The hand let go. A polygon goes on to its next point, also when the picture was pushed in between."""
        panned = self._panning is not None
        if self._gesture is not None and self._gesture.stays and not panned:
            self._gesture.lift()
        if self._gesture is not None and self._gesture.stays:
            self._panning, self._button = None, Button.NoButton
        else:
            self.finish()
        self._view.show_cursor()

    def _double_click(self, event: QMouseEvent) -> bool:
        if self._gesture is None or not self._gesture.stays or self._gesture.asks:
            return self._mouse_press(event)
        self.finish()  # the first click of the two was a point already
        return True

    def _leave(self, event: QEvent) -> bool:
        self._toolbox.pieces.hide()
        if self._gesture is None:
            self._at = None
            self._view.left.emit()
            self._view.show_cursor()
        return False

    def _point_at(self, at: QPointF) -> None:
        self._at = at
        x, y = self._view.to_image(at)
        viewport = self._view.viewport
        hovering = self._gesture is None and self._panning is None and self._hand.editor is not None
        if hovering and self.tool == "superpixels":
            self._toolbox.pieces.hover((x, y))
        if 0 <= x < viewport.image_width and 0 <= y < viewport.image_height:
            self._view.hovered.emit(int(x), int(y), value_at(self._hand.editor, (x, y)))
        else:
            self._view.left.emit()
        self._view.show_cursor()

    # --- pen

    def _pen_press(self, event: QTabletEvent) -> bool:
        self._modifiers = event.modifiers()
        if self._button != Button.NoButton:
            return True
        self._button = event.button()
        if PAN in self._held or self.tool == "pan" or event.button() == Button.MiddleButton:
            self._panning = event.position()
        else:
            self._eraser_end = event.pointerType() == QPointingDevice.PointerType.Eraser
            erase = self._eraser_end or event.button() == Button.RightButton
            self._begin(event.position(), erase=erase, pressure=self._pressure(event))
        self._point_at(event.position())
        return True

    def _pen_move(self, event: QTabletEvent) -> bool:
        self._modifiers = event.modifiers()
        self._eraser_end = event.pointerType() == QPointingDevice.PointerType.Eraser
        self._drag(event.position(), self._pressure(event))
        return True

    def _pressure(self, event: QTabletEvent) -> float:
        return max(0.05, event.pressure()) if self.use_pressure else 1.0

    def _pen_release(self, event: QTabletEvent) -> bool:
        self._release()
        return True

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
        size = self._size * SIZE_STEP**steps
        if abs(size - self._size) < 1:
            size = self._size + (1 if steps > 0 else -1)
        set_size = self._view.set_eraser_size if self._erases else self._view.set_brush_size
        set_size(round(size))
        self._view.brush_size_changed.emit(self._size)

    # --- keys

    def _claim_key(self, event: QKeyEvent) -> bool:
        """Keys that the canvas needs while it has the focus, before the window's shortcuts see them."""
        plain = event.modifiers() in (Modifier.NoModifier, Modifier.ShiftModifier)
        mine = event.key() in (PAN, ERASE, PEEK) and plain
        return mine or (event.key() in GESTURE_KEYS and self._gesture is not None)

    def _key_press(self, event: QKeyEvent) -> bool:
        self._modifiers = event.modifiers()
        self._view.show_cursor()
        match event.key():
            case Qt.Key.Key_Escape if self._gesture is not None:
                self.cancel()
            case Qt.Key.Key_Return | Qt.Key.Key_Enter if self._gesture is not None:
                self.confirm()
            case Qt.Key.Key_Backspace if self._gesture is not None and self._gesture.stays:
                self.step_back()
            case Qt.Key.Key_BracketLeft:
                self._resize_brush(-1)
            case Qt.Key.Key_BracketRight:
                self._resize_brush(1)
            case key if key in (PAN, ERASE, PEEK) and not event.modifiers() & Modifier.ControlModifier:
                if not event.isAutoRepeat():
                    self._hold(key)
            case _:
                return False
        return True

    def step_back(self) -> None:
        """Take the last point or stroke of what is under way back; with the first, all is given up."""
        if self._gesture is not None and not self._gesture.step_back():
            self.cancel()
        self._view.update()
        self._view.show_cursor()

    def _key_release(self, event: QKeyEvent) -> bool:
        self._modifiers = event.modifiers()
        if event.key() in self._held and not event.isAutoRepeat():
            self._held.discard(event.key())
            if event.key() == PEEK:
                self._view.peek(False)
        self._view.show_cursor()
        return False

    def _hold(self, key: int) -> None:
        self._held.add(key)
        if key == PEEK:
            self._view.peek(True)
        self._view.show_cursor()

    # --- what the pointer looks like

    @property
    def _erases(self) -> bool:
        return self.tool == "eraser" or self._erasing or self._eraser_end or ERASE in self._held

    @property
    def _size(self) -> float:
        return self._hand.eraser_size if self._erases else self._hand.brush_size

    def ring(self) -> Ring | None:
        """The brush's ring, where a brush is in hand over a picture."""
        aside = self._panning is not None or PAN in self._held or self._modifiers & Modifier.AltModifier
        if self._at is None or self._hand.editor is None or self.tool not in RINGED or aside:
            return None
        view = self._view
        radius = self._size / 2 * view.zoom / view.devicePixelRatioF()
        color = view.class_color(UNLABELED if self._erases else self._hand.active_class)
        if self._gesture is not None and self._gesture.stays:
            return None
        crossed = not may_paint(self._hand, view.to_image(self._at), self._size / 2)
        return Ring(self._at, radius, color, crossed and self._gesture is None, self._hand.square)

    def cursor_shape(self) -> Qt.CursorShape:
        if self._panning is not None:
            return Qt.CursorShape.ClosedHandCursor
        if self.tool == "pan" or PAN in self._held:
            return Qt.CursorShape.OpenHandCursor
        if self._hand.editor is None:
            return Qt.CursorShape.ArrowCursor
        if self.tool in ("fill", "wand") and self._at and not may_paint(self._hand, self._view.to_image(self._at), 0):
            return Qt.CursorShape.ForbiddenCursor
        return Qt.CursorShape.CrossCursor

    @property
    def drawing_around(self) -> bool:
        return self._gesture is not None and self._gesture.closed and bool(self._gesture.outline)

    def outline(self) -> Sequence[Point]:
        """The line to show: a lasso under way, or where Shift and a press would draw."""
        if self._gesture is not None:
            return self._gesture.outline
        start = self._hand.last_end
        if start is not None and self._at is not None and self._modifiers & Modifier.ShiftModifier and self.ring():
            return [start, self._view.to_image(self._at)]
        return ()

    def line_box(self) -> QRect:
        """What must be drawn anew while a line is shown."""
        points = [self._view.from_image(p) for p in self.outline()]
        if len(points) < 2:
            return QRect()
        xs, ys = [p.x() for p in points], [p.y() for p in points]
        return box(min(xs), min(ys), max(xs), max(ys))
