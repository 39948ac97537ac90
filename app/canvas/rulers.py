"""Rulers along the top and left edge of the canvas: in pixels, or in metres where the file says how large one is."""

from collections.abc import Iterator
from math import ceil, floor, log10
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QLine, QRect, QSize, Qt, Slot
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPixmap, QTransform
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QWidget

from app.canvas.scale import UNITS
from app.theme import caption_font, tones

if TYPE_CHECKING:
    from app.canvas.view import CanvasView

THICK = 20
APART = 72
"""Labels are no closer to one another than so many logical pixels, ticks than LEAST_GAP."""
LEAST_GAP = 6
TICK = 5
"""Length of those without a label."""
PARTS = {1: (10, 5, 2), 2: (10, 4, 2), 5: (10, 5)}
"""Into how many parts ticks may divide the space between labels, by the first figure of that space."""


def round_step(least: float) -> tuple[float, int]:
    """The shortest of 1, 2 or 5 times a power of ten that is no shorter than `least`, and its first figure."""
    power = 10.0 ** floor(log10(least) + 1e-9)
    return next(
        (step * power, 1 if step == 10 else step) for step in (1, 2, 5, 10) if step * power >= least * (1 - 1e-9)
    )


class Scale(NamedTuple):
    """What a ruler shows. Lengths along it are logical pixels."""

    start: float
    """Where the picture begins."""
    pixel: float
    """How long one of its pixels is."""
    pixels: int
    """How many it has this way."""
    metres: float | None
    """The size of one, where that is known."""
    shown: int
    """How long the ruler is."""

    def steps(self) -> tuple[float, float, str]:
        """Image pixels between labels, the labels' difference, and the unit that they are in."""
        if self.metres is None:
            step = max(1.0, round_step(APART / self.pixel)[0])
            return step, step, "px"
        length = round_step(APART / self.pixel * self.metres)[0]
        name, size = next(((n, s) for n, s in UNITS if length >= s * (1 - 1e-9)), UNITS[-1])
        return length / self.metres, length / size, name

    def parts(self) -> int:
        """How many ticks there are for each label."""
        step, difference, _ = self.steps()
        for parts in PARTS[round_step(difference)[1]]:
            whole = self.metres is not None or step % parts == 0
            if whole and step / parts * self.pixel >= LEAST_GAP:
                return parts
        return 1

    def ticks(self) -> Iterator[tuple[float, str]]:
        """Where the ticks are that can be seen, with the labels of those that have one."""
        (step, difference, _), parts = self.steps(), self.parts()
        apart = step / parts * self.pixel
        first = max(0, floor(-(self.start + APART) / apart))
        last = min((self.shown - self.start) / apart, self.pixels * self.pixel / apart)
        for tick in range(first, floor(last + 1e-6) + 1):
            label = "" if tick % parts else f"{tick // parts * difference:.12g}"
            yield self.start + tick * apart, label


