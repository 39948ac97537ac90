"""The magic wand: pixels of like colour around the press, shown as they would look before the hand lets go."""

from collections.abc import Callable, Sequence

import cv2
import numpy as np
import numpy.typing as npt

from app.canvas.tools import Desk, Gesture
from core.masks.change import NO_CHANGE, Change
from core.masks.editor import MaskEdit, MaskEditor
from core.masks.geometry import Point, Where
from core.masks.rect import EMPTY, Rect

LEVELS_PER_PIXEL = 0.5
"""A drag to the right lets colours differ by so many levels more, to the left by less."""
SMOOTHING = 1.2
LARGEST_SIDE = 2048
"""Pixels around the press that are looked at: what is beyond takes another press."""


class Wand(Gesture):
    """Chooses while it is held, fills when it is let go."""

    def __init__(self, desk: Desk, editor: MaskEditor, value: int, settled: Callable[[float], None]) -> None:
        """settled: is told the tolerance that a drag ended with."""
        self._desk, self._editor, self._value, self._settled = desk, editor, value, settled
        self._change = NO_CHANGE
        self._start: Point | None = None
        self._first = self._tolerance = desk.hand.tolerance

    def press(self, point: Point, *, straight: bool, pressure: float = 1.0, erase: bool = False) -> Rect:
        if not self._editor.mask.bounds.holds(point):
            return EMPTY
        self._start = point
        row, column, half = int(point[1]), int(point[0]), LARGEST_SIDE // 2
        around = Rect(row - half, column - half, row + half, column + half)
        window = around.intersect(self._desk.visible_rect.unite(Rect(row, column, row + 1, column + 1)))
        self._part = self._desk.part(window.intersect(self._editor.mask.bounds), LARGEST_SIDE**2)
        self._smooth = np.asarray(cv2.GaussianBlur(self._part.pixels, (0, 0), SMOOTHING), np.uint8)
        return self._choose()

    def drag(self, points: Sequence[Point], pressure: float = 1.0) -> Rect:
        if self._start is None:
            return EMPTY
        pulled = (points[-1][0] - self._start[0]) * self._desk.shown_zoom * LEVELS_PER_PIXEL
        tolerance = float(np.clip(round(self._first + pulled), 0, 255))
        if tolerance == self._tolerance:
            return EMPTY
        self._tolerance = tolerance
        self._settled(tolerance)
        return self._choose()

    def release(self) -> MaskEdit | None:
        self._desk.propose(None)
        if self._start is None:
            return None
        change = self._change
        return self._editor.apply("fill", change.rect, change.where, change.values, allowed=self._desk.hand.allowed)

    def cancel(self) -> Rect:
        self._desk.propose(None)
        return EMPTY

    def _choose(self) -> Rect:
        assert self._start is not None
        where = like_region(self._smooth, self._part.pixel(self._start), self._tolerance)
        change = Change(self._part.rect, self._part.enlarge(where.view(np.uint8)).view(np.bool_), self._value)
        self._change = change.kept_to(self._editor.mask, self._desk.hand.allowed)
        self._desk.propose(self._change)
        return EMPTY


def like_region(
    pixels: npt.NDArray[np.uint8] | npt.NDArray[np.generic], seed: tuple[int, int], tolerance: float
) -> Where:
    """(height, width) bool: what hangs together with pixel `seed` (x, y) and differs from it by `tolerance` at most."""
    height, width = pixels.shape[:2]
    marks = np.zeros((height + 2, width + 2), np.uint8)
    flags = 4 | (1 << 8) | cv2.FLOODFILL_MASK_ONLY | cv2.FLOODFILL_FIXED_RANGE
    apart = (tolerance,) * 3
    cv2.floodFill(np.asarray(pixels, np.uint8), marks, seed, (0, 0, 0), apart, apart, flags)
    found = np.ascontiguousarray(marks[1:-1, 1:-1])
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (3, 3))
    return np.asarray(cv2.morphologyEx(found, cv2.MORPH_CLOSE, disc), np.uint8).astype(np.bool_)
