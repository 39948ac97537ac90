"""How a model is trained. Every field has a default that suits a first try on a laptop."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class TrainingSettings:
    budget_s: float = 120.0
    """Training time in seconds, from the first step; preparing and measuring come on top."""
    seed: int = 0
    network: str = "quick"
    """Which U-Net; see core.training.unet."""
    head: str = "softmax"
    """The last step from logits to probabilities with its loss; see core.training.heads."""

    def to_mapping(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> "TrainingSettings":
        """Read stored settings back; unknown fields of other versions are left out."""
        return cls(**{k: v for k, v in values.items() if k in cls.__dataclass_fields__})
