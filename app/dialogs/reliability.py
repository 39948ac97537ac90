"""A reliability diagram: how often a head is right, by how sure it is."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.theme import tones
from core.findings import Bin

SIDE = 116
FAINTEST = 40
"""How much of a bar shows that stands for hardly any pixel, of 255."""


class ReliabilityView(QWidget):
    """Bars from left, unsure, to right, sure; one that ends on the diagonal is right as often as it is sure."""

    def __init__(self, title: str, parent: QWidget | None = None, *, side: int = SIDE) -> None:
        super().__init__(parent)
        self._side = side
        self._bins: Sequence[Bin] = ()
        self.setAccessibleName(f"Reliability of {title}")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setToolTip("Across: how sure it is, 0 to 100 %. Up: how often it is right.")

    def sizeHint(self) -> QSize:
        return QSize(self._side, self._side)

    def show_bins(self, bins: Sequence[Bin]) -> None:
        self._bins = bins
        told = [f"{100 * b.confidence:.0f} % sure, {100 * b.correct:.0f} % right" for b in bins if b.pixels]
        self.setAccessibleDescription("; ".join(told))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        scheme, plot = tones(), QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._draw_bars(painter, plot, QColor(scheme.accent))
        painter.setPen(QPen(QColor(scheme.text), 1, Qt.PenStyle.DashLine))
        painter.drawLine(plot.bottomLeft(), plot.topRight())
        painter.setPen(QColor(scheme.line))
        painter.drawRect(plot)
        painter.end()

    def _draw_bars(self, painter: QPainter, plot: QRectF, color: QColor) -> None:
        most = max((one.pixels for one in self._bins), default=0)
        for place, one in enumerate(self._bins):
            if not one.pixels:
                continue
            left = plot.left() + plot.width() * place / len(self._bins)
            top = plot.bottom() - plot.height() * one.correct
            bar = QRectF(QPointF(left + 1, top), QPointF(left + plot.width() / len(self._bins) - 1, plot.bottom()))
            color.setAlpha(FAINTEST + round((255 - FAINTEST) * one.pixels / most))
            painter.fillRect(bar, color)
