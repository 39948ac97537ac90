"""What stands along streets: poles with lamps and signs, and fences."""

import numpy as np

from core.pretraining.scene import Scene
from core.pretraining.surfaces import Floats, Points, color

METAL = ((0.45, 0.45, 0.45), (0.2, 0.2, 0.2), (0.75, 0.75, 0.72), (0.3, 0.22, 0.15))


def pole(scene: Scene, x: float, z: float) -> None:
    """Lamp posts, sign posts, masts, bollards."""
    rng, view, metre = scene.canvas.rng, scene.view, scene.view.metre(z)
    high = rng.uniform(0.8, 1.3) if rng.random() < 0.15 else rng.uniform(2.2, 9)
    width, paint = metre * rng.uniform(0.08, 0.3), scene.plain(*METAL)
    foot, top = view.at(x, z), view.at(x, z, high)
    _bar(scene, foot, top, width, paint)
    if high > 3 and rng.random() < 0.5:  # an arm that reaches out
        reach = top + metre * np.array((rng.choice((-1, 1)) * rng.uniform(0.8, 3), -rng.uniform(0, 0.5)))
        _bar(scene, top, reach, 0.7 * width, paint)
        scene.canvas.lay(scene.canvas.oval(reach, (0.4 * metre, 0.15 * metre)), paint, "pole")
    if rng.random() < 0.65:
        for _ in range(int(rng.integers(1, 4))):
            sign(scene, view.at(x, z, high * rng.uniform(0.75, 1)), metre * rng.uniform(0.25, 0.8))


def _bar(scene: Scene, start: Points, stop: Points, width: float, paint: Floats) -> None:
    ends = np.stack([start, stop])
    bar = scene.canvas.stencil(ends, width + 1).line(ends, width)
    scene.canvas.lay(bar, paint, "pole")
    if width > 3:  # round: one side is lighter
        scene.canvas.lay(
            scene.canvas.stencil(ends, width).line(ends + np.array((width / 4, 0)), width / 3), paint * 1.3, None
        )


def sign(scene: Scene, middle: Points, size: float) -> None:
    """A disc, a board or a triangle with a rim, and something on it."""
    rng, canvas = scene.canvas.rng, scene.canvas
    rim, board, glyph = color(rng), color(rng), color(rng)
    wide, high = size, size * rng.uniform(0.5, 1.6)
    kind, up = rng.integers(3), rng.choice((-1, 1))

    def outline(share: float) -> None:
        paint = rim if share == 1 else board
        w, h = share * wide, share * high
        if kind == 0:
            plate = canvas.oval(middle, (share * size, share * size))
        elif kind == 1:
            plate = canvas.area(middle + np.array([(-w, -h), (w, -h), (w, h), (-w, h)]))
        else:
            plate = canvas.area(middle + share * size * np.array([(-1, 0.8 * up), (1, 0.8 * up), (0, -up)]))
        canvas.lay(plate, paint, "sign")

    outline(1)
    outline(rng.uniform(0.65, 0.9))
    if size > 3 and rng.random() < 0.7:
        marks = middle + size * rng.uniform(-0.4, 0.4, (int(rng.integers(2, 6)), 2))
        canvas.lay(canvas.stencil(marks, size).line(marks, size / 5), glyph, None)


def billboard(scene: Scene, x: float, z: float) -> None:
    """A board on two legs, with a picture of anything."""
    rng, view = scene.canvas.rng, scene.view
    wide, low, high = rng.uniform(0.6, 3), rng.uniform(0.2, 2.2), rng.uniform(2.3, 4.5)
    for side in (-0.8, 0.8):
        _bar(scene, view.at(x + side * wide, z), view.at(x + side * wide, z, low), 0.1 * view.metre(z), color(rng))
    corners = view.at(x + wide * np.array((-1, 1, 1, -1)), z, [low, low, high, high])
    canvas = scene.canvas
    canvas.lay(canvas.area(corners), canvas.cover(("smooth", "clouds", "stripes", "spots", "checks")), "sign")


def fence(scene: Scene, x: float, z: float) -> None:
    """Bars between two rails, along the street or across; what is seen between them counts as fence."""
    rng, view = scene.canvas.rng, scene.view
    high, length, apart = rng.uniform(0.7, 2), rng.uniform(4, 25), rng.uniform(0.1, 0.5)
    along = rng.random() < 0.6
    places = np.linspace(0, length, int(np.clip(length / apart, 2, 90)))
    xs, zs = (x + 0 * places, z + places) if along else (x + places, z + 0 * places)
    feet, tops = view.at(xs, zs), view.at(xs, zs, high)
    bars = scene.canvas.stencil(np.concatenate([feet, tops]), 2)
    width = view.metre(z) * 0.03
    bars.lines(np.stack([feet, tops], 1), width)
    for up in (0.1, 0.95):
        bars.line(view.at(xs, zs, up * high), width * 1.5)
    scene.canvas.lay(bars, scene.plain(*METAL), "fence")
    gap = int(np.clip(view.metre(z) * apart, 3, 15))
    scene.canvas.mark(bars.closed(3, gap), "fence")
