"""How a mask that comes from elsewhere meets the labels that are there."""

from dataclasses import dataclass

import numpy as np

from core.classes import UNLABELED
from core.masks.editor import ONLY_UNLABELED
from core.masks.geometry import Where
from core.masks.marks import one_of
from core.masks.tiles import Array


@dataclass(frozen=True, slots=True)
class Merge:
    """Which pixels of a new mask are taken over."""

    keep_labels: bool = False
    """Whether what is labelled already stays as it is."""
    classes: frozenset[int] | None = None
    """If given, only pixels of these classes are taken over. Else all, and with them what is unlabelled."""

    @property
    def allowed(self) -> frozenset[int] | None:
        """The values that may be overwritten; None for all."""
        return ONLY_UNLABELED if self.keep_labels else None

    def where(self, mask: Array) -> Where:
        """(height, width) the pixels of a new mask that are to be written."""
        if self.classes is not None:
            return one_of(mask, self.classes - {UNLABELED})
        return np.asarray(mask != UNLABELED) if self.keep_labels else np.ones(mask.shape, np.bool_)

    def changes(self, old: Array, new: Array) -> Where:
        """(height, width) the pixels that will be different."""
        changed = self.where(new) & (old != new)
        return np.asarray(changed & (old == UNLABELED) if self.keep_labels else changed)


REPLACE = Merge()
