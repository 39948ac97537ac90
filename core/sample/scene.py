"""A scene in the making: labels, colour and height are laid down together, so mask and picture cannot disagree."""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

WATER, FOREST, GRASS, CROP, ROAD, BUILDING, BARE = range(7)
"""Class ids of the "landcover" template."""

OVERSAMPLING = 2
"""Scenes are drawn this much larger than they are shipped, for smooth edges. Lengths below count drawn pixels."""

Field = npt.NDArray[np.float32]
"""(H, W) float32."""
Where = npt.NDArray[np.bool_]
Labels = npt.NDArray[np.uint8]
Color = tuple[float, float, float]
"""RGB, 0 to 1."""


@dataclass(slots=True)
class Scene:
    """(H, W) label map, (H, W, 3) colour and (H, W) height in pixels, with the random source that draws them."""

    rng: np.random.Generator
    labels: Labels
    color: Field
    height: Field
    x: Field
    y: Field

    @classmethod
    def empty(cls, seed: int, height: int, width: int) -> "Scene":
        y, x = np.mgrid[0:height, 0:width].astype(np.float32)
        return cls(
            np.random.default_rng(seed),
            np.full((height, width), GRASS, np.uint8),
            np.zeros((height, width, 3), np.float32),
            np.zeros((height, width), np.float32),
            x,
            y,
        )

    @property
    def shape(self) -> tuple[int, int]:
        return self.labels.shape[0], self.labels.shape[1]

    def lay(self, where: Where, label: int, color: Field) -> None:
        """Cover the pixels in `where` with a class and its (H, W, 3) colour."""
        self.labels[where] = label
        self.color[where] = color[where]

    def noise(self, cell: float, octaves: int = 4) -> Field:
        """Smooth random hills about `cell` pixels wide, mean 0 and standard deviation 1."""
        return noise(self.rng, self.shape, cell, octaves)

    def toned(self, color: Color, *tones: tuple[Field, float]) -> Field:
        """(H, W, 3): a colour, made lighter and darker by each (field, strength)."""
        factor = np.ones(self.shape, np.float32)
        for field, strength in tones:
            factor += field * np.float32(strength)
        return np.asarray(color, np.float32) * factor[..., None]

    def is_any(self, *labels: int) -> Where:
        return np.isin(self.labels, labels)


def noise(rng: np.random.Generator, shape: tuple[int, int], cell: float, octaves: int = 4) -> Field:
    """(H, W) fractal noise, mean 0 and standard deviation 1."""
    total = np.zeros(shape, np.float32)
    for octave in range(octaves):
        step = cell / 2**octave
        if step < 1.5:
            break
        grid = rng.standard_normal((int(shape[0] / step) + 4, int(shape[1] / step) + 4)).astype(np.float32)
        size = round(grid.shape[1] * step), round(grid.shape[0] * step)
        fine = cv2.resize(grid, size, interpolation=cv2.INTER_CUBIC)
        top, left = int(rng.integers(0, size[1] - shape[0] + 1)), int(rng.integers(0, size[0] - shape[1] + 1))
        total += fine[top : top + shape[0], left : left + shape[1]] / np.float32(2**octave)
    return np.asarray((total - total.mean()) / total.std(), np.float32)


def distance_to(where: Where) -> Field:
    """(H, W) distance in pixels to the nearest True pixel; large where there is none."""
    if not where.any():
        return np.full(where.shape, 1e4, np.float32)
    return np.asarray(cv2.distanceTransform((~where).astype(np.uint8), cv2.DIST_L2, 5), np.float32)


def mix(a: Field, b: Field, share: Field) -> Field:
    """Blend two (H, W, 3) colours by a (H, W) share of `b`, 0 to 1."""
    return np.asarray(a + (b - a) * np.clip(share, 0, 1)[..., None], np.float32)
