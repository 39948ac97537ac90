"""Tools that draw an outline first and fill it when it is done: rectangle, ellipse, polygon."""

from collections.abc import Callable, Sequence
from math import cos, hypot, pi, sin

from core.masks.editor import MaskEdit
from core.masks.geometry import Point
from core.masks.rect import EMPTY, Rect

Finish = Callable[[list[Point]], MaskEdit | None]
ELLIPSE_POINTS = 128


class Shape:
    """A rectangle or an ellipse from corner to corner; with Shift, as wide as it is high."""

    stays = False

    def __init__(self, finish: Finish, outline: Callable[[Point, Point], list[Point]]) -> None:
        self._finish = finish
        self._outline = outline
        self._even = False
        self._start = self._end = (0.0, 0.0)

    @property
    def outline(self) -> Sequence[Point]:
        return [] if self._start == self._end else self._outline(self._start, self._end)

    def press(self, point: Point, *, straight: bool, pressure: float = 1.0) -> Rect:
        self._start = self._end = point
        self._even = straight
        return EMPTY

    def drag(self, points: Sequence[Point], pressure: float = 1.0) -> Rect:
        (x0, y0), (x1, y1) = self._start, points[-1]
        if self._even:
            side = max(abs(x1 - x0), abs(y1 - y0))
            x1, y1 = x0 + (side if x1 > x0 else -side), y0 + (side if y1 > y0 else -side)
        self._end = x1, y1
        return EMPTY

    def release(self) -> MaskEdit | None:
        return None if self._start == self._end else self._finish(self._outline(self._start, self._end))

    def cancel(self) -> Rect:
        return EMPTY


def rectangle(start: Point, end: Point) -> list[Point]:
    """Along the edges of pixels: every pixel that the drag touched is inside."""
    left, right = sorted((start[0], end[0]))
    top, bottom = sorted((start[1], end[1]))
    return [(left, top), (right, top), (right, bottom), (left, bottom)]


def ellipse(start: Point, end: Point) -> list[Point]:
    x, y = (start[0] + end[0]) / 2, (start[1] + end[1]) / 2
    a, b = abs(end[0] - start[0]) / 2, abs(end[1] - start[1]) / 2
    angles = (2 * pi * k / ELLIPSE_POINTS for k in range(ELLIPSE_POINTS))
    return [(x + a * cos(angle), y + b * sin(angle)) for angle in angles]


class Polygon:
    """A point at each press; the first point again, a double click or Enter closes it."""

    def __init__(self, finish: Finish, reach: Callable[[], float]) -> None:
        self._finish = finish
        self._reach = reach
        self._points: list[Point] = []
        self._hand: Point | None = None
        self.stays = True
        """Goes on after the release, until it is closed."""

    @property
    def outline(self) -> Sequence[Point]:
        return self._points if self._hand is None else [*self._points, self._hand]

    def press(self, point: Point, *, straight: bool, pressure: float = 1.0) -> Rect:
        first = self._points[0] if len(self._points) > 2 else None
        if first is not None and hypot(point[0] - first[0], point[1] - first[1]) <= self._reach():
            self.stays = False
        elif not self._points or point != self._points[-1]:
            self._points.append(point)
        return EMPTY

    def drag(self, points: Sequence[Point], pressure: float = 1.0) -> Rect:
        self._hand = points[-1]
        return EMPTY

    def step_back(self) -> None:
        """Take the last point back."""
        if len(self._points) > 1:
            self._points.pop()

    def release(self) -> MaskEdit | None:
        return self._finish(self._points) if len(self._points) > 2 else None

    def cancel(self) -> Rect:
        return EMPTY
