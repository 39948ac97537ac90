"""The learning curve and the bars of each class, drawn by hand: two small pictures with nothing to learn first."""

from collections.abc import Mapping, Sequence
from math import isfinite

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.theme import caption_font, tones

Samples = Sequence[tuple[float, float]]


class CurveView(QWidget):
    """Loss and mean IoU over training time. Loss is scaled to its own largest value; IoU runs from 0 to 100 %."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._loss: list[tuple[float, float]] = []
        self._miou: list[tuple[float, float]] = []
        self._span = 60.0
        self.setMinimumHeight(84)
        self.setMaximumHeight(120)
        self.setAccessibleName("Learning curve")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)

    def sizeHint(self) -> QSize:
        return QSize(240, 96)

    def restart(self, span_s: float) -> None:
        self._loss, self._miou, self._span = [], [], span_s
        self.update()

    def show_run(self, curves: Mapping[str, Sequence[float]], miou: float | None) -> None:
        """The curves of a finished run, as stored with it, and what it came to in the end."""
        seconds = curves.get("seconds", [])
        self._loss = _finite(zip(seconds, curves.get("loss", []), strict=False))
        self._miou = _finite(zip(seconds, curves.get("miou", []), strict=False))
        self._span = max(seconds, default=60.0) or 60.0
        if miou is not None and not self._miou:
            self._miou = _finite([(self._span, miou)])
        self.update()

    def add_loss(self, seconds: float, loss: float) -> None:
        self._loss += _finite([(seconds, loss)])
        self._grow(seconds)

    def add_miou(self, seconds: float, miou: float) -> None:
        self._miou += _finite([(seconds, miou)])
        self._grow(seconds)

    def _grow(self, seconds: float) -> None:
        self._span = max(self._span, seconds)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        scheme = tones()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(_small(self.font()))
        height = painter.fontMetrics().height()
        plot = QRectF(self.rect()).adjusted(0.5, height + 4, -0.5, -0.5)
        self._draw_frame(painter, plot, QColor(scheme.line))
        highest = max((v for _, v in self._loss), default=1.0) or 1.0
        self._draw_line(painter, plot, [(s, v / highest) for s, v in self._loss], QPen(QColor(scheme.muted), 1.5))
        self._draw_line(painter, plot, self._miou, QPen(QColor(scheme.accent), 2.0))
        left = f"loss {self._loss[-1][1]:.2f}" if self._loss else "loss –"
        right = f"mean IoU {self._miou[-1][1]:.0%}".replace("%", " %") if self._miou else "mean IoU –"
        top = QRectF(0, 0, self.width(), height)
        painter.setPen(QColor(scheme.muted))
        painter.drawText(top, Qt.AlignmentFlag.AlignLeft, left)
        painter.setPen(QColor(scheme.accent))
        painter.drawText(top, Qt.AlignmentFlag.AlignRight, right)
        painter.end()

    def _draw_frame(self, painter: QPainter, plot: QRectF, color: QColor) -> None:
        painter.setPen(QPen(color, 1))
        for part in (0.0, 0.5, 1.0):
            y = round(plot.top() + part * (plot.height() - 1)) + 0.5
            painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))

    def _draw_line(self, painter: QPainter, plot: QRectF, samples: Samples, pen: QPen) -> None:
        if not samples:
            return
        inner = plot.adjusted(2, 3, -2, -3)
        points = [
            QPointF(inner.left() + s / self._span * inner.width(), inner.bottom() - v * inner.height())
            for s, v in samples
        ]
        path = QPainterPath(points[0])
        for point in points[1:]:
            path.lineTo(point)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.strokePath(path, pen)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(pen.color())
        painter.drawEllipse(points[-1], 2.5, 2.5)
        painter.setBrush(Qt.BrushStyle.NoBrush)


class IouBars(QWidget):
    """How well each class is found: name, bar, percent. A class with nothing to measure shows a dash."""

    LINE = 20

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._values: list[tuple[str, str, float]] = []
        self.setAccessibleName("Intersection over union of each class")

    def show_values(self, values: Mapping[str, float], colors: Mapping[str, str]) -> None:
        """IoU 0 to 1 by class name; NaN where there is nothing to measure."""
        self._values = [(name, colors.get(name, tones().muted), value) for name, value in values.items()]
        self.setFixedHeight(self.LINE * len(self._values))
        self.setAccessibleDescription(", ".join(f"{n} {percent(v)}" for n, _, v in self._values))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        scheme = tones()
        painter = QPainter(self)
        painter.setFont(_small(self.font()))
        metrics = painter.fontMetrics()
        named = max((metrics.horizontalAdvance(n) for n, _, _ in self._values), default=0) + 2
        left, right = min(named, self.width() // 2) + 8, metrics.horizontalAdvance("100 %") + 8
        for line, (name, color, value) in enumerate(self._values):
            area = QRectF(0, line * self.LINE, self.width(), self.LINE)
            painter.setPen(QColor(scheme.text))
            elided = metrics.elidedText(name, Qt.TextElideMode.ElideRight, left - 8)
            painter.drawText(area, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, elided)
            painter.drawText(area, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, percent(value))
            bar = QRectF(left, area.center().y() - 2, max(0, self.width() - left - right), 4)
            painter.fillRect(bar, QColor(scheme.line))
            if isfinite(value):
                bar.setWidth(bar.width() * value)
                painter.fillRect(bar, QColor(color))
        painter.end()


def percent(share: float) -> str:
    return f"{share:.0%}".replace("%", " %") if isfinite(share) else "–"


def _finite(samples: object) -> list[tuple[float, float]]:
    pairs: list[tuple[float, float]] = list(samples)  # type: ignore[call-overload]
    return [(s, v) for s, v in pairs if v is not None and isfinite(v)]


def _small(font: QFont) -> QFont:
    return caption_font(font)
