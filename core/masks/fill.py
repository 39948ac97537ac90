"""Which pixels hang together: a flood that walks from tile to tile and passes uniform ones in one step."""

import cv2
import numpy as np
import numpy.typing as npt

from core.masks.geometry import Where, connected_region
from core.masks.marks import class_of, holds
from core.masks.rect import EMPTY, Rect
from core.masks.tiles import TILE, Array, Tiled, TileKey, uniform_tile

MANY_MIXED_TILES = 200
"""Past so many tiles that are not uniform, one flood over the whole array is faster."""
MANY_VISITS = 1500
"""So is it where a maze leads a flood back to the same tiles again and again."""

Parts = npt.NDArray[np.uint16]
"""(h, w) number of the connected part that a pixel belongs to, from 1; 0 for pixels of another value."""


def connected_tiles(mask: Tiled, row: int, column: int) -> tuple[Rect, dict[TileKey, Where | None]]:
    """The 4-connected pixels of equal value around (row, column), tile by tile.

    Returns:
        A covering rectangle, and for each tile that holds any of them a bool array over the tile's part inside the
        mask, or None where they take all of it.
    """
    flood = _Flood(mask, mask.value(row, column))
    return flood.run(row, column) or _look_at_all(mask, row, column)


def equal_tiles(mask: Tiled, value: int) -> tuple[Rect, dict[TileKey, Where | None]]:
    """All pixels of a value, in the form of `connected_tiles`."""
    rect, tiles = EMPTY, dict[TileKey, Where | None]()
    for key in mask.keys_in(mask.bounds):
        tile, part = mask.tile(key), mask.tile_rect(key)
        if is_all(tile, value):
            tiles[key] = None
        elif (same := holds(tile[: part.height, : part.width], value)).any():
            tiles[key] = same
        else:
            continue
        rect = rect.unite(part)
    return rect, tiles


def is_all(tile: Array, value: int) -> bool:
    """Whether a tile is known to hold nothing else, drawn or accepted."""
    first = int(tile[0, 0])
    return class_of(first) == value and tile is uniform_tile(first)


ONE = np.ones(1, np.uint16)


class _Flood:
    """One flood: the parts of each tile that it came to, and which of them it has reached."""

    def __init__(self, mask: Tiled, value: int) -> None:
        self._mask = mask
        self._value = value
        self._parts: dict[TileKey, Parts | None] = {}
        """None stands for a uniform tile: a single part, numbered 1."""
        self._mixed = 0
        self._reached: dict[TileKey, Where] = {}
        self._waiting: dict[TileKey, None] = {}

    def run(self, row: int, column: int) -> tuple[Rect, dict[TileKey, Where | None]] | None:
        """The flooded tiles; None where it would take too long this way."""
        start = row // TILE, column // TILE
        parts = self._parts_of(start)
        self._reach(start, np.array([1 if parts is None else int(parts[row % TILE, column % TILE])]))
        visits = 0
        while self._waiting:
            visits += 1
            if self._mixed > MANY_MIXED_TILES or visits > len(self._reached) + MANY_VISITS:
                return None
            key = next(iter(self._waiting))
            del self._waiting[key]
            self._spread(key)
        return self._result()

    def _parts_of(self, key: TileKey) -> Parts | None:
        if key not in self._parts:
            self._parts[key] = self._find_parts(key)
        return self._parts[key]

    def _find_parts(self, key: TileKey) -> Parts | None:
        tile, rect = self._mask.tile(key), self._mask.tile_rect(key)
        if is_all(tile, self._value):
            return None
        self._mixed += 1
        same = holds(tile[: rect.height, : rect.width], self._value).view(np.uint8)
        _, parts = cv2.connectedComponents(same, connectivity=4, ltype=cv2.CV_16U)
        return np.asarray(parts, np.uint16)

    def _reach(self, key: TileKey, numbers: npt.NDArray[np.integer]) -> None:
        """Note that the flood has come to these parts of a tile, and let it go on from there if that is new."""
        if key not in self._reached:
            parts = self._parts_of(key)
            self._reached[key] = np.zeros(2 if parts is None else int(parts.max()) + 1, np.bool_)
        reached = self._reached[key]
        numbers = numbers[(numbers > 0) & ~reached[numbers]]
        if len(numbers):
            reached[numbers] = True
            self._waiting[key] = None

    def _spread(self, key: TileKey) -> None:
        row, column = key
        for down, right in ((-1, 0), (1, 0), (0, -1), (0, 1)):
            other = row + down, column + right
            rect = self._mask.tile_rect(other)
            if min(other) < 0 or rect.empty:
                continue
            if self._holds_none(other):
                continue
            self._cross(key, other, down, right)

    def _holds_none(self, key: TileKey) -> bool:
        tile = self._mask.tile(key)
        first = int(tile[0, 0])
        return class_of(first) != self._value and tile is uniform_tile(first)

    def _cross(self, key: TileKey, other: TileKey, down: int, right: int) -> None:
        """Let the flood go on from one tile to its neighbour."""
        parts, others = self._parts_of(key), self._parts_of(other)
        there = ONE if others is None else self._edge(others, -down, -right)
        if parts is not None:
            open_here = self._reached[key][self._edge(parts, down, right)]  # (n,) bool; part 0 is never reached
            there = ONE[: int(open_here.any())] if others is None else there[open_here]
        self._reach(other, there)

    def _edge(self, parts: Parts, down: int, right: int) -> Parts:
        """(n,) the parts along the side of a tile that looks that way."""
        return parts[-1 if down > 0 else 0] if down else parts[:, -1 if right > 0 else 0]

    def _result(self) -> tuple[Rect, dict[TileKey, Where | None]]:
        tiles: dict[TileKey, Where | None] = {}
        keys = [key for key, reached in self._reached.items() if reached.any()]
        for key in keys:
            parts = self._parts.pop(key)  # frees memory as the result takes it
            tiles[key] = None if parts is None else self._reached[key][parts]
        rows, columns = [key[0] for key in keys], [key[1] for key in keys]
        rect = Rect(min(rows) * TILE, min(columns) * TILE, (max(rows) + 1) * TILE, (max(columns) + 1) * TILE)
        return rect.intersect(self._mask.bounds), tiles


def _look_at_all(mask: Tiled, row: int, column: int) -> tuple[Rect, dict[TileKey, Where | None]]:
    rect, where = connected_region(mask.read(), row, column)
    tiles: dict[TileKey, Where | None] = {}
    for key in mask.keys_in(rect):
        tile_rect = mask.tile_rect(key)
        part = tile_rect.intersect(rect)
        inside = np.zeros((tile_rect.height, tile_rect.width), np.bool_)
        inside[part.within(tile_rect)] = where[part.within(rect)]
        if inside.any():
            tiles[key] = inside
    return rect, tiles
