"""Changes that make one labelled patch into many, without changing what its labels mean."""

from dataclasses import dataclass
from math import cos, pi, sin

import cv2
import numpy as np
import numpy.typing as npt

from core.classes import UNLABELED
from core.masks.tiles import Array
from core.training.inputs import Floats, Picture

Affine = npt.NDArray[np.float64]
"""(2, 3): patch (x, y, 1) to picture (x, y)."""


@dataclass(frozen=True, slots=True)
class Augmentation:
    """How far a patch may be changed."""

    upright: bool
    """Keep up where it is: mirror left and right only, and turn by a few degrees at most."""
    smallest: float = 0.6
    largest: float = 1.6
    """How much a patch may be shrunk or enlarged."""
    brightness: float = 0.1
    contrast: float = 0.15
    tint: float = 0.03
    noise: float = 0.03
    heave: float = 0.1
    """How far the row channel may be off, as a share of the picture's height, so that it is a hint and no more."""

    def placement(self, rng: np.random.Generator, side: int, x: float, y: float) -> Affine:
        """Where in the picture a patch is taken from whose centre is at (x, y)."""
        scale = np.exp(rng.uniform(np.log(self.smallest), np.log(self.largest)))
        angle = rng.normal(0, 3 * pi / 180) if self.upright else rng.uniform(0, 2 * pi)
        mirror = rng.choice((-1.0, 1.0))
        a, b = cos(angle) / scale, sin(angle) / scale
        turn = np.array([[a * mirror, -b], [b * mirror, a]])
        middle = (side - 1) / 2
        return np.column_stack([turn, (x, y) - turn @ (middle, middle)])

    def recolor(self, rng: np.random.Generator, values: Floats) -> Floats:
        """Another light, another camera: (h, w, C) values changed as a whole, by channel and by pixel."""
        channels = values.shape[2]
        gain = np.exp(rng.normal(0, self.contrast / 2) + rng.normal(0, self.tint / 2, channels))
        shift = rng.normal(0, self.brightness / 2) + rng.normal(0, self.tint / 2, channels)
        out: Floats = values * np.float32(gain) + np.float32(shift)
        if self.noise and rng.random() < 0.5:
            out += rng.standard_normal(values.shape, np.float32) * np.float32(rng.uniform(0, self.noise))
        return out


def source_rect(placement: Affine, side: int) -> tuple[int, int, int, int]:
    """(top, left, bottom, right) in the picture that covers a placed patch."""
    corners = np.array([(0, 0, 1), (side, 0, 1), (0, side, 1), (side, side, 1)]) @ placement.T  # (4, 2) x, y
    left, top = np.floor(corners.min(0)).astype(int) - 2
    right, bottom = np.ceil(corners.max(0)).astype(int) + 2
    return int(top), int(left), int(bottom), int(right)


def warp_picture(picture: Picture, placement: Affine, side: int) -> Picture:
    """(side, side, C), what lies outside the picture mirrored in."""
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    out = cv2.warpAffine(picture, placement, (side, side), flags=flags, borderMode=cv2.BORDER_REFLECT_101)
    return out.reshape(side, side, picture.shape[2])  # type: ignore[return-value]


def warp_labels(labels: Array, placement: Affine, side: int) -> Array:
    """(side, side), what lies outside unlabelled; labels are never mixed."""
    flags = cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(  # type: ignore[return-value]
        labels, placement, (side, side), flags=flags, borderMode=cv2.BORDER_CONSTANT, borderValue=UNLABELED
    )
