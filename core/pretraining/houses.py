"""Buildings as boxes with rows of windows, shop fronts and roofs."""

from dataclasses import dataclass

import numpy as np

from core.pretraining.scene import Box, Face, Scene
from core.pretraining.surfaces import Floats, color

WALLS = (
    (0.55, 0.5, 0.45),
    (0.5, 0.3, 0.22),
    (0.75, 0.73, 0.7),
    (0.35, 0.33, 0.32),
    (0.82, 0.75, 0.6),
    (0.6, 0.62, 0.65),
)


LIT = np.array((1, 0.85, 0.55), np.float32)


@dataclass(frozen=True, slots=True)
class _Look:
    """How the windows of a building look: all alike."""

    apart: float
    """Metres from one to the next."""
    gap: float
    """Between them, as a share of that."""
    sill: float
    lintel: float
    """Shares of a storey."""
    glass: Floats
    frame: Floats

    @classmethod
    def of(cls, scene: Scene) -> "_Look":
        rng = scene.canvas.rng
        glass = scene.plain((0.2, 0.23, 0.27), (0.1, 0.1, 0.12), (0.55, 0.62, 0.7))
        frame = glass + np.float32(rng.uniform(-0.3, 0.6))
        sill, lintel = rng.uniform(0.15, 0.35), rng.uniform(0.75, 0.92)
        return cls(rng.uniform(1.4, 4.5), rng.uniform(0.1, 0.35), sill, lintel, glass, frame)


def building(scene: Scene, box: Box, length: float, width: float) -> None:
    """From the box's place `length` metres along and `width` across."""
    rng, canvas = scene.canvas.rng, scene.canvas
    storeys = int(rng.integers(1, 9)) if rng.random() < 0.7 else int(rng.integers(1, 3))
    storey = rng.uniform(2.6, 4.2)
    high = storeys * storey + rng.uniform(0, 1)
    patterns = ("bricks", "grain", "smooth", "grain", "clouds", "stripes")
    wall = canvas.cover(patterns, scene.tint(*WALLS), rng.uniform(0.03, 0.3))
    look = _Look.of(scene)
    shops = int(rng.random() < 0.45)
    for face in box.faces((0, length), width, (0, high)):
        outline = canvas.area(face.part(0, 1, 0, 1))
        canvas.lay(outline, wall, "building")
        canvas.shade(outline, face.light * rng.uniform(0.9, 1.1, 2))
        if face.end == 4:
            continue
        if storeys > shops:
            _windows(scene, face, look, shops / storeys, storeys - shops)
        if shops:
            _shop_front(scene, face, 1 / storeys)
    if rng.random() < 0.5:
        _roof(scene, box, length, width, high)


def _roof(scene: Scene, box: Box, length: float, width: float, high: float) -> None:
    rng, canvas = scene.canvas.rng, scene.canvas
    red_or_grey = scene.tint((0.35, 0.28, 0.26), (0.5, 0.25, 0.18))
    slates = canvas.cover(("stripes", "grain", "smooth", "bricks"), red_or_grey, 0.2)
    eaves, ridge = rng.uniform(0, 0.6), high + rng.uniform(1, 3.5)
    for face in box.faces((-eaves, length + eaves), width + 2 * eaves, (high, ridge), rng.uniform(1, 4)):
        outline = canvas.area(face.part(0, 1, 0, 1))
        canvas.lay(outline, slates, "building")
        canvas.shade(outline, face.light)


def _windows(scene: Scene, face: Face, look: _Look, low: float, storeys: int) -> None:
    """`storeys` rows from `low` as a share of the height up to the roof."""
    rng, canvas = scene.canvas.rng, scene.canvas
    columns = int(np.clip(face.width / look.apart, 1, 14))
    left, low_edge = (np.arange(columns) + look.gap) / columns, np.arange(storeys)[:, None]
    right = left + (1 - 2 * look.gap) / columns
    bottom, top = (low + (1 - low) * (low_edge + v) / storeys for v in (look.sill, look.lintel))
    grid = np.broadcast_arrays(left, right, bottom, top)  # (storeys, columns) each
    left, right, bottom, top = (edge.ravel() for edge in grid)
    quads = face.at(np.stack([left, right, right, left], 1), np.stack([bottom, bottom, top, top], 1))  # (n, 4, 2)
    quads = quads[np.ptp(quads[..., 0], axis=1) >= 1]
    if not len(quads):
        return
    canvas.lay(canvas.stencil(quads).polygons(quads), look.frame, None)
    panes = quads + 0.12 * (quads.mean(1, keepdims=True) - quads)
    lit = rng.random(len(panes)) < (0.35 if scene.dusk else 0.03)
    dark = rng.random(len(panes)) < 0.4
    for which, glass in ((~lit & ~dark, look.glass), (~lit & dark, look.glass * np.float32(0.65)), (lit, LIT)):
        if which.any():
            canvas.lay(canvas.stencil(panes[which]).polygons(panes[which]), glass, None)


def _shop_front(scene: Scene, face: Face, top: float) -> None:
    """Large panes, doors, awnings, and a board above them."""
    rng, canvas = scene.canvas.rng, scene.canvas
    shops = int(np.clip(face.width / rng.uniform(4, 9), 1, 8))
    for i in range(shops):
        left, right = i / shops, (i + 0.96) / shops
        canvas.lay(canvas.area(face.part(left, right, 0, top)), color(rng), "building")
        glass = np.full(3, rng.uniform(0.05, 0.5) if rng.random() > 0.3 else rng.uniform(0.6, 1), np.float32)
        panes = int(rng.integers(1, 5))
        for k in range(panes):
            u0 = left + (right - left) * (k + 0.06) / panes
            u1 = left + (right - left) * (k + 0.94) / panes
            pane = canvas.area(face.part(u0, u1, top * rng.choice((0.03, 0.15)), top * 0.74))
            canvas.lay(pane, glass, "building")
            canvas.shade(pane, rng.uniform(0.5, 1.6, 2))
        board = canvas.area(face.part(left, right, top * 0.78, top * rng.uniform(0.9, 1)))
        canvas.lay(board, color(rng), "sign" if rng.random() < 0.3 else "building")
