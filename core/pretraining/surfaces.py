"""Surfaces for generated pictures: patterns by family, cut and coloured anew at each use."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Bytes = npt.NDArray[np.uint8]
Points = npt.NDArray[np.float64]
"""(..., 2), mostly: x, y."""
Rng = np.random.Generator
Pattern = Callable[[Rng, int], Floats]
"""(random numbers, side in pixels) -> (side, side), from 0 to 1."""
Part = tuple[slice, slice]
"""Rows and columns of a picture."""

SIDE = 384
"""Of a stored pattern, in pixels; no picture is larger."""
BANK = 14
"""Patterns of each family that are kept."""


def fractal(rng: Rng, side: int, slope: float, stretch: float = 1.0) -> Floats:
    """(side, side) noise whose amplitude falls with frequency to the power of `slope`, as in most of nature.

    Args:
        stretch: above 1 it is drawn out in one direction, chosen at random.
    """
    y, x = np.fft.fftfreq(side)[:, None], np.fft.rfftfreq(side)[None]
    angle = rng.uniform(0, np.pi)
    along, across = x * np.cos(angle) - y * np.sin(angle), x * np.sin(angle) + y * np.cos(angle)
    frequency = np.hypot(along * stretch, across / stretch)
    frequency[0, 0] = np.inf
    waves = rng.standard_normal(frequency.shape) + 1j * rng.standard_normal(frequency.shape)
    return _spread(np.fft.irfft2(waves * frequency**-slope, (side, side)))


def _spread(values: npt.ArrayLike) -> Floats:
    """From 0 to 1, but for the last percent on both sides."""
    values = np.asarray(values, np.float32)
    low, high = np.percentile(values[::4, ::4], (1, 99))
    return np.clip((values - low) / max(high - low, 1e-6), 0, 1)  # type: ignore[no-any-return]


def smooth(rng: Rng, side: int) -> Floats:
    return fractal(rng, side, 2.6)


def clouds(rng: Rng, side: int) -> Floats:
    return fractal(rng, side, rng.uniform(1.5, 2.0))


def grain(rng: Rng, side: int) -> Floats:
    return fractal(rng, side, rng.uniform(0.2, 0.7))


def fibres(rng: Rng, side: int) -> Floats:
    return fractal(rng, side, rng.uniform(0.9, 1.3), rng.uniform(2, 4))


def ridges(rng: Rng, side: int) -> Floats:
    return 1 - np.abs(2 * fractal(rng, side, rng.uniform(1.2, 1.8)) - 1)


def foliage(rng: Rng, side: int) -> Floats:
    """Dabs of light and shade in clumps."""
    clumps = fractal(rng, side, 1.7)
    out = 0.25 * clumps
    for size in (5, 3, 2):
        for x, y in rng.integers(0, side, (side * side // (size * size * 5), 2)).tolist():
            tone = rng.random() * (0.4 + 0.6 * clumps[y, x])
            cv2.ellipse(out, (x, y), (size, max(1, size // 2)), rng.uniform(0, 180), 0, 360, float(tone), -1)
    return out


def cracks(rng: Rng, side: int) -> Floats:
    """Voronoi cells and the walls between them."""
    seeds = np.full((side, side), 255, np.uint8)
    y, x = rng.integers(0, side, (2, int(rng.integers(20, 250))))
    seeds[y, x] = 0
    distance, nearest = cv2.distanceTransformWithLabels(seeds, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    tone = rng.random(nearest.max() + 1).astype(np.float32)[nearest]
    wall = cv2.morphologyEx(nearest.astype(np.float32), cv2.MORPH_GRADIENT, np.ones((3, 3))) > 0
    mix = rng.random()
    return np.where(wall, 0, 0.3 + 0.7 * (mix * tone + (1 - mix) * _spread(-distance))).astype(np.float32)


def stripes(rng: Rng, side: int) -> Floats:
    """Hard or soft, straight or bent."""
    angle, period = rng.uniform(0, np.pi), np.exp(rng.uniform(np.log(4), np.log(40)))
    y, x = np.mgrid[:side, :side].astype(np.float32)
    turns = (x * np.cos(angle) + y * np.sin(angle)) / period
    if rng.random() < 0.5:
        turns += rng.uniform(0, 3) * fractal(rng, side, 2.2)
    wave = np.sin(2 * np.pi * turns)
    hard = rng.random() < 0.5
    return (wave > rng.uniform(-0.6, 0.6) if hard else 0.5 + 0.5 * wave).astype(np.float32)  # type: ignore[no-any-return]


def bricks(rng: Rng, side: int) -> Floats:
    height, width = int(rng.integers(5, 16)), int(rng.integers(10, 36))
    y, x = np.mgrid[:side, :side]
    row = y // height
    x = x + (row % 2) * (width // 2) * (rng.random() < 0.8)
    joint = 2 if height > 9 else 1
    tone = rng.random((side // height + 2, side // width + 3))[row, x // width]
    between = 0.1 if rng.random() < 0.5 else 1.0
    return np.where((y % height < joint) | (x % width < joint), between, 0.35 + 0.35 * tone).astype(np.float32)


def checks(rng: Rng, side: int) -> Floats:
    size = int(rng.integers(5, 40))
    y, x = np.mgrid[:side, :side] // size
    return ((y + x) % 2).astype(np.float32)  # type: ignore[no-any-return]


def spots(rng: Rng, side: int) -> Floats:
    out = np.zeros((side, side), np.float32)
    largest = int(rng.integers(2, 12))
    for x, y in rng.integers(0, side, (int(rng.integers(30, 300)), 2)).tolist():
        cv2.circle(out, (x, y), int(rng.integers(1, largest + 1)), rng.uniform(0.4, 1), -1, cv2.LINE_AA)
    return out


def threads(rng: Rng, side: int) -> Floats:
    """Curves that cross."""
    out = np.zeros((side, side), np.float32)
    for _ in range(int(rng.integers(20, 90))):
        path = curve(rng, side, 40, 0.15).astype(np.int32)
        cv2.polylines(out, [path], False, rng.uniform(0.4, 1), int(rng.integers(1, 3)), cv2.LINE_AA)
    return out


def curve(rng: Rng, side: int, length: int, bend: float) -> Points:
    """(length, 2) points x, y, 6 pixels apart; it turns by about `bend` radians at each."""
    angle = rng.uniform(0, 2 * np.pi) + np.cumsum(rng.normal(0, bend, length))
    steps = 6 * np.stack([np.cos(angle), np.sin(angle)], 1)
    return rng.uniform(0, side, 2) + np.cumsum(steps, 0)  # type: ignore[no-any-return]


_FAMILIES = (smooth, clouds, grain, fibres, ridges, foliage, cracks, stripes, bricks, checks, spots, threads)
PATTERNS: Mapping[str, Pattern] = {make.__name__: make for make in _FAMILIES}


def color(rng: Rng) -> Floats:
    """Red, green and blue from 0 to 1: any, the dull ones more often, as outdoors."""
    return np.clip(rng.beta(1.3, 1.3) + rng.normal(0, 1, 3) * rng.choice((0.03, 0.1, 0.3)), 0, 1).astype(np.float32)  # type: ignore[no-any-return]


@dataclass(frozen=True, slots=True)
class Cover:
    """A pattern in colours, as large as the picture it is for."""

    tone: Bytes
    """(side, side)."""
    table: Bytes
    """(256, 1, 3): the colour of every tone."""

    def cut(self, part: Part) -> Bytes:
        """(h, w, 3)."""
        return cv2.applyColorMap(np.ascontiguousarray(self.tone[part]), self.table)  # type: ignore[return-value]


class Surfaces:
    """A bank of patterns; the same seed makes the same bank."""

    def __init__(self, seed: int = 0, bank: int = BANK) -> None:
        rng = np.random.default_rng(seed)
        self._noise = rng.standard_normal((SIDE + 64, SIDE + 64, 3), np.float32)
        self._bank = {
            name: [(255 * make(rng, SIDE)).astype(np.uint8) for _ in range(bank)] for name, make in PATTERNS.items()
        }

    def noise(self, rng: Rng, side: int) -> Floats:
        """(side, side, 3), normal."""
        y, x = rng.integers(0, SIDE + 64 - side, 2)
        return self._noise[y : y + side, x : x + side]

    def cover(
        self, rng: Rng, name: str, side: int, base: npt.ArrayLike | None = None, spread: float | None = None
    ) -> Cover:
        """A pattern cut and coloured at random.

        Args:
            base: about this colour (red, green, blue from 0 to 1) and others close to it, instead of any.
            spread: how far its colours lie apart, as a share of their brightness.
        """
        tiles = self._bank[name]
        y, x = rng.integers(0, SIDE - side + 1, 2)
        tone = tiles[rng.integers(len(tiles))][y : y + side, x : x + side]
        low = color(rng) if base is None else np.asarray(base) + rng.normal(0, 0.06, 3)
        if base is None and rng.random() < 0.35:
            high = color(rng)
        else:
            share = rng.choice((-1, 1)) * (rng.uniform(0.05, 0.5) if spread is None else spread)
            high = low * (1 + share) + rng.normal(0, 0.05, 3)
        steps = np.linspace(0, 1, 256)[:, None, None]
        table = 255 * np.clip(low + (high - low) * steps, 0, 1)
        return Cover(tone[:, :: rng.choice((-1, 1))], table.astype(np.uint8))
