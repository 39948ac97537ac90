"""From hand to mask: what a press, a drag and a release of each tool do. All points are (x, y) in image pixels.

A gesture in, a rectangle out: `press` and `drag` return what to draw anew, `release` the finished edit.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from math import hypot
from typing import Any, Literal, Protocol

from core.classes import UNLABELED
from core.masks.change import Change
from core.masks.editor import ONLY_UNLABELED, MaskEdit, MaskEditor
from core.masks.geometry import Point
from core.masks.predicted import Predicted
from core.masks.rect import EMPTY, Rect
from core.masks.regions import Operation
from core.masks.smart import Part

ToolName = Literal[
    "brush", "eraser", "line", "fill", "wand", "rectangle", "ellipse", "lasso", "polygon", "edge-lasso",
    "cut-out", "superpixels", "mend", "picker", "accept-lasso", "accept-region", "accept-brush", "pan",
]  # fmt: skip


@dataclass(slots=True)
class Hand:
    """What a tool works with, set by the panels and held by the canvas."""

    editor: MaskEditor | None = None
    active_class: int = 0
    brush_size: float = 40.0
    """Diameter in image pixels."""
    eraser_size: float = 40.0
    square: bool = False
    """Brush, eraser and line have a square tip."""
    steady: float = 0.0
    """Length of the string on which the hand pulls the brush, in logical pixels of the screen; 0 for none."""
    fill_all: bool = False
    """Fill takes all pixels of a value, not only the region under the press."""
    tolerance: float = 20.0
    """Levels of 255 that the wand lets each channel differ by."""
    piece_size: float = 32.0
    """About how wide a superpixel is, in image pixels."""
    operation: Operation = "fill-holes"
    whole_class: bool = False
    """Mending takes the whole class, not only the region under the press."""
    distance: int = 4
    """How far mending grows, shrinks and smooths, in image pixels."""
    area: int = 200
    """How many pixels the holes and islands have at most that mending takes away."""
    allowed: frozenset[int] | None = None
    """Values that may be painted over; None is anything."""
    locked: frozenset[int] = frozenset()
    """Classes that nothing but undo may change."""
    said: Predicted | None = None
    """What may be accepted; None where nothing is predicted."""
    over_labels: bool = False
    """Accept also where a person has drawn."""
    last_end: Point | None = None
    """Where the last stroke ended: Shift draws a straight line from there."""

    @property
    def acceptable(self) -> frozenset[int] | None:
        """Values that may be accepted over: labels win unless a person says otherwise, what they locked always."""
        if not self.over_labels:
            return ONLY_UNLABELED
        return frozenset(range(256)) - self.locked if self.locked else None


Ways = Sequence[Sequence[Point]]
"""Of an outline, from each point that was pressed to the next: the first holds only where it began."""


@dataclass(frozen=True, slots=True)
class Outline:
    """What was drawn around something and is not closed yet."""

    tool: ToolName
    erase: bool
    ways: Ways


class Desk(Protocol):
    """What tools need of the canvas."""

    @property
    def hand(self) -> Hand: ...
    @property
    def visible_rect(self) -> Rect:
        """The image pixels that can be seen."""
        ...

    @property
    def shown_zoom(self) -> float:
        """Logical pixels of the screen per image pixel."""
        ...

    def part(self, rect: Rect, most_pixels: int) -> Part:
        """The picture as it is shown inside `rect`, smaller where it would have more than `most_pixels`."""
        ...

    def propose(self, change: Change | None) -> None:
        """Show the mask as if it were changed; None takes that back."""
        ...

    def ask(self, question: str, *, ready: bool = True) -> None:
        """Ask whether to go on; not `ready` is work under way, "" takes the question back."""
        ...

    def work(self, function: Callable[..., Any], *args: Any, done: Callable[[Any], None]) -> Future[Any]:
        """Run a slow function aside, then `done(result)` in the window's thread."""
        ...

    def class_name(self, value: int) -> str: ...


class Gesture:
    """A press that is under way. By itself it does nothing."""

    @property
    def outline(self) -> Sequence[Point]:
        """A line to show while it is being drawn; empty for tools that change the mask at once."""
        return ()

    @property
    def closed(self) -> bool:
        """Whether the line ends where it began."""
        return True

    @property
    def stays(self) -> bool:
        """Whether it goes on after the release, to the next press."""
        return False

    @property
    def asks(self) -> bool:
        """Whether it shows what it would do and waits for a yes: left alone, it does nothing."""
        return False

    @property
    def ready(self) -> bool:
        """Whether a yes could be followed now."""
        return True

    def press(self, point: Point, *, straight: bool, pressure: float = 1.0, erase: bool = False) -> Rect:
        return EMPTY

    def drag(self, points: Sequence[Point], pressure: float = 1.0) -> Rect:
        return EMPTY

    @property
    def ways(self) -> Ways:
        """What an outline that stays has so far."""
        return ()

    def take_up(self, ways: Ways) -> None:
        """Go on with an outline of earlier."""

    def lift(self) -> None:
        """The button of a gesture that stays was let go."""

    def step_back(self) -> bool:
        """Take the last point back; False where there is none and all is to be given up."""
        return False

    def options_changed(self) -> None:
        """The tool's options are others now."""

    def class_changed(self) -> None:
        """Another class is in hand now."""

    def release(self) -> MaskEdit | None:
        return None

    def cancel(self) -> Rect:
        return EMPTY


