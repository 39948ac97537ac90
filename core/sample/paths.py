"""Curved lines through a scene: where roads and rivers run."""

import cv2
import numpy as np
import numpy.typing as npt

from core.sample.scene import Field, distance_to

Path2D = npt.NDArray[np.float32]
"""(n, 2) points (x, y), a few pixels apart."""


def curve(
    rng: np.random.Generator, start: tuple[float, float], end: tuple[float, float], sway: float, waves: float
) -> Path2D:
    """A line from `start` to `end` that sways sideways by about `sway` pixels, `waves` times on its way."""
    t = np.linspace(0, 1, 400)
    along = np.subtract(end, start)
    length = float(np.hypot(*along))
    side = np.array([-along[1], along[0]]) / max(length, 1e-6)
    swing = np.zeros_like(t)
    for harmonic in (1.0, 2.3):
        swing += np.sin(2 * np.pi * (t * waves * harmonic + rng.random())) * rng.uniform(0.5, 1.0) / harmonic**1.5
    points = np.asarray(start) + t[:, None] * along + (sway * swing)[:, None] * side  # (n, 2)
    return points.astype(np.float32)


def crossing(rng: np.random.Generator, shape: tuple[int, int], angle: float, sway: float, waves: float) -> Path2D:
    """A curve right across a (height, width) scene, in the direction `angle` (radians), past its middle."""
    height, width = shape
    middle = np.array([width * rng.uniform(0.35, 0.65), height * rng.uniform(0.35, 0.65)])
    reach = np.array([np.cos(angle), np.sin(angle)]) * (height + width) * 0.62
    start, end = middle - reach, middle + reach
    return curve(rng, (start[0], start[1]), (end[0], end[1]), sway, waves)


def draw_path(shape: tuple[int, int], path: Path2D) -> Field:
    """(H, W) distance to a path in pixels."""
    return distance_to(stroke(shape, path, 1))


def stroke(shape: tuple[int, int], path: Path2D, width: int) -> npt.NDArray[np.bool_]:
    """(H, W) True on a line along the path. What lies outside the scene counts too, near its border."""
    canvas = np.zeros(shape, np.uint8)
    fixed = np.round(path * 16).astype(np.int32).reshape(1, -1, 2)
    cv2.polylines(canvas, [fixed[0]], False, 1, width, cv2.LINE_8, 4)
    return canvas.view(np.bool_)


def dashes(shape: tuple[int, int], path: Path2D, length: float, gap: float) -> npt.NDArray[np.bool_]:
    """(H, W) True on a dashed line along the path."""
    out = np.zeros(shape, np.bool_)
    travelled = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(path, axis=0).T))])
    on = travelled % (length + gap) < length
    edges = np.flatnonzero(np.diff(on.astype(np.int8)))
    for piece in np.split(np.arange(len(path)), edges + 1):
        if on[piece[0]] and len(piece) > 1:
            out |= stroke(shape, path[piece], 1)
    return out
