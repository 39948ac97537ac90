"""Tools that look at the picture: following an edge, cutting out, growing strokes, superpixels.

All work on a part of the picture, made smaller where it is large, so that they answer while the hand waits.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil, sqrt

import cv2
import numpy as np
import numpy.typing as npt

from core.classes import UNLABELED
from core.masks.change import NO_CHANGE, Change
from core.masks.geometry import Point, Where
from core.masks.rect import Rect
from core.masks.tiles import Array

Stop = Callable[[], bool]
"""Whether nobody waits for the answer any more."""

NEAR_EDGE = 4.0
"""Pixels of the smaller picture around a click in which an anchor looks for the strongest edge."""
CUT_STEPS = 3
"""Rounds of GrabCut: more change little."""
FLATNESS = 8.0
"""SLIC's compactness: higher is more even, lower follows colour more."""


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """A part of a picture, made smaller by a whole number where it would be too large to work on."""

    rect: Rect
    """The picture's pixels that it shows."""
    pixels: Array
    """(h, w, 3) uint8."""
    step: int = 1
    """The picture's pixels per pixel of its own, along each side."""

    def to_picture(self, column: float, row: float) -> Point:
        return column * self.step + self.rect.left, row * self.step + self.rect.top

    def pixel(self, point: Point) -> tuple[int, int]:
        """The (column, row) of its pixel that lies under a point of the picture, or the nearest."""
        column, row = (point[0] - self.rect.left) / self.step, (point[1] - self.rect.top) / self.step
        width, height = self.pixels.shape[1], self.pixels.shape[0]
        return int(min(max(column, 0), width - 1)), int(min(max(row, 0), height - 1))

    def enlarge(self, values: Array) -> Array:
        """(rect.height, rect.width) of an array of the part's size."""
        full = np.repeat(np.repeat(values, self.step, 0), self.step, 1)
        return full[: self.rect.height, : self.rect.width]

    def shrink(self, values: Array) -> Array:
        """An array of rect's size in the part's: what lies in the middle of each of its pixels."""
        rows, columns = (
            np.minimum(np.arange(n) * self.step + self.step // 2, side - 1)
            for n, side in zip(self.pixels.shape[:2], values.shape, strict=False)
        )
        return values[np.ix_(rows, columns)]


def steps_for(rect: Rect, most_pixels: int) -> int:
    """By how much to shrink a rectangle so that it holds at most so many pixels."""
    return max(1, ceil(sqrt(rect.height * rect.width / most_pixels)))


class EdgePaths:
    """Ways along the edges of a picture from one anchor (Mortensen and Barrett's intelligent scissors)."""

    def __init__(self, part: Part) -> None:
        self.part = part
        self._scissors = cv2.segmentation.IntelligentScissorsMB()
        self._scissors.setEdgeFeatureCannyParameters(32, 100)
        self._scissors.setGradientMagnitudeMaxLimit(200)
        self._scissors.applyImage(part.pixels)
        grey = cv2.cvtColor(part.pixels, cv2.COLOR_RGB2GRAY)
        x, y = (cv2.Sobel(grey, cv2.CV_32F, *way) for way in ((1, 0), (0, 1)))
        self._strength = cv2.magnitude(x, y)  # (h, w) float32

    def snap(self, point: Point) -> Point:
        """The point on the strongest edge close by."""
        column, row = self.part.pixel(point)
        reach = round(NEAR_EDGE)
        top, left = max(0, row - reach), max(0, column - reach)
        around = self._strength[top : row + reach + 1, left : column + reach + 1]
        if float(around.max()) < 32:
            return point
        y, x = np.unravel_index(int(around.argmax()), around.shape)
        return self.part.to_picture(left + int(x) + 0.5, top + int(y) + 0.5)

    def start_at(self, point: Point) -> None:
        """Find the ways from here to everywhere."""
        self._scissors.buildMap(self.part.pixel(point))

    def way_to(self, point: Point) -> list[Point]:
        """The way from the anchor to a point, both included."""
        found = self._scissors.getContour(self.part.pixel(point)).reshape(-1, 2)  # (n, 2) x, y
        return [self.part.to_picture(float(x) + 0.5, float(y) + 0.5) for x, y in found]


class Cutter:
    """Cuts out what stands out from its surroundings inside a box (Rother's GrabCut), and again with hints."""

    def __init__(self, part: Part, box: Rect) -> None:
        """`box` lies inside part.rect, in pixels of the picture."""
        self.part = part
        (left, top), (right, bottom) = part.pixel((box.left, box.top)), part.pixel((box.right - 1, box.bottom - 1))
        self._box = np.s_[top : bottom + 1, left : right + 1]
        self._marks = np.full(part.pixels.shape[:2], cv2.GC_BGD, np.uint8)  # (h, w)
        self._marks[self._box] = cv2.GC_PR_FGD
        self._models = np.zeros((1, 65)), np.zeros((1, 65))
        """Colours of what is not in the thing, and of what is."""
        self._knows = False

    def cut(self, hints: Array, value: int, stop: Stop) -> Change:
        """
        Args:
            hints: (h, w) of the part: 1 belongs to it, 0 does not, UNLABELED is for the algorithm to say.
            value: what the thing is labelled as.
        """
        marks = self._marks.copy()
        marks[hints == 0] = cv2.GC_BGD
        marks[hints == 1] = cv2.GC_FGD
        for _ in range(CUT_STEPS):
            if stop():
                return NO_CHANGE
            try:
                mode = cv2.GC_EVAL if self._knows else cv2.GC_INIT_WITH_MASK
                cv2.grabCut(self.part.pixels, marks, (0, 0, 0, 0), *self._models, 1, mode)
            except cv2.error:  # too few pixels of either kind are left to learn from
                break
            self._knows = True
        found = (marks & 1).astype(np.float32)
        self._marks[self._box] = np.where(found[self._box] > 0, cv2.GC_PR_FGD, cv2.GC_PR_BGD)
        rect, step = self.part.rect, self.part.step
        soft = cv2.resize(found, None, fx=step, fy=step, interpolation=cv2.INTER_LINEAR)
        return Change(rect, np.asarray(soft[: rect.height, : rect.width] > 0.5, np.bool_), value)


def grow_strokes(part: Part, labels: Array) -> Change:
    """Let the labels that are there grow into what is unlabelled, until they meet at edges (Meyer's watershed).

    Args:
        labels: (rect.height, rect.width).
    """
    small = part.shrink(labels)
    if len(np.unique(small[small != UNLABELED])) < 2:
        return NO_CHANGE
    markers = np.where(small == UNLABELED, 0, small.astype(np.int32) + 1)  # (h, w)
    smooth = cv2.GaussianBlur(part.pixels, (0, 0), 1.0)
    cv2.watershed(smooth, markers)
    grown = _without_gaps(markers)
    full = part.enlarge(grown)
    return Change(part.rect, (labels == UNLABELED) & (full != UNLABELED), full)


def _without_gaps(markers: npt.NDArray[np.int32]) -> Array:
    """Class ids from watershed's markers; its dividing lines go to the class next to them."""
    gaps: Where = np.asarray(markers <= 0, np.bool_)
    labels = np.where(gaps, 0, markers).astype(np.uint8)
    for _ in range(2):
        labels = np.where(gaps & (labels == 0), cv2.dilate(labels, np.ones((3, 3), np.uint8)), labels)
    return (labels - np.uint8(1)).astype(np.uint8)  # 0 wraps to UNLABELED


class Superpixels:
    """A part of a picture in pieces of like colour (Achanta's SLIC)."""

    def __init__(self, part: Part, side: float) -> None:
        """`side` is about how wide a piece is, in pixels of the picture."""
        from skimage.segmentation import slic

        self.part = part
        pieces = max(2, round(part.rect.height * part.rect.width / side**2))
        self._pieces = np.asarray(
            slic(part.pixels, pieces, FLATNESS, max_num_iter=5, sigma=1, start_label=0, channel_axis=2), np.int32
        )  # (h, w)

    def piece_at(self, point: Point) -> int:
        """The number of the piece under a point; -1 outside the part."""
        rect = self.part.rect
        if not (rect.left <= point[0] < rect.right and rect.top <= point[1] < rect.bottom):
            return -1
        column, row = self.part.pixel(point)
        return int(self._pieces[row, column])

    def region(self, piece: int) -> tuple[Rect, Where]:
        """The picture's pixels of a piece, as a covering rectangle and a bool array over it."""
        here = self._pieces == piece
        rows, columns = np.flatnonzero(here.any(1)), np.flatnonzero(here.any(0))
        small = here[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        full = np.repeat(np.repeat(small, self.part.step, 0), self.part.step, 1)
        x, y = self.part.to_picture(int(columns[0]), int(rows[0]))
        rect = Rect(int(y), int(x), int(y) + full.shape[0], int(x) + full.shape[1]).intersect(self.part.rect)
        return rect, full[: rect.height, : rect.width]

    def along(self, points: Sequence[Point]) -> set[int]:
        """The pieces that a way through points crosses."""
        found: set[int] = set()
        for start, end in zip(points, points[1:] or points, strict=False):
            steps = ceil(max(abs(end[0] - start[0]), abs(end[1] - start[1])) / self.part.step)
            for k in range(steps + 1):
                t = k / max(1, steps)
                found.add(self.piece_at((start[0] + (end[0] - start[0]) * t, start[1] + (end[1] - start[1]) * t)))
        return found - {-1}
