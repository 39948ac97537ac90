"""Outlines of masks along the edges of their pixels, and masks from outlines.

x is to the right and y down; pixel (row 0, column 0) covers x and y from 0 to 1. An outline that runs along pixel
edges loses nothing: filled as COCO fills, the same pixels come back.
"""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.classes import UNLABELED
from core.errors import ImageError
from core.formats.runs import Columns
from core.masks.geometry import Where
from core.masks.tiles import Array

Points = list[tuple[float, float]]
Numbers = npt.NDArray[np.int64]

MOST_STEPS = 2 * 10**8
_FINE = 5
"""Steps a pixel in which COCO follows an outline."""


@dataclass(frozen=True, slots=True)
class Outline:
    """One outline around pixels that hang together by their sides.

    A hole is cut out by a slit of no width that leads to it, along the middle of a row of pixels.
    """

    points: Points
    """(x, y), not closed."""
    pixel: tuple[int, int]
    """Row and column of one that is inside."""


def outlines(where: Where) -> list[Outline]:
    """All outlines of a (height, width) mask."""
    tracer = _Tracer(where)
    tracer.cut_holes()
    return tracer.outlines()


class _Tracer:
    """Follows the corners of a mask. Where only two pixels across a corner are set, each gets a corner of its own."""

    def __init__(self, where: Where) -> None:
        self._where = where
        padded = np.pad(where, 1)
        nw, ne, sw, se = padded[:-1, :-1], padded[:-1, 1:], padded[1:, :-1], padded[1:, 1:]  # each (H + 1, W + 1)
        count = nw.astype(np.uint8) + ne + sw + se
        one, three, cross = count == 1, count == 3, (count == 2) & (nw == se)
        corners = [(1, 1, nw), (1, 0, ne), (0, 1, sw), (0, 0, se)]  # whether its edges go up, and left
        found = [np.nonzero((one & pixel) | (three & ~pixel) | (cross & pixel)) for *_, pixel in corners]
        y, x = np.concatenate([rows for rows, _ in found]), np.concatenate([columns for _, columns in found])
        sizes = [len(rows) for rows, _ in found]
        up, left = np.repeat([u for u, *_ in corners], sizes), np.repeat([side for _, side, _ in corners], sizes)
        order = np.lexsort((1 - left, x, y))  # pairs in a row of corners are joined by a level edge
        self._x, self._y = x[order], y[order]
        self._count = len(order)
        down = np.lexsort((1 - up[order], self._y, self._x))  # pairs in a column are joined by an upright edge
        self._upright = down
        self._above = np.empty(self._count, np.int64)
        self._above[down[::2]] = down[1::2]
        self._above[down[1::2]] = down[::2]
        self._events: dict[int, list[tuple[float, int]]] = defaultdict(list)
        self._firsts: list[int] = []
        self._holes: list[int] = []
        self._sort_rings()

    def _sort_rings(self) -> None:
        """Find the top left corner of each ring, and whether the ring is a hole's."""
        seen = bytearray(self._count)
        upright = self._above.tolist()
        inside = np.pad(self._where, ((0, 1), (0, 1)))[self._y, self._x].tolist()  # the pixel below, to the right
        for first in range(self._count):
            if seen[first]:
                continue
            (self._firsts if inside[first] else self._holes).append(first)
            corner = first
            while not seen[corner]:
                seen[corner] = 1
                corner ^= 1  # its partner in the row: pairs are neighbours
                seen[corner] = 1
                corner = upright[corner]

    def cut_holes(self) -> None:
        """Lead a slit from the top left of each hole to the left, to whatever ring comes first."""
        if not self._holes:
            return
        keys = self._x[self._upright] * (self._where.shape[0] + 2) + self._y[self._upright]
        for number, first in enumerate(self._holes):
            x, y = int(self._x[first]), int(self._y[first])
            outside = np.flatnonzero(~self._where[y, :x])
            hit = int(outside[-1]) + 1 if len(outside) else 0
            edge = int(np.searchsorted(keys, hit * (self._where.shape[0] + 2) + y, side="right")) - 1
            self._events[int(self._upright[edge - edge % 2])].append((y + 0.5, 2 * number))
            self._events[first].append((y + 0.5, 2 * number + 1))

    def outlines(self) -> list[Outline]:
        x: list[float] = self._x.tolist()
        y: list[float] = self._y.tolist()
        following = self._followers(x, y)
        found = []
        for first in self._firsts:
            points = [(x[first], y[first])]
            corner = following[first]
            while corner != first:
                points.append((x[corner], y[corner]))
                corner = following[corner]
            found.append(Outline(points, (int(self._y[first]), int(self._x[first]))))
        return found

    def _followers(self, x: list[float], y: list[float]) -> list[int]:
        """The corner that comes after each; corners of slits are added to `x` and `y`.

        A ring goes along a level edge, then along an upright one, and so on.
        """
        following = [0] * self._count
        upright = self._above.tolist()
        starts = self._level_starts(upright)
        ends: dict[int, tuple[int, int]] = {}
        for corner in range(self._count):
            if starts[corner]:
                following[corner] = corner ^ 1
                continue
            last, target = corner, upright[corner]
            events = self._events.get(corner) or self._events.get(target) or ()
            for height, event in sorted(events, reverse=y[target] < y[corner]):
                before = len(x)
                x += [x[corner]] * 2
                y += [height] * 2
                following[last] = before
                following += [before + 1, 0]
                ends[event] = before, before + 1
                last = before + 1
            following[last] = target
        for number in range(len(self._holes)):
            (one, after), (other, later) = ends[2 * number], ends[2 * number + 1]
            following[one], following[other] = later, after
        return following

    def _level_starts(self, upright: list[int]) -> bytearray:
        """1 for each corner that its ring leaves along a level edge."""
        starts, seen = bytearray(self._count), bytearray(self._count)
        for first in (*self._firsts, *self._holes):
            corner = first
            while not seen[corner]:
                starts[corner] = 1
                seen[corner] = seen[corner ^ 1] = 1
                corner = upright[corner ^ 1]
        return starts


