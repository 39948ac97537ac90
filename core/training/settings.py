"""How a model is trained. Every field has a default that suits a first try on a laptop."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

Scene = Literal["auto", "upright", "any"]


@dataclass(frozen=True, slots=True)
class TrainingSettings:
    budget_s: float = 120.0
    """Training time in seconds, from the first step; preparing and measuring come on top."""
    seed: int = 0
    network: str = "quick"
    """Which network; see core.training.unet."""
    head: str = "softmax"
    """The last step from logits to probabilities with its loss; see core.training.heads."""
    max_steps: int = 0
    """Ends the training after so many steps, if that comes before the budget; 0 for no such limit. The learning rate
    then follows the steps, so that the same seed gives the same figures on the same computer's CPU."""
    patch: int = 0
    """Side of a training patch in pixels; 0: chosen by the pictures and the device."""
    batch: int = 0
    """Patches a step; 0: chosen by the size of a patch and the device's memory."""
    workers: int = 0
    """Threads that prepare patches; 0: chosen by the device. They change nothing but the time it takes."""
    learning_rate: float = 0.0
    """The highest the schedule reaches; 0: chosen by how much is labelled and how long it trains."""
    weight_decay: float = 0.02
    scene: Scene = "auto"
    """"upright": up is up (a street), the model may use height in the picture. "any": no direction is special (seen
    from above, under a microscope). "auto": decided from the labels."""
    pretrained: bool = True
    """Begin with what was learned on generated pictures, for networks that come with such weights, not from chance."""
    head_start: bool = True
    """Where it begins pretrained, fit the last layer to the labels before the first step, so that the first preview is
    of use; see core.training.head_start."""
    accepted_weight: float = 0.5
    """How much a label counts that was accepted from a prediction, against 1 for one that was drawn; above 0. Accepting
    what a network says teaches it little, and more of it must not drown out what a person drew."""
    guesses: bool = True
    """Also learn from what is likely where nothing is labelled; see core.training.guesses, …unlabelled and …mixing."""

    def to_mapping(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> "TrainingSettings":
        """Read stored settings back; unknown fields of other versions are left out."""
        known = {k: v for k, v in values.items() if k in cls.__dataclass_fields__}
        if known.get("network") == "fine":  # its name in versions before
            known["network"] = "quality"
        return cls(**known)
