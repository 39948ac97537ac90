"""Which of the weights on the way were best, and when there is no use in going on."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from core.training.measuring import Glance

MARGIN = 0.01
"""So much better than at the end must the mIoU on the way have been: the figures of few pixels jump by that much."""
RISE = 0.002
"""A smaller rise of the mIoU is none."""
PATIENCE = 8
"""Measures in a row without a rise after which a training may end early…"""
FLAT = 0.02
"""…if its loss did not fall by more than this share of itself either."""


@dataclass(slots=True)
class Best:
    """The best weights seen by glances at the same regions."""

    glance: Glance | None = None
    weights: list[npt.NDArray[Any]] = field(default_factory=list)
    seconds: float = 0.0
    """Of training time when these weights were reached."""
    _mious: list[float] = field(default_factory=list)
    _losses: list[float] = field(default_factory=list)
    """Mean loss before each glance, since the one before."""
    _heard: list[float] = field(default_factory=list)

    def hear(self, loss: float) -> None:
        """The loss of one step."""
        self._heard.append(loss)

    def offer(self, glance: Glance, weights: list[npt.NDArray[Any]], seconds: float) -> None:
        """Look at a complete glance at weights that were reached after `seconds`."""
        miou = glance.total().miou
        if self.glance is None or miou > self.glance.total().miou:
            self.glance, self.weights, self.seconds = glance, weights, seconds
        self._mious.append(miou)
        self._losses.append(float(np.nanmean(self._heard)) if self._heard else float("nan"))
        self._heard.clear()

    def beats(self, last: Glance) -> bool:
        """Whether the best on the way clearly did better than `last`, on the regions that both looked at."""
        if self.glance is None:
            return False
        count = min(len(last.parts), len(self.glance.parts))
        return bool(self.glance.total(count).miou > last.total(count).miou + MARGIN)

    @property
    def settled(self) -> bool:
        """Whether neither mIoU nor loss has moved for long."""
        if len(self._mious) <= PATIENCE:
            return False
        risen = max(self._mious[-PATIENCE:]) > max(self._mious[:-PATIENCE]) + RISE
        before, now = self._losses[-PATIENCE - 1], min(self._losses[-PATIENCE:])
        return not risen and now > before * (1 - FLAT)