def fill_outline(points: npt.NDArray[np.float64], height: int, width: int) -> Where:
    """(height, width) the pixels inside an outline, as `fill_columns` finds them."""
    left, columns = fill_columns(points, height, width)
    where = np.zeros((height, width), np.bool_)
    where[:, left : left + len(columns)] = columns.T
    return where


def fill_columns(points: npt.NDArray[np.float64], height: int, width: int) -> Columns:
    """The columns of a (height, width) mask that COCO says are inside a closed (n, 2) outline of (x, y).

    It does what `rleFrPoly` in maskApi.c of https://github.com/cocodataset/cocoapi does, step by step, so that other
    readers see the same pixels.

    Raises:
        ImageError: the outline reaches so far out that it cannot be followed.
    """
    fine = np.trunc(_FINE * points + 0.5)
    start, end = fine, np.roll(fine, -1, axis=0)
    reach = np.abs(end - start).max(axis=1)
    if not reach.sum() < MOST_STEPS:
        raise ImageError("An outline reaches far out of its image. Export it again from its tool.")
    steps = reach.astype(np.int64) + 1
    u, v = _steps(start.astype(np.int64), end.astype(np.int64), steps)
    turned = np.flatnonzero(u[1:] != u[:-1]) + 1
    column = (np.minimum(u[turned], u[turned - 1]) + 0.5) / _FINE - 0.5
    row = (np.minimum(v[turned], v[turned - 1]) + 0.5) / _FINE - 0.5
    kept = (np.floor(column) == column) & (column >= 0) & (column <= width - 1)
    whole = column[kept].astype(np.int64)
    if not len(whole):
        return Columns(0, np.zeros((0, height), np.bool_))
    left, right = int(whole.min()), int(whole.max()) + 1
    at = (whole - left) * height + np.ceil(np.clip(row[kept], 0, height)).astype(np.int64)
    crossings = np.bincount(at, minlength=(right - left) * height + 1)[: (right - left) * height]
    return Columns(left, np.asarray(np.cumsum(crossings) % 2 == 1).reshape(right - left, height))


def _steps(start: Numbers, end: Numbers, steps: Numbers) -> tuple[Numbers, Numbers]:
    """Fine steps along all edges, one after the other: u to the right, v down."""
    dx, dy = np.abs(end - start).T
    wide = dx >= dy
    flip = np.where(wide, start[:, 0] > end[:, 0], start[:, 1] > end[:, 1])
    low, high = np.where(flip[:, None], end, start), np.where(flip[:, None], start, end)
    slope = np.where(wide, high[:, 1] - low[:, 1], high[:, 0] - low[:, 0]) / np.maximum(np.where(wide, dx, dy), 1)
    edge = np.repeat(np.arange(len(steps)), steps)
    done = np.arange(len(edge)) - np.repeat(np.cumsum(steps) - steps, steps)
    t = np.where(flip[edge], steps[edge] - 1 - done, done)
    across = slope[edge] * t
    u = np.where(wide[edge], t + low[edge, 0], np.trunc(low[edge, 0] + across + 0.5))
    v = np.where(wide[edge], np.trunc(low[edge, 1] + across + 0.5), t + low[edge, 1])
    return u.astype(np.int64), v.astype(np.int64)


def agreement(mask: Array, written: Array) -> float:
    """The least intersection over union of any class in two masks of the same size; 1 where neither has a class."""
    classes = np.setdiff1d(np.union1d(mask, written), [UNLABELED])
    shares = [float(((mask == c) & (written == c)).sum() / ((mask == c) | (written == c)).sum()) for c in classes]
    return min(shares, default=1.0)
