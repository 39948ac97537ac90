"""A prediction that is put together part by part: what is seen first, then the rest."""

from math import ceil, hypot

import cv2
import numpy as np

from core.classes import UNLABELED
from core.masks.rect import Rect
from core.masks.tiles import Array
from core.training.messages import PredictionReady

SIDE = 1536
"""A picture or a view of no more pixels than a square of this side is done at once: within a second on a CPU."""
PART = 1024
"""Side of a part of a larger picture, in pixels. Who leaves it waits until the part under way is done; smaller parts
cost more, for what lies around each is looked at again."""

ROUGH_PIXELS = 1_000_000
"""So many are looked at where the first look at a large picture is a rough one."""


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
        """The part to ask for next: first just what is seen, then it and what lies around it."""
        if not self._begun and not seen.empty and len(self._asked_at) > 1:
            self._begun = True
            return seen
        part = min(self._asked_at, key=_Order(self._asked_at, seen))
        self._begun, self._asked_at[part] = True, self._round
        return part

    def add(self, report: PredictionReady) -> PredictionReady:
        """Take a part in; returns all of it so far."""
        part = report.region or self._whole
        _lay(self._class_map, part, report.class_map, report.step)
        _lay(self._confidence, part, report.confidence, report.step)
        if report.entropy is not None:
            self._entropy = np.zeros_like(self._confidence) if self._entropy is None else self._entropy
            _lay(self._entropy, part, report.entropy, report.step)
        return PredictionReady(self.image_id, self.run_id, self._class_map, self._confidence, entropy=self._entropy)


def step_for(part: Rect) -> int:
    """What is seen of a large picture from afar is first looked at roughly: every so many pixels each way."""
    pixels = part.height * part.width
    return 1 if pixels <= SIDE**2 else ceil((pixels / ROUGH_PIXELS) ** 0.5)


def _lay(plane: Array, part: Rect, values: Array, step: int) -> None:
    """Put values into a part of a plane, each over `step` pixels each way."""
    if step > 1:
        size = values.shape[1] * step, values.shape[0] * step
        values = np.asarray(cv2.resize(values, size, interpolation=cv2.INTER_NEAREST), np.uint8)
    plane[part.slices] = values[: part.height, : part.width]


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
    corners = [(top, left) for top in range(0, whole.bottom, PART) for left in range(0, whole.right, PART)]
    return [Rect(top, left, top + PART, left + PART).intersect(whole) for top, left in corners]
