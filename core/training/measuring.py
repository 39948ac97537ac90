"""Measuring a network on the labels that were set aside for it."""

from collections.abc import Sequence

import numpy as np

from core.masks.rect import Rect
from core.prediction.inference import predict_image
from core.training.dataset import CELL, Dataset, LabelledCells, Pictures, read_labels
from core.training.metrics import Confusion
from core.training.network import Network

REGION = 1024
"""Side in pixels of what is predicted at once to be measured."""
GLANCE_PIXELS = 2**20
"""Pixels of a first impression: a second or two on a CPU."""


class Measuring:
    """The regions with labels to measure on: all of them at the end, some of them on the way."""

    def __init__(self, dataset: Dataset, pictures: Pictures, seed: int) -> None:
        self._classes = len(dataset.classes)
        self._regions = [(cells, rect) for cells in dataset.measuring for rect in _regions(cells)]
        np.random.default_rng(seed).shuffle(self._regions)
        self._pictures = pictures

    def glance(self, network: Network) -> Confusion:
        sizes = np.cumsum([rect.height * rect.width for _, rect in self._regions])
        return self._measure(network, self._regions[: max(1, int((sizes <= GLANCE_PIXELS).sum()))])

    def full(self, network: Network) -> Confusion:
        return self._measure(network, self._regions)

    def _measure(self, network: Network, regions: Sequence[tuple[LabelledCells, Rect]]) -> Confusion:
        confusion = Confusion.empty(self._classes)
        for cells, rect in regions:
            predicted, _ = predict_image(network, self._pictures.load(cells.image), region=rect)
            confusion.add(read_labels(cells, rect), predicted)
        return confusion


def _regions(cells: LabelledCells) -> list[Rect]:
    """Squares on a grid that cover the cells, cut to the picture."""
    corners = np.unique(cells.places * CELL // REGION * REGION, axis=0)
    return [
        Rect(int(top), int(left), int(top) + REGION, int(left) + REGION).intersect(cells.image.mask.bounds)
        for top, left in corners
    ]
