"""Gestures that show what they would do and wait for a yes: Enter or Apply does it, Esc does not."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import cv2
import numpy as np

from app.canvas.shapes import rectangle
from app.canvas.tools import Desk, Gesture, Hand, value_at
from core.classes import UNLABELED
from core.masks.change import NO_CHANGE, Change
from core.masks.editor import EditKind, MaskEdit, MaskEditor
from core.masks.geometry import Point
from core.masks.rect import EMPTY, Rect
from core.masks.regions import BY_AREA, mend_class, mend_region
from core.masks.smart import Cutter, Part, Stop
from core.masks.tiles import Array, Mask

MOST_PIXELS = 150_000
"""So much of the picture is cut out in less than a second."""
LEAST_BOX = 4.0
"""Logical pixels: a smaller box was a slip of the hand."""
MARGIN = 0.2
"""Share of a box's sides that is looked at around it, to learn what is not in it."""


class Question(Gesture):
    """Works out a change aside, shows it, and makes it when told so."""

    def __init__(self, desk: Desk, editor: MaskEditor, kind: EditKind) -> None:
        self._desk, self._editor, self._kind = desk, editor, kind
        self._change = NO_CHANGE
        self._turn = 0
        """Counts what was asked for, so that an answer to something older is passed over."""
        self._over = False

    @property
    def stays(self) -> bool:
        return not self._over

    @property
    def asks(self) -> bool:
        return True

    @property
    def ready(self) -> bool:
        return not self._change.empty

    def find(self, question: str, job: Callable[..., Change], *args: Any) -> None:
        """Show what `job(*args)` says once it is known; `question` is asked with it."""
        self._turn += 1
        self._desk.ask("Working…", ready=False)
        known = self._editor.mask.snapshot(), self._desk.hand.allowed, partial(self._stale, self._turn)
        self._desk.work(kept_to, job, args, *known, done=partial(self._found, self._turn, question))

    def _stale(self, turn: int) -> bool:
        """Whether nobody waits for that answer any more."""
        return self._over or turn != self._turn

    def _found(self, turn: int, question: str, change: Change) -> None:
        if turn != self._turn or self._over:
            return
        self._change = change
        self._desk.propose(change)
        self._desk.ask(question if self.ready else "Nothing to change here", ready=self.ready)

    def release(self) -> MaskEdit | None:
        change = self._change
        self._end()
        allowed = self._desk.hand.allowed
        return self._editor.apply(self._kind, change.rect, change.where, change.values, allowed=allowed)

    def cancel(self) -> Rect:
        self._end()
        return EMPTY

    def _end(self) -> None:
        self._over = True
        self._change = NO_CHANGE
        self._desk.propose(None)
        self._desk.ask("")


def kept_to(
    job: Callable[..., Change], args: tuple[Any, ...], mask: Mask, allowed: frozenset[int] | None, stale: Stop
) -> Change:
    """What the job says, without what the paint rule forbids; nothing if nobody waits for it by now."""
    return NO_CHANGE if stale() else job(*args).kept_to(mask, allowed)


class Mend(Question):
    """Fills holes, grows, shrinks, smooths or takes islands away, on what is pressed or on a whole class."""

    def __init__(self, desk: Desk, editor: MaskEditor) -> None:
        super().__init__(desk, editor, "mend")
        self._value = UNLABELED
        self._pixel: tuple[int, int] | None = None

    def press(self, point: Point, *, straight: bool, pressure: float = 1.0, erase: bool = False) -> Rect:
        self._value = value_at(self._editor, point)
        if self._value == UNLABELED:
            self._turn += 1
            self._change = NO_CHANGE
            self._desk.propose(None)
            self._desk.ask("Press on labels to mend them", ready=False)
        else:
            self._pixel = int(point[1]), int(point[0])
            self.options_changed()
        return EMPTY

    def take_class(self, value: int) -> None:
        """Mend a whole class without a press."""
        self._value, self._pixel = value, None
        self.options_changed()

    def options_changed(self) -> None:
        if self._value == UNLABELED:
            return
        hand, mask = self._desk.hand, self._editor.mask.snapshot()
        question = describe(hand, self._desk.class_name(self._value))
        if hand.whole_class or self._pixel is None:
            self.find(question, mend_class, mask, self._value, hand.operation, amount(hand))
        else:
            self.find(question, mend_region, mask, *self._pixel, hand.operation, amount(hand))


