"""A mask as copy-on-write tiles: a snapshot costs a dictionary copy, an edit costs the tiles it touches."""

from collections.abc import Iterator, Mapping
from functools import cache
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from core.classes import ACCEPTED, UNLABELED
from core.masks.marks import class_of, classes_of, is_accepted
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
    """(256,) how many pixels of a tile each class has, drawn or accepted, and how many are UNLABELED."""
    first = int(tile[0, 0])
    if tile is uniform_tile(first):
        counts = np.zeros(256, np.int64)
        counts[class_of(first)] = tile.size
        return counts
    counts = np.bincount(tile.ravel(), minlength=256)
    counts[:ACCEPTED] += counts[ACCEPTED : 2 * ACCEPTED]
    counts[ACCEPTED : 2 * ACCEPTED] = 0
    return counts


def plain_tile(tile: Array) -> Array:
    """A tile without marks, to read: the shared one of its class where it is uniform."""
    first = int(tile[0, 0])
    return uniform_tile(class_of(first)) if tile is uniform_tile(first) else classes_of(tile)


class Tiled:
    """(height, width) values in squares of TILE pixels. Those at the lower and right edge are full size, padded with
    UNLABELED."""

    def __init__(self, height: int, width: int) -> None:
        self.height = height
        self.width = width

    def tile(self, key: TileKey) -> Array:
        """(TILE, TILE), read-only, with the marks of core.masks.marks; uniform ones are shared."""
        raise NotImplementedError

    @property
    def bounds(self) -> Rect:
        return Rect(0, 0, self.height, self.width)

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
        """A (rect.height, rect.width) copy of the class ids in `rect`, the whole mask by default.

        `rect` must lie inside the mask.
        """
        return classes_of(self.read_marked(rect))

    def read_marked(self, rect: Rect | None = None) -> Array:
        """As `read`, with the mark on what was accepted."""
        rect = rect or self.bounds
        out = np.empty((rect.height, rect.width), np.uint8)  # (h, w)
        for key in self.keys_in(rect):
            part = self.tile_rect(key).intersect(rect)
            out[part.within(rect)] = self.tile(key)[part.within(Rect(key[0] * TILE, key[1] * TILE, 0, 0))]
        return out

    def value(self, row: int, column: int) -> int:
        """The class id of a pixel."""
        return class_of(self.marked_value(row, column))

    def marked_value(self, row: int, column: int) -> int:
        """As `value`, with the mark on what was accepted."""
        return int(self.tile((row // TILE, column // TILE))[row % TILE, column % TILE])


class Mask(Tiled):
    """Class id per pixel, (height, width) uint8, UNLABELED where nobody has labelled.

    Tiles are read-only once stored, so that snapshots and edits share them.
    """

    def __init__(self, height: int, width: int, tiles: Mapping[TileKey, Array] | None = None) -> None:
        super().__init__(height, width)
        self._tiles: dict[TileKey, Array] = dict(tiles or {})

    @classmethod
    def from_array(cls, array: Array) -> "Mask":
        """A mask that holds a copy of `array`, (height, width) uint8."""
        mask = cls(*array.shape)
        for key in mask.keys_in(mask.bounds):
            mask._tiles[key] = mask._cut(array, key)
        return mask

    @property
    def tiles(self) -> Mapping[TileKey, Array]:
        return MappingProxyType(self._tiles)

    def tile(self, key: TileKey) -> Array:
        return self._tiles.get(key, uniform_tile(UNLABELED))

    def put(self, tiles: Mapping[TileKey, Array]) -> None:
        self._tiles.update(tiles)

    def snapshot(self) -> "Mask":
        return Mask(self.height, self.width, self._tiles)

    def accepted(self, rect: Rect | None = None) -> npt.NDArray[np.bool_]:
        """(rect.height, rect.width): which pixels in `rect` were accepted from a prediction and not drawn since."""
        return is_accepted(self.read_marked(rect))

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
