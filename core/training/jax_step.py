"""The training step on Keras's JAX backend: one compiled function from all variables to all variables."""

from typing import Any

from core.training.network import Network
from core.training.patches import Batch


class JaxStep:
    """(batch, learning rate, how far the averages follow) -> loss; not finite where the step changed nothing."""

    def __init__(self, network: Network, averaged: Network, optimizer: Any, clip_norm: float) -> None:
        import jax

        self._network, self._optimizer, self._clip_norm = network, optimizer, clip_norm
        model = network.model
        self._groups = [
            model.trainable_variables,
            model.non_trainable_variables,
            optimizer.variables,
            averaged.model.trainable_variables,
            averaged.model.non_trainable_variables,
        ]
        self._gradient = jax.value_and_grad(self._cost, has_aux=True)
        self._run = jax.jit(self._advance)

    def __call__(self, batch: Batch, learning_rate: float, follow: float) -> float:
        self._optimizer.learning_rate.assign(learning_rate)
        state = [[variable.value for variable in group] for group in self._groups]
        loss, state = self._run(state, batch.patches, batch.labels, batch.weights, follow)
        for group, values in zip(self._groups, state, strict=True):
            for variable, value in zip(group, values, strict=True):
                variable.assign(value)
        return float(loss)

    def _cost(self, trained: Any, others: Any, patches: Any, labels: Any, weights: Any) -> tuple[Any, Any]:
        logits, others = self._network.model.stateless_call(trained, others, patches, training=True)
        return self._network.head.loss(logits, labels, weights), others

    def _advance(self, state: Any, patches: Any, labels: Any, weights: Any, follow: Any) -> tuple[Any, Any]:
        from jax import numpy as jnp

        trained, others, memory, *averages = state
        (loss, new_others), gradients = self._gradient(trained, others, patches, labels, weights)
        norm = jnp.sqrt(sum(jnp.sum(g**2) for g in gradients))
        sound = jnp.isfinite(loss) & jnp.isfinite(norm)
        gradients = [g * self._clip_norm / jnp.maximum(norm, self._clip_norm) for g in gradients]
        new_trained, new_memory = self._optimizer.stateless_apply(memory, gradients, trained)
        new_averages = [
            [theirs + (ours - theirs) * follow for ours, theirs in zip(group, behind, strict=True)]
            for group, behind in zip((new_trained, new_others), averages, strict=True)
        ]
        new = [new_trained, new_others, new_memory, *new_averages]
        kept = [
            [jnp.where(sound, after, before) for after, before in zip(*groups, strict=True)]
            for groups in zip(new, state, strict=True)
        ]
        return jnp.where(sound, loss, jnp.nan), kept
