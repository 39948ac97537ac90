"""Which pictures a network has learned from: figures that are measured on them would say how well it remembers."""

from collections.abc import Mapping
from typing import Any

from core.labels import LabelSnapshot

DIGITS = 12
"""Of a picture's hash, enough to tell pictures apart."""
AFRESH = "Run {run} learned from pictures that are kept for validation now, so this training begins afresh."
CANNOT_GO_ON = (
    "The training that was cut off has learned from what is kept for measuring now, so it cannot go on. Train anew, or "
    "let the pictures be for what they were then."
)


def learned_from(snapshot: LabelSnapshot, earlier: Mapping[str, Any]) -> list[str]:
    """The last digits of the hashes of all pictures that a training on these labels learns from.

    Args:
        earlier: the settings of what it goes on from, whose pictures are among them.
    """
    now = {image.sha256[-DIGITS:] for image in snapshot.images if image.split == "train"}
    return sorted(now | set(earlier.get("learned_from", ())))


def knows_validation(snapshot: LabelSnapshot, earlier: Mapping[str, Any]) -> bool:
    """Whether what has these settings learned from a picture that is a validation image now."""
    kept = {image.sha256[-DIGITS:] for image in snapshot.images if image.split == "val"}
    return not kept.isdisjoint(earlier.get("learned_from", ()))
