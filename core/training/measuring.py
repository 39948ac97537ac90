"""Measuring a network on the labels that were set aside for it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.masks.rect import Rect
from core.prediction.inference import predict_image
from core.training.dataset import CELL, Dataset, LabelledCells, Pictures, read_labels
from core.training.inputs import Picture
from core.training.metrics import Confusion
from core.training.network import Network

REGION = 1024
"""Side in pixels of what is predicted at once to be measured."""
GLANCE_REGION = 512
"""The same on the way, where it must be possible to stop soon."""
GLANCE_PIXELS = 2**20
"""Pixels of an impression on the way, halos left out: a second or two on a CPU."""

Region = tuple[LabelledCells, Rect]


@dataclass(frozen=True, slots=True)
class Glance:
    """What was measured on the first few regions, one confusion matrix for each."""

    parts: tuple[Confusion, ...]

    def total(self, parts: int | None = None) -> Confusion:
        """All of them together, or the first `parts`."""
        return Confusion(np.sum([confusion.matrix for confusion in self.parts[:parts]], axis=0))


class Measuring:
    """The regions with labels to measure on: all of them at the end, some of them on the way."""

    def __init__(self, dataset: Dataset, pictures: Pictures, seed: int) -> None:
        self._classes = len(dataset.classes)
        self._pictures = pictures
        self._all = _regions(dataset, REGION, seed)
        self._some = _first(_regions(dataset, GLANCE_REGION, seed), GLANCE_PIXELS)

    def regions(self, pixels: int) -> Iterator[tuple[LabelledCells, Rect, Picture]]:
        """The first regions of all, with at most so many pixels together, and their pictures."""
        for cells, rect in _first(self._all, pixels):
            yield cells, rect, self._pictures.load(cells.image)

    def glance(self, network: Network, stop: Callable[[], bool] = lambda: False) -> Glance:
        """Measure on the regions for it, always the same ones; when `stop` says so only on the first few, or one."""
        parts: list[Confusion] = []
        for region in self._some:
            if parts and stop():
                break
            parts.append(self._measure(network, region))
        return Glance(tuple(parts))

    def fits(self, glance: Glance) -> bool:
        """Whether an earlier glance looked at the same labels as those to come will."""
        seen = [confusion.matrix.sum(1) for confusion in glance.parts]
        return len(seen) == len(self._some) and all(map(np.array_equal, seen, map(self._labelled, self._some)))

    def _labelled(self, region: Region) -> npt.NDArray[np.intp]:
        """(classes,) pixels of each class."""
        labels = read_labels(*region)
        return np.bincount(labels[labels < self._classes], minlength=self._classes)

    def complete(self, glance: Glance) -> bool:
        return len(glance.parts) == len(self._some)

    def is_all(self, glance: Glance) -> bool:
        """Whether a glance has seen everything there is to measure on."""
        return self.complete(glance) and {_place(r) for r in self._all} == {_place(r) for r in self._some}

    def full(self, network: Network, beat: Callable[[], None], stop: Callable[[], bool]) -> Confusion | None:
        """Measure on everything, unless `stop` says that somebody waits; `beat` is called after each region."""
        confusion = Confusion.empty(self._classes)
        for region in self._all:
            if stop():
                return None
            confusion.matrix += self._measure(network, region).matrix
            beat()
        return confusion

    def _measure(self, network: Network, region: Region) -> Confusion:
        cells, rect = region
        predicted, _ = predict_image(network, self._pictures.load(cells.image), region=rect)
        confusion = Confusion.empty(self._classes)
        confusion.add(read_labels(cells, rect), predicted)
        return confusion


def _regions(dataset: Dataset, side: int, seed: int) -> list[Region]:
    """Squares on a grid that cover what is measured on, cut to the pictures, in an order drawn once."""
    regions = [(cells, rect) for cells in dataset.measuring for rect in _squares(cells, side)]
    np.random.default_rng(seed).shuffle(regions)
    return regions


def _place(region: Region) -> tuple[int, Rect]:
    return region[0].image.image_id, region[1]


def _first(regions: list[Region], pixels: int) -> list[Region]:
    """As many as have at most so many pixels together, but one at least."""
    sizes = np.cumsum([rect.height * rect.width for _, rect in regions])
    return regions[: max(1, int((sizes <= pixels).sum()))]


def _squares(cells: LabelledCells, side: int) -> list[Rect]:
    corners = np.unique(cells.places * CELL // side * side, axis=0)
    return [
        Rect(int(top), int(left), int(top) + side, int(left) + side).intersect(cells.image.mask.bounds)
        for top, left in corners
    ]
