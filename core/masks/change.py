"""A change of a mask before it is made: what the window shows and a person says yes or no to."""

from dataclasses import dataclass, replace

import numpy as np

from core.masks.geometry import Where
from core.masks.marks import one_of
from core.masks.rect import EMPTY, Rect
from core.masks.tiles import Array, Mask


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """Write `values` where `where` is True."""

    rect: Rect
    where: Where
    """(rect.height, rect.width)."""
    values: Array | int
    """One for all, or (rect.height, rect.width)."""

    @property
    def empty(self) -> bool:
        return not self.where.any()

    def kept_to(self, mask: Mask, allowed: frozenset[int] | None) -> "Change":
        """Without the pixels that the paint rule forbids, and without those that are drawn so already."""
        where = np.zeros_like(self.where)
        for key in mask.keys_in(self.rect):
            tile = mask.tile_rect(key)
            part = tile.intersect(self.rect)
            here = self.where[part.within(self.rect)]
            if here.any():
                now = mask.tile(key)[part.within(tile)]
                new = self.values if isinstance(self.values, int) else self.values[part.within(self.rect)]
                here = here & (now != new)
                where[part.within(self.rect)] = here if allowed is None else here & one_of(now, allowed)
        return replace(self, where=where)


NO_CHANGE = Change(EMPTY, np.zeros((0, 0), np.bool_), 0)
