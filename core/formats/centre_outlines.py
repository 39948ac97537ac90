"""Outlines through the centres of a region's outer pixels, for programs that draw an outline and fill it.

Such programs count the pixels under the outline in. x is to the right and y down; the centre of the pixel in row 0,
column 0 is (0.5, 0.5).
"""

import cv2
import numpy as np
import numpy.typing as npt

from core.masks.geometry import Where

Points = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]
_NEAR = 0.25


def centre_outline(where: Where) -> Points:
    """(n, 2) x, y of one closed outline around (height, width) pixels that hang together by sides or corners.

    Holes are cut out by slits: lines there and back along a row of pixels of the region.
    """
    found, tree = cv2.findContours(where.astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    rings = [np.asarray(ring, np.int64).reshape(-1, 2) for ring in found]  # each (n, 2) of x, y
    if len(rings) > 1:
        holes = [number for number, (*_, parent) in enumerate(np.asarray(tree)[0].tolist()) if parent >= 0]
        outer = next(number for number in range(len(rings)) if number not in set(holes))
        points = _joined(where, rings, outer, holes)
    else:
        points = rings[0]
    corners = _without_straight(points).astype(np.float64)
    if len(corners) < 3:  # readers want three points: a small triangle in the pixel, or a sliver along two
        around = np.array([[-_NEAR, -_NEAR], [_NEAR, -_NEAR], [_NEAR, _NEAR]])
        corners = np.concatenate([corner + around for corner in corners])
    return corners + 0.5


def _joined(where: Where, rings: list[Whole], outer: int, holes: list[int]) -> Whole:
    """All rings as one, each hole led to by a slit from its leftmost point to the next ring on the left.

    Every slit swaps what follows two doubled points, so that their order does not matter. No slits go in circles:
    each leads to a ring that reaches farther left.
    """
    points = np.concatenate(rings)
    sizes = [len(ring) for ring in rings]
    ring_of, ends = np.repeat(np.arange(len(rings)), sizes), np.cumsum(sizes)
    after = np.arange(1, len(points) + 1)
    after[ends - 1] = ends - sizes
    following: list[int] = after.tolist()
    point_of = list(range(len(points)))  # doubled points have the number of the first
    keys = points[:, 1] * where.shape[1] + points[:, 0]
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]

    def places(x: int, y: int) -> npt.NDArray[np.intp]:
        first, last = np.searchsorted(ordered, y * where.shape[1] + x + np.arange(2))
        return order[first:last]

    def doubled(place: int) -> int:
        following.append(following[place])
        following[place] = len(point_of)
        point_of.append(place)
        return place

    for hole in holes:
        x, y = min(rings[hole].tolist())
        left = np.flatnonzero(~where[y, :x])
        own, other = places(x, y), places(int(left[-1]) + 1 if len(left) else 0, y)
        one, two = doubled(int(own[ring_of[own] == hole][0])), doubled(int(other[ring_of[other] != hole][0]))
        following[one], following[two] = following[two], following[one]
    start = place = int(ends[outer] - sizes[outer])
    joined = [start]
    while (place := following[place]) != start:
        joined.append(point_of[place])
    return points[joined]


def _without_straight(points: Whole) -> Whole:
    """Without the points on straight lines, and without the same point twice in a row."""
    moved = points[(points != np.roll(points, 1, axis=0)).any(axis=1)]
    if len(moved) < 3:
        return moved if len(moved) else points[:1]
    come, go = moved - np.roll(moved, 1, axis=0), np.roll(moved, -1, axis=0) - moved
    along = (np.sign(come) == np.sign(go)).all(axis=1) & _of_eight(come) & _of_eight(go)
    kept: Whole = moved[~along & (come != go).any(axis=1)]
    return kept


def _of_eight(steps: Whole) -> Where:
    """Which (n, 2) steps go along a row, a column or a diagonal."""
    dx, dy = np.abs(steps).T
    return np.asarray((dx == 0) | (dy == 0) | (dx == dy))
