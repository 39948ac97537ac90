"""Regions of a picture that can be predicted one by one, with the same result as all at once.

A convolution sees only so far. A region that is predicted together with its halo (everything its pixels can see) and
that begins on a multiple of the coarsest pixel gives what the whole picture would give.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np

from core.masks.rect import Rect
from core.training.inputs import Picture


@dataclass(frozen=True, slots=True)
class Tile:
    inner: Rect
    """What it answers for, inside the picture."""
    outer: Rect
    """What the network sees: inner, halo, and the rim that fills the picture up to a multiple."""


@dataclass(frozen=True, slots=True)
class Tiling:
    height: int
    width: int
    multiple: int
    halo: int

    @property
    def padded(self) -> Rect:
        """The picture, filled up below and on the right."""
        return Rect(0, 0, self._up(self.height), self._up(self.width))

    def around(self, region: Rect) -> Tile:
        """The one tile that answers for `region`."""
        inner = region.intersect(Rect(0, 0, self.height, self.width))
        top, left = self._down(inner.top) - self.halo, self._down(inner.left) - self.halo
        outer = Rect(top, left, self._up(inner.bottom) + self.halo, self._up(inner.right) + self.halo)
        return Tile(inner, outer.intersect(self.padded))

    def tiles(self, side: int, region: Rect | None = None) -> Iterator[Tile]:
        """Tiles whose inner parts, at most `side` high and wide, make up `region` (the whole picture by default)."""
        region = (region or self.padded).intersect(Rect(0, 0, self.height, self.width))
        side = max(self.multiple, self._down(side))
        for top in range(self._down(region.top), region.bottom, side):
            for left in range(self._down(region.left), region.right, side):
                yield self.around(Rect(top, left, top + side, left + side).intersect(region))

    def _up(self, n: int) -> int:
        return ceil(n / self.multiple) * self.multiple

    def _down(self, n: int) -> int:
        return n // self.multiple * self.multiple


def cut_out(picture: Picture, outer: Rect) -> Picture:
    """What is seen of a picture (H, W, C): (h, w, C), its last row and column repeated past it."""
    height, width = picture.shape[:2]
    cut: Any = picture[outer.top : min(outer.bottom, height), outer.left : min(outer.right, width)]
    rim = (outer.height - cut.shape[0], outer.width - cut.shape[1])
    if any(rim):
        cut = np.pad(cut, ((0, rim[0]), (0, rim[1]), (0, 0)), mode="edge")
    filled: Picture = cut
    return filled
