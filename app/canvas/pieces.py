"""Painting superpixel by superpixel: the one under the pointer shows, and a drag takes all it passes over."""

from collections.abc import Sequence
from functools import partial

from app.canvas.tools import Desk, Gesture
from core.classes import UNLABELED
from core.masks.change import Change
from core.masks.editor import MaskEdit, MaskEditor
from core.masks.geometry import Point
from core.masks.rect import EMPTY, Rect
from core.masks.smart import Part, Stop, Superpixels, steps_for

MOST_PIXELS = 400_000
"""So much of the picture falls into pieces in about a second."""
LEAST_SIDE = 5.0
"""Pixels that are looked at: smaller pieces would say nothing."""


Wanted = tuple[Rect, int, float]
"""What is in sight, by how much it is shrunk, and how wide the pieces are to be."""


class PieceFinder:
    """Keeps the pieces of what is in sight, and finds them anew, aside, when something else is."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._pieces: Superpixels | None = None
        self._wanted: Wanted | None = None
        self._size = 0.0
        self._shown = -1
        self._at: Point | None = None

    def forget(self) -> None:
        """The picture, or the tool, is another one."""
        if self._wanted is not None:
            self._desk.ask("")
        self._pieces = self._wanted = self._at = None
        self.hide()

    def hide(self) -> None:
        if self._shown >= 0:
            self._shown = -1
            self._desk.propose(None)

    def ready(self) -> Superpixels | None:
        """The pieces of what is in sight; None while they are being looked for."""
        rect, size = self._desk.visible_rect, self._desk.hand.piece_size
        step = steps_for(rect, MOST_PIXELS) if not rect.empty else 1
        found = self._pieces
        if found is not None and size == self._size and found.part.step <= step:
            covered = found.part.rect
            if rect.intersect(covered) == rect:
                return found
        wanted = (rect, step, size)
        if rect.empty or wanted == self._wanted:
            return None
        self._wanted = wanted
        part = self._desk.part(rect, MOST_PIXELS)
        self._desk.ask("Looking for superpixels…", ready=False)
        side, passed = max(size, LEAST_SIDE * part.step), partial(self._passed, wanted)
        self._desk.work(find, part, side, passed, done=partial(self._found, wanted))
        return None

    def _passed(self, wanted: Wanted) -> bool:
        """Whether something else is looked at by now."""
        return wanted != self._wanted

    def _found(self, wanted: Wanted, pieces: Superpixels | None) -> None:
        if pieces is None or self._passed(wanted):
            return
        self._wanted, self._pieces, self._size = None, pieces, wanted[2]
        self._desk.ask("")
        if self._at is not None:
            self.hover(self._at)

    def hover(self, point: Point) -> None:
        """Show the piece under the pointer as it would be painted."""
        self._at = point
        pieces = self.ready()
        piece = -1 if pieces is None else pieces.piece_at(point)
        if pieces is None or piece < 0:
            self.hide()
        elif piece != self._shown:
            self._shown = piece
            hand = self._desk.hand
            change = Change(*pieces.region(piece), hand.active_class)
            self._desk.propose(change if hand.editor is None else change.kept_to(hand.editor.mask, hand.allowed))


def find(part: Part, side: float, passed: Stop) -> Superpixels | None:
    return None if passed() else Superpixels(part, side)


class Pieces(Gesture):
    """Paints every piece that the hand passes over."""

    def __init__(self, desk: Desk, editor: MaskEditor, finder: PieceFinder, *, erase: bool) -> None:
        self._desk, self._editor = desk, editor
        self._value = UNLABELED if erase else desk.hand.active_class
        finder.hide()
        self._pieces = finder.ready()
        self._done: set[int] = set()
        self._last: Point | None = None

    def press(self, point: Point, *, straight: bool, pressure: float = 1.0, erase: bool = False) -> Rect:
        self._editor.begin_stroke(self._value, 1, allowed=self._desk.hand.allowed)
        return self.drag([point])

    def drag(self, points: Sequence[Point], pressure: float = 1.0) -> Rect:
        if self._pieces is None or not self._editor.in_stroke:
            return EMPTY
        way = [*([] if self._last is None else [self._last]), *points]
        self._last = points[-1]
        dirty = EMPTY
        for piece in self._pieces.along(way) - self._done:
            dirty = dirty.unite(self._editor.extend_region(*self._pieces.region(piece)))
            self._done.add(piece)
        return dirty

    def release(self) -> MaskEdit | None:
        return self._editor.end_stroke() if self._editor.in_stroke else None

    def cancel(self) -> Rect:
        return self._editor.cancel_stroke() if self._editor.in_stroke else EMPTY
