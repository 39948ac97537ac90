"""Batch normalisation for training: the same as Keras's, in one operation where TensorFlow has it.

Ioffe and Szegedy, "Batch Normalization", 2015. Keras computes mean, variance and result in steps of their own, which on
a CPU takes as long as the convolution before it.
"""

from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import keras


@cache
def quick_batch_norm() -> "type[keras.layers.BatchNormalization]":
    """Keras's layer, quicker while training; its weights and what it predicts are the same."""
    import keras

    if keras.backend.backend() != "tensorflow":
        plain: type[keras.layers.BatchNormalization] = keras.layers.BatchNormalization
        return plain
    import tensorflow as tf

    class QuickBatchNorm(keras.layers.BatchNormalization):  # type: ignore[misc]
        def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
            if not (training and self.trainable):
                return super().call(inputs, training=training, mask=mask)
            normal, mean, variance = tf.compat.v1.nn.fused_batch_norm(
                inputs, self.gamma.value, self.beta.value, epsilon=self.epsilon, is_training=True
            )
            for average, now in ((self.moving_mean, mean), (self.moving_variance, variance)):
                average.assign(average * self.momentum + now * (1 - self.momentum))
            return normal

    return QuickBatchNorm
