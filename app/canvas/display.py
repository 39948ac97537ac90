"""How a picture's values become what the screen shows: channels, window and level, gamma. It never changes the file."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

Image = npt.NDArray[np.uint8] | npt.NDArray[np.uint16]
Values = npt.NDArray[np.uint8]

CONTRAST_PERCENTILES = (0.2, 99.8)
LOWEST_GAMMA, HIGHEST_GAMMA = 0.2, 5.0
ENOUGH_SAMPLES = 2**20
"""About a million values say where a picture's darkest and brightest lie."""


@dataclass(frozen=True, slots=True)
class Display:
    """How values are shown. The same for all pictures of a project, so that they can be compared."""

    automatic: bool | None = None
    """Stretch each picture from its darkest to its brightest value; None does it for 16 bits and not for 8."""
    low: float = 0.0
    """What is shown black and what white where contrast is not automatic, as a share of what the type can hold."""
    high: float = 1.0
    gamma: float = 1.0
    """Above 1, dark parts are shown brighter."""
    channels: tuple[int, ...] = ()
    """One channel for grey or three for red, green and blue, counted from 0; () for those the file begins with."""

    def chosen(self, count: int) -> tuple[int, ...]:
        """The channels that are shown of a picture with `count` of them: one or three."""
        if self.channels and max(self.channels) < count:
            return self.channels
        return (0, 1, 2) if count >= 3 else (0,)

    def stretches(self, bits: int) -> bool:
        return self.automatic if self.automatic is not None else bits > 8

    def table(self, limits: tuple[float, float], bits: int) -> Values | None:
        """(2^bits,) what each value is shown as, None where that is itself; `limits` are the automatic ones."""
        top = 2**bits - 1
        low, high = limits if self.stretches(bits) else (self.low * top, self.high * top)
        if bits == 8 and self.gamma == 1 and (low, high) == (0, 255):
            return None
        shares = np.clip((np.arange(top + 1) - low) / max(1.0, high - low), 0, 1)
        return np.asarray(shares ** (1 / self.gamma) * 255 + 0.5).astype(np.uint8)

    def to_mapping(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> "Display":
        """What `to_mapping` gave; anything odd in it shows pictures as they are."""
        try:
            low, high, gamma = float(values["low"]), float(values["high"]), float(values["gamma"])
            automatic = values["automatic"]
            channels = tuple(int(channel) for channel in values["channels"])
        except (KeyError, TypeError, ValueError):
            return cls()
        sound = 0 <= low < high <= 1 and LOWEST_GAMMA <= gamma <= HIGHEST_GAMMA and len(channels) in (0, 1, 3)
        if not sound or min(channels, default=0) < 0:
            return cls()
        return cls(None if automatic is None else bool(automatic), low, high, gamma, channels)


def limits_of(samples: Image) -> tuple[float, float]:
    """The darkest and the brightest value, leaving a few outliers aside."""
    low, high = np.percentile(samples, CONTRAST_PERCENTILES)
    return float(low), float(high)


def looked_up(values: Image, table: Values | None) -> Values:
    """Each value replaced by what the table shows for it."""
    return np.asarray(values if table is None else cv2.LUT(values, table), np.uint8)
