"""A pattern of lines for each class, so that labels can be told apart without their colours, and dots for any class."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from core.classes import MAX_CLASSES

PERIOD = 24
"""Every pattern repeats after so many line widths."""
SPACINGS = (8, 12, 6, 4)
"""Of the first eight classes, the next eight, and so on."""
DOT = 4
"""So many line widths from dot to dot."""
STRIPE = 8
"""So many line widths from stripe to stripe."""

Grid = npt.NDArray[np.intp]
Ink = npt.NDArray[np.bool_]

_PATTERNS: tuple[Callable[[Grid, Grid, int], Ink], ...] = (
    lambda y, x, s: (x + y) % s == 0,
    lambda y, x, s: y % s == 0,
    lambda y, x, s: (x - y) % s == 0,
    lambda y, x, s: x % s == 0,
    lambda y, x, s: ((x + y) % s == 0) | ((x - y) % s == 0),
    lambda y, x, s: (y % s < 2) & ((x + s // 2 * (y // s % 2)) % s < 2),
    lambda y, x, s: (x % s == 0) | (y % s == 0),
    lambda y, x, s: ((x + y) % s == 0) & (x % s < s // 2),
)
"""Slanting, level, slanting back, upright, crossed, dotted, squared, dashed."""


def _table() -> npt.NDArray[np.uint32]:
    """(PERIOD, PERIOD): bit c is set where class c has ink."""
    y, x = np.indices((PERIOD, PERIOD))
    table = np.zeros((PERIOD, PERIOD), np.uint32)
    for class_id in range(MAX_CLASSES):
        ink = _PATTERNS[class_id % len(_PATTERNS)](y, x, SPACINGS[class_id // len(_PATTERNS)])
        table |= ink.astype(np.uint32) << np.uint32(class_id)
    return table


_TABLE = _table()


def ink(classes: npt.NDArray[np.uint8], phase: tuple[int, int], line: int) -> Ink:
    """(h, w) bool: which pixels of (h, w) class ids carry ink; ids beyond the classes mean nothing.

    phase: row and column of the first pixel, counted from where the patterns begin. line: pixels of a line's width.
    """
    rows = (np.arange(classes.shape[0]) + phase[0]) // line % PERIOD
    columns = (np.arange(classes.shape[1]) + phase[1]) // line % PERIOD
    bits = np.take(np.take(_TABLE, rows, axis=0), columns, axis=1)
    return np.asarray(bits >> (classes & np.uint8(MAX_CLASSES - 1)) & np.uint32(1), np.bool_)


def stipple(shape: tuple[int, ...], phase: tuple[int, int], line: int) -> Ink:
    """(h, w) bool: a dot of `line` pixels' width in every few, each row of dots between those of the row before.

    phase: as for `ink`.
    """
    rows = ((np.arange(shape[0]) + phase[0]) // line)[:, None]
    columns = (np.arange(shape[1]) + phase[1]) // line
    return np.asarray((rows % DOT == 0) & ((columns + rows // DOT % 2 * (DOT // 2)) % DOT == 0))


def stripes(shape: tuple[int, ...], phase: tuple[int, int], line: int) -> Ink:
    """(h, w) bool: slanting lines of `line` pixels' width, wide apart. phase: as for `ink`."""
    rows = ((np.arange(shape[0]) + phase[0]) // line)[:, None]
    columns = (np.arange(shape[1]) + phase[1]) // line
    return np.asarray((rows + columns) % STRIPE == 0)
