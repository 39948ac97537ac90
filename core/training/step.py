"""One training step: forward, loss, backward, update, and the running average of the weights."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy.typing as npt

from core.errors import TrainingError
from core.training.heads import Head
from core.training.jax_step import JaxStep
from core.training.network import Network
from core.training.patches import Batch

Run = Callable[[Batch, float, float], float]

CLIP_NORM = 1.0


@dataclass(frozen=True, slots=True)
class Step:
    """One training step, and what the optimiser remembers from step to step."""

    run: Run
    optimizer: Any

    def __call__(self, batch: Batch, learning_rate: float, follow: float) -> float:
        """The loss, not finite where the step was left out; the averages follow by `follow`, 0 to 1."""
        return self.run(batch, learning_rate, follow)

    def memory(self) -> list[npt.NDArray[Any]]:
        """Copies of the optimiser's variables."""
        from keras import ops

        return [ops.convert_to_numpy(variable) for variable in self.optimizer.variables]

    def remember(self, memory: Sequence[npt.NDArray[Any]]) -> None:
        """Take over what memory() gave; TrainingError if that was of another network."""
        variables = self.optimizer.variables
        if [m.shape for m in memory] != [tuple(v.shape) for v in variables]:
            raise TrainingError("What the optimiser remembered does not fit this network. Train again.")
        for variable, value in zip(variables, memory, strict=True):
            variable.assign(value)


def make_step(network: Network, averaged: Network, weight_decay: float) -> Step:
    """A function that trains `network` by one batch and lets the weights of `averaged` follow its own.

    A step whose loss or gradient is not finite changes no weight that is trained.
    """
    import keras

    optimizer = _adam()(1e-3, weight_decay=weight_decay)
    optimizer.exclude_from_weight_decay(var_names=["beta", "gamma", "bias"])
    optimizer.build(network.model.trainable_variables)
    if keras.backend.backend() == "tensorflow":
        return Step(_tensorflow_step(network, averaged, optimizer), optimizer)
    if keras.backend.backend() == "jax":
        return Step(JaxStep(network, averaged, optimizer, CLIP_NORM), optimizer)
    raise TrainingError("Keras is set to a backend that cannot train here. Set KERAS_BACKEND to tensorflow or jax.")


@cache
def _adam() -> Any:
    """AdamW for one device: Keras's sum over devices leaves its gradient with TensorFlow for good, and so every step
    that was ever compiled, 30 MB each."""
    import keras

    class OneDeviceAdamW(keras.optimizers.AdamW):  # type: ignore[misc]
        def _all_reduce_sum_gradients(self, grads_and_vars: Any) -> Any:
            return grads_and_vars

    return OneDeviceAdamW


def _tensorflow_step(network: Network, averaged: Network, optimizer: Any) -> Run:
    import tensorflow as tf

    model = network.model
    loss_of = _compiled_loss(network.head)
    followed = [(ours.value, theirs.value) for ours, theirs in _pairs(network, averaged)]
    patches = tf.TensorSpec((None, None, None, network.inputs.depth), tf.float32)
    labels, weights = tf.TensorSpec((None, None, None), tf.uint8), tf.TensorSpec((None, None, None), tf.float32)
    rate = tf.TensorSpec((), tf.float32)

    @tf.function(input_signature=[patches, labels, weights, rate], jit_compile=False)  # type: ignore[untyped-decorator]
    def run(x: Any, y: Any, w: Any, follow: Any) -> Any:
        with tf.GradientTape() as tape:
            loss = loss_of(model(x, training=True), y, w)
        gradients, norm = tf.clip_by_global_norm(tape.gradient(loss, model.trainable_variables), CLIP_NORM)
        sound = tf.math.is_finite(loss) & tf.math.is_finite(norm)
        gradients = [tf.where(sound, g, tf.zeros_like(g)) for g in gradients]
        optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
        for ours, theirs in followed:
            theirs.assign_add((ours - theirs) * follow)
        return tf.where(sound, loss, float("nan"))

    def step(batch: Batch, learning_rate: float, follow: float) -> float:
        optimizer.learning_rate.assign(learning_rate)
        x, y, w = (tf.constant(part) for part in (batch.patches, batch.labels, batch.weights))
        return float(run(x, y, w, tf.constant(follow, tf.float32)))

    return step


@cache
def _compiled_loss(head: Head) -> Any:
    """Fused into one pass, the loss takes a third of its time on a CPU; the second training finds it compiled."""
    import tensorflow as tf

    return tf.function(head.loss, jit_compile=True)


def _pairs(network: Network, averaged: Network) -> list[tuple[Any, Any]]:
    return list(zip(network.model.weights, averaged.model.weights, strict=True))
