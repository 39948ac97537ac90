"""Which numbers a network is trained with: of half the bits where that is measurably quicker, else float32.

Micikevicius et al., "Mixed Precision Training", 2018. bfloat16 has the range of float32, so no loss has to be scaled;
weights, normalisation, logits and loss stay in float32 all the same.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np

from core.classes import LabelClass
from core.training.heads import head_named
from core.training.inputs import Inputs
from core.training.messages import Precision
from core.training.patches import Batch
from core.training.unet import shape_named

if TYPE_CHECKING:
    from core.training.step import Step

QUICKER = 0.85
"""Share of a step's time in float32 that the other must stay below to be worth its coarser numbers."""
STEPS = 8
"""Of which the first few, where kernels are chosen, do not count."""


@contextmanager
def computing_in(precision: Precision) -> Iterator[None]:
    """Build networks in this precision, in this thread."""
    import keras

    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(precision)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def quicker_precision(device: str) -> Precision:
    """What the quick network trains with in less time on a device such as "GPU:0"; takes a few seconds."""
    import tensorflow as tf

    with tf.device(device):
        try:
            full, half = (_step_seconds(precision) for precision in ("float32", "mixed_bfloat16"))
        except Exception:  # a card that cannot compute so says it in many ways
            return "float32"
    return "mixed_bfloat16" if half < QUICKER * full else "float32"


def _step_seconds(precision: Precision) -> float:
    step, batch = small_step(precision), noise(4, 256)
    spent = []
    for _ in range(STEPS):
        begun = perf_counter()
        step(batch, 1e-3, 0.5)
        spent.append(perf_counter() - begun)
    return float(np.median(spent[STEPS // 2 :]))


def small_step(precision: Precision = "float32") -> "Step":
    """A step of the quick network for two classes."""
    from core.training.network import new_network
    from core.training.step import make_step

    classes = (LabelClass(0, "a", "#000000"), LabelClass(1, "b", "#ffffff"))
    parts = shape_named("quick"), Inputs(3), head_named("softmax"), classes
    with computing_in(precision):
        trained = new_network(*parts)
    return make_step(trained, new_network(*parts), 0.0)


def noise(size: int, side: int) -> Batch:
    """A batch of two classes that differ in brightness."""
    pixels = np.random.default_rng(0).random((size, side, side, 3), np.float32)
    return Batch(pixels, (pixels[..., 0] > 0.5).astype(np.uint8), np.ones((size, side, side), np.float32))
