"""From hand to mask: what a press, a drag and a release of each tool do. All points are (x, y) in image pixels.

A gesture in, a rectangle out: `press` and `drag` return what to draw anew, `release` the finished edit.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import hypot
from typing import Literal, Protocol

from core.classes import UNLABELED
from core.masks.editor import MaskEdit, MaskEditor
from core.masks.geometry import Point
from core.masks.rect import EMPTY, Rect

ToolName = Literal[
    "brush", "eraser", "fill", "pan", "lasso", "accept-lasso", "picker", "rectangle", "ellipse", "polygon", "wand"
]


@dataclass(slots=True)
class Hand:
    """What a tool works with, set by the panels and held by the canvas."""

    editor: MaskEditor | None = None
    active_class: int = 0
    brush_size: float = 40.0
    """Diameter in image pixels."""
    eraser_size: float = 40.0
    allowed: frozenset[int] | None = None
    """Values that may be painted over; None is anything."""
    last_end: Point | None = None
    """Where the last stroke ended: Shift draws a straight line from there."""


class Gesture(Protocol):
    """A press that is under way."""

    @property
    def outline(self) -> Sequence[Point]:
        """A line to show while it is being drawn; empty for tools that change the mask at once."""
        ...

    @property
    def stays(self) -> bool:
        """Whether it goes on after the release, to the next press."""
        ...

    def press(self, point: Point, *, straight: bool, pressure: float = 1.0) -> Rect: ...
    def drag(self, points: Sequence[Point], pressure: float = 1.0) -> Rect: ...
    def release(self) -> MaskEdit | None: ...
    def cancel(self) -> Rect: ...


class Stroke:
    """A brush, or an eraser: a brush that paints UNLABELED."""

    outline: Sequence[Point] = ()
    stays = False

    def __init__(self, hand: Hand, editor: MaskEditor, *, erase: bool) -> None:
        self._hand = hand
        self._editor = editor
        self._value = UNLABELED if erase else hand.active_class
        self._radius = (hand.eraser_size if erase else hand.brush_size) / 2
        self._last: Point | None = None
        self._start = hand.last_end

    def press(self, point: Point, *, straight: bool, pressure: float = 1.0) -> Rect:
        self._editor.begin_stroke(self._value, self._radius, allowed=self._hand.allowed)
        line = [self._start, point] if straight and self._start is not None else [point]
        return self.drag(line, pressure)

    def drag(self, points: Sequence[Point], pressure: float = 1.0) -> Rect:
        if not self._editor.in_stroke:  # someone else ended it
            return EMPTY
        self._last = points[-1]
        return self._editor.extend_stroke(points, radius=max(0.5, self._radius * pressure))

    def release(self) -> MaskEdit | None:
        if not self._editor.in_stroke:
            return None
        self._hand.last_end = self._last
        return self._editor.end_stroke()

    def cancel(self) -> Rect:
        return self._editor.cancel_stroke() if self._editor.in_stroke else EMPTY


class Fill:
    """Gives the connected region under the press another class, at the release: until then Esc takes it back."""

    outline: Sequence[Point] = ()
    stays = False

    def __init__(self, hand: Hand, editor: MaskEditor, *, erase: bool) -> None:
        self._hand = hand
        self._editor = editor
        self._value = UNLABELED if erase else hand.active_class
        self._point: Point = (-1.0, -1.0)

    def press(self, point: Point, *, straight: bool, pressure: float = 1.0) -> Rect:
        self._point = point
        return EMPTY

    def drag(self, points: Sequence[Point], pressure: float = 1.0) -> Rect:
        return EMPTY

    def release(self) -> MaskEdit | None:
        x, y = self._point
        bounds = self._editor.mask.bounds
        if self._editor.in_stroke or not (0 <= x < bounds.width and 0 <= y < bounds.height):
            return None
        return self._editor.fill(self._point, self._value, allowed=self._hand.allowed)

    def cancel(self) -> Rect:
        return EMPTY


class Lasso:
    """Draws around an area. What happens to it is `finish`'s business: fill it, or accept what is predicted there."""

    stays = False

    def __init__(self, finish: Callable[[list[Point]], MaskEdit | None]) -> None:
        self.outline: list[Point] = []
        self._finish = finish

    def press(self, point: Point, *, straight: bool, pressure: float = 1.0) -> Rect:
        self.outline.append(point)
        return EMPTY

    def drag(self, points: Sequence[Point], pressure: float = 1.0) -> Rect:
        for point in points:
            last = self.outline[-1]
            if hypot(point[0] - last[0], point[1] - last[1]) > 0.25:
                self.outline.append(point)
        return EMPTY

    def release(self) -> MaskEdit | None:
        return self._finish(self.outline) if len(self.outline) > 2 else None

    def cancel(self) -> Rect:
        return EMPTY


class Pick:
    """Takes the class under the pointer."""

    outline: Sequence[Point] = ()
    stays = False

    def __init__(self, editor: MaskEditor, picked: Callable[[int], None]) -> None:
        self._editor = editor
        self._picked = picked

    def press(self, point: Point, *, straight: bool, pressure: float = 1.0) -> Rect:
        return self.drag([point])

    def drag(self, points: Sequence[Point], pressure: float = 1.0) -> Rect:
        value = value_at(self._editor, points[-1])
        if value != UNLABELED:
            self._picked(value)
        return EMPTY

    def release(self) -> MaskEdit | None:
        return None

    def cancel(self) -> Rect:
        return EMPTY


def value_at(editor: MaskEditor | None, point: Point) -> int:
    """The mask's value under a point; UNLABELED outside it."""
    if editor is None:
        return UNLABELED
    bounds = editor.mask.bounds
    if 0 <= point[0] < bounds.width and 0 <= point[1] < bounds.height:
        return editor.mask.value(int(point[1]), int(point[0]))
    return UNLABELED


def may_paint(hand: Hand, point: Point, radius: float) -> bool:
    """Whether a dab here could change anything, judged at a few places under the brush."""
    if hand.editor is None:
        return False
    if hand.allowed is None:
        return True
    if not hand.allowed:
        return False
    steps = [radius * k / 4 for k in range(-4, 5)]
    dab = [(x, y) for x in steps for y in steps if x * x + y * y <= radius * radius] or [(0.0, 0.0)]
    return any(value_at(hand.editor, (point[0] + x, point[1] + y)) in hand.allowed for x, y in dab)
