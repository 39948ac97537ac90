"""The head lab: every head trained from the same start on the same patches, and what each is worth.

The budget is for each training: so many seconds for each head and seed. Choosing the learning rates costs as much again
as one seed: four rates for each head, a quarter of the budget each, all on the training images. How many steps a budget
is worth is found out once, and then all heads take the same number, so that the same seed means the same patches.
Guessing at unlabelled pixels is left out: what a head is sure of would choose what it learns from. So is fitting the
last layer before the first step, which suits softmax best.
"""

from collections.abc import Callable
from dataclasses import replace
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np

from core.errors import TrainingError
from core.labels import LabelSnapshot
from core.training.dataset import Pictures, make_dataset, read_labels
from core.training.fit import Between, train
from core.training.head_figures import HeadMeasure, HeadResult, Tally
from core.training.heads import HEADS, Head
from core.training.measuring import Measuring
from core.training.messages import (
    Alive,
    HeadProgress,
    HeadsCompared,
    Notice,
    Report,
    StepsDone,
    TrainedModel,
    TrainingEnded,
)
from core.training.settings import TrainingSettings

if TYPE_CHECKING:
    from core.training.network import Network

RATES = (1e-3, 3e-3, 1e-2, 3e-2)
"""Learning rates that every head is tried with."""
PACE_STEPS = 12
"""Steps after which it is known how long one takes."""
MEASURED_PIXELS = 2**24
"""Pixels that are measured on after each training, a few seconds on a CPU."""
LATE = 3.0
"""A training that takes this many times its budget ends with the steps it has: the machine got busy."""


class _StoppedError(Exception):
    """Somebody asked for the end."""


class _PacedError(Exception):
    """Enough steps were taken to know how long one takes."""


def compare_heads(
    snapshot: LabelSnapshot,
    settings: TrainingSettings,
    seeds: int,
    *,
    report: Callable[[Report], None] = lambda _: None,
    stop: Callable[[], bool] = lambda: False,
    between: Between = lambda _: None,
) -> HeadsCompared:
    """Train all heads and measure them on validation images, or on held-out pixels where there are none.

    Args:
        settings: for every training; budget_s is for each, and head, seed and learning rate are the lab's to choose.
        seeds: trainings of each head, with seeds from 0.
        report: told how far it is: HeadProgress.
        stop: asked before every step; True ends it with the heads that are through.

    Raises:
        TrainingError: there is not enough to learn from, or it was stopped before the first head was through.
    """
    begun = perf_counter()
    lab = _Lab(
        snapshot, replace(settings, guesses=False, head_start=False), seeds, report=report, stop=stop, between=between
    )
    stopped = False
    try:
        lab.find_pace()
        lab.choose_rates()
        lab.train_all()
    except _StoppedError:
        stopped = True
    if not lab.through:
        raise TrainingError("The comparison was stopped before a head was through, so there is nothing to show.")
    return HeadsCompared(
        heads=lab.through,
        measured_on=lab.measured_on,
        rates_chosen_on=lab.rates_chosen_on,
        classes=len(snapshot.classes),
        seeds=seeds,
        budget_s=settings.budget_s,
        seconds=round(perf_counter() - begun, 1),
        stopped=stopped,
    )


