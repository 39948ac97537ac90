"""What an evaluation finds, image by image and in all. Importing this brings in no Keras.

Calibration: Guo, Pleiss, Sun and Weinberger, "On Calibration of Modern Neural Networks", 2017.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from heapq import nlargest
from math import nan
from typing import Any

import numpy as np
import numpy.typing as npt

from core.classes import LabelClass
from core.errors import TrainingError
from core.evaluation.boundary import boundary_scores
from core.findings import Bin, ErrorKind, ImageFigures, Place, Places
from core.records import Split
from core.training.metrics import Confusion

BINS = 15
MOST_PLACES = 50
"""Places that are kept of each kind of error."""
PICTURED = 3
"""Of these, so many with what a picture of them needs."""
LEVELS = 256
"""Confidence is counted in steps of 1/255, as predictions have it; bins of 1/15 hold seventeen of them."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Subject:
    """What an evaluation is of."""

    run_id: int
    split: Split
    measured_on: str
    """For a person: "validation images", "held-out pixels"…"""
    label_revision: int
    classes: tuple[LabelClass, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """How well a run does, and where it errs."""

    subject: Subject
    images: int
    confusion: Confusion
    boundary_f: Floats
    """(classes,) mean over the images on which a class has a boundary that can be judged; NaN without any."""
    bins: tuple[Bin, ...]
    """BINS of them, by confidence."""
    places: Places
    """Worst first, at most MOST_PLACES of each kind."""
    notes: tuple[str, ...] = ()
    """What a reader of the figures should know, a sentence each."""
    stopped: bool = False
    """Whether somebody ended it before it had seen all images."""

    @property
    def calibration_error(self) -> float:
        """Expected calibration error: how far confidence is from the share that is right, mean over pixels."""
        pixels = max(1, sum(one.pixels for one in self.bins))
        return sum(one.pixels * abs(one.confidence - one.correct) for one in self.bins if one.pixels) / pixels

    @property
    def shares(self) -> Floats:
        """(classes, classes) of the pixels with each label, the share that is predicted as each class; NaN of none."""
        total = self.confusion.matrix.sum(1, keepdims=True)
        shares: Floats = np.divide(
            self.confusion.matrix, total, out=np.full(self.confusion.matrix.shape, np.nan), where=total > 0
        )
        return shares

    def to_mapping(self) -> dict[str, Any]:
        """Ready for JSON: figures by class name, what is undefined is None; the confusion matrix as rows of pixels."""
        subject = self.subject
        more = {"precision": self.confusion.precision, "recall": self.confusion.recall, "boundary_f": self.boundary_f}
        return {
            "run": subject.run_id,
            "split": subject.split,
            "measured_on": subject.measured_on,
            "images": self.images,
            **self.confusion.to_mapping(subject.classes),
            **{name: self._by_class(values) for name, values in more.items()},
            "ece": round(self.calibration_error, 6),
            "confusion": self.confusion.matrix.tolist(),
            "notes": list(self.notes),
            "stopped": self.stopped,
        }

    def _by_class(self, values: Floats) -> dict[str, float | None]:
        named = zip(self.subject.classes, values.tolist(), strict=True)
        return {label.name: None if np.isnan(value) else round(value, 6) for label, value in named}


class Gathering:
    """Adds up images one by one; its memory does not grow with them."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        count = len(subject.classes)
        self._confusion = Confusion.empty(count)
        self._levels = np.zeros((2, LEVELS), np.int64)
        self._boundary = np.zeros((2, count))  # sum of the scores, and images that have one
        self._places: dict[ErrorKind, tuple[Place, ...]] = {}
        self._notes: list[str] = []
        self._images = 0

    @property
    def pixels(self) -> int:
        """Labelled pixels so far."""
        return self._confusion.pixels

    def add(self, figures: ImageFigures) -> None:
        self._confusion.matrix += figures.confusion
        self._levels += figures.levels
        scores = boundary_scores(figures.boundary)
        self._boundary += np.nan_to_num(scores), ~np.isnan(scores)
        for kind, places in figures.places.items():
            self._places[kind] = worst([*self._places.get(kind, ()), *places])
        self._images += 1

    def note(self, sentence: str) -> None:
        """Keep what a reader should know; the same sentence counts once."""
        if sentence not in self._notes:
            self._notes.append(sentence)

    def total(self, *, stopped: bool = False) -> Evaluation:
        """All that was added.

        Raises:
            TrainingError: that is nothing.
        """
        if not self.pixels:
            raise TrainingError(" ".join(["No labelled pixel was measured on.", *self._notes[:3]]))
        scores, images = self._boundary
        return Evaluation(
            self.subject,
            self._images,
            Confusion(self._confusion.matrix.copy()),
            np.divide(scores, images, out=np.full(len(scores), np.nan), where=images > 0),
            reliability(self._levels),
            dict(self._places),
            tuple(self._notes),
            stopped,
        )


def worst(places: Sequence[Place]) -> tuple[Place, ...]:
    """Those that are kept, worst first, and only the first few with pictures."""
    kept = nlargest(MOST_PLACES, places, key=_weight)
    return tuple(place if rank < PICTURED else replace(place, cut=None) for rank, place in enumerate(kept))


def _weight(place: Place) -> float:
    return place.weight


def reliability(levels: npt.NDArray[np.int64]) -> tuple[Bin, ...]:
    """Bins of equal width from (2, LEVELS) pixels and right pixels; full confidence belongs to the last."""
    place = np.minimum(np.arange(LEVELS) * BINS // (LEVELS - 1), BINS - 1)
    sure = np.arange(LEVELS) / (LEVELS - 1)
    pixels, right, confidence = (
        np.bincount(place, weights, BINS) for weights in (levels[0], levels[1], levels[0] * sure)
    )
    return tuple(
        Bin(int(n), float(c / n) if n else nan, float(r / n) if n else nan)
        for n, c, r in zip(pixels, confidence, right, strict=True)
    )
