"""The way from one place of a picture to another: so short that nobody waits, so long that the eye can follow."""

from math import exp, log

from PySide6.QtCore import QEasingCurve, QObject, QVariantAnimation, Slot
from PySide6.QtWidgets import QStyle

from app.canvas.zooming import ZoomView
from core.masks.geometry import Point
from core.masks.rect import Rect

LONGEST_MS = 160
SAME = 1e-3
"""A difference in zoom or place that comes from rounding; a hand makes larger ones."""


class Flight(QObject):
    """Moves one view. A hand that moves it meanwhile wins; where the system wants no animations it is there at once."""

    def __init__(self, view: ZoomView) -> None:
        super().__init__(view)
        self._view = view
        self._from = self._to = (1.0, 0.0, 0.0)
        """Zoom, and the image point in the middle."""
        self._set = self._to
        self._clock = QVariantAnimation(self)
        self._clock.setStartValue(0.0)
        self._clock.setEndValue(1.0)
        self._clock.setEasingCurve(QEasingCurve.Type.InOutSine)
        self._clock.valueChanged.connect(self._move)

    def to(self, rect: Rect, closest: float) -> None:
        """Fly to where `show_rect` would show image pixels."""
        self._clock.stop()
        start = self._now()
        self._view.show_rect(rect, closest)
        self._from, self._to = start, self._now()
        wanted = self._view.style().styleHint(QStyle.StyleHint.SH_Widget_Animation_Duration, None, self._view)
        if wanted > 0 and start != self._to and self._view.isVisible():
            self._look(start)
            self._clock.setDuration(min(wanted, LONGEST_MS))
            self._clock.start()

    def stop(self) -> None:
        self._clock.stop()

    @Slot(object)
    def _move(self, share: float) -> None:
        if any(abs(a - b) > SAME for a, b in zip(self._now(), self._set, strict=True)):
            self._clock.stop()
            return
        (zoom, *place), (other, *end) = self._from, self._to
        x, y = (a + (b - a) * share for a, b in zip(place, end, strict=True))
        self._look(self._to if share == 1 else (exp(log(zoom) + (log(other) - log(zoom)) * share), x, y))

    def _look(self, there: tuple[float, float, float]) -> None:
        zoom, *place = there
        self._view.look_at((place[0], place[1]), zoom)
        self._set = self._now()

    def _now(self) -> tuple[float, float, float]:
        middle: Point = self._view.viewport.center
        return self._view.zoom, *middle
