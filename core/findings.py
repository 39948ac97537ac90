"""What is found when a network is measured on labels: plain values that training, evaluation and the window share."""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from core.masks.rect import Rect
from core.masks.tiles import Array

ErrorKind = tuple[int, int]
"""The class that is labelled and the one that is predicted."""


@dataclass(frozen=True, slots=True)
class Bin:
    """The pixels whose winning class had a probability within one of several equal ranges."""

    pixels: int
    confidence: float
    """Mean probability of the winning class."""
    correct: float
    """Share of them that are right: the same as the confidence, if the head knows what it knows."""


@dataclass(frozen=True, slots=True)
class Cut:
    """Labels and prediction around a place, small enough to keep."""

    rect: Rect
    """What it shows of the image."""
    size: tuple[int, int]
    """Height and width of both maps: those of `rect`, or less where that is large."""
    labels: bytes = field(repr=False)
    predicted: bytes = field(repr=False)

    @classmethod
    def of(cls, rect: Rect, labels: Array, predicted: Array) -> "Cut":
        """labels, predicted: (h, w) class ids of equal size."""
        height, width = labels.shape
        return cls(rect, (height, width), zlib.compress(labels.tobytes(), 1), zlib.compress(predicted.tobytes(), 1))

    def maps(self) -> tuple[Array, Array]:
        """Labels and prediction, (h, w) class ids."""
        labels, predicted = (
            np.frombuffer(zlib.decompress(packed), np.uint8).reshape(self.size)
            for packed in (self.labels, self.predicted)
        )
        return labels, predicted


@dataclass(frozen=True, slots=True)
class Place:
    """Connected pixels with one label that are predicted as another class."""

    image_id: int
    rect: Rect
    """The smallest that holds all of it."""
    pixels: int
    confidence: float
    """Mean probability of the class that is predicted, 0 to 1."""
    cut: Cut | None = None

    @property
    def weight(self) -> float:
        """The worst are large, and predicted with confidence."""
        return self.pixels * self.confidence


Places = Mapping[ErrorKind, tuple[Place, ...]]


@dataclass(frozen=True, slots=True, eq=False)
class ImageFigures:
    """What was counted on one image."""

    confusion: npt.NDArray[np.int64]
    """(classes, classes) labelled, predicted."""
    levels: npt.NDArray[np.int64]
    """(2, 256) pixels by confidence in steps of 1/255: all of them, and the right ones."""
    boundary: npt.NDArray[np.int64]
    """(classes, 4) as core.evaluation.boundary counts."""
    places: Places
    """Worst first."""
