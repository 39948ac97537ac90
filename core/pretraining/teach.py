"""Teaching a network on generated pictures, so that a first training starts from features that fit."""

import time
from collections.abc import Callable, Sequence
from math import cos, inf, pi
from typing import Any

import numpy as np
import numpy.typing as npt

from core.classes import LabelClass
from core.errors import TrainingError
from core.pretraining.gallery import Gallery
from core.pretraining.kinds import KINDS
from core.pretraining.surfaces import Bytes, Floats, Rng
from core.training.augmentation import Augmentation, warp_labels, warp_picture
from core.training.heads import head_named
from core.training.inputs import Inputs
from core.training.metrics import Confusion
from core.training.network import Network, new_network
from core.training.patches import Batch
from core.training.prefetch import Prefetch
from core.training.step import make_step
from core.training.unet import shape_named

Weights = npt.NDArray[np.floating[Any]]

INPUTS = Inputs(3, rows=True)
AUGMENTATION = Augmentation(upright=True, smallest=0.4, largest=1.2)
PATCH = 160
"""Pixels."""
BATCH = 12
LEARNING_RATE = 3e-3
WEIGHT_DECAY = 0.02
FOLLOW = 0.002
"""How far the averaged weights follow in a step."""
ROWLESS = 0.4
"""Share of the patches that are not told how far down they are, so that the network does without where it must."""
WEIGHT_POWER = 0.45
HEAVIEST = 4
"""A kind weighs its share of the pixels to minus WEIGHT_POWER, at most this many times the mean."""

Report = Callable[[str, Network], None]
"""Told how it goes, and given the weights so far."""


def taught(
    shape_name: str,
    gallery: Gallery,
    held_out: Gallery,
    *,
    seconds: float,
    report: Report,
    steps: float = inf,
    start: Sequence[Weights] = (),
) -> Network:
    """A network with the averaged weights after this time; the mIoU on `held_out` is reported on the way.

    Args:
        steps: at most so many, instead of all that there is time for.
        start: weights to go on from; those of a last layer for other kinds are left out.

    Raises:
        TrainingError: weights of another network.
    """
    network, averaged = _networks(shape_name, start)
    step = make_step(network, averaged, WEIGHT_DECAY)
    begun, told, share, losses = time.monotonic(), 0.0, 0.0, list[float]()
    with Prefetch(Patches(gallery), BATCH) as batches:
        while share < 1:
            losses.append(step(next(batches), _learning_rate(share), max(FOLLOW, 1 / (1 + len(losses) / 10))))
            spent = time.monotonic() - begun
            share = max(spent / max(seconds, 1e-3), len(losses) / steps)
            if spent > told + min(60, seconds / 2):
                told = spent
                report(f"{spent:.0f} s, {len(losses)} steps: {_figures(averaged, held_out, losses)}", averaged)
    report(f"{len(losses)} steps: {_figures(averaged, held_out, losses)}", averaged)
    return averaged


def _networks(shape_name: str, start: Sequence[Weights]) -> tuple[Network, Network]:
    """Two alike: one that is trained, and one for its running average."""
    import keras

    keras.utils.set_random_seed(0)
    shape, head = shape_named(shape_name), head_named("softmax")
    classes = [LabelClass(number, kind, "#000000") for number, kind in enumerate(KINDS)]
    one, other = (new_network(shape, INPUTS, head, classes) for _ in range(2))
    other.model.set_weights(begin_with(start, one.model.get_weights()))
    one.model.set_weights(other.model.get_weights())
    return one, other


def begin_with(start: Sequence[Weights], fresh: Sequence[Floats]) -> list[Floats]:
    """`start` where its shapes are those of `fresh`, which holds the last layer anew if the kinds are others.

    Raises:
        TrainingError: if more than the last layer's two arrays differ.
    """
    fits = [a.shape == b.shape for a, b in zip(start, fresh, strict=False)]
    if start and sum(fits) < len(fresh) - 2:
        raise TrainingError("These weights are of another network. Start from others, or from none.")
    given = [a.astype(np.float32) if fit else b for a, b, fit in zip(start, fresh, fits, strict=False)]
    return [*given, *fresh[len(given) :]]


def _learning_rate(share: float) -> float:
    """Up at first, then down as a half cosine; `share` of the time that is spent."""
    return LEARNING_RATE * min(1, max(0.05, share / 0.05)) * (1 + cos(pi * share)) / 2


class Patches:
    """Draws patches of generated pictures, all worlds in every batch."""

    def __init__(self, gallery: Gallery) -> None:
        self._gallery = gallery
        self._weights = kind_weights(gallery.kinds[:600])

    def batch(self, size: int, number: int) -> Batch:
        rng = np.random.default_rng(number)
        numbers = rng.integers(len(self._gallery), size=size)
        patches, kinds = zip(*(patch(self._gallery, n, rng) for n in numbers.tolist()), strict=True)
        truth = np.stack(kinds)
        return Batch(np.stack(patches), truth, self._weights[truth])


def patch(gallery: Gallery, number: int, rng: Rng, side: int = PATCH) -> tuple[Floats, Bytes]:
    """(side, side, depth) and its kinds (side, side), from about the middle of a picture."""
    height = gallery.kinds.shape[1]
    x, y = height / 2 + rng.uniform(-height / 4, height / 4, 2)
    placement = AUGMENTATION.placement(rng, side, x, y)
    values = AUGMENTATION.recolor(rng, INPUTS.scale(warp_picture(gallery.pictures[number], placement, side)))
    across = np.arange(side)
    rows = placement[1, 0] * across + (placement[1, 1] * across + placement[1, 2])[:, None] + 0.5
    rows += rng.normal(0, AUGMENTATION.heave * height)
    values = INPUTS.with_rows(values, rows, height)
    if rng.random() < ROWLESS:
        values[..., -1] = 0
    return values, warp_labels(gallery.kinds[number], placement, side)


def kind_weights(kinds: Bytes) -> npt.NDArray[np.float32]:
    """(256,): how much a pixel of each kind counts; 0 for kinds that do not occur, and for 255."""
    counts = np.bincount(kinds.ravel(), minlength=256)[: len(KINDS)]
    occurs = counts > 0
    weights = np.zeros(256, np.float32)
    weights[: len(KINDS)][occurs] = (counts[occurs] / counts.sum()) ** -WEIGHT_POWER
    mean = weights[weights > 0].mean()
    return np.minimum(weights / mean, HEAVIEST)  # type: ignore[no-any-return]


def _figures(network: Network, held_out: Gallery, losses: list[float]) -> str:
    found = evaluated(network, held_out)
    worst = ", ".join(f"{kind} {iou:.2f}" for kind, iou in zip(KINDS, found.iou, strict=True) if not np.isnan(iou))
    return f"loss {np.nanmean(losses[-200:]):.3f}, mIoU {found.miou:.3f}, pixels {found.accuracy:.3f} ({worst})"


def evaluated(network: Network, held_out: Gallery) -> Confusion:
    """On one patch of every picture, the same ones at each call."""
    confusion, rng = Confusion.empty(len(KINDS)), np.random.default_rng(9)
    for number in range(len(held_out)):
        values, kinds = patch(held_out, number, rng)
        logits = np.asarray(network.model(values[None], training=False))[0]
        confusion.add(kinds, logits.argmax(-1).astype(np.uint8))
    return confusion
