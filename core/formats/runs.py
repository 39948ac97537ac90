"""Run-length encodings of masks: how many pixels off, then on, then off…, the first number being of those off.

COCO's order is down the columns, CVAT's along the rows. COCO's texts pack such counts five bits a character, each
from the fourth on as the difference to the count before the last: https://github.com/cocodataset/cocoapi, maskApi.c.
"""

from collections.abc import Sequence

import numpy as np

from core.masks.geometry import Where
from core.masks.rect import Rect


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


def where_down(counts: Sequence[float], height: int, width: int) -> Where:
    """(height, width) from counts down the columns; BrokenRunsError if they do not fill it."""
    return where_along(counts, width, height).T


def where_along(counts: Sequence[float], height: int, width: int) -> Where:
    """(height, width) from counts along the rows; BrokenRunsError if they do not fill it."""
    exact = np.asarray(counts, np.float64)
    if exact.ndim != 1 or not (exact >= 0).all() or not (exact == np.floor(exact)).all():
        raise BrokenRunsError("its runs are not whole numbers from 0 on")
    if exact.sum() != height * width:
        raise BrokenRunsError(f"its runs add up to {exact.sum():.0f} pixels, not to {height * width}")
    on = np.arange(len(exact)) % 2 == 1
    return np.repeat(on, exact.astype(np.int64)).reshape(height, width)


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


def unpack_counts(text: str) -> list[int]:
    """Counts from COCO's text; BrokenRunsError if it is none."""
    counts: list[int] = []
    value = shift = 0
    for character in text:
        bits = ord(character) - 48
        if not 0 <= bits < 64 or shift > 40:
            raise BrokenRunsError("its packed runs hold a character that belongs to none")
        value |= (bits & 31) << shift
        shift += 5
        if bits & 32:
            continue
        if bits & 16:
            value -= 1 << shift
        counts.append(value + counts[-2] if len(counts) > 2 else value)
        value = shift = 0
    if shift:
        raise BrokenRunsError("its packed runs end in the middle of a number")
    return counts
