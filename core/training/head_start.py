"""A last layer that fits the labels before the first step, where the layers below have learned something elsewhere.

Linear discriminant analysis (Rao, "The Utilization of Multiple Measurements in Problems of Biological Classification",
1948): where every class spreads alike around its own mean, these weights give the odds of each class. It takes a
second, and what the first preview shows is of use.
"""

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from core.classes import UNLABELED
from core.training.guesses import Guesses
from core.training.network import Network
from core.training.patches import Patches

if TYPE_CHECKING:
    import keras

BATCHES = 3
"""Batches of patches whose labels and guesses are looked at."""
SHRINK = 0.3
"""How far the spread is taken to be the same in all directions, as a share of its mean: keeps the weights small."""
BILINEAR = np.outer((0.25, 0.75, 0.75, 0.25), (0.25, 0.75, 0.75, 0.25))
"""(4, 4) kernel of a transposed convolution of stride 2 that only enlarges."""
ABSENT = -5.0
"""Log-odds of a class that nobody labelled, against the mean of the others."""

Doubles = npt.NDArray[np.float64]


def begin_with_labels(network: Network, patches: Patches, guesses: Guesses | None, batch: int) -> bool:
    """Set the last layer's weights; False, and nothing changed, where that layer is of another kind.

    Args:
        batch: patches a batch.
    """
    from keras import layers

    last = network.model.layers[-1]
    if not isinstance(last, layers.Conv2DTranspose) or last.kernel.shape[:2] != BILINEAR.shape:
        return False
    values, labels, weights = _labelled_values(network, last, patches, guesses, batch)
    slopes, offsets = discriminants(values, labels, weights, len(network.classes))
    kernel = BILINEAR[..., None, None] * slopes  # (4, 4, classes, channels)
    last.set_weights([kernel.astype(np.float32), offsets.astype(np.float32)])
    return True


def _labelled_values(
    network: Network, last: "keras.layers.Layer", patches: Patches, guesses: Guesses | None, batch: int
) -> tuple[Doubles, npt.NDArray[np.uint8], Doubles]:
    """What reaches the last layer at (n, channels) labelled or guessed places, with their (n,) labels and weights."""
    import keras

    trunk = keras.Model(network.model.input, last.input)
    found: list[tuple[Any, ...]] = []
    for number in range(BATCHES):
        drawn = patches.batch(batch, number)
        drawn = guesses.complete(drawn) if guesses is not None else drawn
        seen = np.asarray(trunk(drawn.patches, training=False))  # (N, side / 2, side / 2, channels)
        labels, weights = drawn.labels[:, ::2, ::2], drawn.weights[:, ::2, ::2]
        known = labels != UNLABELED
        found.append((seen[known], labels[known], weights[known]))
    values, labels, weights = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return values.astype(np.float64), labels, weights.astype(np.float64)


def discriminants(
    values: Doubles, labels: npt.NDArray[np.uint8], weights: Doubles, classes: int
) -> tuple[Doubles, Doubles]:
    """From (n, channels) values with (n,) labels and weights to slopes (classes, channels) and offsets (classes,).

    values @ slopes.T + offsets are the log-odds of the classes, but for what they share: their mean over the classes
    with a label is 0. A class without one gets ABSENT everywhere.
    """
    channels = values.shape[1]
    means, share, spread = np.zeros((classes, channels)), np.zeros(classes), np.zeros((channels, channels))
    there = [c for c in range(classes) if (labels == c).any()]
    for c in there:
        mine, weight = values[labels == c], weights[labels == c]
        share[c] = weight.sum()
        means[c] = weight @ mine / share[c]
        away = mine - means[c]
        spread += (away * weight[:, None]).T @ away / share[c] / len(there)
    spread += (SHRINK * np.trace(spread) / channels + 1e-6) * np.eye(channels)
    slopes, offsets = np.zeros_like(means), np.full(classes, ABSENT)
    slopes[there] = np.linalg.solve(spread, means[there].T).T
    offsets[there] = np.log(share[there] / share.sum()) - (means * slopes).sum(1)[there] / 2
    slopes[there] -= slopes[there].mean(0)
    offsets[there] -= offsets[there].mean()
    return slopes, offsets
