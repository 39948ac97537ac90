"""The magic wand: pixels of like colour around the press, shown as they would look before the hand lets go."""

from collections.abc import Callable, Sequence

import cv2
import numpy as np
import numpy.typing as npt

from app.canvas.planes import RegionPlane
from app.canvas.tools import Hand
from core.masks.editor import MaskEdit, MaskEditor
from core.masks.geometry import Point, Where
from core.masks.rect import EMPTY, Rect

FIRST_TOLERANCE = 20.0
"""Levels of 255 that each channel may differ by; a drag to the right allows more, to the left less."""
LEVELS_PER_PIXEL = 0.5
SMOOTHING = 1.2
LARGEST_SIDE = 2048
"""Pixels around the press that are looked at: what is beyond takes another press."""

Propose = Callable[[RegionPlane | None, int], None]


class Wand:
    """Chooses while it is held, fills when it is let go."""

    outline: Sequence[Point] = ()
    stays = False

    def __init__(
        self,
        hand: Hand,
        editor: MaskEditor,
        *,
        pixels: npt.NDArray[np.uint8],
        visible: Rect,
        value: int,
        propose: Propose,
        zoom: Callable[[], float],
    ) -> None:
        """pixels: (height, width) or (height, width, 3); `visible` is the part of it that the person sees."""
        self._hand, self._editor, self._value = hand, editor, value
        self._pixels, self._visible = pixels, visible
        self._propose, self._zoom = propose, zoom
        self._rect, self._where = EMPTY, np.zeros((0, 0), np.bool_)
        self._start: Point | None = None
        self._tolerance = FIRST_TOLERANCE

    def press(self, point: Point, *, straight: bool, pressure: float = 1.0) -> Rect:
        bounds = self._editor.mask.bounds
        if not (0 <= point[0] < bounds.width and 0 <= point[1] < bounds.height):
            return EMPTY
        self._start = point
        row, column, half = int(point[1]), int(point[0]), LARGEST_SIDE // 2
        around = Rect(row - half, column - half, row + half, column + half)
        self._window = around.intersect(self._visible).intersect(bounds)
        self._smooth = cv2.GaussianBlur(np.ascontiguousarray(self._pixels[self._window.slices]), (0, 0), SMOOTHING)
        return self._choose()

    def drag(self, points: Sequence[Point], pressure: float = 1.0) -> Rect:
        if self._start is None:
            return EMPTY
        pulled = (points[-1][0] - self._start[0]) * self._zoom() * LEVELS_PER_PIXEL
        tolerance = float(np.clip(round(FIRST_TOLERANCE + pulled), 0, 255))
        if tolerance == self._tolerance:
            return EMPTY
        self._tolerance = tolerance
        return self._choose()

    def release(self) -> MaskEdit | None:
        self._propose(None, self._value)
        if self._start is None:
            return None
        return self._editor.apply("fill", self._rect, self._where, self._value, allowed=self._hand.allowed)

    def cancel(self) -> Rect:
        self._propose(None, self._value)
        return self._rect

    def _choose(self) -> Rect:
        """Choose anew and return what looks different now."""
        before = self._rect
        where = like_region(self._smooth, self._seed, self._tolerance)
        if self._hand.allowed is not None:
            where &= np.isin(self._editor.mask.read(self._window), list(self._hand.allowed))
        self._rect, self._where = self._window, where
        self._propose(RegionPlane(self._rect, where), self._value)
        return self._rect.unite(before)

    @property
    def _seed(self) -> tuple[int, int]:
        x, y = self._start or (0.0, 0.0)
        return int(x) - self._window.left, int(y) - self._window.top


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
