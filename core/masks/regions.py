"""Mending what is labelled: fill holes, grow, shrink, smooth, remove islands, on one region or on a whole class."""

from math import isqrt
from typing import Literal

import cv2
import numpy as np
import numpy.typing as npt

from core.classes import UNLABELED
from core.masks.change import NO_CHANGE, Change
from core.masks.fill import connected_tiles
from core.masks.geometry import Where
from core.masks.rect import EMPTY, Rect
from core.masks.tiles import Array, Mask, uniform_tile

Operation = Literal["fill-holes", "grow", "shrink", "smooth", "remove-islands"]
OPERATIONS: tuple[Operation, ...] = ("fill-holes", "grow", "shrink", "smooth", "remove-islands")
BLOCK = 1024
"""Pixels along the side of what is looked at together where an operation sees only so far."""
BY_AREA = ("fill-holes", "remove-islands")
"""Their amount is an area in pixels, that of the others a distance."""


def mend_region(mask: Mask, row: int, column: int, operation: Operation, amount: int) -> Change:
    """What `operation` would do to the 4-connected region of equal value around a pixel."""
    value = mask.value(row, column)
    if value == UNLABELED:
        return NO_CHANGE
    covered, tiles = connected_tiles(mask, row, column)
    shape = np.zeros((covered.height, covered.width), np.bool_)
    for key, where in tiles.items():
        shape[mask.tile_rect(key).within(covered)] = True if where is None else where
    rect = _bounds(shape)
    inside = shape[rect.slices]
    return _mend(mask, _moved(rect, covered), inside, value, operation=operation, amount=amount)


def mend_class(mask: Mask, value: int, operation: Operation, amount: int) -> Change:
    """What `operation` would do to all pixels of a class."""
    covered = EMPTY
    for key, tile in mask.tiles.items():
        if tile is uniform_tile(value) or (tile == value).any():
            covered = covered.unite(mask.tile_rect(key))
    if covered.empty:
        return NO_CHANGE
    shape = mask.read(covered) == value
    rect = _bounds(shape)
    return _mend(mask, _moved(rect, covered), shape[rect.slices], value, operation=operation, amount=amount)


def _mend(mask: Mask, rect: Rect, shape: Where, value: int, *, operation: Operation, amount: int) -> Change:
    """Widen the view so that the operation sees what lies around the shape, and do it there."""
    edge = _reach(operation, amount)
    window = Rect(rect.top - edge, rect.left - edge, rect.bottom + edge, rect.right + edge).intersect(mask.bounds)
    here = np.zeros((window.height, window.width), np.bool_)
    here[rect.within(window)] = shape
    labels = mask.read(window)
    if operation == "fill-holes":
        return Change(window, holes(here, amount), value)
    small = islands(here, amount) if operation == "remove-islands" else None
    where, values = np.zeros_like(here), np.full(here.shape, value, np.uint8)
    for block in _blocks(window.height, window.width):
        around = Rect(block.top - edge, block.left - edge, block.bottom + edge, block.right + edge)
        around = around.intersect(Rect(0, 0, window.height, window.width))
        part, inner = here[around.slices], block.within(around)
        if not part.any() or part.all() or (small is not None and not small[block.slices].any()):
            continue  # nothing changes here
        if small is not None:
            changed, new = small[around.slices], others_nearby(labels[around.slices], part)
        else:
            changed, new = _reshape(part, labels[around.slices], value, operation=operation, amount=amount)
        where[block.slices], values[block.slices] = changed[inner], new[inner]
    return Change(window, where, values)


def _reach(operation: Operation, amount: int) -> int:
    """How far around a pixel an operation looks."""
    match operation:
        case "fill-holes":
            return 2
        case "remove-islands":
            return isqrt(amount) + 3  # no pixel of an island lies further inside than that
        case "smooth":
            return 4 * amount + 2
        case _:
            return amount + 2


def _blocks(height: int, width: int) -> list[Rect]:
    return [
        Rect(top, left, min(top + BLOCK, height), min(left + BLOCK, width))
        for top in range(0, height, BLOCK)
        for left in range(0, width, BLOCK)
    ]


def _reshape(shape: Where, labels: Array, value: int, *, operation: Operation, amount: int) -> tuple[Where, Array]:
    """(h, w) where a shape changes when it grows, shrinks or is smoothed, and to what."""
    same = np.full(shape.shape, value, np.uint8)
    if operation == "grow":
        return near(shape, amount) & ~shape, same
    if operation == "shrink":
        return shape & near(~shape, amount), np.full_like(same, UNLABELED)
    soft = cv2.GaussianBlur(shape.astype(np.float32), (0, 0), max(0.5, amount / 2), borderType=cv2.BORDER_REPLICATE)
    smooth: Where = np.asarray(soft > 0.5, np.bool_)  # most of what is around a pixel belongs to the shape
    return smooth ^ shape, np.where(smooth, same, others_nearby(labels, shape))


def near(shape: Where, distance: float) -> Where:
    """The pixels whose centres are at most `distance` from the centre of a pixel of the shape, itself included."""
    if not shape.any():
        return np.zeros_like(shape)
    away = cv2.distanceTransform((~shape).view(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)  # (h, w) float32
    return np.asarray(away <= distance + 1e-3, np.bool_)


def holes(shape: Where, largest: int) -> Where:
    """What the shape encloses, up to `largest` pixels a hole; 0 for any size. Pockets at the picture's edge are open.

    Holes hang together over corners too, as the shape does not.
    """
    _, parts, stats, _ = cv2.connectedComponentsWithStats((~shape).view(np.uint8), connectivity=4)
    height, width = shape.shape
    left, top, wide, high, area = stats.T
    closed = (left > 0) & (top > 0) & (left + wide < width) & (top + high < height)
    if largest:
        closed &= area <= largest
    closed[0] = False  # the shape itself
    return np.asarray(closed[parts], np.bool_)


def islands(shape: Where, largest: int) -> Where:
    """The 4-connected parts of a shape that have at most `largest` pixels."""
    _, parts, stats, _ = cv2.connectedComponentsWithStats(shape.view(np.uint8), connectivity=4)
    small = stats[:, cv2.CC_STAT_AREA] <= largest
    small[0] = False
    return np.asarray(small[parts], np.bool_)


def others_nearby(labels: Array, shape: Where) -> Array:
    """(h, w) for each pixel the value of the nearest pixel that is not in the shape; unlabelled if all are."""
    if shape.all():
        return np.full_like(labels, UNLABELED)
    _, nearest = cv2.distanceTransformWithLabels(
        shape.view(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5, labelType=cv2.DIST_LABEL_PIXEL
    )
    values = np.full(int(nearest.max()) + 1, UNLABELED, np.uint8)
    values[nearest[~shape]] = labels[~shape]
    return np.asarray(values[nearest], np.uint8)


def _bounds(shape: Where) -> Rect:
    rows, columns = _span(np.any(shape, 1)), _span(np.any(shape, 0))
    return Rect(rows[0], columns[0], rows[1], columns[1])


def _span(line: npt.ArrayLike) -> tuple[int, int]:
    found = np.flatnonzero(line)
    return (int(found[0]), int(found[-1]) + 1) if len(found) else (0, 0)


def _moved(rect: Rect, origin: Rect) -> Rect:
    return Rect(rect.top + origin.top, rect.left + origin.left, rect.bottom + origin.top, rect.right + origin.left)
