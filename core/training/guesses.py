"""What stands in for labels where nobody has painted, with less weight: first by the picture, then by the network.

Scribbles say little about where classes end. So what lies around a stroke, up to the next edge, is taken for the same
(core.training.spreading). Once the network has learned something, its own answers on the training pictures, weighed
with that, teach it to be consistent everywhere (Lee, "Pseudo-Label", 2013). Labels always win over guesses.
"""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from core.classes import UNLABELED
from core.masks.tiles import Array
from core.prediction.inference import probabilities
from core.training.augmentation import warp_labels
from core.training.dataset import Dataset, LabelledCells, Pictures, read_labels
from core.training.network import Network
from core.training.patches import Batch
from core.training.spreading import Spread, spread_labels
from core.training.unlabelled import SURE, Unlabelled

SHARE = 2.0
"""Weight of all guesses of a batch, as a share of the weight of all its labels."""
MOST_COVERAGE = 0.5
"""Share of labelled pixels from which there is nothing to guess."""
PIXELS = 2**23
"""The most that is guessed at: a few seconds on a CPU."""


class Guesses:
    """A confident class map of each training picture, and in time of those that nobody has painted on."""

    def __init__(self, dataset: Dataset, pictures: Pictures, unlabelled: Unlabelled) -> None:
        self._cells = {cells.image.image_id: cells for cells in _first(dataset.training)}
        self._classes = len(dataset.classes)
        self._pictures = pictures
        self.unlabelled = unlabelled
        self._spreads: dict[int, Spread] = {}
        self._maps: dict[int, Array] = {}

    def renew(self, averaged: Network, stop: Callable[[], bool] = lambda: False) -> None:
        """Ask the network about all pictures with labels, until `stop`: the others keep their guesses of before."""
        for image_id, cells in self._cells.items():
            class_map = self._ask(averaged, cells, stop)
            if class_map is None:
                return
            self._maps[image_id] = class_map

    def _ask(self, averaged: Network, cells: LabelledCells, stop: Callable[[], bool]) -> Array | None:
        spread = self._spread(cells)
        class_map = np.zeros((cells.image.mask.height, cells.image.mask.width), np.uint8)
        for tile, said in probabilities(averaged, self._pictures.load(cells.image)):
            if stop():
                return None
            likely = said * spread.within(tile.inner)
            likely = likely / likely.sum(-1, keepdims=True)
            class_map[tile.inner.slices] = np.where(likely.max(-1) < SURE, UNLABELED, likely.argmax(-1))
        return class_map

    def _spread(self, cells: LabelledCells) -> Spread:
        """What the picture says by itself; found when first needed."""
        image = cells.image
        if image.image_id not in self._spreads:
            labels = read_labels(cells, image.mask.bounds)
            self._spreads[image.image_id] = spread_labels(self._pictures.load(image), labels, self._classes)
        return self._spreads[image.image_id]

    def _map(self, image_id: int) -> Array | None:
        if image_id not in self._maps and image_id in self._cells:
            self._maps[image_id] = self._spread(self._cells[image_id]).sure(SURE)
        return self._maps.get(image_id, self.unlabelled.class_map(image_id))

    def complete(self, batch: Batch) -> Batch:
        """The same batch with guesses where it has no labels, as far as there are any."""
        side = batch.labels.shape[1]
        guessed = np.full_like(batch.labels, UNLABELED)
        for source, out in zip(batch.sources, guessed, strict=True):
            class_map = self._map(source.image.image_id)
            if class_map is not None:
                part = class_map[source.inside.slices]
                out[:] = warp_labels(np.ascontiguousarray(part), source.placement, side)
        labelled = batch.labels != UNLABELED
        guessed[labelled] = UNLABELED
        free = guessed != UNLABELED
        weight = SHARE * batch.weights[labelled].sum() / max(1, int(free.sum()))
        return Batch(
            batch.patches,
            np.where(labelled, batch.labels, guessed),
            np.where(labelled, batch.weights, np.float32(min(weight, 1.0))),
            batch.sources,
        )


def few_labels(dataset: Dataset) -> bool:
    """Whether so little is labelled that guesses are of use."""
    return int(dataset.class_pixels.sum()) <= MOST_COVERAGE * int(_sizes(dataset.training).sum())


def _first(training: Sequence[LabelledCells]) -> list[LabelledCells]:
    """Those of the first images that fit into PIXELS."""
    return [cells for cells, total in zip(training, np.cumsum(_sizes(training)), strict=True) if total <= PIXELS]


def _sizes(training: Sequence[LabelledCells]) -> npt.NDArray[np.int64]:
    """(images,) pixels of each."""
    return np.array([cells.image.mask.height * cells.image.mask.width for cells in training], np.int64)
