"""Where an image is predicted otherwise than it is labelled."""

from collections.abc import Iterator

import cv2
import numpy as np
import numpy.typing as npt

from core.classes import UNLABELED
from core.evaluation.boundary import blocks
from core.evaluation.figures import PICTURED, worst
from core.findings import Cut, ErrorKind, Place, Places
from core.masks.rect import Rect
from core.masks.tiles import Array

BLOCK = 4096
"""Side in pixels of what is looked at together, for the sake of memory; a place ends at its border."""
SMALLEST_CUT, LARGEST_CUT = 96, 160
"""Sides in pixels: a picture of a place shows so much at least, and has so many pixels at most."""


def wrong_places(image_id: int, truth: Array, predicted: Array, confidence: Array, origin: Rect) -> Places:
    """Connected regions of equal label and equal, other prediction by kind, the worst first.

    Args:
        truth: (h, w) class ids, UNLABELED where nothing is to be said.
        predicted: (h, w) class ids.
        confidence: (h, w) probability of the predicted class in 1/255.
        origin: what of the image these are of.
    """
    found: dict[ErrorKind, tuple[Place, ...]] = {}
    for block in blocks(Rect(0, 0, *truth.shape), BLOCK):
        part = block.slices
        kinds = _kinds(truth[part], predicted[part])  # (h, w) uint16
        at = Rect(origin.top + block.top, origin.left + block.left, 0, 0)
        for kind in np.flatnonzero(np.bincount(kinds.ravel())[1:]) + 1:
            key = divmod(int(kind) - 1, UNLABELED)
            places = _regions(image_id, kinds == kind, confidence[part], at)
            found[key] = worst([*found.get(key, ()), *places])
    return found


def with_cuts(places: Places, labels: Array, predicted: Array, origin: Rect) -> Places:
    """The same with pictures of the first of each kind, from (h, w) labels and prediction of `origin`."""
    return {
        kind: (*(_with_cut(place, labels, predicted, origin) for place in those[:PICTURED]), *those[PICTURED:])
        for kind, those in places.items()
    }


def _kinds(truth: Array, predicted: Array) -> npt.NDArray[np.uint16]:
    """One number above 0 for each pair of classes where they differ, 0 where they agree or nothing is labelled."""
    wrong = (truth != predicted) & (truth != UNLABELED)
    return np.where(wrong, truth * np.uint16(UNLABELED) + predicted + np.uint16(1), np.uint16(0))


def _regions(image_id: int, where: npt.NDArray[np.bool_], confidence: Array, at: Rect) -> Iterator[Place]:
    window = _bounds(where)
    inside = np.ascontiguousarray(where[window.slices])
    count, parts, stats, _ = cv2.connectedComponentsWithStats(inside.view(np.uint8), connectivity=8)
    sums = np.bincount(parts[inside], weights=confidence[window.slices][inside], minlength=count)
    for number in range(1, count):
        left, top, width, height, pixels = stats[number].tolist()
        top, left = at.top + window.top + top, at.left + window.left + left
        yield Place(image_id, Rect(top, left, top + height, left + width), pixels, float(sums[number]) / pixels / 255)


def _bounds(where: npt.NDArray[np.bool_]) -> Rect:
    """The smallest rectangle around what is True; there must be something."""
    rows, columns = np.flatnonzero(where.any(1)), np.flatnonzero(where.any(0))
    return Rect(int(rows[0]), int(columns[0]), int(rows[-1]) + 1, int(columns[-1]) + 1)


def _with_cut(place: Place, labels: Array, predicted: Array, origin: Rect) -> Place:
    view = cut_around(place.rect).intersect(origin)
    step = -(-max(view.height, view.width) // LARGEST_CUT)
    rows, columns = view.within(origin)
    small = (slice(rows.start, rows.stop, step), slice(columns.start, columns.stop, step))
    cut = Cut.of(view, np.ascontiguousarray(labels[small]), np.ascontiguousarray(predicted[small]))
    return Place(place.image_id, place.rect, place.pixels, place.confidence, cut)


def cut_around(rect: Rect) -> Rect:
    """A square around a place with half as much again on each side; it may reach over the image's edge."""
    side = max(SMALLEST_CUT, 2 * max(rect.height, rect.width))
    top, left = (rect.top + rect.bottom - side) // 2, (rect.left + rect.right - side) // 2
    return Rect(top, left, top + side, left + side)
