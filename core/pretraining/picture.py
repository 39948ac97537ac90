"""A picture in the making: what it looks like, and what every pixel is."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil

import cv2
import numpy as np
import numpy.typing as npt

from core.classes import UNLABELED
from core.pretraining.kinds import ID
from core.pretraining.surfaces import Bytes, Cover, Floats, Part, Rng, Surfaces, fractal

Paint = Cover | Floats
"""A pattern, or one colour: (3,) from 0 to 1."""
FARTHEST = 16_000
"""Pixels; OpenCV draws wrongly from 32,768 on."""


@dataclass(slots=True)
class Stencil:
    """What is cut out of a part of the picture; points are x, y in pixels of the whole picture."""

    top: int
    left: int
    mask: Bytes
    """(h, w), 1 where paint comes through."""

    @property
    def part(self) -> Part:
        height, width = self.mask.shape
        return slice(self.top, self.top + height), slice(self.left, self.left + width)

    def polygon(self, points: npt.ArrayLike) -> "Stencil":
        if self.mask.size:
            cv2.fillPoly(self.mask, [self._pixels(points)], 1)
        return self

    def polygons(self, points: npt.ArrayLike) -> "Stencil":
        """Many with as many corners each, (n, corners, 2), that do not overlap."""
        if self.mask.size:
            cv2.fillPoly(self.mask, list(self._pixels(points)), 1)
        return self

    def line(self, points: npt.ArrayLike, width: float = 1) -> "Stencil":
        return self.lines(np.asarray(points)[None], width)

    def lines(self, points: npt.ArrayLike, width: float = 1) -> "Stencil":
        """(n, points, 2)."""
        if self.mask.size:
            cv2.polylines(self.mask, list(self._pixels(points)), False, 1, max(1, round(width)))
        return self

    def oval(self, center: npt.ArrayLike, radii: tuple[float, float], turn: float = 0) -> "Stencil":
        """Radii along x and y before it is turned by `turn` degrees."""
        if self.mask.size:
            x, y = self._pixels(center).tolist()
            cv2.ellipse(self.mask, (x, y), (max(1, round(radii[0])), max(1, round(radii[1]))), turn, 0, 360, 1, -1)
        return self

    def closed(self, height: int, width: int) -> "Stencil":
        """With gaps up to this size filled."""
        mask = cv2.morphologyEx(self.mask, cv2.MORPH_CLOSE, np.ones((height, width))) if self.mask.size else self.mask
        return Stencil(self.top, self.left, mask)  # type: ignore[arg-type]

    def _pixels(self, points: npt.ArrayLike) -> npt.NDArray[np.int32]:
        return _whole(points) - np.array((self.left, self.top), np.int32)


def _whole(points: npt.ArrayLike) -> npt.NDArray[np.int32]:
    near = np.minimum(np.maximum(np.asarray(points, np.float64), -FARTHEST), FARTHEST)  # a third of np.clip's time
    return np.rint(near).astype(np.int32)


class Canvas:
    """Painted from behind to the front."""

    def __init__(self, rng: Rng, surfaces: Surfaces, side: int) -> None:
        self.rng, self.side = rng, side
        self._surfaces = surfaces
        self.rgb: Bytes = np.zeros((side, side, 3), np.uint8)
        self.ids: Bytes = np.full((side, side), UNLABELED, np.uint8)

    def cover(
        self, names: str | Iterable[str], base: npt.ArrayLike | None = None, spread: float | None = None
    ) -> Cover:
        """One of these patterns, in colours around `base`."""
        name = names if isinstance(names, str) else str(self.rng.choice(list(names)))
        return self._surfaces.cover(self.rng, name, self.side, base, spread)

    def stencil(self, points: npt.ArrayLike, margin: float = 0) -> Stencil:
        """Nothing cut out yet; it reaches `margin` pixels beyond the box around the points (n, 2)."""
        x, y, width, height = cv2.boundingRect(_whole(points).reshape(-1, 1, 2))
        more = ceil(margin)
        left, right = (min(max(edge, 0), self.side) for edge in (x - more, x + width + more))
        top, bottom = (min(max(edge, 0), self.side) for edge in (y - more, y + height + more))
        return Stencil(top, left, np.zeros((bottom - top, right - left), np.uint8))

    def area(self, points: npt.ArrayLike) -> Stencil:
        """A polygon."""
        return self.stencil(points).polygon(points)

    def oval(self, center: npt.ArrayLike, radii: tuple[float, float], turn: float = 0) -> Stencil:
        return self.stencil(np.atleast_2d(center), max(radii) + 1).oval(center, radii, turn)

    def lay(self, stencil: Stencil, paint: Paint, kind: str | None, opacity: float = 1) -> None:
        """Paint over what is there; without a kind the pixels stay what they are."""
        part, mask = stencil.part, stencil.mask
        if not mask.size:
            return
        under = self.rgb[part]
        fresh = paint.cut(part) if isinstance(paint, Cover) else _plain(paint, under.shape)
        if opacity < 1:
            fresh = cv2.addWeighted(fresh, opacity, under, 1 - opacity, 0)  # type: ignore[assignment]
        cv2.copyTo(fresh, mask, under)
        if kind is not None:
            self.mark(stencil, kind)

    def mark(self, stencil: Stencil, kind: str) -> None:
        """Say what the pixels are, without painting."""
        self.ids[stencil.part][stencil.mask.view(bool)] = ID[kind]

    def shade(self, stencil: Stencil, light: npt.ArrayLike) -> None:
        """Multiply by `light`, which broadcasts to (h, w); with two numbers, from top to bottom."""
        light = np.asarray(light, np.float32)
        if light.shape == (2,):
            light = np.linspace(light[0], light[1], stencil.mask.shape[0], dtype=np.float32)[:, None]
        under = self.rgb[stencil.part]
        if under.size:
            light = np.broadcast_to(light, under.shape[:2])
            cv2.copyTo(cv2.multiply(under, cv2.merge([light] * 3), dtype=cv2.CV_8U), stencil.mask, under)

    def finished(self, exposure: float = 1, contrast: float = 1) -> tuple[Bytes, Bytes]:
        """The picture as a camera sees it, (side, side, 3), and its kinds (side, side)."""
        rng = self.rng
        rgb = cv2.GaussianBlur(self.rgb, (0, 0), rng.uniform(0.3, 1.1)) if rng.random() < 0.7 else self.rgb
        light = 1 + rng.uniform(0, 0.35) * (fractal(rng, 64, 2.5) - 0.5)
        lit = cv2.multiply(rgb, cv2.merge([cv2.resize(light, rgb.shape[:2])] * 3), dtype=cv2.CV_32F)
        noise = self._surfaces.noise(rng, self.side)
        noisy = cv2.addWeighted(lit, 1, noise, 255 * rng.uniform(0, 0.03), 0, dtype=cv2.CV_8U)
        gain = exposure * np.exp(rng.normal(0, 0.18) + rng.normal(0, 0.04, 3))
        tones = np.clip(np.linspace(0, 1, 256)[:, None, None] * gain, 0, 1) ** (contrast * np.exp(rng.normal(0, 0.18)))
        return cv2.LUT(noisy, (255 * tones).astype(np.uint8)), self.ids  # type: ignore[return-value]


def _plain(paint: Floats, shape: tuple[int, ...]) -> Bytes:
    out = np.empty(shape, np.uint8)
    out[:] = 255 * np.minimum(np.maximum(paint, 0), 1)
    return out
