"""Which of the weights on the way were best, and when there is no use in going on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from core.training.measuring import Glance
from core.training.metrics import Confusion

Arrays = list[npt.NDArray[Any]]

MARGIN = 0.01
"""So much better than at the end must the mIoU on the way have been…"""
ERRORS = 2.0
"""…and by so many of its standard errors: of strokes, few pixels are held out, and their figures jump."""
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
    weights: Arrays = field(default_factory=list)
    seconds: float = 0.0
    """Of training time when these weights were reached."""
    _mious: list[float] = field(default_factory=list)
    _losses: list[float] = field(default_factory=list)
    """Mean loss before each glance, since the one before."""
    _heard: list[float] = field(default_factory=list)

    def hear(self, loss: float) -> None:
        """The loss of one step."""
        self._heard.append(loss)

    def offer(self, glance: Glance, weights: Arrays, seconds: float) -> None:
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
        gain, error = gain_and_error(self.glance, last)
        return gain > max(MARGIN, ERRORS * error)

    @property
    def settled(self) -> bool:
        """Whether neither mIoU nor loss has moved for long."""
        if len(self._mious) <= PATIENCE:
            return False
        risen = max(self._mious[-PATIENCE:]) > max(self._mious[:-PATIENCE]) + RISE
        before, now = self._losses[-PATIENCE - 1], min(self._losses[-PATIENCE:])
        return not risen and now > before * (1 - FLAT)

    def to_state(self) -> dict[str, Arrays]:
        """What a checkpoint keeps of it: nothing before the first offer."""
        if self.glance is None:
            return {}
        figures = (self.seconds, self._mious, self._losses, self._heard)
        parts = np.stack([confusion.matrix for confusion in self.glance.parts])  # (parts, classes, classes)
        return {"best": list(self.weights), "figures": [parts, *(np.array(values, np.float64) for values in figures)]}

    @classmethod
    def from_state(cls, state: Mapping[str, Sequence[npt.NDArray[Any]]]) -> "Best":
        """What to_state() gave; as nothing seen yet where a checkpoint of an earlier version has none of it."""
        if not {"best", "figures"} <= state.keys():
            return cls()
        parts, seconds, *histories = state["figures"]
        glance = Glance(tuple(Confusion(matrix) for matrix in parts))
        return cls(glance, list(state["best"]), float(seconds), *(values.tolist() for values in histories))


def gain_and_error(better: Glance, than: Glance) -> tuple[float, float]:
    """By how much the mIoU differs on the regions that both looked at, and the standard error of that.

    The error is the jackknife's, with each region left out in turn (Efron and Stein, "The Jackknife Estimate of
    Variance", 1981); 0 for a single region, of which it cannot be told.
    """
    count = min(len(better.parts), len(than.parts))
    ours, theirs = (np.stack([part.matrix for part in glance.parts[:count]]) for glance in (better, than))
    gain = _gain(ours.sum(0), theirs.sum(0))
    if count < 2:
        return gain, 0.0
    without = np.array(
        [_gain(ours.sum(0) - our, theirs.sum(0) - their) for our, their in zip(ours, theirs, strict=True)]
    )
    return gain, float(np.sqrt((count - 1) * np.nanvar(without)))


def _gain(ours: npt.NDArray[np.int64], theirs: npt.NDArray[np.int64]) -> float:
    return Confusion(ours).miou - Confusion(theirs).miou