class _Lab:
    def __init__(
        self,
        snapshot: LabelSnapshot,
        settings: TrainingSettings,
        seeds: int,
        *,
        report: Callable[[Report], None],
        stop: Callable[[], bool],
        between: Between,
    ) -> None:
        dataset = make_dataset(snapshot)
        self._snapshot, self._settings, self._seeds = snapshot, settings, seeds
        self._report, self._stop, self._between = report, stop, between
        self._measuring = Measuring(dataset, Pictures(), seed=0)
        self._classes = len(snapshot.classes)
        self._results: dict[str, HeadResult] = {}
        self._step_s = 0.0
        self._times: list[float] = []
        """When each step of the first training ended."""
        self._remaining = _Remaining(settings.budget_s * len(HEADS) * (seeds + 1), len(HEADS) * (len(RATES) + seeds))
        self._doing = "Finding out how long a step takes"
        self.measured_on, self.rates_chosen_on = dataset.measured_on, ""

    @property
    def through(self) -> tuple[HeadResult, ...]:
        """The heads with at least one measured training."""
        return tuple(result for result in self._results.values() if result.measures)

    def find_pace(self) -> None:
        """Begin a training and leave it as soon as it shows how long a step takes. Most of it is the same for all."""
        self._tell()
        try:
            train(self._snapshot, self._settings, stop=self._stop, between=self._clock_step)
        except _PacedError:
            pass
        except TrainingError:
            self._end_if_stopped()
            raise
        self._end_if_stopped()
        self._step_s = float(np.median(np.diff(self._times))) if len(self._times) > 1 else self._settings.budget_s

    def _clock_step(self, averaged: "Network") -> None:
        self._between(averaged)
        self._times.append(perf_counter())
        if len(self._times) == PACE_STEPS:
            raise _PacedError

    def choose_rates(self) -> None:
        """Try every head with every rate, measured on held-out pixels of the training images only."""
        training = replace(self._snapshot, images=tuple(i for i in self._snapshot.images if i.split == "train"))
        part_s = self._settings.budget_s / len(RATES)
        for head in HEADS.values():
            tried: dict[float, float] = {}
            for rate in RATES:
                self._doing = f"{head.title}: learning rate {len(tried) + 1} of {len(RATES)}"
                short = replace(self._settings, budget_s=part_s, head=head.name, seed=0, learning_rate=rate)
                ended = self._train(training, short)
                tried[rate] = float(ended.metrics["miou"] or 0.0)
                self.rates_chosen_on = str(ended.metrics["measured_on"])
            best = max(tried, key=tried.__getitem__)
            self._results[head.name] = HeadResult(head.name, head.title, best, tuple(tried.items()))

    def train_all(self) -> None:
        """Seed by seed, so that whoever stops early still has heads with the same seeds."""
        for seed in range(self._seeds):
            for head in HEADS.values():
                measure = self._train_and_measure(head, seed)
                result = self._results[head.name]
                self._results[head.name] = replace(result, measures=(*result.measures, measure))
                self._tell()

    def _train_and_measure(self, head: Head, seed: int) -> HeadMeasure:
        from core.training.network import network_from

        self._doing = f"{head.title}: training {seed + 1} of {self._seeds}"
        rate = self._results[head.name].learning_rate
        ended = self._train(self._snapshot, replace(self._settings, head=head.name, seed=seed, learning_rate=rate))
        network = network_from(TrainedModel(0, ended.settings, ended.classes, ended.weights))
        return self._measure(network).measure(seed, int(ended.metrics["steps"]), ended.seconds)

    def _train(self, snapshot: LabelSnapshot, settings: TrainingSettings) -> TrainingEnded:
        """One training, of as many steps as its budget is worth; _StoppedError if it did not come to its end."""
        self._end_if_stopped()
        self._tell()
        steps = max(1, round(settings.budget_s / self._step_s))
        # Building the network takes part of the first step, and counts for no head's steps.
        paced = replace(settings, max_steps=steps, budget_s=settings.budget_s * LATE + 60)
        try:
            ended = train(snapshot, paced, report=self._relay, stop=self._stop, between=self._between)
        except TrainingError:
            self._end_if_stopped()
            raise
        if ended.stopped:
            raise _StoppedError
        self._remaining.count(settings.budget_s)
        return ended

    def _measure(self, network: "Network") -> Tally:
        from core.prediction.inference import probabilities

        tally = Tally(self._classes)
        for cells, rect, picture in self._measuring.regions(MEASURED_PIXELS):
            self._end_if_stopped()
            for tile, likely in probabilities(network, picture, region=rect):
                tally.add(read_labels(cells, tile.inner), likely)
            self._report(Alive())
        return tally

    def _end_if_stopped(self) -> None:
        if self._stop():
            raise _StoppedError

    def _relay(self, report: Report) -> None:
        if isinstance(report, StepsDone):
            self._tell(report.step * self._step_s)
        elif isinstance(report, Alive | Notice):
            self._report(report)

    def _tell(self, running_s: float = 0.0) -> None:
        done, left_s = self._remaining.after(running_s)
        self._report(HeadProgress(self._doing, done, left_s, self.through))


class _Remaining:
    """How far it is: the budgets of all trainings, and what building and measuring took on top so far."""

    def __init__(self, planned_s: float, trainings: int) -> None:
        self._planned_s, self._trainings = planned_s, trainings
        self._begun = perf_counter()
        self._done_s, self._done = 0.0, 0

    def count(self, budget_s: float) -> None:
        self._done_s, self._done = self._done_s + budget_s, self._done + 1

    def after(self, running_s: float) -> tuple[float, float]:
        """Share done, and seconds left, so many seconds into the training under way."""
        done_s, took_s = self._done_s + running_s, perf_counter() - self._begun
        on_top_s = max(0.0, took_s - done_s) / max(1, self._done)
        left_s = max(0.0, self._planned_s - done_s) + on_top_s * (self._trainings - self._done)
        return took_s / max(1e-6, took_s + left_s), left_s
