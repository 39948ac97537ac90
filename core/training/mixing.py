"""Patches made of two: what half of the classes of one patch cover is laid over another.

Few strokes in few pictures are soon known by heart. Laid elsewhere, what they are on is seen in ever other surroundings
and cannot be told by these (Olsson et al., "ClassMix: segmentation-based data augmentation for semi-supervised
learning", 2021).
"""

from dataclasses import replace

import numpy as np

from core.classes import UNLABELED
from core.training.patches import Batch


def mixed(batch: Batch, seed: int, number: int) -> Batch:
    """The same batch with half of the classes of the next patch laid over each one, where that has several; always the
    same ones for the same seed and the number of the batch."""
    rng = np.random.default_rng([seed, number, len(batch.labels)])
    patches, labels, weights = batch.patches.copy(), batch.labels.copy(), batch.weights.copy()
    for i, above in enumerate(np.roll(batch.labels, -1, axis=0)):
        classes = np.setdiff1d(above, UNLABELED)
        laid = np.isin(above, rng.permutation(classes)[: len(classes) // 2])  # (side, side)
        j = (i + 1) % len(labels)
        for ours, theirs in ((patches, batch.patches), (labels, batch.labels), (weights, batch.weights)):
            ours[i][laid] = theirs[j][laid]
    return replace(batch, patches=patches, labels=labels, weights=weights)
