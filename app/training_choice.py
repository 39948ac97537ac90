"""What a person set for the trainings of a project. What they left alone is chosen for them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from core.training.heads import HEADS
from core.training.settings import TrainingSettings
from core.training.unet import SHAPES

USUAL = replace(TrainingSettings(), budget_s=60.0)
"""What a training in the window is like where nothing is set."""
BUDGETS = ((30.0, "30 s"), (60.0, "1 min"), (120.0, "2 min"), (300.0, "5 min"), (1200.0, "20 min"), (3600.0, "1 h"))
FIELDS = ("budget_s", "network", "head", "patch", "batch", "learning_rate", "scene", "accepted_weight", "seed")


@dataclass(frozen=True, slots=True)
class TrainingChoice:
    values: Mapping[str, Any] = field(default_factory=dict)
    """By name of TrainingSettings' fields; only what was set."""
    fresh: bool = False
    """Begin afresh instead of going on from the last run that fits."""

    def settings(self) -> TrainingSettings:
        return replace(USUAL, **self.values)

    def setting(self, name: str, value: Any) -> "TrainingChoice":
        """The same with one field set; None leaves it to the program."""
        rest = {n: v for n, v in self.values.items() if n != name}
        return replace(self, values=rest if value is None else rest | {name: value})

    def beginning(self, *, fresh: bool) -> "TrainingChoice":
        return replace(self, fresh=fresh)

    def to_mapping(self) -> dict[str, Any]:
        return {"values": dict(self.values), "fresh": self.fresh}

    @classmethod
    def from_mapping(cls, stored: Any) -> "TrainingChoice":
        """Read what a project remembers; what this version does not know is left out."""
        if not isinstance(stored, Mapping) or not isinstance(stored.get("values"), Mapping):
            return cls()
        known = {name: value for name, value in stored["values"].items() if _is_known(name, value)}
        return cls(known, bool(stored.get("fresh", False)))


def _is_known(name: str, value: Any) -> bool:
    if name not in FIELDS or not isinstance(value, type(getattr(USUAL, name))):
        return False
    return {"network": SHAPES, "head": HEADS}.get(name, {value}).__contains__(value)
