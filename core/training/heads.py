"""Heads: the last step from logits to probabilities, with the loss that belongs to it.

All share one trunk that ends in (N, H, W, classes) float32 logits, and one loss signature over labels
(N, H, W) uint8, where 255 counts for nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from core.classes import UNLABELED
from core.errors import TrainingError

Tensor = Any


@dataclass(frozen=True, slots=True)
class Head:
    name: str
    loss: Callable[[Tensor, Tensor, Tensor], Tensor]
    """(logits (N, H, W, C), labels (N, H, W), weights (N, H, W)) -> weighted mean loss of the labelled pixels."""
    probabilities: Callable[[Tensor], Tensor]
    """Logits (..., C) -> (..., C), from 0 to 1."""


def head_named(name: str) -> Head:
    if name not in HEADS:
        raise TrainingError(f'There is no head "{name}". Use one of: {", ".join(HEADS)}.')
    return HEADS[name]


def _labelled_mean(losses: Tensor, labels: Tensor, weights: Tensor) -> Tensor:
    """Weighted mean of (..., ) losses over labelled pixels; 0 where there is none."""
    from keras import ops

    weight = ops.cast(labels != UNLABELED, "float32") * weights
    return ops.sum(losses * weight) / ops.maximum(ops.sum(weight), 1e-6)


def _ids(labels: Tensor) -> Tensor:
    """Class ids as int32 with unlabelled pixels as class 0: their loss is finite, and weighs nothing."""
    from keras import ops

    labels = ops.cast(labels, "int32")
    return ops.where(labels == UNLABELED, 0, labels)


def _softmax(logits: Tensor) -> Tensor:
    from keras import ops

    return ops.softmax(logits, axis=-1)


def _softmax_loss(logits: Tensor, labels: Tensor, weights: Tensor) -> Tensor:
    """Per-pixel softmax and categorical cross-entropy, from logits: never saturates."""
    from keras import ops

    losses = ops.sparse_categorical_crossentropy(_ids(labels), logits, from_logits=True)  # (N, H, W)
    return _labelled_mean(losses, labels, weights)


def _flat_softmax_loss(logits: Tensor, labels: Tensor, weights: Tensor) -> Tensor:
    """The same over (N, H·W, C), reached by way of (N, C, H·W): Reshape, then Permute(2, 1)."""
    from keras import ops

    classes = logits.shape[-1]
    batch = ops.shape(logits)[0]
    planes = ops.reshape(ops.transpose(logits, (0, 3, 1, 2)), (batch, classes, -1))  # (N, C, H·W)
    rows = ops.transpose(planes, (0, 2, 1))  # (N, H·W, C)
    labels, weights = ops.reshape(labels, (batch, -1)), ops.reshape(weights, (batch, -1))  # (N, H·W)
    truth = ops.one_hot(_ids(labels), classes)
    return _labelled_mean(ops.categorical_crossentropy(truth, rows, from_logits=True), labels, weights)


def _normalised_sigmoid(logits: Tensor) -> Tensor:
    """σ(z) / Σ σ(z) over the classes, which is softmax(log σ(z))."""
    from keras import ops

    return ops.softmax(ops.log_sigmoid(logits), axis=-1)


def _normalised_sigmoid_loss(logits: Tensor, labels: Tensor, weights: Tensor) -> Tensor:
    from keras import ops

    return _softmax_loss(ops.log_sigmoid(logits), labels, weights)


def _sigmoid(logits: Tensor) -> Tensor:
    from keras import ops

    return ops.sigmoid(logits)


def _sigmoid_loss(logits: Tensor, labels: Tensor, weights: Tensor) -> Tensor:
    """Each class against the rest: binary cross-entropy from logits, mean over the classes."""
    from keras import ops

    truth = ops.one_hot(_ids(labels), logits.shape[-1])
    # max(z, 0) - z·t + log(1 + e^-|z|): the form that neither overflows nor saturates.
    losses = ops.relu(logits) - logits * truth + ops.softplus(-ops.abs(logits))  # (N, H, W, C)
    return _labelled_mean(ops.mean(losses, axis=-1), labels, weights)


HEADS: Mapping[str, Head] = {
    head.name: head
    for head in (
        Head("softmax", _softmax_loss, _softmax),
        Head("softmax-flat", _flat_softmax_loss, _softmax),
        Head("normalised-sigmoid", _normalised_sigmoid_loss, _normalised_sigmoid),
        Head("sigmoid", _sigmoid_loss, _sigmoid),
    )
}
