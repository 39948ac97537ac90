"""A step that was not sound leaves no trace.

Where loss or gradient is not finite, a step changes no weight that is trained. But the means and variances that batch
normalisation predicts with have seen its values, and would be no numbers ever after: the training would go on well, and
end with a network that predicts nonsense.
"""

from math import isfinite
from typing import Any

import numpy.typing as npt

from core.training.network import Network
from core.training.patches import Batch
from core.training.step import Step

KEEP_EVERY = 50
"""Steps after which the means and variances are looked at anew: what is gone back to is no older."""


class Sound:
    """A step's `run`, after which what is not trained is as it was before wherever the step was not sound."""

    def __init__(self, step: Step, *networks: Network) -> None:
        self._step = step
        self._variables = [v for network in networks for v in network.model.non_trainable_variables]
        self._kept, self._age = self._values(), 0

    def __call__(self, batch: Batch, learning_rate: float, follow: float) -> float:
        loss = self._step(batch, learning_rate, follow)
        if not isfinite(loss):
            for variable, value in zip(self._variables, self._kept, strict=True):
                variable.assign(value)
            return loss
        self._age += 1
        if self._age >= KEEP_EVERY:
            self._kept, self._age = self._values(), 0
        return loss

    def _values(self) -> list[npt.NDArray[Any]]:
        from keras import ops

        return [ops.convert_to_numpy(variable) for variable in self._variables]


def sound(step: Step, *networks: Network) -> Step:
    """The same step for these networks, without a trace of those that were not sound."""
    return Step(Sound(step, *networks), step.optimizer)