class Ruler(QWidget):
    """One of the two; what it shows is drawn once and kept until the canvas shows something else."""

    def __init__(self, view: "CanvasView", *, upright: bool) -> None:
        super().__init__()
        self._view, self._upright = view, upright
        self._drawn: tuple[object, ...] = ()
        self._kept = QPixmap()
        self._pixel: int | None = None
        fixed, free = QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Ignored
        self.setSizePolicy(*((fixed, free) if upright else (free, fixed)))
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def sizeHint(self) -> QSize:
        return QSize(THICK, THICK)

    def scale(self) -> Scale:
        view, ratio = self._view.viewport, self.devicePixelRatioF()
        start, pixels = (view.top, view.image_height) if self._upright else (view.left, view.image_width)
        shown = self.height() if self._upright else self.width()
        return Scale(start / ratio, view.zoom / ratio, pixels, self._view.scale_bar.pixel_size, shown)

    def mark(self, pixel: int | None) -> None:
        """Show where the pointer is, as the row or column of the picture; None where it is not over it."""
        if pixel != self._pixel:
            self.update(self._place())
            self._pixel = pixel
            self.update(self._place())

    def _place(self) -> QRect:
        """Of the mark: a pixel of the picture, or a line where that is smaller."""
        if self._pixel is None:
            return QRect()
        scale = self.scale()
        begin = floor(scale.start + self._pixel * scale.pixel)
        length = max(1, ceil(scale.start + (self._pixel + 1) * scale.pixel) - begin)
        return QRect(0, begin, THICK, length) if self._upright else QRect(begin, 0, length, THICK)

    def paintEvent(self, event: QPaintEvent) -> None:
        now = (self.scale(), self.size(), self.devicePixelRatioF(), tones())
        if now != self._drawn:
            self._drawn = now
            self._draw(now[0])
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._kept)
        place = self._place()
        color = QColor(tones().text)
        color.setAlpha(255 if min(place.width(), place.height()) < 3 else 110)
        painter.fillRect(place, color)
        painter.end()

    def _draw(self, scale: Scale) -> None:
        ratio = self.devicePixelRatioF()
        self._kept = QPixmap(self.size() * ratio)
        self._kept.setDevicePixelRatio(ratio)
        self._kept.fill(QColor(tones().panel))
        ticks = [(round(at), text) for at, text in scale.ticks()] if scale.pixels else []
        painter = QPainter(self._kept)
        if self._upright:
            painter.setTransform(QTransform(0, 1, 1, 0, 0, 0))  # so that x always runs along the ruler
        painter.setPen(QColor(tones().line))
        painter.drawLine(0, THICK - 1, scale.shown, THICK - 1)
        painter.setPen(QColor(tones().edge))
        painter.drawLines([QLine(at, 0 if text else THICK - TICK, at, THICK) for at, text in ticks])
        painter.resetTransform()
        self._write(painter, [tick for tick in ticks if tick[1]], scale.shown)
        painter.end()

    def _write(self, painter: QPainter, labels: list[tuple[int, str]], shown: int) -> None:
        """Labels just after their ticks; those at the left read upwards."""
        painter.setFont(caption_font(painter.font()))
        painter.setPen(QColor(tones().muted))
        width = painter.fontMetrics().horizontalAdvance
        if self._upright:
            painter.rotate(-90)
        for at, text in labels:
            wide = width(text)
            if at + wide + 4 < shown:
                painter.drawText(-at - wide - 4 if self._upright else at + 4, THICK - TICK - 3, text)


class Ruled(QWidget):
    """A canvas with its rulers and, in the corner between them, their unit."""

    def __init__(self, view: "CanvasView") -> None:
        super().__init__()
        self._view = view
        self.top, self.side = Ruler(view, upright=False), Ruler(view, upright=True)
        self.unit = QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        self.unit.setProperty("role", "caption")
        self.unit.setFont(caption_font(self.unit.font()))
        self.unit.setFixedSize(THICK, THICK)
        grid = self._grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(0)
        for place, widget in (((0, 0), self.unit), ((0, 1), self.top), ((1, 0), self.side), ((1, 1), view)):
            grid.addWidget(widget, *place)
        grid.addWidget(view.split.beside, 1, 2)
        view.zoom_changed.connect(self.follow)
        view.hovered.connect(self._mark)
        view.left.connect(self._unmark)
        self.set_shown(False)

    def put_below(self, strip: QWidget) -> None:
        """Let a strip stand under the canvas, and under what is beside it, when it is shown."""
        self._grid.addWidget(strip, 2, 0, 1, 3)

    def show_strip(self, strip: QWidget, on: bool) -> None:
        """Show or hide a strip; the picture stays where it is."""
        zoom, corner = self._view.zoom, self._view.from_image((0, 0))
        strip.setVisible(on)
        self._grid.activate()
        self._view.zoom_to(zoom)
        moved = corner - self._view.from_image((0, 0))
        self._view.pan(moved.x(), moved.y())

    @Slot(bool)
    def set_shown(self, on: bool) -> None:
        for part in (self.unit, self.top, self.side):
            part.setVisible(on)
        self.follow()

    @Slot()
    def follow(self) -> None:
        """The canvas shows another part of the picture, or the size of its pixels became known."""
        if self.unit.isHidden():
            return
        self.top.update()
        self.side.update()
        unit = self.top.scale().steps()[2]
        if unit != self.unit.text():
            self.unit.setText(unit)
            self.top.setAccessibleName(f"Ruler along the top, in {unit}")
            self.side.setAccessibleName(f"Ruler at the left, in {unit}")

    @Slot(int, int)
    def _mark(self, x: int, y: int) -> None:
        self.top.mark(x)
        self.side.mark(y)

    @Slot()
    def _unmark(self) -> None:
        self.top.mark(None)
        self.side.mark(None)
