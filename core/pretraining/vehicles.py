"""Cars, vans, buses and lorries as boxes with windows, lamps and wheels, from any side."""

from dataclasses import dataclass

import numpy as np

from core.pretraining.scene import Box, Face, Scene
from core.pretraining.surfaces import Floats, Rng, color

BLACK = np.full(3, 0.05, np.float32)


@dataclass(frozen=True, slots=True)
class Model:
    """Sizes in metres, shares of the length and of the height."""

    length: tuple[float, float]
    width: tuple[float, float]
    height: tuple[float, float]
    waist: tuple[float, float]
    """Where the windows begin."""
    cabin: tuple[float, float]
    """Longest and shortest: how much of the length it is short of, at each end."""
    slope: float
    """How much narrower the cabin is at the roof, in metres."""


CAR = Model((3.5, 4.9), (1.7, 1.95), (1.35, 1.65), (0.5, 0.65), (0.05, 0.28), 0.5)
VAN = Model((4.2, 6.5), (1.8, 2.1), (1.8, 2.6), (0.45, 0.6), (0.0, 0.12), 0.2)
BUS = Model((7, 13), (2.4, 2.6), (2.8, 4.2), (0.3, 0.5), (0.0, 0.0), 0.05)
LORRY = Model((2.0, 2.4), (2.2, 2.5), (2.2, 2.9), (0.45, 0.6), (0.0, 0.05), 0.1)


def vehicle(scene: Scene, x: float, z: float) -> None:
    """At (x, z) in metres, mostly along the street."""
    rng = scene.canvas.rng
    model = (CAR, VAN, BUS, LORRY)[rng.choice(4, p=(0.64, 0.16, 0.1, 0.1))]
    heading = rng.normal(0, 0.12) if rng.random() < 0.7 else rng.uniform(-np.pi, np.pi)
    if rng.random() < 0.5:
        heading += np.pi
    box = Box(scene.view, x, z, heading)
    load = rng.uniform(3, 8) if model is LORRY else 0.0
    length, width, height = rng.uniform(*model.length), rng.uniform(*model.width), rng.uniform(*model.height)
    _shadow(scene, box, length + load, width)
    if load and np.cos(heading) < 0:  # it comes towards us: the load is behind the cab
        _load(scene, box, load, width, height)
    _cab(scene, box, model, (length, width, height))
    if load and np.cos(heading) >= 0:
        _load(scene, box, load, width, height)
    _wheels(scene, box, length, load, width)


def _paint(rng: Rng) -> Floats:
    if rng.random() < 0.5:
        return color(rng)
    return np.full(3, rng.choice((0.05, 0.12, 0.25, 0.5, 0.7, 0.9)) + rng.normal(0, 0.03), np.float32)


def _shadow(scene: Scene, box: Box, length: float, width: float) -> None:
    w, rng = width / 2 + 0.15, scene.canvas.rng
    foot = box.spot([-length / 2, -length / 2, length / 2, length / 2], [-w, w, w, -w], 0)
    scene.canvas.shade(scene.on_ground(foot[:, :2]), rng.uniform(0.25, 0.6))


def _cab(scene: Scene, box: Box, model: Model, size: tuple[float, float, float]) -> None:
    """The part with windows, its length, width and height in metres."""
    rng = scene.canvas.rng
    paint, (length, width, height) = _paint(rng), size
    half, waist = length / 2, height * rng.uniform(*model.waist)
    front, back = rng.uniform(*model.cabin, 2) * length
    lower = box.faces((-half, half), width, (0.2, waist))
    upper = box.faces((front - half, half - back), width, (waist, height), model.slope)
    glass = np.full(3, rng.uniform(0.02, 0.3) if rng.random() < 0.75 else rng.uniform(0.4, 0.9), np.float32)
    panes = int(rng.integers(2, 4) if model is CAR else rng.integers(1, 8))
    for face in (*lower, *upper):
        _panel(scene, face, paint)
    for face in upper:
        if face.end != 4:
            _windows(scene, face, glass, 1 if face.end in (0, 2) else panes)
    for face in lower:
        if face.end in (0, 2):
            _ends(scene, face, red=face.end == 0)


