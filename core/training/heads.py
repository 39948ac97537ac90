"""Heads: the last step from logits to probabilities, with the loss that belongs to it.

All share one trunk that ends in float32 logits: (N, H, W, classes), or (N, classes, H, W) with axis=1. Labels are class
ids (N, H, W), where 255 counts for nothing, or one-hot in the layout of the logits, where a pixel of zeros does.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from core.classes import UNLABELED
from core.errors import TrainingError

if TYPE_CHECKING:
    import keras

Tensor = Any
Axis = Literal[-1, 1]
"""Where the classes are: -1 for channels last, 1 for channels first."""


@dataclass(frozen=True, slots=True)
class Head:
    name: str
    title: str
    """For a person."""
    _losses: Callable[[Tensor, Tensor, Axis], Tensor]
    """(logits, ids (N, H, W) without 255, axis) -> (N, H, W)."""
    _probabilities: Callable[[Tensor, Axis], Tensor]
    _layers: Callable[[int, Axis], "list[keras.layers.Layer]"]

    def loss(self, logits: Tensor, labels: Tensor, weights: Tensor = None, *, axis: Axis = -1) -> Tensor:
        """Mean loss of the labelled pixels, weighted by `weights` (N, H, W); 0 where nothing is labelled."""
        from keras import ops

        ids = _ids(logits, labels, axis)
        known = ids != UNLABELED
        weight = ops.cast(known, "float32") if weights is None else ops.cast(known, "float32") * weights
        # An unlabelled pixel passes as class 0: its loss is finite, and weighs nothing.
        losses = self._losses(logits, ops.where(known, ids, 0), axis)
        return ops.sum(losses * weight) / ops.maximum(ops.sum(weight), 1e-6)

    def probabilities(self, logits: Tensor, *, axis: Axis = -1) -> Tensor:
        """From 0 to 1, in the shape of the logits."""
        return self._probabilities(logits, axis)

    def layers(self, classes: int, *, axis: Axis = -1) -> "list[keras.layers.Layer]":
        """The way from logits to probabilities as layers that end a Keras model: saved and loaded, no Lambda.

        "softmax-flat" gives (N, H·W, classes), the others the shape of the logits.
        """
        return self._layers(classes, axis)


def head_named(name: str) -> Head:
    if name not in HEADS:
        raise TrainingError(f'There is no head "{name}". Use one of: {", ".join(HEADS)}.')
    return HEADS[name]


def _ids(logits: Tensor, labels: Tensor, axis: Axis) -> Tensor:
    """Class ids (N, H, W) int32, 255 where unlabelled, from ids or from one-hot labels."""
    from keras import ops

    if len(labels.shape) < len(logits.shape):
        return ops.cast(labels, "int32")
    return ops.where(ops.any(labels > 0, axis=axis), ops.cast(ops.argmax(labels, axis=axis), "int32"), UNLABELED)


def _last(logits: Tensor, axis: Axis) -> Tensor:
    """The classes as the last axis."""
    from keras import ops

    return logits if axis == -1 else ops.moveaxis(logits, axis, -1)


# --- softmax with categorical cross-entropy


def _softmax(logits: Tensor, axis: Axis) -> Tensor:
    from keras import ops

    return ops.softmax(logits, axis=axis)


def _softmax_losses(logits: Tensor, ids: Tensor, axis: Axis) -> Tensor:
    """Categorical cross-entropy of each pixel, from logits: never saturates."""
    from keras import ops

    return ops.sparse_categorical_crossentropy(ids, _last(logits, axis), from_logits=True)


def _softmax_layers(classes: int, axis: Axis) -> "list[keras.layers.Layer]":
    from keras import layers

    return [layers.Softmax(axis=axis, dtype="float32")]  # by default it would normalise over the last axis


# --- the same over rows·columns


def _flat_layers(classes: int, axis: Axis) -> "list[keras.layers.Layer]":
    """(N, C, H, W) or (N, H, W, C) -> (N, H·W, C).

    Channels first needs the Permute: reshaped at once, a row would mix the values of one class at many pixels.
    """
    from keras import layers

    permute = [layers.Permute((2, 3, 1))] if axis == 1 else []
    return [*permute, layers.Reshape((-1, classes))]


def _flat_softmax_losses(logits: Tensor, ids: Tensor, axis: Axis) -> Tensor:
    """Labels take the same way as the logits."""
    from keras import ops

    classes = logits.shape[axis]
    rows, truth = logits, ops.one_hot(ids, classes, axis=axis)
    for layer in _flat_layers(classes, axis):
        rows = layer(rows)
    for layer in _flat_layers(classes, axis):
        truth = layer(truth)
    return ops.reshape(ops.categorical_crossentropy(truth, rows, from_logits=True), ops.shape(ids))


def _flat_softmax_layers(classes: int, axis: Axis) -> "list[keras.layers.Layer]":
    return [*_flat_layers(classes, axis), *_softmax_layers(classes, -1)]


# --- depth softmax


def _normalised_sigmoid(logits: Tensor, axis: int) -> Tensor:
    """σ(z) / Σ σ(z) over the classes, which is softmax(log σ(z))."""
    from keras import ops

    return ops.softmax(ops.log_sigmoid(logits), axis=axis)


def _normalised_sigmoid_losses(logits: Tensor, ids: Tensor, axis: Axis) -> Tensor:
    from keras import ops

    return _softmax_losses(ops.log_sigmoid(logits), ids, axis)


@cache
def depth_softmax() -> "type[keras.layers.Layer]":
    """The layer class DepthSoftmax(axis=-1); calling this registers it, which `load_model` of a file with it needs."""
    import keras

    @keras.saving.register_keras_serializable(package="maskwright")
    class DepthSoftmax(keras.layers.Layer):  # type: ignore[misc]
        """The normalised sigmoid over the class axis."""

        def __init__(self, axis: int = -1, **keywords: Any) -> None:
            super().__init__(**keywords)
            if axis == 0:
                raise ValueError("Axis 0 is the batch: the classes are on axis -1 or 1.")
            self.axis = axis

        def call(self, logits: Tensor) -> Tensor:
            return _normalised_sigmoid(logits, self.axis)

        def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
            return input_shape

        def get_config(self) -> dict[str, Any]:
            return {**super().get_config(), "axis": self.axis}

    return DepthSoftmax


def _normalised_sigmoid_layers(classes: int, axis: Axis) -> "list[keras.layers.Layer]":
    return [depth_softmax()(axis=axis, dtype="float32")]


# --- sigmoid with binary cross-entropy


def _sigmoid(logits: Tensor, axis: Axis) -> Tensor:
    from keras import ops

    return ops.sigmoid(logits)


def _sigmoid_losses(logits: Tensor, ids: Tensor, axis: Axis) -> Tensor:
    """Each class against the rest: binary cross-entropy from logits, mean over the classes."""
    from keras import ops

    truth = ops.one_hot(ids, logits.shape[axis], axis=axis)
    # max(z, 0) - z·t + log(1 + e^-|z|): the form that neither overflows nor saturates.
    losses = ops.relu(logits) - logits * truth + ops.softplus(-ops.abs(logits))
    return ops.mean(losses, axis=axis)


def _sigmoid_layers(classes: int, axis: Axis) -> "list[keras.layers.Layer]":
    from keras import layers

    return [layers.Activation("sigmoid", dtype="float32")]


HEADS: Mapping[str, Head] = {
    head.name: head
    for head in (
        Head("softmax", "Softmax", _softmax_losses, _softmax, _softmax_layers),
        Head("softmax-flat", "Softmax, flattened", _flat_softmax_losses, _softmax, _flat_softmax_layers),
        Head(
            "normalised-sigmoid",
            "Depth softmax",
            _normalised_sigmoid_losses,
            _normalised_sigmoid,
            _normalised_sigmoid_layers,
        ),
        Head("sigmoid", "Sigmoid", _sigmoid_losses, _sigmoid, _sigmoid_layers),
    )
}
