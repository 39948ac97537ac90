"""How well each class is found: name, percent and a bar below, in two columns."""

from collections.abc import Mapping
from math import ceil, isfinite

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from app.theme import caption_font, tones

LINE, GAP, BAR = 18, 16, 3


class IouBars(QWidget):
    """A class with nothing to measure shows a dash."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._values: list[tuple[str, str, float]] = []
        self.setAccessibleName("Intersection over union of each class")
        self.setToolTip("Of the pixels that are a class or are taken for it, the share that is both")

    def show_values(self, values: Mapping[str, float], colors: Mapping[str, str]) -> None:
        """IoU 0 to 1 by class name; NaN where there is nothing to measure."""
        self._values = [(name, colors.get(name, tones().muted), value) for name, value in values.items()]
        self.setFixedHeight(LINE * ceil(len(self._values) / 2))
        self.setAccessibleDescription(", ".join(f"{n} {percent(v)}" for n, _, v in self._values))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(caption_font(self.font()))
        lines, width = ceil(len(self._values) / 2), (self.width() - GAP) / 2
        for number, (name, color, value) in enumerate(self._values):
            column, line = divmod(number, max(1, lines))
            self._draw(painter, QRectF(column * (width + GAP), line * LINE, width, LINE), name, color, value)
        painter.end()

    def _draw(self, painter: QPainter, area: QRectF, name: str, color: str, value: float) -> None:
        scheme, metrics = tones(), painter.fontMetrics()
        words, figure = area.adjusted(0, 0, 0, -BAR - 1), percent(value)
        room = int(area.width()) - metrics.horizontalAdvance("100 %") - 4
        painter.setPen(QColor(scheme.text))
        elided = metrics.elidedText(name, Qt.TextElideMode.ElideRight, room)
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, elided)
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, figure)
        bar = QRectF(area.left(), area.bottom() - BAR - 1, area.width(), BAR)
        painter.fillRect(bar, QColor(scheme.line))
        if isfinite(value):
            bar.setWidth(bar.width() * value)
            painter.fillRect(bar, QColor(color))


def percent(share: float) -> str:
    return f"{share:.0%}".replace("%", " %") if isfinite(share) else "–"
