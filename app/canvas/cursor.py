"""The ring at the pointer: the brush's true size, in light and dark so that it shows on anything."""

from dataclasses import dataclass
from math import ceil, pi

import numpy as np
from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QRegion

LEAST_RADIUS = 2.5
"""Logical pixels: a smaller ring could not be seen."""
TINTED_BELOW = 60.0
"""Larger rings show the class on their rim only: a film over the whole brush would hide the picture."""
EDGE = 4


@dataclass(frozen=True, slots=True)
class Ring:
    """Where the ring is and how it looks; logical pixels."""

    center: QPointF
    radius: float
    color: QColor
    crossed: bool = False

    @property
    def shown_radius(self) -> float:
        return max(LEAST_RADIUS, self.radius)

    def region(self) -> QRegion:
        """What the ring covers: small boxes along the rim, so that moving a large ring redraws little."""
        r, x, y = self.shown_radius, self.center.x(), self.center.y()
        if r < TINTED_BELOW:
            return QRegion(box(x - r, y - r, x + r, y + r))
        region = QRegion(box(x - 12, y - 12, x + 12, y + 12))
        angles = np.linspace(0, 2 * pi, max(16, ceil(r / 8)) + 1)
        xs, ys = x + r * np.cos(angles), y + r * np.sin(angles)
        bulge = r * (1 - np.cos((angles[1] - angles[0]) / 2))
        for x0, x1, y0, y1 in zip(xs, xs[1:], ys, ys[1:], strict=False):
            part = box(min(x0, x1) - bulge, min(y0, y1) - bulge, max(x0, x1) + bulge, max(y0, y1) + bulge)
            region = region.united(QRegion(part))
        return region

    def draw(self, painter: QPainter) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        r = self.shown_radius
        if r < TINTED_BELOW:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(with_alpha(self.color, 60))
            painter.drawEllipse(self.center, r, r)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for radius, color, width in self._rims(r):
            painter.setPen(QPen(color, width))
            painter.drawEllipse(self.center, radius, radius)
        if r >= TINTED_BELOW:
            self._draw_middle(painter)
        if self.crossed:
            self._draw_cross(painter, min(r, 12.0))
        painter.restore()

    def _rims(self, r: float) -> list[tuple[float, QColor, float]]:
        rims = [(r + 0.75, QColor(0, 0, 0, 190), 1.5), (r - 0.5, QColor(255, 255, 255, 235), 1.0)]
        return [(r - 2.25, with_alpha(self.color, 170), 2.5), *rims] if r >= TINTED_BELOW else rims

    def _draw_middle(self, painter: QPainter) -> None:
        """A small cross-hair: the middle of a large ring is hard to guess."""
        x, y = self.center.x(), self.center.y()
        for color, width in ((QColor(0, 0, 0, 150), 2.5), (QColor(255, 255, 255, 230), 1.0)):
            painter.setPen(QPen(color, width))
            painter.drawLine(QPointF(x - 3, y), QPointF(x + 3, y))
            painter.drawLine(QPointF(x, y - 3), QPointF(x, y + 3))

    def _draw_cross(self, painter: QPainter, r: float) -> None:
        reach = r * 0.7071
        for color, width in ((QColor(0, 0, 0, 190), 3.0), (QColor(255, 255, 255, 240), 1.5)):
            painter.setPen(QPen(color, width))
            for side in (1, -1):
                offset = QPointF(reach, reach * side)
                painter.drawLine(self.center - offset, self.center + offset)


def draw_line(painter: QPainter, points: list[QPointF], *, closed: bool) -> None:
    """A dashed line in light over dark: a lasso, or where a straight stroke would go."""
    if len(points) < 2:
        return
    path = QPainterPath(points[0])
    for point in points[1:]:
        path.lineTo(point)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    dashed = QPen(QColor(255, 255, 255, 240), 1.25)
    dashed.setDashPattern([4, 4])
    for pen in (QPen(QColor(0, 0, 0, 190), 2.5), dashed):
        painter.strokePath(path, pen)
    if closed:
        painter.setPen(QPen(QColor(255, 255, 255, 130), 1.0, Qt.PenStyle.DotLine))
        painter.drawLine(points[-1], points[0])
    painter.restore()


def box(left: float, top: float, right: float, bottom: float) -> QRect:
    return QRectF(left - EDGE, top - EDGE, right - left + 2 * EDGE, bottom - top + 2 * EDGE).toAlignedRect()


def with_alpha(color: QColor, alpha: int) -> QColor:
    return QColor(color.red(), color.green(), color.blue(), alpha)
