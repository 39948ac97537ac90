"""Where the picture lies on the screen: the one place that turns screen pixels into image pixels and back.

Everything here is in device pixels, the pixels that the screen really has; the widget converts from Qt's logical
ones at its edge. The picture moves by whole device pixels, so that a pan can shift what is drawn already.
"""

from dataclasses import dataclass
from math import ceil, floor, log2

import numpy as np
import numpy.typing as npt

from core.masks.geometry import Point
from core.masks.rect import Rect

MAX_ZOOM = 64.0
MIN_ZOOM = 1 / 64
STEPS_PER_DOUBLING = 4
KEEP_IN_SIGHT = 48
"""So many device pixels of the picture stay inside the widget, however far it is pushed away."""

Indices = npt.NDArray[np.intp]


@dataclass(slots=True)
class Viewport:
    """Image point (x, y) is drawn at device point (x * zoom + left, y * zoom + top), left and top rounded."""

    width: int = 1
    height: int = 1
    image_width: int = 0
    image_height: int = 0
    zoom: float = 1.0
    """Device pixels per image pixel."""
    x: float = 0.0
    y: float = 0.0

    @property
    def left(self) -> int:
        return round(self.x)

    @property
    def top(self) -> int:
        return round(self.y)

    @property
    def bounds(self) -> Rect:
        return Rect(0, 0, self.height, self.width)

    @property
    def image_rect(self) -> Rect:
        """The device pixels that the picture takes, inside the widget."""
        whole = Rect(
            self.top,
            self.left,
            self.top + max(1, round(self.image_height * self.zoom)),
            self.left + max(1, round(self.image_width * self.zoom)),
        )
        return whole.intersect(self.bounds)

    def to_image(self, point: Point) -> Point:
        return (point[0] - self.left) / self.zoom, (point[1] - self.top) / self.zoom

    def to_device(self, point: Point) -> Point:
        return point[0] * self.zoom + self.left, point[1] * self.zoom + self.top

    def cover(self, rect: Rect, margin: int = 0) -> Rect:
        """The device pixels that show any of the image pixels in `rect`, and `margin` more on every side."""
        return Rect(
            floor(rect.top * self.zoom) + self.top - margin,
            floor(rect.left * self.zoom) + self.left - margin,
            ceil(rect.bottom * self.zoom) + self.top + margin,
            ceil(rect.right * self.zoom) + self.left + margin,
        ).intersect(self.bounds)

    @property
    def visible_rect(self) -> Rect:
        """The image pixels that can be seen."""
        (left, top), (right, bottom) = self.to_image((0, 0)), self.to_image((self.width, self.height))
        whole = Rect(0, 0, self.image_height, self.image_width)
        return Rect(floor(top), floor(left), ceil(bottom), ceil(right)).intersect(whole)

    def rows(self, top: int, bottom: int) -> Indices:
        """(bottom - top,) the image row under the middle of each device row, the nearest one outside the picture."""
        return self._nearest(top - self.top, bottom - self.top, self.image_height)

    def columns(self, left: int, right: int) -> Indices:
        return self._nearest(left - self.left, right - self.left, self.image_width)

    def _nearest(self, start: int, stop: int, size: int) -> Indices:
        index: Indices = np.floor((np.arange(start, stop) + 0.5) / self.zoom).astype(np.intp)
        return np.minimum(np.maximum(index, 0, out=index), size - 1, out=index)

    def resize(self, width: int, height: int) -> None:
        """Take another size and keep what was in the middle there."""
        self.x += (width - self.width) / 2
        self.y += (height - self.height) / 2
        self.width, self.height = max(1, width), max(1, height)
        self._keep_in_sight()

    def pan(self, dx: float, dy: float) -> None:
        self.x, self.y = self.x + dx, self.y + dy
        self._keep_in_sight()

    def zoom_to(self, zoom: float, at: Point) -> None:
        """Zoom so that what is under device point `at` stays there."""
        zoom = min(MAX_ZOOM, max(self.min_zoom, zoom))
        self.x = at[0] - (at[0] - self.x) / self.zoom * zoom
        self.y = at[1] - (at[1] - self.y) / self.zoom * zoom
        self.zoom = zoom
        self._keep_in_sight()

    def fit(self, margin: int = 0) -> None:
        """Show the whole picture, as large as it goes."""
        self.zoom = min(MAX_ZOOM, self.fit_zoom(margin))
        self.center_on((self.image_width / 2, self.image_height / 2))

    def fit_zoom(self, margin: int = 0) -> float:
        wide = max(1, self.width - 2 * margin) / max(1, self.image_width)
        high = max(1, self.height - 2 * margin) / max(1, self.image_height)
        return min(wide, high)

    @property
    def min_zoom(self) -> float:
        return min(1.0, max(MIN_ZOOM, self.fit_zoom() / 2))

    def center_on(self, point: Point) -> None:
        self.x = self.width / 2 - point[0] * self.zoom
        self.y = self.height / 2 - point[1] * self.zoom
        self._keep_in_sight()

    def fill(self, margin: int = 0) -> None:
        """Push the picture until it fills the widget but for `margin`, or lies in its middle if it is smaller."""
        self.x = filled(self.x, self.image_width * self.zoom, self.width, margin)
        self.y = filled(self.y, self.image_height * self.zoom, self.height, margin)

    @property
    def center(self) -> Point:
        """The image point in the middle of the widget."""
        return (self.width / 2 - self.x) / self.zoom, (self.height / 2 - self.y) / self.zoom

    def _keep_in_sight(self) -> None:
        keep = KEEP_IN_SIGHT
        wide, high = self.image_width * self.zoom, self.image_height * self.zoom
        self.x = min(max(self.x, min(keep, self.width / 2) - wide), max(self.width - keep, self.width / 2))
        self.y = min(max(self.y, min(keep, self.height / 2) - high), max(self.height - keep, self.height / 2))


def filled(start: float, size: float, room: int, margin: int) -> float:
    """Where a picture of `size` begins that began at `start`, so that it fills `room` but for a margin at its ends."""
    if size <= room - 2 * margin:
        return (room - size) / 2
    return min(margin, max(room - margin - size, start))


def next_zoom(zoom: float, steps: float) -> float:
    """The zoom `steps` notches on, on a ladder of four steps a doubling that passes through 100 %."""
    place = log2(zoom) * STEPS_PER_DOUBLING
    if steps == int(steps):
        place = floor(place + 1e-6) if steps > 0 else ceil(place - 1e-6)
    return float(2 ** ((place + steps) / STEPS_PER_DOUBLING))
