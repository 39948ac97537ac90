"""What a prediction offers to be taken over: its classes where it is sure enough."""

from math import ceil

import numpy as np

from core.classes import UNLABELED
from core.masks.geometry import Where
from core.masks.marks import all_bits, classes_of, one_of
from core.masks.rect import Rect
from core.masks.tiles import TILE, Array, Tiled, TileKey, frozen_tile


class Predicted(Tiled):
    """Predicted class ids, UNLABELED where the prediction is less sure than asked. Looked up where it is asked for."""

    def __init__(
        self,
        class_map: Array,
        confidence: Array | None = None,
        least: int = 0,
        only: int | None = None,
    ) -> None:
        """
        Args:
            class_map: (height, width), UNLABELED where nothing is predicted yet. It is kept, not copied.
            confidence: the same size, 0 to 255.
            least: confidence from which a pixel counts, as `least_confidence` gives it.
            only: leave all other classes out.
        """
        super().__init__(*class_map.shape)
        self._class_map, self._confidence, self._least, self._only = class_map, confidence, least, only
        self._tiles: dict[TileKey, Array] = {}

    def above(self, least: int) -> "Predicted":
        """The same prediction with another least confidence."""
        return Predicted(self._class_map, self._confidence, least, self._only)

    def guess(self, row: int, column: int) -> tuple[int, float | None]:
        """The class of a pixel, however sure, and its probability, 0 to 1, where that is known; UNLABELED for none."""
        sure = None if self._confidence is None else float(self._confidence[row, column]) / 255
        return int(self._class_map[row, column]), sure

    def of_class(self, class_id: int) -> "Predicted":
        """One of its classes."""
        return Predicted(self._class_map, self._confidence, self._least, class_id)

    def tile(self, key: TileKey) -> Array:
        """Kept once it was asked for: a flood comes to a tile again and again."""
        if key not in self._tiles:
            rect = self.tile_rect(key)
            tile = np.full((TILE, TILE), UNLABELED, np.uint8)
            tile[: rect.height, : rect.width] = self.read_marked(rect)
            self._tiles[key] = frozen_tile(tile)
        return self._tiles[key]

    def read_marked(self, rect: Rect | None = None) -> Array:
        """A (rect.height, rect.width) copy; nothing in a prediction is marked."""
        place = (rect or self.bounds).slices
        found = self._class_map[place].copy()
        if self._only is not None:
            found |= all_bits(found != np.uint8(self._only))
        if self._confidence is not None and self._least > 0:
            found |= all_bits(self._confidence[place] < np.uint8(self._least))
        return found


def acceptable(now: Array, predicted: Array, allowed: frozenset[int] | None) -> Where:
    """(h, w): where a mask's values `now` may be replaced by predicted ones, and would become another class.

    A pixel that has that class already stays what it is: a drawn one must not become an accepted one.
    """
    free: Where = (predicted != UNLABELED) & (classes_of(now) != predicted)
    return free if allowed is None else free & one_of(now, allowed)


def least_confidence(threshold: float) -> int:
    """A share from 0 to 1 as the lowest of 256 steps that is no less."""
    return ceil(threshold * 255 - 1e-6)
