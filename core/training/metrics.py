"""Figures from one confusion matrix over all labelled pixels."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from core.classes import UNLABELED, LabelClass
from core.masks.tiles import Array


@dataclass(slots=True)
class Confusion:
    """matrix[truth, predicted] counts pixels."""

    matrix: npt.NDArray[np.int64]

    @classmethod
    def empty(cls, classes: int) -> "Confusion":
        return cls(np.zeros((classes, classes), np.int64))

    def add(self, truth: Array, predicted: Array) -> None:
        """Count two class maps of equal shape; pixels whose truth is unlabelled are left out."""
        n = len(self.matrix)
        known = truth != UNLABELED
        pairs = truth[known].astype(np.intp) * n + predicted[known]
        self.matrix += np.bincount(pairs, minlength=n * n).reshape(n, n)

    @property
    def pixels(self) -> int:
        return int(self.matrix.sum())

    @property
    def accuracy(self) -> float:
        """Share of pixels that are right; NaN without any."""
        return float(np.trace(self.matrix) / self.pixels) if self.pixels else float("nan")

    @property
    def iou(self) -> npt.NDArray[np.float64]:
        """Intersection over union of each class; NaN where it is neither in the truth nor predicted."""
        return self._hits_among(self.matrix.sum(0) + self.matrix.sum(1) - np.diag(self.matrix))

    @property
    def precision(self) -> npt.NDArray[np.float64]:
        """Share of what is predicted as each class that is right; NaN where it is never predicted."""
        return self._hits_among(self.matrix.sum(0))

    @property
    def recall(self) -> npt.NDArray[np.float64]:
        """Share of each class that is found; NaN where it is not in the truth."""
        return self._hits_among(self.matrix.sum(1))

    def _hits_among(self, total: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        hits = np.diag(self.matrix).astype(np.float64)
        share: npt.NDArray[np.float64] = np.divide(hits, total, out=np.full(len(hits), np.nan), where=total > 0)
        return share

    @property
    def miou(self) -> float:
        """Mean IoU of the classes that occur; NaN without any."""
        iou = self.iou
        return float(np.nanmean(iou)) if not np.isnan(iou).all() else float("nan")

    def to_mapping(self, classes: Sequence[LabelClass]) -> dict[str, Any]:
        """miou, accuracy and iou by class name, ready for JSON: what is undefined is None."""
        return {
            "pixels": self.pixels,
            "miou": _or_none(self.miou),
            "accuracy": _or_none(self.accuracy),
            "iou": {c.name: _or_none(float(v)) for c, v in zip(classes, self.iou, strict=True)},
        }


def _or_none(value: float) -> float | None:
    return None if np.isnan(value) else round(value, 6)
