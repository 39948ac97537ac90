"""Regions worth a look, as tables: a project has hundreds of thousands of them, too many for an object each."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.masks.rect import Rect

REGION = np.dtype(
    [(name, "<i4") for name in ("top", "left", "bottom", "right", "row", "column", "pixels")]
    + [("confidence", "<f4"), ("class_id", "u1")]
)
"""One region as a project file keeps it."""

RegionTable = npt.NDArray[np.void]
"""(n,) of REGION, regions of one image, the one with most to gain first."""


@dataclass(frozen=True, slots=True)
class Region:
    """Connected unlabelled pixels that are predicted as one class."""

    image_id: int
    rect: Rect
    """The smallest that holds all of it."""
    seed: tuple[int, int]
    """(row, column) of a pixel deep inside."""
    class_id: int
    pixels: int
    confidence: float
    """Mean over its pixels, 0 to 1."""


def doubt(regions: RegionTable, pixels: int) -> float:
    """How unsure a model is of an image: the share of its `pixels` that are open and, by its own word, wrong."""
    return float(((1 - regions["confidence"]) * regions["pixels"]).sum()) / pixels


def table_of(regions: Iterable[Region]) -> RegionTable:
    """Regions of one image as a table."""
    rows = [(*r.rect, *r.seed, r.pixels, r.confidence, r.class_id) for r in regions]
    return np.array(rows, REGION)


def region_in(image_id: int, row: np.void) -> Region:
    """A row of a table as a region."""
    top, left, bottom, right, y, x, pixels, confidence, class_id = row.item()
    return Region(image_id, Rect(top, left, bottom, right), (y, x), class_id, pixels, confidence)