def amount(hand: Hand) -> int:
    return hand.area if hand.operation in BY_AREA else hand.distance


def describe(hand: Hand, name: str) -> str:
    sentences = {
        "fill-holes": f"Fill holes in {name}",
        "grow": f"Grow {name} by {hand.distance} px",
        "shrink": f"Shrink {name} by {hand.distance} px",
        "smooth": f"Smooth {name}",
        "remove-islands": f"Remove islands of {name}",
    }
    return sentences[hand.operation]


class CutOut(Question):
    """A box around a thing, then strokes where that is wrong: left for what belongs to it, right for what does not."""

    def __init__(self, desk: Desk, editor: MaskEditor, value: int) -> None:
        super().__init__(desk, editor, "fill")
        self._value = value
        self._start = self._end_point = (0.0, 0.0)
        self._box = EMPTY
        self._part: Part | None = None
        self._cutter: Cutter | None = None
        self._strokes: list[tuple[int, list[Point]]] = []
        """1 for what belongs to it, 0 for what does not, and the way of the hand."""
        self._held = False

    @property
    def closed(self) -> bool:
        return self._part is None

    @property
    def outline(self) -> Sequence[Point]:
        if not self._held:
            return ()
        return rectangle(self._start, self._end_point) if self._part is None else self._strokes[-1][1]

    def press(self, point: Point, *, straight: bool, pressure: float = 1.0, erase: bool = False) -> Rect:
        self._held = True
        if self._part is None:
            self._start = self._end_point = point
        else:
            self._strokes.append((0 if erase else 1, [point]))
        return EMPTY

    def drag(self, points: Sequence[Point], pressure: float = 1.0) -> Rect:
        if self._held and self._part is None:
            self._end_point = points[-1]
        elif self._held:
            self._strokes[-1][1].extend(points)
        return EMPTY

    def lift(self) -> None:
        held, self._held = self._held, False
        if held and self._part is None:
            self._take_box()
        if held and self._part is not None:
            self._cut()

    def step_back(self) -> bool:
        if not self._strokes:
            return False
        self._strokes.pop()
        self._cut()
        return True

    def class_changed(self) -> None:
        if self._value != UNLABELED:
            self._value = self._desk.hand.active_class
            if self._cutter is not None:
                self._cut()

    def _take_box(self) -> None:
        (left, top), _, (right, bottom), _ = rectangle(self._start, self._end_point)
        bounds = self._editor.mask.bounds
        self._box = Rect(round(top), round(left), round(bottom), round(right)).intersect(bounds)
        least = LEAST_BOX / self._desk.shown_zoom
        if self._box.height < least or self._box.width < least:
            self._over = True
            return
        high, wide = round(self._box.height * MARGIN) + 2, round(self._box.width * MARGIN) + 2
        box = self._box
        around = Rect(box.top - high, box.left - wide, box.bottom + high, box.right + wide).intersect(bounds)
        self._part = self._desk.part(around, MOST_PIXELS)
        self._cutter = Cutter(self._part, self._box)

    def _cut(self) -> None:
        assert self._cutter is not None
        name = "Unlabel" if self._value == UNLABELED else f"Label as {self._desk.class_name(self._value)}"
        question = f"{name} – paint what is missing, with the right button what is too much"
        self.find(question, self._cutter.cut, self._hints(), self._value, partial(self._stale, self._turn + 1))

    def _hints(self) -> Array:
        assert self._part is not None
        hints = np.full(self._part.pixels.shape[:2], UNLABELED, np.uint8)
        wide = max(1, round(6 / self._desk.shown_zoom / self._part.step))
        for value, way in self._strokes:
            pixels = np.array([self._part.pixel(point) for point in way], np.int32)
            cv2.polylines(hints, [pixels], False, value, wide)
        return hints
