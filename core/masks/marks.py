"""What the bytes of a tile mean: a class that was drawn, a class accepted from a prediction, or nothing yet.

A drawn pixel holds its class id, an accepted one the id with the bit ACCEPTED set, one without a label UNLABELED.
"""

import cv2
import numpy as np
import numpy.typing as npt

from core.classes import ACCEPTED, UNLABELED

Values = npt.NDArray[np.uint8]
Bools = npt.NDArray[np.bool_]

UNMARKED = np.uint8(255 - ACCEPTED)
MARK_BITS = np.uint8(256 - ACCEPTED)
"""These are clear in drawn pixels, all set in unlabelled ones, and ACCEPTED alone in accepted ones."""

_CLASSES = np.arange(256, dtype=np.uint8)
_CLASSES[ACCEPTED : 2 * ACCEPTED] -= np.uint8(ACCEPTED)
_CLASS_OF: list[int] = _CLASSES.tolist()


def class_of(value: int) -> int:
    """The class that a byte stands for, UNLABELED for none."""
    return _CLASS_OF[value]


def classes_of(values: Values) -> Values:
    """A (h, w) copy with plain class ids, whether drawn or accepted, and UNLABELED."""
    return np.asarray(cv2.LUT(values, _CLASSES), np.uint8) if values.size else values.copy()


def is_accepted(values: Values) -> Bools:
    """(h, w): which pixels were accepted and not drawn."""
    return np.asarray(values & MARK_BITS == np.uint8(ACCEPTED))


def is_drawn(values: Values) -> Bools:
    """(h, w): which pixels were drawn and not accepted."""
    return np.asarray(values & MARK_BITS == 0)


def holds(values: Values, wanted: int) -> Bools:
    """(h, w): which pixels hold a class, drawn or accepted, or are UNLABELED."""
    return np.asarray((values if wanted == UNLABELED else values & UNMARKED) == np.uint8(wanted))


def one_of(values: Values, wanted: frozenset[int]) -> Bools:
    """(h, w): which pixels hold one of some classes, or UNLABELED. A single one needs no table."""
    if len(wanted) == 1:
        return holds(values, next(iter(wanted)))
    table = np.zeros(256, np.bool_)
    table[list(wanted)] = True
    table[ACCEPTED : 2 * ACCEPTED] = table[:ACCEPTED]
    return np.asarray(table[values])


def all_bits(where: Bools) -> Values:
    """255, which is UNLABELED, where True, and 0 elsewhere; overwrites `where`."""
    bits = where.view(np.uint8)
    return np.negative(bits, out=bits)
