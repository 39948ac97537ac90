"""From a decoded image to what the network sees: a fixed range, a fixed number of channels."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from core.errors import TrainingError

Picture = npt.NDArray[np.uint8] | npt.NDArray[np.uint16]
Floats = npt.NDArray[np.float32]

LUMA = np.array([0.299, 0.587, 0.114], np.float32)
"""Weights of red, green and blue in brightness (ITU-R BT.601)."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """How a picture is scaled, the same in training, prediction and export."""

    channels: int
    """1 (grey), 3 (red, green, blue), or as many as the pictures have."""
    low: float = 0.0
    high: float = 1.0
    """The values, as a share of what the file's type can hold, that become -1 and 1."""
    bits: int = 8
    """8 or 16: the type of the pictures it was trained on, and of what an exported model takes."""
    rows: bool = False
    """A further channel tells how far down the picture a pixel is, from -1 to 1."""

    def __post_init__(self) -> None:
        if self.channels < 1 or self.bits not in (8, 16) or not 0 <= self.low < self.high <= 1:
            raise TrainingError("This model's settings do not describe an input this version knows. Train again.")

    @property
    def depth(self) -> int:
        """Channels that the network sees."""
        return self.channels + self.rows

    def scale(self, picture: Picture) -> Floats:
        """(h, w, C) uint8 or uint16 -> (h, w, channels) float32, about -1 to 1.

        Grey fills all channels, colour becomes grey where that is wanted; TrainingError for any other C.
        """
        given, (gain, offset) = picture.shape[2], self.gain_and_offset(np.iinfo(picture.dtype).max)
        if (given, self.channels) == (3, 1):
            return _scaled((picture.astype(np.float32) @ LUMA)[..., None], gain, offset)
        if given not in (1, self.channels):
            raise TrainingError(
                f"A picture has {given} channels where the model takes {self.channels}. "
                "Train on pictures that have the same channels."
            )
        if picture.dtype == np.uint8 and picture.size:
            table = _scaled(np.arange(256, dtype=np.float32), gain, offset)
            values = cv2.LUT(picture, table).reshape(picture.shape)
        else:
            values = _scaled(picture.astype(np.float32), gain, offset)
        return np.repeat(values, self.channels, axis=2) if given != self.channels else values  # type: ignore[return-value]

    def gain_and_offset(self, top: int) -> tuple[float, float]:
        """What pixel values from 0 to `top` are multiplied by, and what is added then."""
        span = self.high - self.low
        return 2 / (top * span), -1 - 2 * self.low / span

    def with_rows(self, values: Floats, rows: npt.ArrayLike, height: int) -> Floats:
        """Add the row channel: `rows` broadcasts to (h, w), in pixels from the top of a picture `height` high."""
        if not self.rows:
            return values
        place = np.broadcast_to(np.asarray(rows, np.float32) * np.float32(2 / height) - 1, values.shape[:2])
        return np.concatenate([values, place[..., None]], axis=2, dtype=np.float32)

    def to_mapping(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> "Inputs":
        try:
            return cls(
                channels=int(values["channels"]),
                low=float(values["low"]),
                high=float(values["high"]),
                bits=int(values["bits"]),
                rows=bool(values["rows"]),
            )
        except (KeyError, TypeError, ValueError):
            raise TrainingError("This model's settings are incomplete. Train again.") from None


def _scaled(values: Floats, gain: float, offset: float) -> Floats:
    return values * np.float32(gain) + np.float32(offset)
