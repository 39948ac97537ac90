"""Lines over training time, with axes, and with names where they end."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log10

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from app.curves import Samples
from app.figures import clock
from app.theme import caption_font, tones

LEFT, TOP, RIGHT, BOTTOM = 52, 12, 132, 28
STEPS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200)


@dataclass(frozen=True, slots=True)
class Line:
    samples: Samples
    name: str
    """Written where the line ends; empty for none."""
    color: str
    behind: bool = False
    """Of the run that is compared with: thin and dashed."""


class PlotView(QWidget):
    """Shares run from 0 to 100 %, everything else from 0 to its largest value."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines: Sequence[Line] = ()
        self._shares = True
        self.setMinimumSize(480, 260)
        self.setAccessibleName("Curves over training time")

    def sizeHint(self) -> QSize:
        return QSize(720, 400)

    def show_lines(self, lines: Sequence[Line], *, shares: bool) -> None:
        """Those behind are drawn first."""
        self._lines, self._shares = sorted(lines, key=_in_front), shares
        told = [f"{line.name} {self._text(line.samples[-1][1])}" for line in self._lines if line.name and line.samples]
        self.setAccessibleDescription(", ".join(told))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(caption_font(self.font()))
        plot = QRectF(self.rect()).adjusted(LEFT, TOP, -RIGHT, -BOTTOM)
        ends = [line.samples[-1][0] for line in self._lines if line.samples]
        span = max(ends, default=60.0) or 60.0
        values = [v for line in self._lines for _, v in line.samples]
        top = 1.0 if self._shares else (max(values, default=1.0) or 1.0) * 1.05
        self._draw_axes(painter, plot, span, top)
        for line in self._lines:
            self._draw_line(painter, [_place(plot, s / span, v / top) for s, v in line.samples], line)
        self._draw_names(painter, plot, top)
        painter.end()

    def _draw_axes(self, painter: QPainter, plot: QRectF, span: float, top: float) -> None:
        scheme = tones()
        step = 0.25 if self._shares else _round_step(top / 4)
        marks = [step * n for n in range(int(top / step + 1e-6) + 1)]
        for mark in marks:
            y = round(plot.bottom() - mark / top * plot.height()) + 0.5
            painter.setPen(QPen(QColor(scheme.line), 1))
            painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
            painter.setPen(QColor(scheme.muted))
            words = QRectF(0, y - 10, LEFT - 8, 20)
            painter.drawText(words, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, self._text(mark))
        every = next((s for s in STEPS_S if span / s <= 6), STEPS_S[-1])
        for seconds in range(0, int(span) + 1, every):
            x = plot.left() + seconds / span * plot.width()
            words = QRectF(x - 30, plot.bottom() + 4, 60, 20)
            painter.drawText(words, Qt.AlignmentFlag.AlignHCenter, clock(seconds))

    def _draw_line(self, painter: QPainter, points: Sequence[QPointF], line: Line) -> None:
        if not points:
            return
        pen = QPen(QColor(line.color), 1.2 if line.behind else 2.2)
        if line.behind:
            pen.setDashPattern([4, 3])
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        path = QPainterPath(points[0])
        for point in points[1:]:
            path.lineTo(point)
        if not line.behind:  # a rim, so that a light colour shows on a light ground, and a dark one on a dark
            rim = QColor(tones().text)
            rim.setAlpha(110)
            painter.strokePath(path, QPen(rim, 3.4))
        painter.strokePath(path, pen)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(line.color))
        painter.drawEllipse(points[-1], *((1.8, 1.8) if line.behind else (3.0, 3.0)))
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def _draw_names(self, painter: QPainter, plot: QRectF, top: float) -> None:
        """Beside where lines end, moved apart where they would cover each other."""
        named = [line for line in self._lines if line.name and line.samples]
        height = painter.fontMetrics().height()
        heights = [plot.bottom() - line.samples[-1][1] / top * plot.height() for line in named]
        order = sorted(range(len(named)), key=heights.__getitem__)
        low = plot.top() - height / 2
        for place, index in enumerate(order):
            below = (len(order) - place - 1) * height
            y = min(max(heights[index] - height / 2, low), plot.bottom() + height / 2 - height - below)
            low = y + height
            line = named[index]
            area = QRectF(plot.right() + 8, y, RIGHT - 8, height)
            painter.fillRect(QRectF(area.left(), area.center().y() - 4, 8, 8), QColor(line.color))
            painter.setPen(QColor(tones().text))
            words = f"{line.name} {self._text(line.samples[-1][1])}"
            words = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideMiddle, int(area.width()) - 12)
            painter.drawText(area.adjusted(12, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, words)

    def _text(self, value: float) -> str:
        return f"{100 * value:.0f} %" if self._shares else f"{value:.3g}"


def _in_front(line: Line) -> bool:
    return not line.behind


def _place(plot: QRectF, across: float, up: float) -> QPointF:
    return QPointF(plot.left() + across * plot.width(), plot.bottom() - up * plot.height())


def _round_step(least: float) -> float:
    """The next of 1, 2 and 5 with its power of ten."""
    power: float = 10.0 ** int(log10(least) // 1)
    return next((n * power for n in (1, 2, 5) if n * power >= least), 10 * power)
