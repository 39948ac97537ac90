"""Which labelled cells are kept for measuring: the same ones in every training, however many labels come.

A network that goes on from an earlier one has seen what that one learned from. Its figures mean something only if
what is measured on was never learned from, so the choice follows from the picture and the place alone.
"""

from collections.abc import Iterable
from hashlib import blake2b
from typing import Any

import numpy as np
import numpy.typing as npt

HELD_OUT = 0.1
"""Share of labelled cells that are kept for measuring, where nobody set validation images aside."""

Cell = tuple[str, int, int]
"""The first digits of the picture's hash, row and column."""


def is_held_out(sha256: str, places: npt.NDArray[np.int32]) -> npt.NDArray[np.bool_]:
    """(n,) whether each of a picture's cells, (n, 2) row and column, is one for measuring."""
    key = np.frombuffer(blake2b(sha256.encode(), digest_size=8).digest(), np.uint64)
    row, column = places.astype(np.uint64).T
    x = key ^ (row << np.uint64(32)) ^ column
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB), (31, 1)):  # the finish of SplitMix64
        x = (x ^ (x >> np.uint64(shift))) * np.uint64(factor)
    chosen: npt.NDArray[np.bool_] = x < np.uint64(int(HELD_OUT * 2**64))
    return chosen


def cell_names(sha256: str, places: npt.NDArray[np.int32]) -> list[Cell]:
    return [(sha256[:12], int(row), int(column)) for row, column in places]


def read_cells(stored: Iterable[Any]) -> frozenset[Cell]:
    """Cells as a run's settings hold them."""
    return frozenset((str(sha), int(row), int(column)) for sha, row, column in stored)
