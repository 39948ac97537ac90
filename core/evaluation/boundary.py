"""How well the outlines of classes are hit: the boundary F-score.

Csurka, Larlus and Perronnin, "What is a good evaluation measure for semantic segmentation?", 2013. Precision is the
share of predicted boundary pixels with a true one of their class within a tolerance, recall the other way round. A
boundary pixel has a neighbour above, below, left or right of another class; the picture's edge is no boundary.

Labels here may have gaps. Only boundary pixels with nothing unlabelled within the tolerance are judged, since nobody
knows what lies in a gap; on masks without gaps that is the measure of the paper.
"""

from collections.abc import Iterator
from math import ceil, hypot

import cv2
import numpy as np
import numpy.typing as npt

from core.classes import UNLABELED
from core.masks.rect import Rect
from core.masks.tiles import Array

SHARE_OF_DIAGONAL = 0.0075
"""The tolerance of the paper, as a share of the picture's diagonal."""
BLOCK = 2048
"""Side in pixels of what is looked at together."""

Bools = npt.NDArray[np.bool_]
Counts = npt.NDArray[np.int64]


def tolerance_of(height: int, width: int) -> float:
    """Pixels that a boundary may be away in a picture of this size; one at least."""
    return max(1.0, SHARE_OF_DIAGONAL * hypot(height, width))


def boundary_counts(truth: Array, predicted: Array, classes: int, tolerance: float) -> Counts:
    """(classes, 4) boundary pixels of two (h, w) class maps: true, true and hit, predicted, predicted and hit."""
    counts = np.zeros((classes, 4), np.int64)
    whole = Rect(0, 0, *truth.shape)
    for block in blocks(whole, BLOCK):
        around = block.grown(ceil(tolerance) + 1).intersect(whole)
        _count(counts, truth[around.slices], predicted[around.slices], block.within(around), tolerance)
    return counts


def boundary_scores(counts: Counts) -> npt.NDArray[np.float64]:
    """(classes,) F-score of one picture from its counts; NaN where a class has no boundary that can be judged."""
    true, found, predicted, right = counts.T
    with np.errstate(invalid="ignore", divide="ignore"):
        precision, recall = right / predicted, found / true  # NaN of nothing
        scores: npt.NDArray[np.float64] = 2 * precision * recall / (precision + recall)
    scores[(precision == 0) | (recall == 0)] = 0.0
    return scores


def blocks(whole: Rect, side: int) -> Iterator[Rect]:
    """Squares of `side` pixels that make up a rectangle."""
    for top in range(whole.top, whole.bottom, side):
        for left in range(whole.left, whole.right, side):
            yield Rect(top, left, top + side, left + side).intersect(whole)


def _count(counts: Counts, truth: Array, predicted: Array, inner: tuple[slice, slice], tolerance: float) -> None:
    """Add what is judged within `inner`; the rest is there to be seen."""
    judged = np.zeros(truth.shape, np.bool_)
    judged[inner] = _further(truth == UNLABELED, tolerance)[inner]
    if not judged.any():
        return
    true_edges, predicted_edges = _edges(truth), _edges(predicted)
    for value in range(len(counts)):
        true, said = true_edges & (truth == value), predicted_edges & (predicted == value)
        for place, (edge, other) in enumerate(((true, said), (said, true))):
            mine = edge & judged
            total = np.count_nonzero(mine)
            if total:
                counts[value, 2 * place] += total
                counts[value, 2 * place + 1] += total - np.count_nonzero(_further(other, tolerance)[mine])


def _edges(values: Array) -> Bools:
    """Where a neighbour is of another class; nothing is known of unlabelled ones."""
    edges = np.zeros(values.shape, np.bool_)
    for first, second in (((slice(1, None),), (slice(None, -1),)), ((..., slice(1, None)), (..., slice(None, -1)))):
        a, b = values[first], values[second]
        differ = (a != b) & (a != UNLABELED) & (b != UNLABELED)
        edges[first] |= differ
        edges[second] |= differ
    return edges


def _further(shape: Bools, distance: float) -> Bools:
    """Where the nearest pixel of the shape is further away."""
    if not shape.any():
        return np.ones(shape.shape, np.bool_)
    away = cv2.distanceTransform((~shape).view(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return np.asarray(away > distance, np.bool_)
