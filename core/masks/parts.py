"""Small parts of a shape that hang together, found block by block, so that a mask of any size takes little memory."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from os import cpu_count

import cv2
import numpy as np
import numpy.typing as npt

from core.masks.geometry import Where
from core.masks.rect import Rect

SIDE = 512
"""Pixels along the side of what is looked at together."""
INSIDE, UNDECIDED = 1, 2

Read = Callable[[Rect], Where]
Numbers = npt.NDArray[np.int64]


def for_each_block(window: Rect, side: int, work: Callable[[Rect], None]) -> None:
    """Let some threads do `work(block)` for all squares of `side` pixels that make up a window."""
    blocks = [
        Rect(top, left, top + side, left + side).intersect(window)
        for top in range(window.top, window.bottom, side)
        for left in range(window.left, window.right, side)
    ]
    with ThreadPoolExecutor(min(4, cpu_count() or 1), "mending") as threads:
        for _ in threads.map(work, blocks):
            pass  # takes up what went wrong in a thread


def small_parts(read: Read, window: Rect, largest: int, *, enclosed: bool = False) -> Where:
    """(window.height, window.width) True in the 4-connected parts of at most `largest` pixels.

    `read(rect)` gives the shape inside a rectangle. Only parts that do not touch the window's edge count where
    they are to be `enclosed`.
    """
    finder = _Finder(read, window, largest, enclosed=enclosed)
    for_each_block(window, SIDE, finder.look_at)
    finder.join()
    return finder.found


@dataclass(frozen=True, slots=True, eq=False)
class _Border:
    """What reaches the border of a block and may go on in the next. Parts are counted from 0 here, -1 is none."""

    sides: tuple[Numbers, Numbers, Numbers, Numbers]
    """The part at each pixel along the top, bottom, left and right."""
    areas: Numbers
    """(n,) pixels of each part inside the block."""
    open: Where
    """(n,) whether it touches the window's edge."""
    pixels: tuple[Numbers, Numbers]
    """Row and column in the window of all pixels of those that are small so far."""
    owners: Numbers
    """The part that each of these pixels belongs to."""


class _Finder:
    """Decides inside a block what lies inside it, and puts together what reaches from one into another."""

    def __init__(self, read: Read, window: Rect, largest: int, *, enclosed: bool) -> None:
        self._read, self._window, self._largest, self._enclosed = read, window, largest, enclosed
        self.found: Where = np.zeros((window.height, window.width), np.bool_)
        self._borders: dict[tuple[int, int], _Border] = {}
        """By the place of their block, counted in blocks."""

    def look_at(self, block: Rect) -> None:
        shape = self._read(block)
        if not shape.any():
            return
        _, found, stats, _ = cv2.connectedComponentsWithStats(shape.view(np.uint8), connectivity=4)
        parts = np.asarray(found, np.int32)
        areas = stats[:, cv2.CC_STAT_AREA].astype(np.int64)
        codes = np.where(areas <= self._largest, INSIDE, 0).astype(np.uint8)
        codes[0] = 0  # what is not in the shape
        edges = parts[0], parts[-1], parts[:, 0], parts[:, -1]
        outer = np.unique(np.concatenate(edges))
        outer = outer[outer > 0]
        codes[outer] *= UNDECIDED
        here = np.take(codes, parts)
        part_of_window = block.within(self._window)
        np.equal(here, INSIDE, out=self.found[part_of_window])
        numbers = np.full(len(areas), -1, np.int64)
        numbers[outer] = np.arange(len(outer))
        rows, columns = np.nonzero(here == UNDECIDED) if codes[outer].any() else (np.zeros(0, np.int64),) * 2
        sides = numbers[edges[0]], numbers[edges[1]], numbers[edges[2]], numbers[edges[3]]
        place = (block.top - self._window.top) // SIDE, (block.left - self._window.left) // SIDE
        pixels = rows + part_of_window[0].start, columns + part_of_window[1].start
        owners = numbers[parts[rows, columns]]
        self._borders[place] = _Border(sides, areas[outer], self._touching(block, sides, len(outer)), pixels, owners)

    def _touching(self, block: Rect, sides: tuple[Numbers, ...], count: int) -> Where:
        window, touching = self._window, np.zeros(count + 1, np.bool_)
        at_edge = (
            block.top == window.top, block.bottom == window.bottom,
            block.left == window.left, block.right == window.right,
        )  # fmt: skip
        for side, is_edge in zip(sides, at_edge, strict=True):
            if is_edge:
                touching[side] = True  # -1 marks the one too many
        return touching[:-1]

    def join(self) -> None:
        """Add up what reaches over borders, and take what is still small."""
        first, count = {}, 0
        for place, border in self._borders.items():
            first[place] = count
            count += len(border.areas)
        if not count:
            return
        roots = rooted(count, self._meetings(first))
        total = np.bincount(roots, np.concatenate([b.areas for b in self._borders.values()]), count)
        out = np.bincount(roots, np.concatenate([b.open for b in self._borders.values()]), count) > 0
        small = (total <= self._largest) & ~(out & self._enclosed)
        for place, border in self._borders.items():
            keep = small[roots[border.owners + first[place]]]
            self.found[border.pixels[0][keep], border.pixels[1][keep]] = True

    def _meetings(self, first: dict[tuple[int, int], int]) -> Numbers:
        """(2, n) which parts touch over a border."""
        met = [np.zeros((2, 0), np.int64)]
        for (row, column), border in self._borders.items():
            for place, mine, theirs in (((row + 1, column), 1, 0), ((row, column + 1), 3, 2)):
                if place in self._borders:
                    here, there = border.sides[mine], self._borders[place].sides[theirs]
                    both = (here >= 0) & (there >= 0)
                    pairs = np.stack([here[both] + first[row, column], there[both] + first[place]])
                    met.append(np.unique(pairs, axis=1))
        return np.concatenate(met, axis=1)


def rooted(count: int, pairs: Numbers) -> Numbers:
    """(count,) for each of `count` things the lowest of all that hang together with it by (2, n) pairs."""
    roots = np.arange(count)
    while True:
        one, other = roots[pairs]
        if (one == other).all():
            return roots
        low = np.minimum(one, other)
        np.minimum.at(roots, one, low)
        np.minimum.at(roots, other, low)
        while (roots[roots] != roots).any():
            roots = roots[roots]
