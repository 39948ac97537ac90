"""Taking a prediction over by hand: what lies under a brush, and the region under the pointer."""

from dataclasses import dataclass

from app.canvas.tools import Desk, Gesture, Hand, Stroke, dab, value_at
from core.classes import UNLABELED
from core.masks.change import Change
from core.masks.editor import MaskEdit, MaskEditor
from core.masks.fill import connected_tiles
from core.masks.geometry import Point, Where
from core.masks.predicted import Predicted
from core.masks.rect import EMPTY, Rect
from core.masks.regions import Region
from core.masks.tiles import Mask


class AcceptStroke(Stroke):
    """A brush that paints what the prediction says under it."""

    def __init__(self, hand: Hand, editor: MaskEditor, *, string: float = 0.0) -> None:
        super().__init__(hand, editor, erase=False, string=string)
        self._start = None  # Shift belongs to the key that may be held to borrow the tool

    def _begin(self) -> None:
        hand = self._hand
        if hand.said is not None:
            self._editor.begin_accept(hand.said, self._radius, allowed=hand.acceptable, square=hand.square)

    def release(self) -> MaskEdit | None:
        last = self._hand.last_end
        edit = super().release()
        self._hand.last_end = last
        return edit


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """A region in which a prediction says the same."""

    said: Predicted
    rect: Rect
    where: Where
    """(rect.height, rect.width)."""

    def holds(self, point: Point) -> bool:
        if not self.rect.holds(point):
            return False
        return bool(self.where[int(point[1]) - self.rect.top, int(point[0]) - self.rect.left])


def find_region(said: Predicted, point: Point) -> Found:
    """The region around a point of the picture."""
    rect, tiles = connected_tiles(said, int(point[1]), int(point[0]))
    return Found(said, rect, Region(said, rect, tiles).read(rect))


def look(said: Predicted, point: Point, mask: Mask, allowed: frozenset[int] | None) -> tuple[Found, Change]:
    """The region around a point, and what accepting it would change."""
    found = find_region(said, point)
    value = said.value(int(point[1]), int(point[0]))
    return found, Change(found.rect, found.where, value).kept_to(mask, allowed)


class RegionFinder:
    """Shows what a press would take over. It is worked out aside, and kept for the press."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._at: Point | None = None
        self._found: Found | None = None
        self._change: Change | None = None
        self._shown = self._looking = False

    def forget(self) -> None:
        """Prediction, mask or tool differ."""
        self._at = self._found = self._change = None
        self.hide()

    def hide(self) -> None:
        if self._shown:
            self._shown = False
            self._desk.propose(None)

    def hover(self, point: Point) -> None:
        """Show the region under the pointer as it would be labelled."""
        self._at = point
        if self._known(point) is None:
            self.hide()
            self._look(point)
        elif not self._shown:
            self._shown = True
            self._desk.propose(self._change)

    def take(self, point: Point) -> Found | None:
        """The region under a press; None where nothing sure is predicted."""
        found, said = self._known(point), self._desk.hand.said
        self.forget()
        if found is None and said is not None and said_at(self._desk.hand, point) != UNLABELED:
            return find_region(said, point)
        return found

    def _known(self, point: Point) -> Found | None:
        found = self._found
        return found if found is not None and found.said is self._desk.hand.said and found.holds(point) else None

    def _look(self, point: Point) -> None:
        hand = self._desk.hand
        if self._looking or hand.editor is None or hand.said is None or said_at(hand, point) == UNLABELED:
            return
        self._looking = True
        known = hand.editor.mask.snapshot(), hand.acceptable
        self._desk.work(look, hand.said, point, *known, done=self._take)

    def _take(self, looked: tuple[Found, Change]) -> None:
        """The pointer may be elsewhere by now."""
        self._looking = False
        if self._at is not None:
            self._found, self._change = looked
            self.hover(self._at)


class AcceptRegion(Gesture):
    """Takes over the connected pixels of which a prediction says the same. Until the release Esc takes that back."""

    def __init__(self, hand: Hand, editor: MaskEditor, finder: RegionFinder) -> None:
        self._hand, self._editor, self._finder = hand, editor, finder

    def press(self, point: Point, *, straight: bool, pressure: float = 1.0, erase: bool = False) -> Rect:
        found = self._finder.take(point)
        if found is None:
            return EMPTY
        self._editor.begin_accept(found.said, allowed=self._hand.acceptable)
        return self._editor.extend_region(found.rect, found.where)

    def release(self) -> MaskEdit | None:
        return self._editor.end_stroke() if self._editor.in_stroke else None

    def cancel(self) -> Rect:
        return self._editor.cancel_stroke() if self._editor.in_stroke else EMPTY


def said_at(hand: Hand, point: Point) -> int:
    """What is predicted under a point; UNLABELED where nothing sure is, and outside the picture."""
    if hand.said is None or not hand.said.bounds.holds(point):
        return UNLABELED
    return hand.said.value(int(point[1]), int(point[0]))


def may_accept(hand: Hand, point: Point, radius: float) -> bool:
    """Whether accepting under a brush here could change anything, judged at a few places."""
    return any(_may_accept_at(hand, place) for place in dab(point, radius))


def _may_accept_at(hand: Hand, point: Point) -> bool:
    said, label = said_at(hand, point), value_at(hand.editor, point)
    return said not in (UNLABELED, label) and (hand.acceptable is None or label in hand.acceptable)
