"""A mask as copy-on-write tiles: a snapshot costs a dictionary copy, an edit costs the tiles it touches."""

from collections.abc import Iterator, Mapping
from functools import cache
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from core.classes import UNLABELED
from core.masks.rect import Rect

TILE = 256
"""Side of a tile in pixels."""

Array = npt.NDArray[np.uint8]
TileKey = tuple[int, int]
"""(row, column) of a tile, counted in tiles."""


@cache
def uniform_tile(value: int) -> Array:
    """The one read-only (TILE, TILE) tile that holds `value` everywhere."""
    tile = np.full((TILE, TILE), value, np.uint8)
    tile.flags.writeable = False
    return tile


def frozen_tile(tile: Array) -> Array:
    """`tile`, read-only; the shared tile of its value where it is uniform."""
    first = int(tile[0, 0])
    if (tile == first).all():
        return uniform_tile(first)
    tile.flags.writeable = False
    return tile


def class_pixels(tile: Array) -> npt.NDArray[np.int64]:
    """(256,) count of each value in a tile."""
    first = int(tile[0, 0])
    if tile is uniform_tile(first):
        counts = np.zeros(256, np.int64)
        counts[first] = tile.size
        return counts
    return np.bincount(tile.ravel(), minlength=256)


def one_of(values: Array, wanted: frozenset[int]) -> npt.NDArray[np.bool_]:
    """(h, w) bool: which values are wanted. A rule of one value needs no table."""
    if len(wanted) == 1:
        return np.asarray(values == np.uint8(next(iter(wanted))))
    table = np.zeros(256, np.bool_)
    table[list(wanted)] = True
    return np.asarray(table[values])


class Mask:
    """Class id per pixel, (height, width) uint8, UNLABELED where nobody has labelled.

    Tiles are read-only once stored, so that snapshots and edits share them. Tiles at the lower and right edge
    are full size, padded with UNLABELED.
    """

    def __init__(self, height: int, width: int, tiles: Mapping[TileKey, Array] | None = None) -> None:
        self.height = height
        self.width = width
        self._tiles: dict[TileKey, Array] = dict(tiles or {})

    @classmethod
    def from_array(cls, array: Array) -> "Mask":
        """A mask that holds a copy of `array`, (height, width) uint8."""
        mask = cls(*array.shape)
        for key in mask.keys_in(mask.bounds):
            mask._tiles[key] = mask._cut(array, key)
        return mask

    @property
    def bounds(self) -> Rect:
        return Rect(0, 0, self.height, self.width)

    @property
    def tiles(self) -> Mapping[TileKey, Array]:
        return MappingProxyType(self._tiles)

    def tile(self, key: TileKey) -> Array:
        return self._tiles.get(key, uniform_tile(UNLABELED))

    def put(self, tiles: Mapping[TileKey, Array]) -> None:
        self._tiles.update(tiles)

    def snapshot(self) -> "Mask":
        return Mask(self.height, self.width, self._tiles)

    def tile_rect(self, key: TileKey) -> Rect:
        """The pixels that a tile covers, inside the mask."""
        top, left = key[0] * TILE, key[1] * TILE
        return Rect(top, left, max(top, min(top + TILE, self.height)), max(left, min(left + TILE, self.width)))

    def keys_in(self, rect: Rect) -> Iterator[TileKey]:
        rect = rect.intersect(self.bounds)
        if rect.empty:
            return
        for row in range(rect.top // TILE, (rect.bottom - 1) // TILE + 1):
            for column in range(rect.left // TILE, (rect.right - 1) // TILE + 1):
                yield row, column

    def read(self, rect: Rect | None = None) -> Array:
        """A (rect.height, rect.width) copy of the pixels in `rect`, the whole mask by default.

        `rect` must lie inside the mask.
        """
        rect = rect or self.bounds
        out = np.empty((rect.height, rect.width), np.uint8)  # (h, w)
        for key in self.keys_in(rect):
            part = self.tile_rect(key).intersect(rect)
            out[part.within(rect)] = self.tile(key)[part.within(Rect(key[0] * TILE, key[1] * TILE, 0, 0))]
        return out

    def value(self, row: int, column: int) -> int:
        return int(self.tile((row // TILE, column // TILE))[row % TILE, column % TILE])

    def class_pixels(self) -> dict[int, int]:
        """Labelled pixels by class id."""
        total = np.zeros(256, np.int64)
        for tile in self._tiles.values():
            total += class_pixels(tile)
        return {int(v): int(total[v]) for v in np.flatnonzero(total) if v != UNLABELED}

    def _cut(self, array: Array, key: TileKey) -> Array:
        rect = self.tile_rect(key)
        tile = np.full((TILE, TILE), UNLABELED, np.uint8)
        tile[: rect.height, : rect.width] = array[rect.slices]
        return frozen_tile(tile)
