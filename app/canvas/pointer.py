"""What the pointer looks like: the brush's ring, the cursor, and the lines of what is being drawn around."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRect, Qt
from PySide6.QtGui import QColor

from app.canvas.accepting import may_accept, said_at
from app.canvas.cursor import Ring, box
from app.canvas.tools import may_paint
from core.classes import UNLABELED
from core.masks.geometry import Point

if TYPE_CHECKING:
    from app.canvas.view import CanvasView

RINGED = ("brush", "eraser", "line", "accept-brush")
"""Tools that paint with a tip of a size."""
NO_CLASS = QColor("#ffffff")
"""Of a ring that paints any class."""


class Pointer:
    """Where the hand is, how it holds the tool, and what shows that."""

    def __init__(self, view: "CanvasView") -> None:
        self._view = view
        self._hand = view.hand
        self._gesturing = view.gesturing
        self.at: QPointF | None = None
        """None outside the canvas."""
        self.modifiers = Qt.KeyboardModifier.NoModifier
        self.eraser_end = False
        """The pen is turned round."""
        self.panning: QPointF | None = None
        """Where the hand that moves the picture was last."""
        self.may_pan = False
        """A key is held for it."""

    @property
    def image_point(self) -> Point | None:
        return None if self.at is None else self._view.to_image(self.at)

    @property
    def erases(self) -> bool:
        return self._gesturing.tool == "eraser" or self._gesturing.erasing or self.eraser_end

    @property
    def size(self) -> float:
        return self._hand.eraser_size if self.erases else self._hand.brush_size

    def ring(self) -> Ring | None:
        """The brush's ring, where a brush is in hand over a picture."""
        picks = self.modifiers & Qt.KeyboardModifier.AltModifier
        if self.at is None or self._hand.editor is None or self._gesturing.tool not in RINGED:
            return None
        if self.panning is not None or self.may_pan or picks or self._gesturing.waits:
            return None
        view = self._view
        radius = self.size / 2 * view.zoom / view.devicePixelRatioF()
        accepts = self._gesturing.tool == "accept-brush" and not self.erases
        color = NO_CLASS if accepts else view.class_color(UNLABELED if self.erases else self._hand.active_class)
        idle, may = self._gesturing.now is None, may_accept if accepts else may_paint
        point = view.to_image(self.at)
        allowed = self._gesturing.may_begin(point) and may(self._hand, point, self.size / 2)
        forbidden = idle and not allowed
        return Ring(self.at, radius, color, forbidden, self._hand.square)

    def cursor_shape(self) -> Qt.CursorShape:
        tool, at = self._gesturing.tool, self.image_point
        if self.panning is not None:
            return Qt.CursorShape.ClosedHandCursor
        if tool == "pan" or self.may_pan:
            return Qt.CursorShape.OpenHandCursor
        if self._hand.editor is None:
            return Qt.CursorShape.ArrowCursor
        if at is not None and self._forbidden(at):
            return Qt.CursorShape.ForbiddenCursor
        return Qt.CursorShape.CrossCursor

    def _forbidden(self, at: Point) -> bool:
        """Whether a press there would do nothing."""
        tool = self._gesturing.tool
        if not self._gesturing.may_begin(at):
            return True
        if tool == "accept-region":
            return said_at(self._hand, at) == UNLABELED
        return tool in ("fill", "wand") and not may_paint(self._hand, at, 0)

    @property
    def drawing_around(self) -> bool:
        now = self._gesturing.now
        return now is not None and now.closed and bool(now.outline)

    def outline(self) -> Sequence[Point]:
        """The line to show: a lasso under way, or where Shift and a press would draw."""
        if self._gesturing.now is not None:
            return self._gesturing.now.outline
        start, at = self._hand.last_end, self.image_point
        straight = self.modifiers & Qt.KeyboardModifier.ShiftModifier and self._gesturing.tool != "accept-brush"
        if start is not None and at is not None and straight and self.ring():
            return [start, at]
        return ()

    def outline_box(self) -> QRect:
        """What must be drawn anew while the line is shown."""
        points = [self._view.from_image(p) for p in self.outline()]
        if len(points) < 2:
            return QRect()
        xs, ys = [p.x() for p in points], [p.y() for p in points]
        return box(min(xs), min(ys), max(xs), max(ys))
