"""What a training tells of itself over time, live or as stored with its run."""

from collections.abc import Mapping, Sequence
from itertools import chain
from math import isfinite

from core.training.messages import Measured, StepsDone

Samples = list[tuple[float, float]]
"""(seconds of training, value)."""
MEASURED = "measured_"
CLASS = "iou/"


class Curves:
    """Lists by name, named as in TrainingRun.curves, so that what is live and what is stored look alike."""

    def __init__(self, stored: Mapping[str, Sequence[float]] | None = None) -> None:
        self._lists = {name: list(values) for name, values in (stored or {}).items()}

    def add_steps(self, report: StepsDone) -> None:
        self._add({"seconds": report.seconds, "loss": report.loss, "learning_rate": report.learning_rate})

    def add_measured(self, report: Measured) -> None:
        iou = {f"{CLASS}{name}": value for name, value in report.iou.items()}
        values = {"seconds": report.seconds, "miou": report.miou, **iou}
        self._add({f"{MEASURED}{name}": value for name, value in values.items()})

    def end_with(self, seconds: float, miou: float) -> None:
        """What a run came to in the end, where nothing was measured on the way."""
        if not self.samples("miou") and isfinite(miou):
            self._add({f"{MEASURED}seconds": seconds, f"{MEASURED}miou": miou})

    def samples(self, name: str) -> Samples:
        """The samples of "loss", "learning_rate", "miou" or "iou/<class name>"; what is no number is left out."""
        known = name in self._lists
        times = self._lists.get("seconds" if known else f"{MEASURED}seconds", [])
        values = self._lists.get(name if known else f"{MEASURED}{name}", [])
        pairs = zip(times, values, strict=False)
        return [(s, v) for s, v in pairs if v is not None and isfinite(v)]

    @property
    def classes(self) -> list[str]:
        """The names of the classes that were measured."""
        start = MEASURED + CLASS
        return [name.removeprefix(start) for name in self._lists if name.startswith(start)]

    @property
    def seconds(self) -> float:
        """How long it is by now."""
        return max(chain(self._lists.get("seconds", []), self._lists.get(f"{MEASURED}seconds", [])), default=0.0)

    def _add(self, values: Mapping[str, float]) -> None:
        for name, value in values.items():
            self._lists.setdefault(name, []).append(value)
