"""Streets and yards: a sky, a ground seen at a slant, and things that stand on it, from far to near."""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from core.pretraining.furniture import billboard, fence, pole
from core.pretraining.houses import building
from core.pretraining.people import person
from core.pretraining.picture import Canvas
from core.pretraining.plants import bush, tree
from core.pretraining.scene import Box, Scene, View
from core.pretraining.surfaces import Bytes, Points, Rng, Surfaces
from core.pretraining.vehicles import vehicle

SKIES = ((0.85, 0.9, 0.95), (0.55, 0.68, 0.85), (0.98, 0.98, 0.98))
FAR = 400.0
"""Metres; the end of the street."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Where things are, in metres to the right of the camera."""

    left: float
    right: float
    """The kerbs."""
    pavement: float
    setback: float
    """From the pavement to the houses."""

    def beside(self, rng: Rng, reach: float) -> float:
        """A place up to `reach` metres beside the road."""
        off = rng.uniform(0.2, reach)
        return self.left - off if rng.random() < 0.5 else self.right + off


def street(rng: Rng, surfaces: Surfaces, side: int) -> tuple[Bytes, Bytes]:
    """(side, side, 3) and the kinds (side, side)."""
    canvas = Canvas(rng, surfaces, side)
    eye = np.exp(rng.uniform(np.log(1.2), np.log(5)))
    view = View(side * rng.uniform(0.7, 1.7), side * rng.uniform(0.25, 0.65), side * rng.uniform(0.2, 0.8), eye)
    scene = Scene(canvas, view, wild=rng.random() < 0.08, dusk=rng.random() < 0.18)
    half = rng.uniform(2.5, 9)
    middle = rng.uniform(-half, half)
    plan = Plan(middle - half, middle + half, rng.uniform(1.5, 6), rng.choice((0, 0, rng.uniform(0, 10))))
    glare = not scene.dusk and rng.random() < 0.3
    _sky(scene, glare)
    _ground(scene)
    _verges(scene, plan)
    _markings(scene, plan)
    for _, draw, x, z in sorted(_things(scene, plan, rng.random() < 0.75), key=_nearness):
        draw(scene, x, z)
    if scene.dusk:
        return canvas.finished(rng.uniform(0.6, 1), rng.uniform(1.1, 1.7))
    return canvas.finished(rng.uniform(1.1, 1.5), rng.uniform(1.2, 1.6)) if glare else canvas.finished()


Thing = tuple[float, Callable[[Scene, float, float], None], float, float]
"""How far its farther end is, what draws it, and its x and z."""


def _nearness(thing: Thing) -> float:
    return -thing[0]


def _things(scene: Scene, plan: Plan, built: bool) -> list[Thing]:
    rng = scene.canvas.rng
    things: list[Thing] = _houses(rng, plan) if built else []
    reach = plan.pavement + plan.setback

    def put(draw: Callable[[Scene, float, float], None], most: int, near: float, far: float, on_road: float) -> None:
        for _ in range(int(rng.integers(0, most))):
            z = np.exp(rng.uniform(np.log(near), np.log(far)))
            on = rng.random() < on_road
            x = rng.uniform(plan.left, plan.right) if on else plan.beside(rng, reach if built else reach + 12)
            things.append((z, draw, x, z))

    put(tree, 8, 5, 60, 0)
    put(tree, 4, 40, 160, 0.2)
    put(bush, 5, 4, 60, 0)
    put(vehicle, 10, 5, 60, 0.9)
    put(person, 9, 2.5, 15, 0.25)
    put(person, 6, 6, 50, 0.3)
    put(pole, 9, 2.5, 20, 0)
    put(pole, 4, 10, 60, 0)
    put(billboard, 3, 6, 40, 0)
    put(fence, 4, 3, 25, 0)
    return things


def _houses(rng: Rng, plan: Plan) -> list[Thing]:
    """Rows on both sides, and some at the end."""
    things: list[Thing] = []
    front = plan.pavement + plan.setback

    def stand(x: float, z: float, length: float, width: float) -> None:
        def draw(scene: Scene, x: float, z: float) -> None:
            building(scene, Box(scene.view, x, z, 0), length, width)

        things.append((z + length, draw, x, z))

    for sign, edge in ((-1, plan.left - front), (1, plan.right + front)):
        z = rng.uniform(-8, 25)
        while z < 120 and rng.random() < 0.88:
            length, width = rng.uniform(6, 30), rng.uniform(8, 20)
            stand(edge + sign * width / 2, z, length, width)
            z += length + rng.choice((0, rng.uniform(0, 15)))
    for _ in range(int(rng.integers(0, 4))):
        stand(rng.normal(0, 30), rng.uniform(50, 150), rng.uniform(8, 20), rng.uniform(10, 40))
    return things


def _sky(scene: Scene, glare: bool) -> None:
    rng, canvas = scene.canvas.rng, scene.canvas
    base = (0.99, 0.99, 0.99) if glare else scene.tint(*SKIES)
    cover = canvas.cover(("clouds", "smooth", "smooth"), base, 0.03 if glare else rng.uniform(0.02, 0.3))
    side, low = canvas.side, min(canvas.side, scene.view.horizon + 3)
    sky = canvas.area([(0, 0), (side, 0), (side, low), (0, low)])
    canvas.lay(sky, cover, "sky")
    canvas.shade(sky, (1 if glare else rng.uniform(0.7, 1.05), 1))


