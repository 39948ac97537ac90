"""What the canvas points at: a frame around a place, or the outline of some of its pixels."""

from typing import TYPE_CHECKING

import cv2
import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from app.canvas.cursor import draw_line
from core.masks.geometry import Where
from core.masks.rect import EMPTY, Rect

if TYPE_CHECKING:
    from app.canvas.zooming import ZoomView


RIM = ((QColor(0, 0, 0, 210), 4.0), (QColor(255, 255, 255), 2.0))
HOLES = ((QColor(0, 0, 0, 110), 2.0), (QColor(255, 255, 255, 150), 1.0))
"""Fainter: a ragged region has many, and its pixels are to be seen."""


class Pointed:
    """Draws itself on a canvas, and on what shows the same beside it; rectangles are in image pixels."""

    def __init__(self) -> None:
        self.rect = EMPTY
        self._rim: QPainterPath | None = None
        self._holes = QPainterPath()

    def show(self, rect: Rect, where: Where | None) -> None:
        """Point at the pixels in `rect` where `where` (rect.height, rect.width) is True, or at all of it."""
        self.rect = rect
        self._rim, self._holes = None, QPainterPath()
        if where is not None:
            filled = without_holes(where)
            self._rim, self._holes = outline(rect, filled), outline(rect, filled & ~where)

    def draw(self, painter: QPainter, view: "ZoomView") -> None:
        if self.rect.empty:
            return
        if self._rim is not None:
            self._draw_lines(painter, view, self._holes, HOLES)
            self._draw_lines(painter, view, self._rim, RIM)
            return
        top, left, bottom, right = self.rect.grown(1)
        around = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]
        draw_line(painter, [view.from_image(corner) for corner in around], closed=False)

    def _draw_lines(
        self, painter: QPainter, view: "ZoomView", path: QPainterPath, pens: tuple[tuple[QColor, float], ...]
    ) -> None:
        """In light over dark, as wide at every zoom."""
        corner, zoom = view.from_image((0.0, 0.0)), view.zoom / view.devicePixelRatioF()
        painter.save()
        painter.translate(corner)
        painter.scale(zoom, zoom)
        for color, width in pens:
            pen = QPen(color, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.SquareCap)
            pen.setCosmetic(True)
            painter.strokePath(path, pen)
        painter.restore()


def without_holes(where: Where) -> Where:
    """(h, w) with what is enclosed, too."""
    around, _ = cv2.findContours(where.view(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    filled = np.zeros(where.shape, np.uint8)
    cv2.drawContours(filled, around, -1, 1, cv2.FILLED)
    return np.asarray(filled.view(np.bool_) | where)


def outline(rect: Rect, where: Where) -> QPainterPath:
    """The edges between pixels that belong and pixels that do not, along the pixels' sides."""
    path = QPainterPath()
    inside = np.pad(where, 1)
    for start, end, line in _runs(inside[1:] != inside[:-1]):
        path.moveTo(rect.left + start - 1, rect.top + line)
        path.lineTo(rect.left + end - 1, rect.top + line)
    for start, end, line in _runs((inside[:, 1:] != inside[:, :-1]).T):
        path.moveTo(rect.left + line, rect.top + start - 1)
        path.lineTo(rect.left + line, rect.top + end - 1)
    return path


def _runs(on: Where) -> list[tuple[int, int, int]]:
    """(start, end, row) of each run of True in the rows of a (h, w) array; its first and last columns are False."""
    row, place = np.nonzero(on[:, 1:] != on[:, :-1])
    return list(zip((place[::2] + 1).tolist(), (place[1::2] + 1).tolist(), row[::2].tolist(), strict=True))
