"""A prediction that is put together part by part: what is seen first, then the rest."""

from math import hypot

import numpy as np

from core.classes import UNLABELED
from core.masks.rect import Rect
from core.masks.tiles import Array
from core.training.messages import PredictionReady

SIDE = 1536
"""Of a part, in pixels: a second or two on a CPU. A picture of no more pixels than one part has is done at once."""


class Parts:
    """What has been predicted of one picture so far; UNLABELED where nothing has."""

    def __init__(self, image_id: int, run_id: int, shape: tuple[int, int]) -> None:
        """shape: (height, width) of the picture."""
        self.image_id, self.run_id = image_id, run_id
        self._class_map: Array = np.full(shape, UNLABELED, np.uint8)
        self._confidence: Array = np.zeros(shape, np.uint8)
        self._entropy: Array | None = None
        self._whole = Rect(0, 0, *shape)
        self._asked_at = {part: 0 for part in _cut(self._whole)}
        """By part: the round in which it was last asked for."""
        self._round = 0
        self._begun = False

    @property
    def complete(self) -> bool:
        """Whether every part was asked for in this round."""
        return all(asked == self._round for asked in self._asked_at.values())

    def begin_round(self) -> None:
        """From now on every part is out of date."""
        self._round += 1

    def next(self, seen: Rect) -> Rect:
        """The part to ask for next: first just what is seen, where that is little, then what lies around it."""
        small = not seen.empty and seen.height * seen.width <= SIDE**2
        if not self._begun and small and len(self._asked_at) > 1:
            self._begun = True
            return seen
        part = min(self._asked_at, key=_Order(self._asked_at, seen))
        self._begun, self._asked_at[part] = True, self._round
        return part

    def add(self, report: PredictionReady) -> PredictionReady:
        """Take a part in; returns all of it so far."""
        place = (report.region or self._whole).slices
        self._class_map[place] = report.class_map
        self._confidence[place] = report.confidence
        if report.entropy is not None:
            self._entropy = np.zeros_like(self._confidence) if self._entropy is None else self._entropy
            self._entropy[place] = report.entropy
        return PredictionReady(self.image_id, self.run_id, self._class_map, self._confidence, entropy=self._entropy)


class _Order:
    """What is out of date before what is not, what is seen before what is not, then by distance."""

    def __init__(self, asked_at: dict[Rect, int], seen: Rect) -> None:
        self._asked_at, self._seen = asked_at, seen

    def __call__(self, part: Rect) -> tuple[int, bool, float]:
        (y, x), (seen_y, seen_x) = _middle(part), _middle(self._seen)
        return self._asked_at[part], part.intersect(self._seen).empty, hypot(y - seen_y, x - seen_x)


def _middle(rect: Rect) -> tuple[float, float]:
    return (rect.top + rect.bottom) / 2, (rect.left + rect.right) / 2


def _cut(whole: Rect) -> list[Rect]:
    if whole.height * whole.width <= SIDE**2:
        return [whole]
    corners = [(top, left) for top in range(0, whole.bottom, SIDE) for left in range(0, whole.right, SIDE)]
    return [Rect(top, left, top + SIDE, left + SIDE).intersect(whole) for top, left in corners]