def _ground(scene: Scene) -> None:
    """A surface laid flat: fine in the distance, coarse at our feet."""
    rng, canvas, view = scene.canvas.rng, scene.canvas, scene.view
    side, top = canvas.side, int(view.horizon)
    grey = rng.uniform(0.2, 0.55)
    names = ("grain", "clouds", "smooth", "grain", "cracks", "bricks")
    flat = canvas.cover(names, scene.tint((grey, grey, grey)), rng.uniform(0.05, 0.3)).cut((slice(None), slice(None)))
    depth = 1 / (np.arange(top, side) - view.horizon + 2)[:, None]  # (rows, 1)
    across = (np.arange(side) - view.center) * depth * 40 + 1000 * side
    along = depth * 4000 + np.zeros(side)
    columns, rows = ((place % (side - 1)).astype(np.float32) for place in (across, along))
    tilted = cv2.remap(flat, columns, rows, cv2.INTER_LINEAR)
    near = np.clip((np.arange(top, side) - top) / (side * 0.3), 0, 1)[:, None, None].astype(np.float32)
    canvas.rgb[top:] = tilted * near + flat.mean((0, 1), np.float32) * (1 - near)
    canvas.mark(canvas.area([(0, top), (side, top), (side, side), (0, side)]), "ground")


def _verges(scene: Scene, plan: Plan) -> None:
    """Pavements and grass on both sides, kerbs between, shadows across."""
    rng, canvas = scene.canvas.rng, scene.canvas
    for edge, sign in ((plan.left, -1), (plan.right, 1)):
        for start, stop, odds in ((plan.pavement, 40, 0.6), (0, plan.pavement, 0.8)):
            if rng.random() > odds:
                continue
            a, b = edge + sign * start, edge + sign * stop
            strip = scene.on_ground([(a, 1), (a, FAR), (b, FAR), (b, 1)])
            if rng.random() < (0.55 if start else 0.2):
                grass = canvas.cover(("foliage", "grain", "fibres"), scene.tint((0.3, 0.4, 0.15), (0.45, 0.42, 0.25)))
                canvas.lay(strip, grass, "low plants")
            else:
                stone = scene.tint((0.5, 0.48, 0.46), (0.65, 0.6, 0.55), (0.4, 0.38, 0.38))
                canvas.lay(strip, canvas.cover(("grain", "bricks", "checks", "smooth"), stone, 0.12), "ground")
        if rng.random() < 0.6:
            kerb = scene.on_ground([(edge, 1), (edge, FAR), (edge + 0.25 * sign, FAR), (edge + 0.25 * sign, 1)])
            canvas.lay(kerb, scene.plain((0.6, 0.6, 0.58), (0.4, 0.4, 0.4)), "ground")
    for _ in range(int(rng.integers(0, 4))):
        middle, radius = scene.view.at(rng.uniform(-8, 8), rng.uniform(3, 30)), canvas.side * rng.uniform(0.02, 0.25)
        canvas.shade(canvas.oval(middle, (radius, radius * 0.2)), rng.uniform(0.4, 0.8))


def _markings(scene: Scene, plan: Plan) -> None:
    """Lines along the road, dashed or not, crossings, stop lines and arrows."""
    rng = scene.canvas.rng
    white = scene.plain((0.9, 0.9, 0.85), (0.9, 0.9, 0.85), (0.85, 0.7, 0.2))
    worn = rng.uniform(0.55, 1)

    def paint(points: Points) -> None:
        scene.canvas.lay(scene.on_ground(points), white, "marking", worn)

    def strip(x: float, width: float, start: float, stop: float) -> None:
        paint(np.array([(x, start), (x + width, start), (x + width, stop), (x, stop)]))

    for _ in range(int(rng.integers(0, 5))):
        x, width = rng.uniform(plan.left, plan.right), rng.uniform(0.12, 0.35)
        dash, gap = rng.choice(((FAR, 1), (3, 5), (6, 4), (1, 1)))
        for start in np.arange(rng.uniform(0.8, 3), 90, dash + gap):
            strip(x, width, start, start + dash)
    if rng.random() < 0.35:
        start, deep, apart = rng.uniform(2, 18), rng.uniform(2, 4.5), rng.uniform(0.8, 1.4)
        for x in np.arange(plan.left, plan.right - 0.3, apart):
            strip(x, apart / 2, start, start + deep)
    if rng.random() < 0.3:
        start = rng.uniform(2, 20)
        strip(plan.left, (plan.right - plan.left) / 2, start, start + rng.uniform(0.3, 0.8))
    for _ in range(int(rng.integers(0, 3))):
        x, z, long = rng.uniform(plan.left, plan.right), rng.uniform(2.5, 20), rng.uniform(2, 5)
        strip(x - 0.12, 0.24, z, z + 0.6 * long)
        paint(np.array([(x - 0.5, z + 0.6 * long), (x + 0.5, z + 0.6 * long), (x, z + long)]))
