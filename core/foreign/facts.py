"""What is known of a model from elsewhere: what goes in, what comes out, and what that means in a project."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

from core.errors import TrainingError


class Scale(NamedTuple):
    """A share of what a pixel can hold becomes (share - mean) / deviation; one value, or one for each channel."""

    words: str
    mean: tuple[float, ...] = (0.0,)
    deviation: tuple[float, ...] = (1.0,)


SCALES: Mapping[str, Scale] = {
    "1": Scale("0 to 1"),
    "255": Scale("0 to 255", deviation=(1 / 255,)),
    "signed": Scale("-1 to 1", (0.5,), (0.5,)),
    "imagenet": Scale(
        "normalised as for ImageNet: red, green and blue by (share - mean) / deviation",
        (0.485, 0.456, 0.406),
        (0.229, 0.224, 0.225),
    ),
}
"""The values that models take where they take float32, by their name on the command line."""


@dataclass(frozen=True, slots=True)
class Facts:
    format: str
    """ "keras" or "onnx"."""
    file: str
    """The name of the file that it came from."""
    pixels: str
    """The input that takes the picture."""
    dtype: str
    """ "uint8", "uint16" or "float32": what it takes."""
    channels: int
    to: tuple[int, ...]
    """The class id of each channel that comes out; UNLABELED for one that counts for no class."""
    scale: str = ""
    """One of SCALES where it takes float32."""
    channels_first: bool = False
    """(N, C, H, W) goes in, not (N, H, W, C)."""
    classes_first: bool = False
    """The same for what comes out."""
    height: int = 0
    width: int = 0
    """In pixels; 0 where it takes any multiple of `multiple`."""
    multiple: int = 1
    halo: int | None = None
    """Pixels around a region that can change its result; None where nobody knows."""
    place: str = ""
    """A further input, (N, 2): the picture's row that the pixels begin with, and the picture's height."""
    softmax: bool = False
    """What comes out are logits."""
    sha256: str = ""
    """Of the file."""

    def __post_init__(self) -> None:
        whole = (self.channels, *self.to, self.height, self.width, self.multiple, self.halo or 0)
        if not (
            self.format in ("keras", "onnx")
            and self.dtype in ("uint8", "uint16", "float32")
            and (self.scale in SCALES) == (self.dtype == "float32")
            and all(type(n) is int and 0 <= n < 2**16 for n in whole)
            and self.channels
            and self.multiple
            and self.to
            and max(self.to) < 256
        ):
            raise TrainingError("This run's settings do not describe a model that this version knows. Import it again.")

    def to_mapping(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> "Facts":
        """What to_mapping() gave; TrainingError for anything else."""
        try:
            return cls(**{**values, "to": tuple(values["to"])})
        except (KeyError, TypeError):
            raise TrainingError("This run's settings are incomplete. Import its model again.") from None
