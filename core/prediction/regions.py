"""Where a prediction can be answered by one key: connected unlabelled pixels of one predicted class."""

from collections.abc import Callable, Iterator
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from core.classes import UNLABELED
from core.masks.geometry import Where
from core.masks.rect import Rect
from core.masks.tiles import Array
from core.regions import REGION, Region, RegionTable

SIDE = 256
"""Pixels a side that a region has at most, so that it fits a screen; what is larger is cut along a grid."""
SPECK = 64
"""Fewer pixels are not worth a question."""
MOST = 32
"""Regions an image."""
BLOCK = 8 * SIDE
"""Pixels a side that are looked at together, for the sake of memory."""
LEAST_DOUBT = np.float32(1 / 510)
"""Of a region that is predicted with full confidence: half a step of it."""


def gain(pixels: npt.ArrayLike, confidence: npt.ArrayLike) -> npt.NDArray[np.float32]:
    """How much an answer is worth: the root of the area times the doubt, for each region; above 0.

    The root, because the pixels of one region teach much the same.
    """
    doubt = np.maximum(1 - np.asarray(confidence, np.float32), LEAST_DOUBT)
    return np.asarray(np.sqrt(np.asarray(pixels, np.float32)) * doubt, np.float32)


def find_regions(
    class_map: Array, confidence: Array, labels: Array, *, most: int = MOST, stop: Callable[[], bool] = lambda: False
) -> RegionTable:
    """The regions of an image with most to gain, best first.

    Args:
        class_map: (h, w) predicted class ids, UNLABELED where nothing is predicted.
        confidence: (h, w) in 1/255.
        labels: (h, w) class ids of the mask, as Mask.read gives them.
        most: how many at most.
        stop: asked before each block; what it cut off has no regions.
    """
    best = np.empty(0, REGION)
    for block in _squares(Rect(0, 0, *class_map.shape), BLOCK):
        if stop():
            break
        part = block.slices
        asked = np.where(labels[part] == UNLABELED, class_map[part], np.uint8(UNLABELED))
        sizes = np.bincount(asked.ravel(), minlength=256)[:UNLABELED]
        for class_id in np.flatnonzero(sizes >= SPECK).tolist():
            for found in _of_class(asked == class_id, confidence[part], block):
                found["class_id"] = class_id
                best = _best(np.concatenate([best, found]), most)
    for region in best:
        _move_seed(region, class_map, labels)
    return best


def region_pixels(class_map: Array, labels: Array, region: Region) -> tuple[Rect, Where]:
    """The pixels of a region, found again in its prediction (h, w) and the labels of now (h, w).

    Returns:
        The region's rectangle, and where in it; nowhere if its seed has been labelled or is predicted otherwise now.
    """
    return region.rect, _around(class_map, labels, region.rect, region.seed, region.class_id)


def _around(class_map: Array, labels: Array, rect: Rect, seed: tuple[int, int], class_id: int) -> Where:
    part = rect.slices
    where = (class_map[part] == class_id) & (labels[part] == UNLABELED)
    inside = seed[0] - rect.top, seed[1] - rect.left
    if not where[inside]:
        return np.zeros_like(where)
    _, parts = cv2.connectedComponents(where.view(np.uint8), connectivity=4)
    return np.asarray(parts == parts[inside], np.bool_)


def _of_class(where: Where, confidence: Array, origin: Rect) -> Iterator[RegionTable]:
    """The components of `where` (h, w), which lies at `origin`; those that are too large cell by cell."""
    count, parts, stats, _ = cv2.connectedComponentsWithStats(where.view(np.uint8), connectivity=4)
    large = (stats[:, cv2.CC_STAT_WIDTH] > SIDE) | (stats[:, cv2.CC_STAT_HEIGHT] > SIDE)
    kept = np.flatnonzero((stats[:, cv2.CC_STAT_AREA] >= SPECK) & ~large)
    kept = kept[kept > 0]  # 0 is what is not of the class
    if len(kept):
        sums = np.bincount(parts[where], weights=confidence[where], minlength=count)
        yield _table(parts, stats, kept, sums, origin)
    if large[1:].any():
        large[0] = False
        wide = large[parts]
        for cell in _squares(Rect(0, 0, *where.shape), SIDE):
            inside = np.ascontiguousarray(wide[cell.slices])
            if inside.any():
                at = Rect(origin.top + cell.top, origin.left + cell.left, 0, 0)
                yield from _of_class(inside, confidence[cell.slices], at)


def _table(
    parts: npt.NDArray[Any], stats: npt.NDArray[Any], kept: npt.NDArray[Any], sums: npt.NDArray[Any], origin: Rect
) -> RegionTable:
    """Components by number as a table, each with a seed on its upper rim; the class is left open."""
    table = np.zeros(len(kept), REGION)
    left, top, width, height, pixels = stats[kept].T
    table["top"], table["bottom"] = origin.top + top, origin.top + top + height
    table["left"], table["right"] = origin.left + left, origin.left + left + width
    table["row"] = table["top"]
    table["column"] = [
        origin.left + x + int((parts[y, x : x + w] == number).argmax())
        for number, x, y, w in zip(kept.tolist(), left.tolist(), top.tolist(), width.tolist(), strict=True)
    ]
    table["pixels"], table["confidence"] = pixels, sums[kept] / pixels / 255
    return table


def _best(table: RegionTable, most: int) -> RegionTable:
    order = np.argsort(-gain(table["pixels"], table["confidence"]), kind="stable")
    return table[order[:most]]


def _move_seed(region: np.void, class_map: Array, labels: Array) -> None:
    """Put the seed where the region is thickest, in place."""
    rect = Rect(*(int(region[name]) for name in ("top", "left", "bottom", "right")))
    seed = int(region["row"]), int(region["column"])
    where = _around(class_map, labels, rect, seed, int(region["class_id"]))
    depth = cv2.distanceTransform(np.pad(where.view(np.uint8), 1), cv2.DIST_L2, cv2.DIST_MASK_3)
    row, column = np.unravel_index(int(depth.argmax()), depth.shape)
    region["row"], region["column"] = rect.top + int(row) - 1, rect.left + int(column) - 1


def _squares(rect: Rect, side: int) -> Iterator[Rect]:
    for top in range(rect.top, rect.bottom, side):
        for left in range(rect.left, rect.right, side):
            yield Rect(top, left, top + side, left + side).intersect(rect)
