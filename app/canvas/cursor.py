"""The ring at the pointer: the brush's true size, in light and dark so that it shows on anything."""

from dataclasses import dataclass
from functools import lru_cache
from math import ceil

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen

LEAST_RADIUS = 2.5
"""Logical pixels: a smaller ring could not be seen."""
TINTED_BELOW = 60.0
"""Larger rings show the class on their rim only: a film over the whole brush would hide the picture."""
STAMPED_BELOW = 1000.0
EDGE = 4


@dataclass(frozen=True, slots=True)
class Ring:
    """Where the ring is and how it looks; logical pixels."""

    center: QPointF
    radius: float
    color: QColor
    crossed: bool = False
    square: bool = False

    @property
    def shown_radius(self) -> float:
        return max(LEAST_RADIUS, self.radius)

    @property
    def box(self) -> QRect:
        """What the ring covers."""
        r, x, y = max(self.shown_radius, 12.0), self.center.x(), self.center.y()
        return box(x - r, y - r, x + r, y + r)

    def draw(self, painter: QPainter, ratio: float) -> None:
        """Draw it; `ratio` device pixels make a logical one. Rings of a usual size are drawn once and stamped."""
        if self.shown_radius > STAMPED_BELOW:
            self._draw(painter, self.center)
            return
        stamp = _stamp(round(self.shown_radius * 8) / 8, self.color.rgb(), self.crossed, self.square, ratio)
        half = stamp.width() / 2 / ratio
        painter.drawImage(self.center - QPointF(half, half), stamp)

    def _draw(self, painter: QPainter, center: QPointF) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        r = self.shown_radius
        if r < TINTED_BELOW:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(with_alpha(self.color, 60))
            self._draw_rim(painter, center, r)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for radius, color, width in self._rims(r):
            painter.setPen(QPen(color, width))
            self._draw_rim(painter, center, radius)
        if self.crossed:
            _draw_cross(painter, center, min(r, 12.0))
        elif r >= TINTED_BELOW:
            _draw_middle(painter, center)

    def _draw_rim(self, painter: QPainter, center: QPointF, radius: float) -> None:
        if self.square:
            painter.drawRect(QRectF(center.x() - radius, center.y() - radius, 2 * radius, 2 * radius))
        else:
            painter.drawEllipse(center, radius, radius)

    def _rims(self, r: float) -> list[tuple[float, QColor, float]]:
        rims = [(r + 0.75, QColor(0, 0, 0, 190), 1.5), (r - 0.5, QColor(255, 255, 255, 235), 1.0)]
        return [(r - 2.25, with_alpha(self.color, 170), 2.5), *rims] if r >= TINTED_BELOW else rims


@lru_cache(maxsize=4)
def _stamp(radius: float, rgb: int, crossed: bool, square: bool, ratio: float) -> QImage:
    """A ring as an image: drawing a large one anew at each step of the hand takes longer than painting."""
    half = ceil((max(radius, 12.0) + EDGE) * ratio)
    stamp = QImage(2 * half, 2 * half, QImage.Format.Format_ARGB32_Premultiplied)
    stamp.fill(Qt.GlobalColor.transparent)
    stamp.setDevicePixelRatio(ratio)
    painter = QPainter(stamp)
    center = QPointF(half, half) / ratio
    Ring(center, radius, QColor(rgb), crossed, square)._draw(painter, center)
    painter.end()
    return stamp


def _draw_middle(painter: QPainter, center: QPointF) -> None:
    """A small cross-hair: the middle of a large ring is hard to guess."""
    for color, width in ((QColor(0, 0, 0, 150), 2.5), (QColor(255, 255, 255, 230), 1.0)):
        painter.setPen(QPen(color, width))
        for arm in (QPointF(3, 0), QPointF(0, 3)):
            painter.drawLine(center - arm, center + arm)


def _draw_cross(painter: QPainter, center: QPointF, r: float) -> None:
    for color, width in ((QColor(0, 0, 0, 190), 3.0), (QColor(255, 255, 255, 240), 1.5)):
        painter.setPen(QPen(color, width))
        for side in (1, -1):
            arm = QPointF(r, r * side) * 0.7071
            painter.drawLine(center - arm, center + arm)


def draw_line(painter: QPainter, points: list[QPointF], *, closed: bool, faint: bool = False) -> None:
    """A dashed line in light over dark: a lasso, or where a straight stroke would go."""
    if len(points) < 2:
        return
    path = QPainterPath(points[0])
    for point in points[1:]:
        path.lineTo(point)
    painter.save()
    painter.setOpacity(0.5 if faint else 1.0)
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
