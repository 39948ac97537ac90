"""What a head's probabilities are worth, measured on labelled pixels. Importing this brings in no Keras.

Calibration: Guo, Pleiss, Sun and Weinberger, "On Calibration of Modern Neural Networks", 2017.
"""

from dataclasses import dataclass
from math import nan
from statistics import fmean, stdev
from typing import Any

import numpy as np
import numpy.typing as npt

from core.classes import UNLABELED
from core.findings import Bin
from core.masks.tiles import Array
from core.training.metrics import Confusion

BINS = 10
FIGURES = ("miou", "pixel_accuracy", "binary_accuracy", "calibration_error")


@dataclass(frozen=True, slots=True)
class HeadMeasure:
    """One trained network on the pixels kept aside."""

    seed: int
    steps: int
    seconds: float
    miou: float
    pixel_accuracy: float
    """Share of pixels whose winning class is right."""
    binary_accuracy: float
    """Share of right yes-or-no answers, one for each class of each pixel, where above 0.5 is yes."""
    calibration_error: float
    """Expected calibration error: how far confidence is from the share that is right, mean over pixels."""
    sums: tuple[float, float, float]
    """Least, mean and greatest sum of a pixel's probabilities."""
    bins: tuple[Bin, ...]


@dataclass(frozen=True, slots=True)
class Figure:
    mean: float
    spread: float
    """Standard deviation over seeds; NaN with one seed."""

    def ties_with(self, other: "Figure") -> bool:
        """Whether the difference is within the spread over seeds, the larger of both; with one seed nobody knows."""
        return abs(self.mean - other.mean) <= max(self.spread, other.spread)


@dataclass(frozen=True, slots=True)
class HeadResult:
    """A head over all seeds that were trained."""

    name: str
    title: str
    learning_rate: float
    rates: tuple[tuple[float, float], ...]
    """What was tried: learning rate, and mean IoU of a short training with it."""
    measures: tuple[HeadMeasure, ...] = ()

    def figure(self, name: str) -> Figure:
        """One of FIGURES over the seeds."""
        values = [float(getattr(measure, name)) for measure in self.measures]
        return Figure(fmean(values), stdev(values) if len(values) > 1 else nan)

    @property
    def sums(self) -> tuple[float, float, float]:
        """Least, mean and greatest sum of a pixel's probabilities, over all seeds."""
        least, mean, greatest = zip(*(measure.sums for measure in self.measures), strict=True)
        return min(least), fmean(mean), max(greatest)

    @property
    def bins(self) -> tuple[Bin, ...]:
        """The reliability of all seeds together."""
        return tuple(_merged(bins) for bins in zip(*(measure.bins for measure in self.measures), strict=True))

    def to_mapping(self) -> dict[str, Any]:
        """Ready for JSON: the mean of each figure, its spread as FIGURE_spread, and every seed's own."""
        values: dict[str, Any] = {"name": self.name, "title": self.title, "learning_rate": self.learning_rate}
        for name in FIGURES:
            figure = self.figure(name)
            values |= {name: round(figure.mean, 6), f"{name}_spread": round(figure.spread, 6)}
        values["probability_sum"] = _named(self.sums)
        values["reliability"] = [_bin_values(place, one) for place, one in enumerate(self.bins)]
        values["rates_tried"] = [{"learning_rate": rate, "miou": round(miou, 6)} for rate, miou in self.rates]
        values["seeds"] = [_measure_values(measure) for measure in self.measures]
        return values


class Tally:
    """Counts labelled pixels and what was said of them, picture by picture."""

    def __init__(self, classes: int) -> None:
        self._confusion = Confusion.empty(classes)
        self._right_answers = 0
        self._sums = [np.inf, 0.0, -np.inf]  # least, total, greatest
        self._bins = np.zeros((3, BINS))  # pixels, sum of confidence, right ones

    def add(self, truth: Array, likely: npt.NDArray[np.float32]) -> None:
        """Labels (h, w) and probabilities (h, w, classes); unlabelled pixels are left out."""
        known = truth != UNLABELED
        if not known.any():
            return
        truth, likely = truth[known], likely[known].astype(np.float64)  # (n,), (n, classes)
        winner, confidence = likely.argmax(1).astype(np.uint8), likely.max(1)
        self._confusion.add(truth, winner)
        self._right_answers += int(((likely > 0.5) == (truth[:, None] == np.arange(likely.shape[1]))).sum())
        sums = likely.sum(1)
        self._sums = [min(self._sums[0], sums.min()), self._sums[1] + sums.sum(), max(self._sums[2], sums.max())]
        place = np.minimum((confidence * BINS).astype(int), BINS - 1)
        self._bins += [np.bincount(place, values, BINS) for values in (None, confidence, winner == truth)]

    def measure(self, seed: int, steps: int, seconds: float) -> HeadMeasure:
        pixels = max(1, self._confusion.pixels)
        count, confidence, right = self._bins
        return HeadMeasure(
            seed=seed,
            steps=steps,
            seconds=seconds,
            miou=self._confusion.miou,
            pixel_accuracy=self._confusion.accuracy,
            binary_accuracy=self._right_answers / (pixels * len(self._confusion.matrix)),
            calibration_error=float(np.abs(confidence - right).sum() / pixels),
            sums=(float(self._sums[0]), float(self._sums[1] / pixels), float(self._sums[2])),
            bins=tuple(
                Bin(int(n), float(c / n) if n else nan, float(r / n) if n else nan)
                for n, c, r in zip(count, confidence, right, strict=True)
            ),
        )


def _merged(bins: tuple[Bin, ...]) -> Bin:
    filled = [one for one in bins if one.pixels]
    pixels = sum(one.pixels for one in filled)
    if not pixels:
        return Bin(0, nan, nan)
    confidence = sum(one.pixels * one.confidence for one in filled) / pixels
    return Bin(pixels, confidence, sum(one.pixels * one.correct for one in filled) / pixels)


def _named(sums: tuple[float, float, float]) -> dict[str, float]:
    return {name: round(value, 6) for name, value in zip(("min", "mean", "max"), sums, strict=True)}


def _bin_values(place: int, one: Bin) -> dict[str, float]:
    edges = {"from": place / BINS, "to": (place + 1) / BINS}
    return {**edges, "pixels": one.pixels, "confidence": round(one.confidence, 6), "correct": round(one.correct, 6)}


def _measure_values(measure: HeadMeasure) -> dict[str, Any]:
    values: dict[str, Any] = {"seed": measure.seed, "steps": measure.steps, "seconds": round(measure.seconds, 1)}
    values |= {name: round(float(getattr(measure, name)), 6) for name in FIGURES}
    return {**values, "probability_sum": _named(measure.sums)}
