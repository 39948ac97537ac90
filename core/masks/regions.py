"""Mending what is labelled: fill holes, grow, shrink, smooth, remove islands, on one region or on a whole class.

All is done block by block, with as much around each as the operation sees, so that memory stays small.
"""

from collections.abc import Mapping
from functools import cache
from math import ceil, isqrt, sqrt
from typing import Literal

import cv2
import numpy as np

from core.classes import UNLABELED
from core.masks.change import NO_CHANGE, Change
from core.masks.fill import connected_tiles, equal_tiles
from core.masks.geometry import Where
from core.masks.parts import for_each_block, small_parts
from core.masks.rect import Rect
from core.masks.tiles import Array, Mask, Tiled, TileKey

Operation = Literal["fill-holes", "grow", "shrink", "smooth", "remove-islands"]
OPERATIONS: tuple[Operation, ...] = ("fill-holes", "grow", "shrink", "smooth", "remove-islands")
BY_AREA = ("fill-holes", "remove-islands")
"""Their amount is an area in pixels, that of the others a distance."""
BLOCK = 512
"""Pixels along the side of what is looked at together, or more where an operation sees far."""
HALF = 0.5001
"""A little more than half: an exact half must not depend on how the sum was rounded."""


class Region:
    """Some pixels of a mask, all of one value."""

    def __init__(self, mask: Tiled, covered: Rect, tiles: Mapping[TileKey, Where | None]) -> None:
        """tiles: as `connected_tiles` gives them."""
        self.mask, self.covered, self._tiles = mask, covered, tiles

    def read(self, rect: Rect) -> Where:
        """(rect.height, rect.width) where the region is."""
        out = np.zeros((rect.height, rect.width), np.bool_)
        for key in self.mask.keys_in(rect):
            if key in self._tiles:
                tile, where = self.mask.tile_rect(key), self._tiles[key]
                part = tile.intersect(rect)
                out[part.within(rect)] = True if where is None else where[part.within(tile)]
        return out

    def read_outside(self, rect: Rect) -> Where:
        return ~self.read(rect)


def mend_region(mask: Mask, row: int, column: int, operation: Operation, amount: int) -> Change:
    """What `operation` would do to the 4-connected region of equal value around a pixel."""
    value = mask.value(row, column)
    if value == UNLABELED:
        return NO_CHANGE
    return _Mending(Region(mask, *connected_tiles(mask, row, column)), value, operation, amount).run()


def mend_class(mask: Mask, value: int, operation: Operation, amount: int) -> Change:
    """What `operation` would do to all pixels of a class."""
    covered, tiles = equal_tiles(mask, value)
    return NO_CHANGE if covered.empty else _Mending(Region(mask, covered, tiles), value, operation, amount).run()


class _Mending:
    """One operation on one region; several of its blocks may be done at the same time."""

    def __init__(self, region: Region, value: int, operation: Operation, amount: int) -> None:
        """amount: at least 1."""
        self._region, self._value, self._operation, self._amount = region, value, operation, amount
        bounds = region.mask.bounds
        self._reach = reach_of(operation, amount, min(bounds.height, bounds.width))
        self._window = region.covered.grown(self._reach).intersect(bounds)
        size = self._window.height, self._window.width
        self._where: Where = np.zeros(size, np.bool_)
        self._values = np.empty(size, np.uint8)  # memory that nothing is written to is not taken

    def run(self) -> Change:
        values: dict[Operation, int] = {"fill-holes": self._value, "grow": self._value, "shrink": UNLABELED}
        if self._operation == "fill-holes":
            self._where = small_parts(self._region.read_outside, self._window, self._amount, enclosed=True)
        else:
            if self._operation == "remove-islands":
                self._where = small_parts(self._region.read, self._window, self._amount)
            for_each_block(self._window, max(BLOCK, 4 * self._reach), self._look_at)
        return Change(self._window, self._where, values.get(self._operation, self._values))

    def _look_at(self, block: Rect) -> None:
        around = block.grown(self._reach).intersect(self._window)
        where, inner = self._where[block.within(self._window)], block.within(around)
        islands = self._operation == "remove-islands"
        if islands and not where.any():
            return
        shape = self._region.read(around)
        if not shape.any() or (shape.all() and not islands):
            return  # nothing changes here
        match self._operation:
            case "grow":
                where[...] = near(shape, self._amount)[inner] & ~shape[inner]
            case "shrink":
                where[...] = near(~shape, self._amount)[inner] & shape[inner]
            case "smooth":
                soft = smoothed(shape, self._amount)[inner]
                where[...] = soft != shape[inner]
                self._values[block.within(self._window)][where] = self._value
                self._give_up(where & ~soft, block, around, shape)
            case _:
                self._give_up(where, block, around, shape)

    def _give_up(self, given: Where, block: Rect, around: Rect, shape: Where) -> None:
        """Note whom the pixels of the block go to that are `given` up."""
        if given.any():
            wanted = np.zeros_like(shape)
            wanted[block.within(around)] = given
            nearest = others_nearby(self._region.mask.read(around), shape, wanted)
            self._values[block.within(self._window)][given] = nearest


def reach_of(operation: Operation, amount: int, narrowest: int) -> int:
    """How far around a pixel an operation looks in a picture whose shorter side is `narrowest`."""
    match operation:
        case "fill-holes":
            return 1
        case "remove-islands":  # how far inside of one a pixel can lie, in a corner or from side to side
            return ceil(1.25 * max(sqrt(amount), amount / narrowest)) + 3
        case "smooth":
            return 2 * amount + 3
        case _:
            return amount + 1


def near(shape: Where, distance: int) -> Where:
    """The pixels whose centres are at most `distance` from the centre of a pixel of the shape, itself included."""
    height = shape.shape[0]
    out, spread, reached = shape.copy(), shape, 0
    for width, rows in _widths(distance):
        further = cv2.dilate(spread.view(np.uint8), np.ones((1, 2 * (width - reached) + 1), np.uint8))
        spread, reached = np.asarray(further, np.uint8).view(np.bool_), width
        for row in rows:
            if row < height:
                out[row:] |= spread[: height - row]
                out[: height - row] |= spread[row:]
    return out


@cache
def _widths(distance: int) -> list[tuple[int, list[int]]]:
    """A disc row by row: how far it reaches to the sides, least first, and how many rows from its middle that is."""
    rows: dict[int, list[int]] = {}
    for row in range(distance, -1, -1):
        rows.setdefault(isqrt(distance**2 - row**2), []).append(row)
    return sorted(rows.items())


def smoothed(shape: Where, amount: int) -> Where:
    """The pixels most of whose surroundings, by a Gaussian of half the amount, belong to the shape."""
    soft = cv2.GaussianBlur(shape.astype(np.float32), (0, 0), amount / 2, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(soft > HALF, np.bool_)


def others_nearby(labels: Array, shape: Where, wanted: Where) -> Array:
    """(n,) for each of the n `wanted` pixels the value of the nearest that is not in the shape; all are (h, w).

    Unlabelled where there is none.
    """
    if shape.all():
        return np.full(np.count_nonzero(wanted), UNLABELED, np.uint8)
    _, nearest = cv2.distanceTransformWithLabels(
        shape.view(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5, labelType=cv2.DIST_LABEL_PIXEL
    )
    return np.asarray(labels[~shape][nearest[wanted] - 1], np.uint8)  # they are numbered from 1, row by row
