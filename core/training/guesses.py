"""Self-training: what the network is sure of stands in for labels where nobody has painted, with less weight.

Scribbles say little about where classes end. Once the network has learned from them, its own confident answers on the
training pictures teach it to be consistent everywhere (Lee, "Pseudo-Label", 2013). Labels always win over guesses.
"""

from collections.abc import Sequence

import numpy as np

from core.classes import UNLABELED
from core.labels import LabelledImage
from core.masks.tiles import Array
from core.prediction.inference import predict_image
from core.training.augmentation import warp_labels
from core.training.dataset import Dataset, Pictures
from core.training.network import Network
from core.training.patches import Batch

SURE = 0.8
"""Probability from which a guess counts."""
SHARE = 1.0
"""Weight of all guesses of a batch, as a share of the weight of all its labels."""
MOST_COVERAGE = 0.5
"""Share of labelled pixels from which there is nothing to guess."""
PIXELS = 2**23
"""The most that is guessed at: a few seconds on a CPU."""


class Guesses:
    """The averaged network's confident class map of each training picture."""

    def __init__(self, dataset: Dataset, pictures: Pictures) -> None:
        self._images = _chosen([cells.image for cells in dataset.training], int(dataset.class_pixels.sum()))
        self._pictures = pictures
        self._maps: dict[int, Array] = {}

    def renew(self, averaged: Network) -> None:
        for image in self._images:
            class_map, confidence = predict_image(averaged, self._pictures.load(image))
            class_map[confidence < SURE * 255] = UNLABELED
            self._maps[image.image_id] = class_map

    def complete(self, batch: Batch) -> Batch:
        """The same batch with guesses where it has no labels, as far as there are any."""
        if not self._maps:
            return batch
        side = batch.labels.shape[1]
        guessed = np.full_like(batch.labels, UNLABELED)
        for source, out in zip(batch.sources, guessed, strict=True):
            if source.image.image_id in self._maps:
                part = self._maps[source.image.image_id][source.inside.slices]
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


def _chosen(images: Sequence[LabelledImage], labelled: int) -> list[LabelledImage]:
    """The first images that fit into PIXELS; none where most is labelled anyway."""
    sizes = np.array([image.mask.height * image.mask.width for image in images])
    if labelled > MOST_COVERAGE * sizes.sum():
        return []
    return [image for image, total in zip(images, np.cumsum(sizes), strict=True) if total <= PIXELS]
