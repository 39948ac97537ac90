"""The compiled way of a network from pixels to what is kept of its probabilities, on each of Keras's backends."""

from functools import cache, partial
from math import log
from typing import Any

import numpy as np
import numpy.typing as npt

from core.prediction.folding import folded
from core.prediction.jax_forward import JaxForward
from core.training.heads import Head
from core.training.inputs import Floats
from core.training.network import Network

SMALLEST = 1e-7
"""Probabilities below it count for nothing in the entropy."""
BLOCK = 2**16
"""Pixels that are decided at once: compiled for this number alone, in one pass over them."""

Decided = tuple[npt.ArrayLike, ...]
"""Class ids, confidence and entropy, (N, h, w) uint8 each."""


def forward_of(network: Network) -> "Forward | JaxForward":
    """Made once for a network; it follows the network's weights."""
    if network.forward is None:
        import keras

        match keras.backend.backend():
            case "tensorflow":
                network.forward = TensorFlowForward(network)
            case "jax":
                network.forward = JaxForward(network, decide)
            case _:
                network.forward = Forward(network)
    forward: Forward | JaxForward = network.forward
    return forward


class Forward:
    """(N, h, w, depth) float32 -> Decided, layer by layer, on any backend."""

    def __init__(self, network: Network) -> None:
        self._network = network

    def __call__(self, pixels: Floats) -> Decided:
        return decide(self.likely(pixels))

    def likely(self, pixels: Floats) -> Any:
        """The probabilities themselves, (N, h, w, classes)."""
        return self._network.head.probabilities(self._network.model(pixels, training=False))


class TensorFlowForward(Forward):
    """Compiled once for all sizes; on a processor, what comes after the logits is compiled by XLA for blocks."""

    def __init__(self, network: Network) -> None:
        import tensorflow as tf

        super().__init__(network)
        logits_of, head = folded(network), network.head
        seen = [tf.TensorSpec((None, None, None, network.inputs.depth), tf.float32)]
        compiled = partial(tf.function, input_signature=seen, jit_compile=False)
        self._logits = compiled(logits_of)
        self._likely = compiled(lambda pixels: head.probabilities(logits_of(pixels)))
        self._decided = compiled(lambda pixels: decide(head.probabilities(logits_of(pixels))))
        self._on_gpu = bool(tf.config.list_logical_devices("GPU"))

    def __call__(self, pixels: Floats) -> Decided:
        decided: Decided = self._decided(pixels) if self._on_gpu else self._by_blocks(pixels)
        return decided

    def likely(self, pixels: Floats) -> Any:
        return self._likely(pixels)

    def _by_blocks(self, pixels: Floats) -> Decided:
        import tensorflow as tf

        classes = len(self._network.classes)
        rows = tf.reshape(self._logits(pixels), (-1, classes))
        count, decided = len(rows), _decided_block(self._network.head, classes)
        if count < BLOCK:
            rows = tf.pad(rows, ((0, BLOCK - count), (0, 0)))
        planes = np.empty((3, len(rows)), np.uint8)
        for start in range(0, count, BLOCK):
            block = slice(min(start, len(rows) - BLOCK), min(start + BLOCK, len(rows)))  # the last ones may overlap
            for plane, values in zip(planes, decided(rows[block]), strict=True):
                plane[block] = values.numpy()
        return tuple(plane[:count].reshape(pixels.shape[:3]) for plane in planes)


@cache
def _decided_block(head: Head, classes: int) -> Any:
    """(BLOCK, classes) logits -> Decided, (BLOCK,) each."""
    import tensorflow as tf

    return tf.function(
        lambda logits: decide(head.probabilities(logits)),
        input_signature=[tf.TensorSpec((BLOCK, classes), tf.float32)],
        jit_compile=True,
    )


def decide(likely: Any) -> Decided:
    """From (..., classes) probabilities to class ids, confidence in 1/255, and entropy in 1/255 of the most that it can
    be, (...) uint8 each. Class by class, which compilers make one pass of."""
    from keras import ops

    first, *others = ops.unstack(likely, axis=-1)
    ids, sure, doubt = ops.zeros_like(first, dtype="uint8"), first, _information(first)
    for class_id, share in enumerate(others, 1):
        ids = ops.where(share > sure, ops.cast(class_id, "uint8"), ids)
        sure = ops.maximum(sure, share)
        doubt += _information(share)
    return ids, _as_byte(sure), _as_byte(doubt / log(1 + len(others)))


def _information(share: Any) -> Any:
    from keras import ops

    return -share * ops.log(ops.maximum(share, SMALLEST))


def _as_byte(share: Any) -> Any:
    from keras import ops

    return ops.cast(ops.round(ops.clip(share, 0, 1) * 255), "uint8")
