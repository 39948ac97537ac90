"""Predicting on Keras's JAX backend: one compiled function for every size of what goes in.

Layer by layer, JAX compiles each layer for each size by itself, which takes four times as long.
"""

from collections.abc import Callable
from typing import Any

from core.training.inputs import Floats
from core.training.network import Network


class JaxForward:
    """(1, h, w, depth) -> what `decide` makes of the probabilities (1, h, w, classes)."""

    def __init__(self, network: Network, decide: Callable[[Any], tuple[Any, ...]]) -> None:
        import jax

        self._network, self._decide = network, decide
        self._groups = (network.model.trainable_variables, network.model.non_trainable_variables)
        self._run, self._run_likely = jax.jit(self._decided), jax.jit(self._likely)

    def __call__(self, pixels: Floats) -> Any:
        return self._run(self._weights(), pixels)

    def likely(self, pixels: Floats) -> Any:
        """The probabilities themselves."""
        return self._run_likely(self._weights(), pixels)

    def _weights(self) -> list[list[Any]]:
        return [[variable.value for variable in group] for group in self._groups]

    def _likely(self, weights: Any, pixels: Any) -> Any:
        logits, _ = self._network.model.stateless_call(*weights, pixels, training=False)
        return self._network.head.probabilities(logits)

    def _decided(self, weights: Any, pixels: Any) -> tuple[Any, ...]:
        return self._decide(self._likely(weights, pixels))
