"""Where a training stands: its share done, its learning rate, its curves."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import cos, isfinite, pi
from time import perf_counter

import numpy as np

from core.errors import TrainingError
from core.records import Checkpoint
from core.training.messages import Report, StepsDone
from core.training.settings import TrainingSettings

REPORT_S = 0.5
WARM_UP = 0.04
"""Share of the training in which the learning rate rises."""
UNSOUND_STEPS = 20
"""Steps in a row without a finite loss after which training is given up."""
TOLD = ("seconds", "step", "loss", "learning_rate")
"""The curves that grow with every report."""
RATE = 3e-3
FEW_LABELS_RATE = 1e-3
"""Highest learning rates. Where little is labelled, a network that has learned elsewhere forgets less of that so…"""
FEW_LABELS_S, FEW_LABELS_STEPS = 120.0, 1800
"""…and in a longer training than this the rate is lower in proportion, or it learns the few strokes by heart."""
LEAST_RATE = 1e-4


def choose_rate(settings: TrainingSettings, *, few_labels: bool) -> float:
    """The highest learning rate; `few_labels` where a network that has learned before gets little to learn from."""
    if not few_labels:
        return RATE
    share = FEW_LABELS_STEPS / settings.max_steps if settings.max_steps else FEW_LABELS_S / settings.budget_s
    return max(LEAST_RATE, FEW_LABELS_RATE * min(1.0, share))


@dataclass(slots=True)
class Progress:
    """Where the training under way stands."""

    settings: TrainingSettings
    step: int = 0
    seconds: float = 0.0
    unsound: int = 0
    losses: list[float] = field(default_factory=list)
    """Since the last report."""
    curves: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in TOLD})
    """As TrainingRun describes them."""

    @property
    def done(self) -> float:
        """Share of the training that is over, 0 to 1: of its steps where their number is fixed, else of its time.

        By steps, a training does not depend on how fast the computer is, and can be repeated to the last digit.
        """
        if not self.settings.max_steps:
            return min(1.0, self.seconds / self.settings.budget_s)
        return 1.0 if self.seconds >= self.settings.budget_s else min(1.0, self.step / self.settings.max_steps)

    @property
    def learning_rate(self) -> float:
        """Up in a line, then down along a cosine to nothing.

        The same for a network that goes on from a trained one: half or a quarter of it learned less from new labels.
        """
        if self.done < WARM_UP:
            return self.settings.learning_rate * max(0.05, self.done / WARM_UP)
        return self.settings.learning_rate * (1 + cos(pi * (self.done - WARM_UP) / (1 - WARM_UP))) / 2

    @property
    def follow(self) -> float:
        """How far the averaged weights go towards the newest: the average spans the last tenth of all steps so far."""
        return max(0.01, 1 / (1 + self.step / 10))

    def go_on_from(self, checkpoint: Checkpoint) -> None:
        self.step, self.seconds = checkpoint.step, checkpoint.seconds
        self.curves |= {name: list(values) for name, values in checkpoint.curves.items()}

    @contextmanager
    def clock(self) -> Iterator[None]:
        """What is done inside counts as training time."""
        begun = perf_counter()
        yield
        self.seconds += perf_counter() - begun

    def count(self, loss: float) -> None:
        """One more step; TrainingError where the loss has long been no number."""
        self.unsound = 0 if isfinite(loss) else self.unsound + 1
        if self.unsound >= UNSOUND_STEPS:
            raise TrainingError("Training went astray: the loss is no longer a number. Train again with another seed.")
        if isfinite(loss):
            self.losses.append(loss)
        self.step += 1

    def tell(self, report: Callable[[Report], None]) -> None:
        """Add to the curves and report, twice a second."""
        times = self.curves["seconds"]
        if not self.losses or (times and self.seconds - times[-1] < REPORT_S):
            return
        loss = float(np.mean(self.losses))
        for name, value in zip(TOLD, (self.seconds, self.step, loss, self.learning_rate), strict=True):
            self.curves[name].append(round(value, 6))
        self.losses.clear()
        left = (1 - self.done) * self.seconds / max(self.done, 1e-6)
        report(StepsDone(self.step, self.seconds, left, loss, self.learning_rate))

    def add_measured(self, figures: Mapping[str, float]) -> None:
        """Add "miou" and "iou/<class name>" to the curves; where other classes are measured now, those begin anew."""
        now = {f"measured_{name}": value for name, value in ({"seconds": self.seconds} | dict(figures)).items()}
        before = {name for name in self.curves if name.startswith("measured_")}
        for name in before if before != set(now) else ():
            del self.curves[name]
        for name, value in now.items():
            self.curves.setdefault(name, []).append(round(value, 6))

    def end_measured(self, figures: Mapping[str, float]) -> None:
        """Let the curves of what is measured end here, at these figures; they stay as they are where one is missing."""
        now = {f"measured_{name}": value for name, value in ({"seconds": self.seconds} | dict(figures)).items()}
        drawn = [name for name in self.curves if name.startswith("measured_")]
        if not drawn or any(name not in now for name in drawn):
            return
        again = self.curves["measured_seconds"][-1] == round(self.seconds, 6)
        for name in drawn:
            self.curves[name][-1 if again else len(self.curves[name]) :] = [round(now[name], 6)]


class Marks:
    """Shares of the training that are passed once each."""

    def __init__(self, marks: Sequence[float], done: float = 0.0) -> None:
        """`done`: what is over already."""
        self._left = sorted(mark for mark in marks if mark > done)

    def passed(self, done: float) -> bool:
        """Whether a mark was passed since the last time, and the training is not over."""
        before = len(self._left)
        self._left = [mark for mark in self._left if mark > done]
        return len(self._left) < before and done < 1
