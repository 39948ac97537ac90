"""Run-length encodings of masks: how many pixels off, then on, then off…, the first number being of those off.

COCO's order is down the columns, CVAT's along the rows. COCO's texts pack such counts five bits a character, each
from the fourth on as the difference to the count before the last: https://github.com/cocodataset/cocoapi, maskApi.c.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from core.masks.geometry import Where
from core.masks.rect import Rect

_MOST_DIGITS = 9
"""Characters of a number: more than any picture has pixels."""

Counts = npt.NDArray[np.int64]


class Columns(NamedTuple):
    """Some columns of a mask."""

    left: int
    where: Where
    """(columns, height of the mask): each column is a row here."""


class BrokenRunsError(ValueError):
    """Counts that do not make up the picture; its text says why."""


def counts_down(where: Where, rect: Rect, shape: tuple[int, int]) -> list[int]:
    """Counts down the columns of a (height, width) picture that is on where `where` is, inside `rect`, and off else."""
    height, width = shape
    turns = np.diff(np.pad(where.T.view(np.int8), ((0, 0), (1, 1))), axis=1)  # (columns, rows + 1)
    columns, rows = np.nonzero(turns)
    places = (columns + rect.left) * height + rows + rect.top
    twice = np.flatnonzero(places[1:] == places[:-1])  # one column ends where the next one begins
    places = np.delete(places, np.concatenate((twice, twice + 1)))
    counts: list[int] = np.diff(np.concatenate(([0], places, [height * width]))).tolist()
    return counts[:-1] if len(counts) > 1 and counts[-1] == 0 else counts


def counts_along(where: Where) -> list[int]:
    """Counts of a (height, width) mask along its rows."""
    flat = np.ascontiguousarray(where).ravel()
    if not flat.size:
        return [0]
    turns = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    counts: list[int] = np.diff(np.concatenate(([0], turns, [flat.size]))).tolist()
    return [0, *counts] if flat[0] else counts


def columns_down(counts: Sequence[float] | Counts, height: int, width: int) -> Columns:
    """The columns of a (height, width) picture from the first pixel that is on to the last.

    Raises:
        BrokenRunsError: the counts do not fill the picture.
    """
    whole = _whole(counts, height * width)
    ends = np.cumsum(whole)
    on = np.flatnonzero(whole[1::2]) * 2 + 1
    if not len(on):
        return Columns(0, np.zeros((0, height), np.bool_))
    first, last = int(ends[on[0] - 1]) // height, -(-int(ends[on[-1]]) // height)
    turns = np.clip(ends, first * height, last * height)
    return Columns(first, _spread(np.diff(turns, prepend=first * height)).reshape(last - first, height))


def where_along(counts: Sequence[float], height: int, width: int) -> Where:
    """(height, width) from counts along the rows; BrokenRunsError if they do not fill it."""
    return _spread(_whole(counts, height * width)).reshape(height, width)


def _whole(counts: Sequence[float] | Counts, total: int) -> Counts:
    exact = np.asarray(counts, np.float64)
    if exact.ndim != 1 or not (exact >= 0).all() or not (exact == np.floor(exact)).all():
        raise BrokenRunsError("its runs are not whole numbers from 0 on")
    if exact.sum() != total:
        raise BrokenRunsError(f"its runs add up to {exact.sum():.0f} pixels, not to {total}")
    return exact.astype(np.int64)


def _spread(counts: Counts) -> Where:
    return np.repeat(np.arange(len(counts)) % 2 == 1, counts)


def pack_counts(counts: Sequence[int]) -> str:
    """COCO's text of counts."""
    text = bytearray()
    for number, count in enumerate(counts):
        rest = count - counts[number - 2] if number > 2 else count
        more = True
        while more:
            bits = rest & 31
            rest >>= 5
            more = rest != -1 if bits & 16 else rest != 0
            text.append((bits | 32 if more else bits) + 48)
    return text.decode("ascii")


def unpack_counts(text: str) -> Counts:
    """Counts from COCO's text; BrokenRunsError if it is none."""
    bits = np.frombuffer(text.encode(errors="surrogatepass"), np.uint8).astype(np.int64) - 48
    lasts = np.flatnonzero(bits & 32 == 0)
    sizes = np.diff(lasts, prepend=-1)
    if (bits < 0).any() or (bits >= 64).any() or sizes.max(initial=0) > _MOST_DIGITS:
        raise BrokenRunsError("its packed runs hold a character that belongs to none")
    if sizes.sum() != len(bits):
        raise BrokenRunsError("its packed runs end in the middle of a number")
    if not len(sizes):
        return sizes
    firsts = lasts - sizes + 1
    shifts = (np.arange(len(bits)) - np.repeat(firsts, sizes)) * 5
    counts = np.add.reduceat((bits & 31) << shifts, firsts)
    counts -= np.where(bits[lasts] & 16, 1 << sizes * 5, 0)
    for start in (1, 2):  # the first three are written as they are
        counts[start::2] = np.cumsum(counts[start::2])
    return counts


def alike(values: npt.NDArray[Any]) -> tuple[npt.NDArray[Any], npt.NDArray[np.intp]]:
    """The different values in an array, and for each of its elements, in their order, which of these it is.

    What numpy.unique does; quick where neighbours are alike.
    """
    flat = values.ravel()
    starts = np.concatenate(([0], np.flatnonzero(flat[1:] != flat[:-1]) + 1))
    found, inverse = np.unique(flat[starts], return_inverse=True)
    return found, np.repeat(inverse, np.diff(starts, append=flat.size))
