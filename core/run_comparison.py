"""Two runs side by side, and a run beside the classes of now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.classes import UNLABELED, LabelClass
from core.masks.tiles import Array
from core.records import TrainingRun

Pair = tuple[Any, Any]
"""What one run has, and the other."""
ROWS = 1024
"""Rows of two predictions that are compared at once."""


def different_settings(a: TrainingRun, b: TrainingRun) -> dict[str, Pair]:
    """Settings by name that are not the same."""
    pairs = {name: (a.settings.get(name), b.settings.get(name)) for name in sorted({*a.settings, *b.settings})}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def iou_pairs(a: TrainingRun, b: TrainingRun) -> dict[str, Pair]:
    """Intersection over union by class name, in the order of the classes; None where it is not known."""
    ours, theirs = iou_of(a), iou_of(b)
    return {name: (ours.get(name), theirs.get(name)) for name in dict.fromkeys((*ours, *theirs))}


def iou_of(run: TrainingRun) -> Mapping[str, float | None]:
    """Intersection over union by class name."""
    iou: Mapping[str, float | None] = run.metrics.get("iou", {})
    return iou


def difference(a: float | None, b: float | None) -> float | None:
    """How much more b is; None where either is not known."""
    return None if a is None or b is None else round(b - a, 6)


def measured_alike(a: TrainingRun, b: TrainingRun) -> bool:
    return bool(a.metrics.get("measured_on") == b.metrics.get("measured_on"))


def remarks(a: TrainingRun, b: TrainingRun) -> list[str]:
    """What a reader of both runs' figures should know, a sentence each."""
    imported = [f"Run {run.id} was made elsewhere: nothing is known of its training." for run in (a, b) if run.imported]
    if imported:
        return [*imported, "Evaluate both on the same pictures to tell which is better."]
    if not measured_alike(a, b):
        on = [str(run.metrics.get("measured_on", "nothing")) for run in (a, b)]
        return [f"Run {a.id} was measured on {on[0]}, run {b.id} on {on[1]}: the figures do not tell which is better."]
    return ["The labels changed between the two runs."] if a.label_revision != b.label_revision else []


def changed_classes(run: TrainingRun, classes: Sequence[LabelClass]) -> list[str]:
    """What a run knows of the classes of now, a sentence for each that it knows otherwise or not at all."""
    notes = renamed_classes(run, classes)
    later, gone = classes[len(run.classes) :], run.classes[len(classes) :]
    if later:
        notes.append(f"Run {run.id} does not know {_listed(later)}, which came later. Train again.")
    if gone:
        notes.append(f"Run {run.id} also learned {_listed(gone)}, which the project has no longer. It is left out.")
    return notes


def renamed_classes(run: TrainingRun, classes: Sequence[LabelClass]) -> list[str]:
    """A sentence for each class that has another name now."""
    return [
        f'Run {run.id} learned "{old.name}" where the project has "{new.name}" now. If that is more than another word, '
        "train again."
        for old, new in zip(run.classes, classes, strict=False)
        if old.name != new.name
    ]


def _listed(classes: Sequence[LabelClass]) -> str:
    return ", ".join(label.name for label in classes)


@dataclass(frozen=True, slots=True)
class ChangedPixels:
    """Where two predictions of one image differ."""

    compared: int
    """Pixels that both predict."""
    kinds: Mapping[tuple[int, int], int]
    """Pixels by the class of the first and that of the second, most first."""

    @property
    def pixels(self) -> int:
        return sum(self.kinds.values())

    def share(self, pixels: int) -> float:
        """Of all that were compared, 0 to 1."""
        return pixels / max(1, self.compared)


def changed_pixels(a: Array, b: Array) -> ChangedPixels:
    """Compare two class maps, (height, width) uint8 of equal shape; what either leaves UNLABELED is left out."""
    counts = np.zeros(256 * 256, np.int64)
    for top in range(0, len(a), ROWS):
        pairs = a[top : top + ROWS].astype(np.uint16) * 256 + b[top : top + ROWS]
        counts += np.bincount(pairs.ravel(), minlength=len(counts))
    table = counts.reshape(256, 256)
    table[UNLABELED], table[:, UNLABELED] = 0, 0
    compared = int(table.sum())
    np.fill_diagonal(table, 0)
    kinds = {(int(x), int(y)): int(table[x, y]) for x, y in np.argwhere(table)}
    return ChangedPixels(compared, dict(sorted(kinds.items(), key=_pixels, reverse=True)))


def _pixels(kind: tuple[tuple[int, int], int]) -> int:
    return kind[1]
