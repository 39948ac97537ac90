"""The regions of a mask that label files list: one a class, or one for each part that hangs together."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import cv2
import numpy as np

from core.classes import LabelClass
from core.masks.geometry import Where
from core.masks.rect import Rect
from core.masks.tiles import Array


class Region(NamedTuple):
    """Pixels of one class."""

    label: LabelClass
    rect: Rect
    where: Where
    """(rect.height, rect.width)."""

    @property
    def area(self) -> int:
        return int(self.where.sum())


def regions_of(mask: Array, classes: Sequence[LabelClass], things: frozenset[str] | None) -> Iterator[Region]:
    """The regions of a (height, width) mask, class by class.

    Of a class whose name is among the things, or of every class where no things are named, each part that hangs
    together is a region; pixels that touch at a corner hang together. Of others all pixels are one region.
    """
    there = set(np.unique(mask).tolist())
    for label in classes:
        if label.id not in there:
            continue
        where = mask == label.id
        if things is None or label.name in things:
            yield from parts_of(where, label)
        else:
            rows, columns = np.flatnonzero(where.any(axis=1)), np.flatnonzero(where.any(axis=0))
            rect = Rect(int(rows[0]), int(columns[0]), int(rows[-1]) + 1, int(columns[-1]) + 1)
            yield Region(label, rect, where[rect.slices])


def parts_of(where: Where, label: LabelClass) -> Iterator[Region]:
    """The parts of (height, width) pixels that hang together by sides or corners."""
    count, found, stats, _ = cv2.connectedComponentsWithStats(where.view(np.uint8), connectivity=8)
    for number in range(1, count):
        left, top, width, height = (int(value) for value in stats[number, :4])
        rect = Rect(top, left, top + height, left + width)
        yield Region(label, rect, np.asarray(found[rect.slices] == number))