class String:
    """Pulls the brush behind the hand on a string, so that a trembling hand draws a steady line."""

    def __init__(self, length: float) -> None:
        self._length = length
        self._tip: Point | None = None

    def pull(self, hand: Point) -> Point:
        """Where the brush is when the hand is there."""
        if self._tip is None or self._length <= 0:
            self._tip = hand
            return hand
        x, y = hand[0] - self._tip[0], hand[1] - self._tip[1]
        away = hypot(x, y)
        if away > self._length:
            share = 1 - self._length / away
            self._tip = self._tip[0] + x * share, self._tip[1] + y * share
        return self._tip


class Stroke(Gesture):
    """A brush, or an eraser: a brush that paints UNLABELED."""

    def __init__(self, hand: Hand, editor: MaskEditor, *, erase: bool, string: float = 0.0) -> None:
        """string: in image pixels."""
        self._hand = hand
        self._editor = editor
        self._value = UNLABELED if erase else hand.active_class
        self._radius = (hand.eraser_size if erase else hand.brush_size) / 2
        self._string = String(string)
        self._tip: Point | None = None
        self._at: Point | None = None
        self._pressure = 1.0
        self._start = hand.last_end

    @property
    def outline(self) -> Sequence[Point]:
        """The string."""
        return [] if self._tip == self._at or self._tip is None or self._at is None else [self._tip, self._at]

    @property
    def closed(self) -> bool:
        return False

    def press(self, point: Point, *, straight: bool, pressure: float = 1.0, erase: bool = False) -> Rect:
        self._begin()
        if straight and self._start is not None:
            self._at = self._tip = point
            dirty = self._paint([self._start, point], pressure)
            self._string.pull(point)
            return dirty
        return self.drag([point], pressure)

    def _begin(self) -> None:
        self._editor.begin_stroke(self._value, self._radius, allowed=self._hand.allowed, square=self._hand.square)

    def drag(self, points: Sequence[Point], pressure: float = 1.0) -> Rect:
        if not self._editor.in_stroke:  # someone else ended it
            return EMPTY
        self._at, self._pressure = points[-1], pressure
        way = [self._string.pull(point) for point in points]
        self._tip = way[-1]
        return self._paint(way, pressure)

    def _paint(self, points: Sequence[Point], pressure: float) -> Rect:
        return self._editor.extend_stroke(points, radius=max(0.5, self._radius * pressure))

    def release(self) -> MaskEdit | None:
        if not self._editor.in_stroke:
            return None
        if self._at is not None and self._at != self._tip:  # the brush catches up with the hand
            self._paint([self._at], self._pressure)
        self._hand.last_end = self._at
        return self._editor.end_stroke()

    def cancel(self) -> Rect:
        return self._editor.cancel_stroke() if self._editor.in_stroke else EMPTY


class Fill(Gesture):
    """Gives a region another class, or all pixels of its value. Until the release Esc takes it back."""

    def __init__(self, hand: Hand, editor: MaskEditor, *, erase: bool) -> None:
        self._hand = hand
        self._editor = editor
        self._value = UNLABELED if erase else hand.active_class

    def press(self, point: Point, *, straight: bool, pressure: float = 1.0, erase: bool = False) -> Rect:
        if not self._editor.mask.bounds.holds(point):
            return EMPTY
        everywhere = self._hand.fill_all
        return self._editor.begin_fill(point, self._value, everywhere=everywhere, allowed=self._hand.allowed)

    def release(self) -> MaskEdit | None:
        return self._editor.end_stroke() if self._editor.in_stroke else None

    def cancel(self) -> Rect:
        return self._editor.cancel_stroke() if self._editor.in_stroke else EMPTY


class Lasso(Gesture):
    """Draws around an area. What happens to it is `finish`'s business: fill it, or accept what is predicted there."""

    def __init__(self, finish: Callable[[list[Point]], MaskEdit | None]) -> None:
        self._points: list[Point] = []
        self._finish = finish

    @property
    def outline(self) -> Sequence[Point]:
        return self._points

    def press(self, point: Point, *, straight: bool, pressure: float = 1.0, erase: bool = False) -> Rect:
        self._points.append(point)
        return EMPTY

    def drag(self, points: Sequence[Point], pressure: float = 1.0) -> Rect:
        for point in points:
            last = self._points[-1]
            if hypot(point[0] - last[0], point[1] - last[1]) > 0.25:
                self._points.append(point)
        return EMPTY

    def release(self) -> MaskEdit | None:
        return self._finish(self._points) if len(self._points) > 2 else None


class Pick(Gesture):
    """Takes the class under the pointer."""

    def __init__(self, editor: MaskEditor, picked: Callable[[int], None]) -> None:
        self._editor = editor
        self._picked = picked

    def press(self, point: Point, *, straight: bool, pressure: float = 1.0, erase: bool = False) -> Rect:
        return self.drag([point])

    def drag(self, points: Sequence[Point], pressure: float = 1.0) -> Rect:
        value = value_at(self._editor, points[-1])
        if value != UNLABELED:
            self._picked(value)
        return EMPTY


def value_at(editor: MaskEditor | None, point: Point) -> int:
    """The mask's value under a point; UNLABELED outside it."""
    if editor is not None and editor.mask.bounds.holds(point):
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
    return any(value_at(hand.editor, place) in hand.allowed for place in dab(point, radius))


def dab(point: Point, radius: float) -> list[Point]:
    """A few places under a brush."""
    steps = [radius * k / 4 for k in range(-4, 5)]
    inside = [(x, y) for x in steps for y in steps if x * x + y * y <= radius * radius] or [(0.0, 0.0)]
    return [(point[0] + x, point[1] + y) for x, y in inside]
