"""Tools that draw an outline first and paint when it is done: rectangle, ellipse, line, polygon."""

from collections.abc import Callable, Sequence
from math import atan2, cos, hypot, pi, sin

from app.canvas.tools import Gesture, Hand, Ways
from core.classes import UNLABELED
from core.masks.editor import MaskEdit, MaskEditor
from core.masks.geometry import Point
from core.masks.rect import EMPTY, Rect

Finish = Callable[[list[Point]], MaskEdit | None]
ELLIPSE_POINTS = 128
TURN = pi / 12
"""With Shift a line turns in steps of 15°."""


class Shape(Gesture):
    """A rectangle or an ellipse from corner to corner; with Shift, as wide as it is high."""

    def __init__(self, finish: Finish, outline: Callable[[Point, Point], list[Point]]) -> None:
        self._finish = finish
        self._outline = outline
        self._even = False
        self._start = self._end = (0.0, 0.0)

    @property
    def outline(self) -> Sequence[Point]:
        return [] if self._start == self._end else self._outline(self._start, self._end)

    def press(self, point: Point, *, straight: bool, pressure: float = 1.0, erase: bool = False) -> Rect:
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


class Line(Gesture):
    """A straight stroke of the brush, shown as wide as it will be; with Shift, in steps of 15°."""

    def __init__(self, hand: Hand, editor: MaskEditor, *, erase: bool) -> None:
        self._hand = hand
        self._editor = editor
        self._value = UNLABELED if erase else hand.active_class
        self._radius = (hand.eraser_size if erase else hand.brush_size) / 2
        self._even = False
        self._start = self._end = (0.0, 0.0)

    @property
    def outline(self) -> Sequence[Point]:
        return (square_way if self._hand.square else round_way)(self._start, self._end, self._radius)

    def press(self, point: Point, *, straight: bool, pressure: float = 1.0, erase: bool = False) -> Rect:
        self._start = self._end = point
        self._even = straight
        return EMPTY

    def drag(self, points: Sequence[Point], pressure: float = 1.0) -> Rect:
        self._end = turned(self._start, points[-1]) if self._even else points[-1]
        return EMPTY

    def release(self) -> MaskEdit | None:
        self._editor.begin_stroke(self._value, self._radius, allowed=self._hand.allowed, square=self._hand.square)
        self._editor.extend_stroke([self._start, self._end])
        self._hand.last_end = self._end
        return self._editor.end_stroke()


def turned(start: Point, end: Point) -> Point:
    """The point on the nearest of 24 directions, as far from `start` as `end` is."""
    x, y = end[0] - start[0], end[1] - start[1]
    angle = round(atan2(y, x) / TURN) * TURN
    return start[0] + hypot(x, y) * cos(angle), start[1] + hypot(x, y) * sin(angle)


def round_way(start: Point, end: Point, radius: float) -> list[Point]:
    """The outline of a round brush's straight way."""
    angle = atan2(end[1] - start[1], end[0] - start[0])
    half = [pi * k / 24 - pi / 2 for k in range(25)]
    ahead = [(end[0] + radius * cos(angle + a), end[1] + radius * sin(angle + a)) for a in half]
    behind = [(start[0] - radius * cos(angle + a), start[1] - radius * sin(angle + a)) for a in half]
    return ahead + behind


def square_way(start: Point, end: Point, radius: float) -> list[Point]:
    """The outline of a square brush's straight way."""
    left, right = sorted((start, end))  # from left to right it goes down or up
    r = radius if right[1] >= left[1] else -radius
    return [
        (left[0] - radius, left[1] + r), (left[0] - radius, left[1] - r), (left[0] + radius, left[1] - r),
        (right[0] + radius, right[1] - r), (right[0] + radius, right[1] + r), (right[0] - radius, right[1] + r),
    ]  # fmt: skip


class Polygon(Gesture):
    """A point at each press; the first point again, a double click or Enter closes it."""

    def __init__(self, finish: Finish, reach: Callable[[], float]) -> None:
        self._finish = finish
        self._reach = reach
        self._points: list[Point] = []
        self._hand: Point | None = None
        self._goes_on = True

    @property
    def stays(self) -> bool:
        return self._goes_on

    @property
    def outline(self) -> Sequence[Point]:
        return self._points if self._hand is None else [*self._points, self._hand]

    @property
    def ways(self) -> Ways:
        return [[point] for point in self._points]

    def take_up(self, ways: Ways) -> None:
        self._points = [way[-1] for way in ways]

    def press(self, point: Point, *, straight: bool, pressure: float = 1.0, erase: bool = False) -> Rect:
        first = self._points[0] if len(self._points) > 2 else None
        if first is not None and hypot(point[0] - first[0], point[1] - first[1]) <= self._reach():
            self._goes_on = False
        elif not self._points or point != self._points[-1]:
            self._points.append(point)
        return EMPTY

    def drag(self, points: Sequence[Point], pressure: float = 1.0) -> Rect:
        self._hand = points[-1]
        return EMPTY

    def step_back(self) -> bool:
        self._points.pop()
        return bool(self._points)

    def release(self) -> MaskEdit | None:
        return self._finish(self._points) if len(self._points) > 2 else None