def _panel(scene: Scene, face: Face, paint: Floats) -> None:
    panel = scene.canvas.area(face.part(0, 1, 0, 1))
    scene.canvas.lay(panel, paint, "vehicle")
    scene.canvas.shade(panel, face.light * np.array((1.15, 0.85)))


def _windows(scene: Scene, face: Face, glass: Floats, panes: int) -> None:
    rng = scene.canvas.rng
    gap = 0.04 if panes > 1 else 0.08
    for i in range(panes):
        quad = face.part((i + gap) / panes, (i + 1 - gap) / panes, 0.08, 0.88)
        if np.ptp(quad[:, 0]) > 1.5:
            pane = scene.canvas.area(quad)
            scene.canvas.lay(pane, glass * np.float32(rng.uniform(0.8, 1.2)), "vehicle")
            scene.canvas.shade(pane, rng.uniform(0.6, 1.8, 2))  # what is mirrored in it


def _ends(scene: Scene, face: Face, red: bool) -> None:
    """Lamps, a bumper and a number plate."""
    rng, canvas = scene.canvas.rng, scene.canvas
    lamp = (0.85, 0.1, 0.08) if red else (0.95, 0.95, 0.8)
    high = rng.uniform(0.6, 0.9)
    if rng.random() < 0.7:
        canvas.lay(canvas.area(face.part(0, 1, 0, rng.uniform(0.15, 0.35))), BLACK * rng.uniform(1, 5), "vehicle")
    for left in (0.03, 0.80):
        quad = face.part(left, left + 0.17, high - 0.3, high)
        canvas.lay(canvas.area(quad), np.array(lamp, np.float32) * np.float32(rng.uniform(0.6, 1.1)), "vehicle")
    plate = np.array((0.9, 0.9, 0.8) if rng.random() < 0.7 else (0.85, 0.75, 0.2), np.float32)
    canvas.lay(canvas.area(face.part(0.38, 0.62, 0.2, 0.38)), plate, "vehicle")


def _load(scene: Scene, box: Box, load: float, width: float, height: float) -> None:
    """What a lorry carries, behind its cab."""
    rng = scene.canvas.rng
    paint, high = color(rng), height * rng.uniform(0.5, 1.4)
    cover = scene.canvas.cover(("smooth", "stripes", "smooth"), paint, 0.15)
    for face in box.faces((-load - 1.1, -1.1), width, (0.8, high)):
        panel = scene.canvas.area(face.part(0, 1, 0, 1))
        scene.canvas.lay(panel, cover, "vehicle")
        scene.canvas.shade(panel, face.light)


def _wheels(scene: Scene, box: Box, length: float, load: float, width: float) -> None:
    """On the side that is seen."""
    rng, canvas = scene.canvas.rng, scene.canvas
    radius = rng.uniform(0.28, 0.36) * (1.4 if length > 6 or load else 1)
    sides = [f.end for f in box.faces((-length / 2, length / 2), width, (0.2, 1)) if f.end in (1, 3)]
    for side in sides:
        across = width / 2 if side == 1 else -width / 2
        for along in (0.32 * length, -0.32 * length - load):
            x, z, up = box.spot(along, across, radius)
            metre = scene.view.metre(z)
            flat = abs(np.sin(box.heading - np.arctan2(x, z)))
            for share, paint in ((1, BLACK), (0.55, np.full(3, rng.uniform(0.2, 0.7), np.float32))):
                if metre * radius * share > 1:
                    radii = (metre * radius * share * max(flat, 0.15), metre * radius * share)
                    canvas.lay(canvas.oval(scene.view.at(x, z, up), radii), paint, "vehicle")
