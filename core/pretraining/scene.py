"""Space for a street: metres on the ground, a camera, and boxes seen by it."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.pretraining.picture import Canvas, Stencil
from core.pretraining.surfaces import Floats, Points, color

NEAREST = 0.7
"""Metres in front of the camera; what is nearer is drawn as if it were there."""


@dataclass(frozen=True, slots=True)
class View:
    """A camera that looks along z; x is to the right, up is up, all in metres."""

    focal: float
    """Pixels that a metre measures at a distance of one metre."""
    horizon: float
    center: float
    """Row of the horizon and column of the vanishing point, in pixels."""
    eye: float
    """Height above the ground."""

    def at(self, x: npt.ArrayLike, z: npt.ArrayLike, up: npt.ArrayLike = 0) -> Points:
        """Pixels x, y as (..., 2)."""
        scale = self.focal / np.maximum(z, NEAREST)
        column, row = self.center + np.asarray(x) * scale, self.horizon + (self.eye - np.asarray(up)) * scale
        pixels = np.empty((*np.broadcast_shapes(column.shape, row.shape), 2))
        pixels[..., 0], pixels[..., 1] = column, row
        return pixels

    def metre(self, z: float) -> float:
        """In pixels, at this distance."""
        return self.focal / max(z, NEAREST)


@dataclass(frozen=True, slots=True)
class Face:
    """A rectangle in space: its lower left, lower right, upper right and upper left corner as (x, z, up)."""

    view: View
    corners: Points
    light: float
    end: int
    """Which side of its box: 0 and 2 are the ends, 1 and 3 the long sides, 4 the top."""

    @property
    def width(self) -> float:
        """Metres, at its foot."""
        return float(np.linalg.norm(self.corners[1] - self.corners[0]))

    def at(self, u: npt.ArrayLike, v: npt.ArrayLike) -> Points:
        """From (0, 0) lower left to (1, 1) upper right -> pixels (..., 2)."""
        u, v = np.asarray(u, float), np.asarray(v, float)
        shares = np.stack([(1 - u) * (1 - v), u * (1 - v), u * v, (1 - u) * v], -1)
        spots = shares @ self.corners  # (..., 3)
        return self.view.at(spots[..., 0], spots[..., 1], spots[..., 2])

    def part(self, left: float, right: float, low: float, high: float) -> Points:
        """(4, 2) pixels of a rectangle in it."""
        return self.at([left, right, right, left], [low, low, high, high])


@dataclass(frozen=True, slots=True)
class Box:
    """Stands at (x, z), its long side turned by `heading` radians from the direction of the view."""

    view: View
    x: float
    z: float
    heading: float

    def spot(self, along: npt.ArrayLike, across: npt.ArrayLike, up: npt.ArrayLike) -> Points:
        """(n, 3) x, z, up of places in its own directions, in metres."""
        sine, cosine = np.sin(self.heading), np.cos(self.heading)
        along, across, up = np.broadcast_arrays(np.asarray(along, float), across, up)
        return np.stack([self.x + along * sine + across * cosine, self.z + along * cosine - across * sine, up], -1)

    def faces(
        self, length: tuple[float, float], width: float, height: tuple[float, float], taper: float = 0
    ) -> list[Face]:
        """What the camera sees of a part of it.

        Args:
            length, height: where it begins and ends.
            taper: so much it is shorter on top, at each end, and narrower.
        """
        (start, stop), (low, high) = length, height
        t, w = taper, width / 2
        foot = self.spot([start, start, stop, stop], [-w, w, w, -w], low)
        top = self.spot([start + t, start + t, stop - t, stop - t], [t / 2 - w, w - t / 2, w - t / 2, t / 2 - w], high)
        seen = []
        for i in range(4):
            j = (i + 1) % 4
            (ax, az, _), (bx, bz, _) = foot[i], foot[j]
            if ax * bz - bx * az < 0:  # its outside is turned to the camera, which stands at (0, 0)
                light = (1.0, 0.8, 0.9, 0.7)[i]
                seen.append(Face(self.view, np.stack([foot[i], foot[j], top[j], top[i]]), light, i))
        if high < self.view.eye:
            seen.append(Face(self.view, top, 1.15, 4))
        return seen


@dataclass(frozen=True, slots=True)
class Scene:
    canvas: Canvas
    view: View
    wild: bool
    """Colours mean nothing."""
    dusk: bool

    def tint(self, *bases: tuple[float, float, float]) -> tuple[float, float, float] | None:
        """One of these colours, or now and then none, so that colour is no more than a hint."""
        if self.wild or self.canvas.rng.random() < 0.1:
            return None
        return bases[self.canvas.rng.integers(len(bases))]

    def plain(self, *bases: tuple[float, float, float], spread: float = 0.1) -> Floats:
        """A colour near one of these, or any."""
        base = self.tint(*bases)
        if base is None:
            return color(self.canvas.rng)
        return np.clip(np.array(base) + self.canvas.rng.normal(0, spread), 0, 1).astype(np.float32)

    def on_ground(self, points: npt.ArrayLike) -> Stencil:
        """A polygon of (x, z) in metres."""
        x, z = np.asarray(points, float).T
        return self.canvas.area(self.view.at(x, z))
