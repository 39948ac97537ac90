"""The pixels that a brush or an outline covers. Points are (x, y) in image coordinates.

A pixel counts by its centre.
"""

from collections.abc import Sequence
from itertools import pairwise
from math import ceil, floor

import cv2
import numpy as np
import numpy.typing as npt

from core.masks.rect import EMPTY, Rect

Point = tuple[float, float]
Where = npt.NDArray[np.bool_]
Columns = npt.NDArray[np.int32]

BAND = 128
"""Rows that are looked at together where a region is cut into bands."""
MOST_STEPS = 64
"""Into so many parts at most a way is cut along which the brush changes its size."""
Floats = npt.NDArray[np.floating]


def segment_region(
    start: Point, end: Point, radius: float, bounds: Rect, *, square: bool = False
) -> tuple[Rect, Where]:
    """What a round brush covers on its straight way from `start` to `end`, or a square one of side 2 `radius`.

    Returns:
        The covering rectangle inside `bounds`, and a (height, width) bool array over it: True where a pixel's
        centre lies within `radius` of the segment; for a square brush, as the larger of the distances
        along x and along y.
    """
    rect = capsule_rect(start, end, radius, bounds)
    if rect.empty:
        return EMPTY, np.zeros((0, 0), np.bool_)
    first, last = _pixel_spans(start, end, radius, rect, square=square)
    columns = np.arange(rect.width, dtype=np.int32)
    return rect, (columns >= first[:, None]) & (columns <= last[:, None])  # (h, w)


def swept_regions(
    start: Point, end: Point, radius: float, bounds: Rect, *, square: bool = False
) -> list[tuple[Rect, Where]]:
    """What a brush covers on its way from `start` to `end` and did not cover at `start` already.

    A large brush on a short way covers a thin crescent: it comes as bands with a left and a right part, each in a
    rectangle of its own, as for `segment_region`.
    """
    whole = capsule_rect(start, end, radius, bounds)
    if whole.empty:
        return []
    first, last = _pixel_spans(start, end, radius, whole, square=square)
    old_first, old_last = _pixel_spans(start, start, radius, whole, square=square)
    none = old_first > old_last  # rows that the brush did not reach at `start`: all of them is new
    left_last = np.where(none, last, np.minimum(last, old_first - 1))
    right_first = np.where(none, last + 1, np.maximum(first, old_last + 1))
    regions = []
    for top in range(0, whole.height, BAND):
        rows = slice(top, top + BAND)
        for begin, stop in ((first[rows], left_last[rows]), (right_first[rows], last[rows])):
            regions += _band(begin, stop, whole.top + top, whole.left)
    return regions


def _band(first: Columns, last: Columns, top: int, left: int) -> list[tuple[Rect, Where]]:
    """The pixels from `first` to `last`, per row, as one region; none where every row is empty."""
    filled = np.flatnonzero(first <= last)
    if not len(filled):
        return []
    first, last = first[filled[0] : filled[-1] + 1], last[filled[0] : filled[-1] + 1]
    inside = first <= last
    start, stop = int(first[inside].min()), int(last[inside].max()) + 1
    columns = np.arange(start, stop, dtype=np.int32)
    where = (columns >= first[:, None]) & (columns <= last[:, None])  # (h, w)
    row = top + int(filled[0])
    return [(Rect(row, left + start, row + len(first), left + stop), where)]


def tapered_regions(
    start: Point, end: Point, radii: tuple[float, float], bounds: Rect, *, square: bool = False
) -> list[tuple[Rect, Where]]:
    """What a brush covers that grows or shrinks on its way, from radii[0] at `start` to radii[1] at `end`."""
    steps = min(MOST_STEPS, max(1, ceil(abs(radii[1] - radii[0]))))
    stops = [
        ((start[0] + (end[0] - start[0]) * t, start[1] + (end[1] - start[1]) * t), radii[0] + (radii[1] - radii[0]) * t)
        for t in (k / steps for k in range(steps + 1))
    ]
    ways = [(here, there, min(r, s)) for (here, r), (there, s) in pairwise(stops)]
    dabs = [(there, there, s) for there, s in stops[1:]]
    return [segment_region(a, b, radius, bounds, square=square) for a, b, radius in (*ways, *dabs)]


def capsule_rect(start: Point, end: Point, radius: float, bounds: Rect) -> Rect:
    """The pixels that a brush of `radius` can reach between two points."""
    (x0, y0), (x1, y1) = start, end
    return Rect(
        floor(min(y0, y1) - radius), floor(min(x0, x1) - radius), ceil(max(y0, y1) + radius), ceil(max(x0, x1) + radius)
    ).intersect(bounds)


