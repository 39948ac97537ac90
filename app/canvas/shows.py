"""What of a prediction is shown: its classes, how sure it is, or where it differs from something else."""

from typing import Literal

import numpy as np

from app.canvas.planes import ArrayPlane, Values
from app.canvas.viewport import Indices
from core.classes import UNLABELED
from core.masks.marks import all_bits
from core.masks.predicted import least_confidence

Show = Literal["classes", "confidence", "entropy", "labels", "run"]
"""Its classes; how sure they are, or how doubtful; where they differ from the labels, or from what another run says."""
DIFFERENCES: tuple[Show, ...] = ("labels", "run")
Side = Literal["all", "labels", "prediction"]
"""What one part of the screen shows: everything, or only one of the two that are compared."""

STOPS = ("#12294f", "#4a5570", "#837f78", "#bfae66", "#f7e45c")
"""From calm to worth a look. Lightness rises evenly, to eyes that lack a kind of cone as well."""


def stops(show: Show) -> tuple[str, ...]:
    """The colours from 0 to 100 %: what the model is not sure of is bright."""
    return STOPS[::-1] if show == "confidence" else STOPS


def ramp(show: Show) -> list[list[int]]:
    """Red, green and blue for each of the 256 values of a plane."""
    ends = np.array([[int(color[i : i + 2], 16) for i in (1, 3, 5)] for color in stops(show)])
    at, places = np.linspace(0, 255, len(STOPS)), np.arange(256)
    shades = np.stack([np.interp(places, at, ends[:, k]) for k in range(3)], axis=1)
    return [[round(part) for part in shade] for shade in shades.tolist()]


class Prediction:
    """A class map, with the confidence in it and the entropy where those are known."""

    def __init__(self, class_map: Values, sure: Values | None = None, entropy: Values | None = None) -> None:
        """sure, entropy: 0 to 255."""
        self.sure = sure
        self._classes = ArrayPlane(class_map)
        self._planes = {
            name: ArrayPlane(values)
            for name, values in (("confidence", sure), ("entropy", entropy))
            if values is not None
        }

    def plane(self, show: Show) -> ArrayPlane | None:
        """What is shown in shades; None where that is not known, or where classes are shown."""
        return self._planes.get(show)

    def sample(self, rows: Indices, columns: Indices, zoom: float, show: Show, threshold: float) -> Values:
        """The predicted classes, UNLABELED where what `show` is about lies below `threshold`, 0 to 1.

        That is the confidence, also where classes and differences are shown, or the entropy.
        """
        found = self._classes.sample(rows, columns, zoom)
        about = show if show == "entropy" else "confidence"
        plane, least = self._planes.get(about), least_confidence(threshold)
        if plane is not None and least > 0:
            found |= all_bits(plane.sample(rows, columns, zoom) < least)  # all bits set: UNLABELED
        elif plane is None and show == about:
            found[...] = UNLABELED
        return found

    def differs(self, found: Values, rows: Indices, columns: Indices, zoom: float) -> Values:
        """What another prediction found, UNLABELED where this one says the same or nothing."""
        return differing(found, self._classes.sample(rows, columns, zoom))


def differing(found: Values, other: Values) -> Values:
    """(h, w) classes `found`, UNLABELED where `other` says the same or nothing."""
    return found | all_bits((found == other) | (other == UNLABELED))
