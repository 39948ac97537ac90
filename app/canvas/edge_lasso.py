"""The lasso that follows edges: a click sets an anchor, and the line between them looks for the edge by itself."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from math import hypot

from app.canvas.shapes import Finish
from app.canvas.tools import Desk, Gesture, Ways
from core.masks.editor import MaskEdit
from core.masks.geometry import Point
from core.masks.rect import EMPTY, Rect
from core.masks.smart import EdgePaths, Part

MOST_PIXELS = 500_000
"""So much of the picture is searched in about a fifth of a second."""


class EdgeLasso(Gesture):
    """The first anchor again, a double click or Enter closes it; Backspace takes an anchor back."""

    def __init__(self, desk: Desk, finish: Finish, reach: Callable[[], float]) -> None:
        self._desk, self._finish, self._reach = desk, finish, reach
        self._ways: list[list[Point]] = []
        """From each anchor to the next; the first holds only where it began."""
        self._hand: Point | None = None
        self._search: Future[EdgePaths] | None = None
        self._paths: EdgePaths | None = None
        self._goes_on = True

    @property
    def stays(self) -> bool:
        return self._goes_on

    @property
    def closed(self) -> bool:
        return False

    @property
    def outline(self) -> Sequence[Point]:
        """What is drawn, and the way on to the hand as far as it is known yet."""
        ahead = [] if self._hand is None or not self._ways else self._way_to(self._hand, wait=False)
        return [point for way in self._ways for point in way] + ahead

    @property
    def anchors(self) -> list[Point]:
        return [way[-1] for way in self._ways]

    @property
    def ways(self) -> Ways:
        return self._ways

    def take_up(self, ways: Ways) -> None:
        self._ways = [list(way) for way in ways]
        self._look(self.anchors[-1])

    def press(self, point: Point, *, straight: bool, pressure: float = 1.0, erase: bool = False) -> Rect:
        first = self._ways[0][0] if len(self._ways) > 2 else None
        if first is not None and hypot(point[0] - first[0], point[1] - first[1]) <= self._reach():
            self._goes_on = False
        elif not self._ways:
            self._ways.append([point])
            self._look(point)
        elif point != self.anchors[-1]:
            self._ways.append([point] if straight else self._way_to(point, wait=True))
            self._look(self.anchors[-1])
        return EMPTY

    def drag(self, points: Sequence[Point], pressure: float = 1.0) -> Rect:
        self._hand = points[-1]
        return EMPTY

    def step_back(self) -> bool:
        self._ways.pop()
        if not self._ways:
            return False
        self._look(self.anchors[-1])
        return True

    def release(self) -> MaskEdit | None:
        self._hand = None
        if len(self._ways) < 2:
            return None
        back = self._way_to(self._ways[0][0], wait=True)
        return self._finish([point for way in self._ways for point in way] + back)

    def _look(self, anchor: Point) -> None:
        """Find the ways from an anchor to everywhere, aside."""
        part = self._desk.part(self._desk.visible_rect, MOST_PIXELS)
        known = self._paths if self._paths is not None and self._paths.part.rect == part.rect else None
        self._paths = None
        self._search = self._desk.work(search, part, known, anchor, done=self._found)

    def _found(self, paths: EdgePaths) -> None:
        if self._search is not None and self._search.done() and self._search.result() is paths:
            self._paths = paths
            self._desk.propose(None)  # the line changes

    def _way_to(self, point: Point, *, wait: bool) -> list[Point]:
        """Along edges where that is known, straight where not."""
        if wait and self._paths is None and self._search is not None:
            self._paths = self._search.result()
        if self._paths is None or not self._paths.part.rect.holds(point):
            return [point]
        return self._paths.way_to(self._paths.snap(point) if wait and point != self._ways[0][0] else point)


def search(part: Part, known: EdgePaths | None, anchor: Point) -> EdgePaths:
    paths = known or EdgePaths(part)
    paths.start_at(anchor)
    return paths