def _pixel_spans(
    start: Point, end: Point, radius: float, rect: Rect, *, square: bool = False
) -> tuple[Columns, Columns]:
    """For each row of `rect` the first and the last column inside, counted from its left; last < first for none."""
    y = np.arange(rect.top, rect.bottom) + 0.5  # (h,)
    low, high = (_square_row_spans if square else _row_spans)(y, start, end, radius)
    # A pixel's centre is column + 0.5, so these are the first column inside and the last one.
    low, high = low - (rect.left + 0.5), high - (rect.left + 0.5)
    first = np.ceil(np.minimum(np.maximum(low, 0), rect.width)).astype(np.int32)  # (h,)
    last = np.floor(np.minimum(np.maximum(high, -1), rect.width - 1)).astype(np.int32)  # (h,)
    return first, last


def _row_spans(y: Floats, start: Point, end: Point, radius: float) -> tuple[Floats, Floats]:
    """For each y the interval of x within `radius` of the segment: the shape is convex, so it is one interval."""
    low, high = np.full_like(y, np.inf), np.full_like(y, -np.inf)
    for cx, cy in (start, end):
        half = np.sqrt(np.maximum(0.0, radius**2 - (y - cy) ** 2))
        hit = np.abs(y - cy) <= radius
        low, high = np.where(hit, np.minimum(low, cx - half), low), np.where(hit, np.maximum(high, cx + half), high)
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = float(np.hypot(dx, dy))
    if length == 0.0:
        return low, high
    # The band between the two discs: |cross| <= radius * length and 0 <= dot <= length², each linear in x.
    nx, ny = dx / length, dy / length
    t = y - start[1]
    band_low, band_high = np.full_like(y, -np.inf), np.full_like(y, np.inf)
    for slope, offset, limits in ((nx, ny * t, (0.0, length)), (-ny, nx * t, (-radius, radius))):
        if abs(slope) < 1e-12:
            outside = (offset < limits[0]) | (offset > limits[1])
            band_low[outside], band_high[outside] = np.inf, -np.inf
            continue
        a, b = (limits[0] - offset) / slope + start[0], (limits[1] - offset) / slope + start[0]
        band_low, band_high = np.maximum(band_low, np.minimum(a, b)), np.minimum(band_high, np.maximum(a, b))
    inside = band_low <= band_high
    low, high = np.where(inside, np.minimum(low, band_low), low), np.where(inside, np.maximum(high, band_high), high)
    return low, high


def _square_row_spans(y: Floats, start: Point, end: Point, radius: float) -> tuple[Floats, Floats]:
    """As _row_spans, for a square: the part of the way on which it reaches y, widened by the radius on both sides."""
    (x0, y0), (x1, y1) = start, end
    if y0 == y1:
        level = np.abs(y - y0) <= radius
        enters, leaves = np.where(level, 0.0, 1.0), np.where(level, 1.0, 0.0)
    else:
        one, other = (y - radius - y0) / (y1 - y0), (y + radius - y0) / (y1 - y0)
        enters, leaves = np.maximum(0.0, np.minimum(one, other)), np.minimum(1.0, np.maximum(one, other))
    reached = enters <= leaves
    there, gone = x0 + (x1 - x0) * enters, x0 + (x1 - x0) * leaves
    low = np.where(reached, np.minimum(there, gone) - radius, np.inf)
    high = np.where(reached, np.maximum(there, gone) + radius, -np.inf)
    return low, high


def polygon_region(points: Sequence[Point], bounds: Rect) -> tuple[Rect, Where]:
    """The inside of a closed outline, even-odd, as a covering rectangle and a bool array over it."""
    if len(points) < 3:
        return EMPTY, np.zeros((0, 0), np.bool_)
    xy = np.asarray(points, np.float64)  # (n, 2)
    rect = Rect(
        floor(xy[:, 1].min()), floor(xy[:, 0].min()), ceil(xy[:, 1].max()) + 1, ceil(xy[:, 0].max()) + 1
    ).intersect(bounds)
    if rect.empty:
        return EMPTY, np.zeros((0, 0), np.bool_)
    canvas = np.zeros((rect.height, rect.width), np.uint8)
    shift = 4
    local = np.round((xy - (rect.left + 0.5, rect.top + 0.5)) * (1 << shift)).astype(np.int32)
    cv2.fillPoly(canvas, [local], 1, shift=shift)
    return rect, canvas.view(np.bool_)


def connected_region(values: npt.NDArray[np.uint8], row: int, column: int) -> tuple[Rect, Where]:
    """The 4-connected pixels of equal value around (row, column) of a (height, width) array."""
    height, width = values.shape
    marks = np.zeros((height + 2, width + 2), np.uint8)  # OpenCV wants a border of one pixel
    flags = 4 | (1 << 8) | cv2.FLOODFILL_MASK_ONLY | cv2.FLOODFILL_FIXED_RANGE
    _, _, _, (left, top, w, h) = cv2.floodFill(np.ascontiguousarray(values), marks, (column, row), 0, 0, 0, flags)
    rect = Rect(top, left, top + h, left + w)
    return rect, marks[1:-1, 1:-1][rect.slices].astype(np.bool_)
