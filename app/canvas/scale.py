"""The scale bar: how long a round length is on the screen, where the file says how large a pixel is."""

from math import floor, log10
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from app.canvas.film_view import FilmView

LONGEST = 160
"""Logical pixels that the bar may take."""
MARGIN, HEIGHT = 12, 34
UNITS = (("km", 1e3), ("m", 1.0), ("cm", 1e-2), ("mm", 1e-3), ("µm", 1e-6), ("nm", 1e-9))


def round_length(limit: float) -> float:
    """The longest of 1, 2 or 5 times a power of ten that is no longer than `limit`, in metres."""
    power = 10.0 ** floor(log10(limit))
    return max(step * power for step in (1, 2, 5) if step * power <= limit * (1 + 1e-9))


def length_text(metres: float) -> str:
    name, size = next(((n, s) for n, s in UNITS if metres >= s * (1 - 1e-9)), UNITS[-1])
    return f"{metres / size:.12g} {name}"


class ScaleBar(QWidget):
    """Lies over the picture's lower left corner and lets the hand through."""

    def __init__(self, view: "FilmView") -> None:
        super().__init__(view)
        self._view = view
        self.pixel_size: float | None = None
        """Metres per image pixel."""
        self._length = 1.0
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hide()

    def show_for(self, pixel_size: float | None) -> None:
        """Show how long things are where a pixel is so many metres wide."""
        self.pixel_size = pixel_size
        self.follow()

    @property
    def text(self) -> str:
        return length_text(self._length)

    def follow(self) -> None:
        """The canvas has another zoom or size."""
        shown = self.pixel_size is not None and self._view.picture is not None
        if shown:
            length = round_length(LONGEST * self._metres_per_point)
            if length != self._length:
                self._length = length
                self.setAccessibleName(f"Scale: {self.text}")
            self.setGeometry(MARGIN, self._view.height() - MARGIN - HEIGHT, LONGEST + 24, HEIGHT)
            self.update()
        if shown != self.isVisible():
            self.setVisible(shown)

    @property
    def _metres_per_point(self) -> float:
        """Metres for each logical pixel of the screen."""
        return (self.pixel_size or 1.0) * self._view.devicePixelRatioF() / self._view.zoom

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        wide = self._length / self._metres_per_point
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(0, 0, 0, 150))
        painter.drawRoundedRect(QRectF(0, 0, wide + 24, HEIGHT), 4, 4)
        painter.fillRect(QRectF(12, HEIGHT - 10, wide, 3), QColor("#ffffff"))
        painter.setPen(QColor("#ffffff"))
        painter.drawText(QRectF(0, 2, wide + 24, HEIGHT - 13), Qt.AlignmentFlag.AlignCenter, self.text)
        painter.end()
