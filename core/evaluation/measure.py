"""Measuring a network on one image."""

from collections.abc import Callable
from math import ceil

import numpy as np

from core.classes import UNLABELED
from core.evaluation.boundary import boundary_counts, tolerance_of
from core.evaluation.figures import LEVELS
from core.evaluation.places import with_cuts, wrong_places
from core.findings import ImageFigures
from core.masks.rect import Rect
from core.masks.tiles import Array
from core.prediction.inference import Predictor, predict_image
from core.training.dataset import CELL, LabelledCells, Pictures, read_labels
from core.training.metrics import Confusion


def measure_image(
    network: Predictor, cells: LabelledCells, *, stop: Callable[[], bool] = lambda: False
) -> ImageFigures:
    """Compare what a network says with the labels in some cells of an image; only the part with labels is predicted.

    Args:
        cells: at least one. Their `counts` have a column for each class, those that the network does not know too.
        stop: asked before each tile that is predicted; True leaves figures that mean nothing.

    Raises:
        TrainingError: the image cannot be read or has changed its size.
    """
    image, classes = cells.image, cells.counts.shape[1]
    picture = Pictures().load(image)
    tolerance = tolerance_of(image.mask.height, image.mask.width)
    area = _labelled_area(cells).grown(ceil(tolerance) + 1).intersect(image.mask.bounds)
    predicted, confidence = predict_image(network, picture, region=area, stop=stop)
    truth = read_labels(cells, area)
    places = wrong_places(image.image_id, truth, predicted, confidence, area)
    return ImageFigures(
        _confusion(truth, predicted, classes),
        _levels(truth, predicted, confidence),
        boundary_counts(truth, predicted, classes, tolerance),
        with_cuts(places, image.mask.read(area), predicted, area),
    )


def _labelled_area(cells: LabelledCells) -> Rect:
    (top, left), (bottom, right) = cells.places.min(0).tolist(), cells.places.max(0).tolist()
    return Rect(top * CELL, left * CELL, (bottom + 1) * CELL, (right + 1) * CELL)


def _confusion(truth: Array, predicted: Array, classes: int) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    confusion = Confusion.empty(classes)
    confusion.add(truth, predicted)
    return confusion.matrix


def _levels(truth: Array, predicted: Array, confidence: Array) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    """(2, LEVELS) labelled pixels by confidence: all, and the right ones."""
    known = truth != UNLABELED
    sure, right = confidence[known], (truth == predicted)[known]
    return np.stack([np.bincount(sure, minlength=LEVELS), np.bincount(sure[right], minlength=LEVELS)])
