"""Pictures that are nearly the same, found from their thumbnails.

A first look compares differences of neighbouring brightness (dHash: 64 bits), a second one the brightness of a coarse
grid. Both overlook size, compression, exposure and a few changed pixels; a shifted or turned picture is another one.
"""

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from core.masks.tiles import Array

MOST_BITS = 14
"""Bits of 64 that two pictures alike may differ in."""
LEAST_CORRELATION = 0.96
"""Of the brightness of their grids."""
FLATTEST = 2.0
"""Standard deviation of the brightness, of 255, below which a picture shows nothing to compare."""
GRID = 16


class Prints:
    """What is compared of some pictures."""

    def __init__(self, thumbnails: Sequence[Array]) -> None:
        """thumbnails: (h, w, 3) uint8 each."""
        grey = [cv2.cvtColor(small, cv2.COLOR_RGB2GRAY) for small in thumbnails]
        self._hashes = np.array([_hash(each) for each in grey], np.uint64)
        self._grids = np.array([_grid(each) for each in grey], np.float32).reshape(-1, GRID * GRID)

    def pairs_with(self, others: "Prints") -> list[tuple[int, int]]:
        """Places in these and in the others of pictures that are nearly the same."""
        found = []
        for place, (mine, grid) in enumerate(zip(self._hashes, self._grids, strict=True)):
            near = np.bitwise_count(others._hashes ^ mine) <= MOST_BITS
            alike = near & (others._grids @ grid >= LEAST_CORRELATION)
            found += [(place, int(other)) for other in np.flatnonzero(alike)]
        return found


def _hash(grey: npt.NDArray[np.generic]) -> np.uint64:
    small = cv2.resize(np.asarray(grey), (9, 8), interpolation=cv2.INTER_AREA)
    return np.uint64(np.packbits(small[:, 1:] > small[:, :-1]).view(np.uint64)[0])


def _grid(grey: npt.NDArray[np.generic]) -> npt.NDArray[np.float32]:
    """(GRID * GRID,) of mean 0 and length 1; all 0 for a picture that shows nothing."""
    small = cv2.resize(np.asarray(grey), (GRID, GRID), interpolation=cv2.INTER_AREA).astype(np.float32).ravel()
    small -= small.mean()
    length = float(np.linalg.norm(small))
    return small / length if length > FLATTEST * GRID else np.zeros_like(small)
