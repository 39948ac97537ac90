"""Trees with and without leaves, and bushes."""

import cv2
import numpy as np

from core.pretraining.picture import Stencil
from core.pretraining.scene import Scene
from core.pretraining.surfaces import Points, Rng, fractal

LEAVES = ((0.28, 0.38, 0.16), (0.2, 0.3, 0.16), (0.45, 0.42, 0.2), (0.12, 0.18, 0.1))
BARK = ((0.25, 0.2, 0.16), (0.45, 0.4, 0.36), (0.1, 0.09, 0.08))


def tree(scene: Scene, x: float, z: float) -> None:
    """Half of them bare; then what lies between the twigs counts as crown too."""
    rng, canvas = scene.canvas.rng, scene.canvas
    high = max(6, scene.view.metre(z) * rng.uniform(4, 16))
    foot = scene.view.at(x, z)
    levels, width = _grown(rng, foot, high), high * rng.uniform(0.03, 0.07)
    wood = canvas.stencil(np.concatenate(levels).reshape(-1, 2), width)
    for level in levels:
        wood.lines(level, width)
        width *= 0.6
    bark = canvas.cover("fibres", scene.tint(*BARK), 0.3)
    leafy = rng.random() < 0.5
    canvas.lay(wood, bark, "crown", 1 if leafy or high > 150 else rng.uniform(0.5, 1))
    if leafy:
        _crown(scene, foot, high)
    else:
        canvas.mark(wood.closed(5, 5), "crown")


def _grown(rng: Rng, foot: Points, high: float) -> list[Points]:
    """Branches (n, 2, 2) from the trunk to the twigs: each forks into two or three."""
    start, angle, length = foot[None], np.pi / 2 + rng.normal(0, 0.06, 1), np.array([high * 0.33])
    levels = []
    for _ in range(6):
        stop = start + length[:, None] * np.stack([np.cos(angle), -np.sin(angle)], 1)
        levels.append(np.stack([start, stop], 1))
        fork = np.repeat(np.arange(len(stop)), rng.integers(2, 4, len(stop)) * (length > 1.5))
        start, angle = stop[fork], angle[fork] + rng.normal(0, 0.45, len(fork))
        length = length[fork] * rng.uniform(0.55, 0.85, len(fork))
    return levels


def _crown(scene: Scene, foot: Points, high: float) -> None:
    rng = scene.canvas.rng
    count = int(rng.integers(2, 9))
    middles = foot + high * np.stack([rng.normal(0, 0.16, count), -rng.uniform(0.4, 0.95, count)], 1)
    crown = scene.canvas.stencil(middles, 0.26 * high + 2)
    for middle in middles:
        crown.oval(middle, (high * rng.uniform(0.1, 0.25), high * rng.uniform(0.1, 0.22)))
    _ragged(rng, crown)
    leaves = scene.canvas.cover(("foliage", "foliage", "foliage", "grain"), scene.tint(*LEAVES), 0.6)
    scene.canvas.lay(crown, leaves, "crown")
    scene.canvas.shade(crown, (rng.uniform(0.9, 1.3), rng.uniform(0.5, 1)))


def _ragged(rng: Rng, crown: Stencil) -> None:
    """Bites taken out of its border."""
    if crown.mask.size:
        noise = cv2.resize(fractal(rng, 96, 1.2), crown.mask.shape[::-1])
        crown.mask &= (noise > rng.uniform(0.2, 0.5)) | (cv2.erode(crown.mask, np.ones((5, 5))) > 0)


def bush(scene: Scene, x: float, z: float) -> None:
    rng, metre = scene.canvas.rng, scene.view.metre(z)
    foot = scene.view.at(x, z)
    count, size = int(rng.integers(2, 9)), metre * rng.uniform(0.3, 1.2)
    middles = foot + np.stack([rng.normal(0, 1.5 * size, count), -size * rng.uniform(0.2, 0.9, count)], 1)
    outline = scene.canvas.stencil(middles, 1.2 * size + 3)
    for middle in middles:
        outline.oval(middle, (size * rng.uniform(0.5, 1.1) + 1, size * rng.uniform(0.4, 0.8) + 1))
    _ragged(rng, outline)
    leaves = scene.canvas.cover("foliage", scene.tint(*LEAVES), 0.6)
    scene.canvas.lay(outline, leaves, "crown" if rng.random() < 0.6 else "low plants")
    scene.canvas.shade(outline, (1.1, 0.7))
