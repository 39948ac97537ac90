"""Full-size arrays looked at from afar: what value lies under each pixel of the screen."""

from functools import partial
from math import floor, log2
from typing import Protocol

import numpy as np
import numpy.typing as npt

from app.canvas.viewport import Indices
from core.classes import UNLABELED
from core.masks.change import Change
from core.masks.editor import MaskEdit
from core.masks.marks import all_bits, classes_of
from core.masks.rect import Rect
from core.masks.tiles import TILE, Array, Mask, uniform_tile

Values = npt.NDArray[np.uint8]

DEEPEST = 8
"""A tile of 256 shrinks to one value eight halvings down."""


class Plane(Protocol):
    """(height, width) uint8 values that can be looked up at any zoom."""

    def sample(self, rows: Indices, columns: Indices, zoom: float) -> Values:
        """(len(rows), len(columns)) the value at each crossing, or one close by where the screen shows less."""
        ...


def level_for(zoom: float) -> int:
    """How often a plane can be halved before the screen would show the difference."""
    return min(DEEPEST, max(0, floor(log2(1 / zoom)))) if zoom < 1 else 0


class ArrayPlane:
    """A plane over an array that does not change."""

    def __init__(self, array: Values) -> None:
        self._levels: list[Values] = [array]

    @property
    def shape(self) -> tuple[int, ...]:
        return self._levels[0].shape

    def sample(self, rows: Indices, columns: Indices, zoom: float) -> Values:
        level = level_for(zoom)
        while len(self._levels) <= level:
            self._levels.append(halved(self._levels[-1]))
        return pick(self._levels[level], rows >> level, columns >> level)


class MaskPlane:
    """A plane over a mask that is being painted; what was accepted is marked (core.masks.marks)."""

    def __init__(self, mask: Mask) -> None:
        self._mask = mask
        self._levels: dict[int, Values] = {}

    def sample(self, rows: Indices, columns: Indices, zoom: float) -> Values:
        level = level_for(zoom)
        if level == 0:
            rect = Rect(int(rows[0]), int(columns[0]), int(rows[-1]) + 1, int(columns[-1]) + 1)
            return pick(self._mask.read_marked(rect), rows - rect.top, columns - rect.left)
        return pick(self._level(level), rows >> level, columns >> level)

    def refresh(self, rect: Rect) -> None:
        """Look at the mask again inside `rect`."""
        for level, plane in self._levels.items():
            self._copy(level, plane, rect)

    def _level(self, level: int) -> Values:
        if level not in self._levels:
            bounds, step = self._mask.bounds, 1 << level
            plane = np.empty((-(-bounds.height // step), -(-bounds.width // step)), np.uint8)
            self._levels[level] = plane
            self._copy(level, plane, bounds)
        return self._levels[level]

    def _copy(self, level: int, plane: Values, rect: Rect) -> None:
        step, side = 1 << level, TILE >> level
        thin = partial(_thinned, step=step)
        for row, column in self._mask.keys_in(rect):
            part = plane[row * side : (row + 1) * side, column * side : (column + 1) * side]
            part[...] = thin(self._mask.tile((row, column)))[: part.shape[0], : part.shape[1]]


class ChangedPlane:
    """0 where an edit gave a pixel another class, UNLABELED elsewhere. Compared where it is looked at."""

    def __init__(self, edit: MaskEdit) -> None:
        rows, columns = [key[0] for key in edit.after], [key[1] for key in edit.after]
        top, left = min(rows), min(columns)
        height, width = (max(rows) + 1 - top) * TILE, (max(columns) + 1 - left) * TILE
        self._rect = Rect(top * TILE, left * TILE, top * TILE + height, left * TILE + width)
        self._planes = [
            MaskPlane(Mask(height, width, {(row - top, column - left): tile for (row, column), tile in tiles.items()}))
            for tiles in (edit.before, edit.after)
        ]
        """Of the rectangle of tiles that the edit touched."""

    def sample(self, rows: Indices, columns: Indices, zoom: float) -> Values:
        out = np.full((len(rows), len(columns)), UNLABELED, np.uint8)
        top, bottom = np.searchsorted(rows, (self._rect.top, self._rect.bottom))
        left, right = np.searchsorted(columns, (self._rect.left, self._rect.right))
        if top < bottom and left < right:
            place = rows[top:bottom] - self._rect.top, columns[left:right] - self._rect.left
            before, after = (classes_of(plane.sample(*place, zoom)) for plane in self._planes)
            out[top:bottom, left:right] = all_bits(before == after)
        return out


class ProposalPlane:
    """A change of the mask that is shown before it is made."""

    def __init__(self, change: Change) -> None:
        self.rect = change.rect
        self._where = change.where.view(np.uint8)
        self._values = change.values

    def lay_on(self, labels: Values, rows: Indices, columns: Indices) -> None:
        """Change (len(rows), len(columns)) labels that were looked up there."""
        rect = self.rect
        top, bottom = np.searchsorted(rows, (rect.top, rect.bottom))
        left, right = np.searchsorted(columns, (rect.left, rect.right))
        if top < bottom and left < right:
            down, along = rows[top:bottom] - rect.top, columns[left:right] - rect.left
            new = self._values if isinstance(self._values, int) else pick(self._values, down, along)
            here = pick(self._where, down, along).view(np.bool_)
            np.copyto(labels[top:bottom, left:right], np.asarray(new, np.uint8), where=here)


def _thinned(tile: Array, step: int) -> Values:
    first = int(tile[0, 0])
    if tile is uniform_tile(first):
        return tile[: TILE // step, : TILE // step]
    return tile[::step, ::step]


def halved(values: Values) -> Values:
    """Every other value of every other row, as an array of its own."""
    return np.ascontiguousarray(values[::2, ::2])


def pick(values: Values, rows: Indices, columns: Indices) -> Values:
    """values[rows][:, columns] for indices that never fall, over the shortest road."""
    top, left = int(rows[0]), int(columns[0])
    part = values[top : int(rows[-1]) + 1, left : int(columns[-1]) + 1]
    rows, columns = rows - top, columns - left
    if part.shape == (len(rows), len(columns)) and follows(rows) and follows(columns):
        return part.copy()
    if part.shape[0] > len(rows):  # shrinking: drop rows first, so that fewer columns are gathered
        return np.take(np.take(part, rows, axis=0), columns, axis=1)
    return np.take(np.take(part, columns, axis=1), rows, axis=0)


def follows(indices: Indices) -> bool:
    """Whether each index is the one before plus one."""
    return bool((indices[1:] - indices[:-1] == 1).all())
