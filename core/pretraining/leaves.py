"""Dead leaves: shapes of every size on top of each other, each with a surface of its own.

The sizes follow a power law, as those of things in photographs do (Lee, Mumford and Huang, "Occlusion models for
natural images", 2001). What is learned is to tell surfaces and find their borders.
"""

import cv2
import numpy as np

from core.pretraining.picture import Canvas, Stencil
from core.pretraining.surfaces import PATTERNS, Bytes, Points, Rng, Surfaces, fractal


def leaves(rng: Rng, surfaces: Surfaces, side: int) -> tuple[Bytes, Bytes]:
    """(side, side, 3) and the kinds (side, side)."""
    canvas = Canvas(rng, surfaces, side)
    families = rng.permutation(list(PATTERNS))[: rng.integers(3, 9)].tolist()
    _lay(canvas, canvas.area([(0, 0), (side, 0), (side, side), (0, side)]), families)
    for _ in range(int(rng.integers(8, 45))):
        radius = side * min(0.5, 0.03 * rng.random() ** -0.7)
        leaf = _SHAPES[rng.integers(len(_SHAPES))](canvas, rng.uniform(0, side, 2), radius)
        _lay(canvas, leaf, families)
        if rng.random() < 0.3:
            _round_off(canvas, leaf)
    return canvas.finished()


def _lay(canvas: Canvas, leaf: Stencil, families: list[str]) -> None:
    family = str(canvas.rng.choice(families))
    canvas.lay(leaf, canvas.cover(family), f"surface {family}")


def _oval(canvas: Canvas, center: Points, radius: float) -> Stencil:
    flat = canvas.rng.uniform(0.3, 1)
    return canvas.oval(center, (radius, radius * flat), canvas.rng.uniform(0, 180))


def _polygon(canvas: Canvas, center: Points, radius: float) -> Stencil:
    corners = int(canvas.rng.integers(3, 12))
    angle = np.sort(canvas.rng.uniform(0, 2 * np.pi, corners))
    reach = radius * canvas.rng.uniform(0.5, 1.2, (corners, 1))
    return canvas.area(center + reach * np.stack([np.cos(angle), np.sin(angle)], 1))


def _bar(canvas: Canvas, center: Points, radius: float) -> Stencil:
    angle = canvas.rng.uniform(0, np.pi)
    along = 3.5 * radius * np.array([np.cos(angle), np.sin(angle)])
    ends = np.stack([center - along, center + along])
    return canvas.stencil(ends, radius / 4).line(ends, radius / 4)


def _blob(canvas: Canvas, center: Points, radius: float) -> Stencil:
    """Ragged, and in pieces at its border."""
    blob = canvas.stencil(np.atleast_2d(center), 2 * radius)
    rows, columns = blob.part
    y, x = np.ogrid[rows, columns]
    noise = cv2.resize(fractal(canvas.rng, 64, 2.2), blob.mask.shape[::-1])
    blob.mask[noise - np.hypot(x - center[0], y - center[1]) / (2.5 * radius) > 0.1] = 1
    return blob


_SHAPES = (_oval, _oval, _polygon, _polygon, _bar, _blob)


def _round_off(canvas: Canvas, leaf: Stencil) -> None:
    """Darker towards its border, as round things are."""
    if not leaf.mask.size:  # it lies outside the picture
        return
    depth = cv2.distanceTransform(leaf.mask, cv2.DIST_L2, 3)
    if depth.max() > 2:
        canvas.shade(leaf, 0.6 + 0.4 * np.minimum(depth / (depth.max() * canvas.rng.uniform(0.3, 1)), 1))
