"""Outlines through the centres of a region's outer pixels, for programs that draw an outline and fill it.

Such programs count the pixels under the outline in. x is to the right and y down; the centre of the pixel in row 0,
column 0 is (0.5, 0.5).
"""

import cv2
import numpy as np
import numpy.typing as npt

from core.masks.geometry import Where

Points = npt.NDArray[np.float64]
_NEAR = 0.25


def centre_outline(where: Where) -> Points:
    """(n, 2) x, y of one closed outline around (height, width) pixels that hang together by sides or corners.

    Holes are cut out by slits: lines there and back along a row of pixels of the region.
    """
    found, tree = cv2.findContours(where.astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    rings: list[list[list[int]]] = [np.asarray(r, np.int64).reshape(-1, 2).tolist() for r in found]  # each [[x, y], …]
    if len(rings) > 1:
        holes = [number for number, (*_, parent) in enumerate(np.asarray(tree)[0].tolist()) if parent >= 0]
        outer = next(number for number in range(len(rings)) if number not in set(holes))
        points = _joined(where, rings, outer, holes)
    else:
        points = rings[0]
    corners = _without_straight(np.array(points, np.int64)).astype(np.float64)
    if len(corners) < 3:  # readers want three points: a small triangle in the pixel, or a sliver along two
        around = np.array([[-_NEAR, -_NEAR], [_NEAR, -_NEAR], [_NEAR, _NEAR]])
        corners = np.concatenate([corner + around for corner in corners])
    return corners + 0.5


def _joined(where: Where, rings: list[list[list[int]]], outer: int, holes: list[int]) -> list[list[int]]:
    """All rings as one, each hole led to by a slit from its leftmost point to the next ring on the left.

    Every slit swaps what follows two doubled points, so that their order does not matter. No slits go in circles:
    each leads to a ring that reaches farther left.
    """
    points: list[list[int]] = []
    following: list[int] = []
    places: dict[tuple[int, int], list[int]] = {}
    ring_of: list[int] = []
    for number, ring in enumerate(rings):
        first = len(points)
        for x, y in ring:
            places.setdefault((x, y), []).append(len(points))
            ring_of.append(number)
            following.append(len(points) + 1)
            points.append([x, y])
        following[-1] = first
    start = ring_of.index(outer)

    def doubled(place: int) -> int:
        following.append(following[place])
        following[place] = len(points)
        points.append(points[place])
        return place

    for hole in holes:
        x, y = min(rings[hole])
        left = np.flatnonzero(~where[y, :x])
        edge = int(left[-1]) + 1 if len(left) else 0
        own = next(place for place in places[x, y] if ring_of[place] == hole)
        other = next(place for place in places[edge, y] if ring_of[place] != hole)
        one, two = doubled(own), doubled(other)
        following[one], following[two] = following[two], following[one]
    joined = [points[start]]
    place = following[start]
    while place != start:
        joined.append(points[place])
        place = following[place]
    return joined


def _without_straight(points: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Without the points on straight lines, and without the same point twice in a row."""
    moved = points[(points != np.roll(points, 1, axis=0)).any(axis=1)]
    if len(moved) < 3:
        return moved if len(moved) else points[:1]
    come, go = moved - np.roll(moved, 1, axis=0), np.roll(moved, -1, axis=0) - moved
    along = (np.sign(come) == np.sign(go)).all(axis=1) & _of_eight(come) & _of_eight(go)
    kept: npt.NDArray[np.int64] = moved[~along & (come != go).any(axis=1)]
    return kept


def _of_eight(steps: npt.NDArray[np.int64]) -> Where:
    """Which (n, 2) steps go along a row, a column or a diagonal."""
    dx, dy = np.abs(steps).T
    return np.asarray((dx == 0) | (dy == 0) | (dx == dy))
