"""Persons: a head, a body, arms and legs, clothes of any colour."""

import numpy as np

from core.pretraining.scene import Scene
from core.pretraining.surfaces import Floats, Points, color

SKIN = np.array((0.8, 0.6, 0.5), np.float32)


def person(scene: Scene, x: float, z: float) -> None:
    """Stands or walks at (x, z) in metres, alone or with others beside."""
    rng = scene.canvas.rng
    for _ in range(int(rng.choice((1, 1, 1, 2, 3)))):
        _figure(scene, scene.view.at(x, z), scene.view.metre(z) * rng.uniform(1.1, 1.95))
        x += rng.normal(0, 0.8)


def _figure(scene: Scene, foot: Points, high: float) -> None:
    """`high` in pixels."""
    rng, canvas = scene.canvas.rng, scene.canvas
    top, legs, skin = _clothes(scene), _clothes(scene), np.clip(SKIN * np.float32(rng.uniform(0.25, 1.2)), 0, 1)
    limb, stride, turned = high * rng.uniform(0.07, 0.11), high * rng.uniform(0.02, 0.14), rng.uniform(0.6, 1)
    lean = rng.normal(0, 0.02) * high

    def spot(across: float, up: float) -> tuple[float, float]:
        return foot[0] + across + lean * up, foot[1] - up * high

    def stroke(points: list[tuple[float, float]], width: float, paint: Floats) -> None:
        canvas.lay(canvas.stencil(points, width + 1).line(points, width), paint, "person")

    for side in (-1, 1):
        stroke([spot(side * 0.03 * high, 0.5), spot(side * stride, 0)], limb, legs)
    if rng.random() < 0.25:  # a coat or a skirt
        canvas.lay(
            canvas.area(
                [spot(-0.1 * high, 0.28), spot(0.1 * high, 0.28), spot(0.05 * high, 0.6), spot(-0.05 * high, 0.6)]
            ),
            top,
            "person",
        )
    shoulders = 0.13 * high * turned
    trunk = canvas.area(
        [
            spot(-0.75 * shoulders, 0.46),
            spot(0.75 * shoulders, 0.46),
            spot(shoulders, 0.8),
            spot(0, 0.84),
            spot(-shoulders, 0.8),
        ]
    )
    canvas.lay(trunk, top, "person")
    canvas.shade(trunk, rng.uniform(0.7, 1.2, 2))
    for side in (-1, 1):
        hand = spot(side * shoulders + rng.normal(0, 0.05) * high, rng.uniform(0.38, 0.6))
        stroke([spot(side * shoulders, 0.78), hand], 0.7 * limb, top * np.float32(0.9))
    if rng.random() < 0.3:  # a bag
        bag = spot(rng.choice((-1, 1)) * shoulders * 1.2, rng.uniform(0.4, 0.7))
        canvas.lay(canvas.oval(bag, (0.07 * high, 0.1 * high)), color(rng), "person")
    canvas.lay(canvas.oval(spot(0, 0.91), (0.06 * high, 0.08 * high)), skin, "person")
    hair = np.clip(np.array((0.2, 0.14, 0.1), np.float32) * np.float32(rng.uniform(0.2, 3)), 0, 1)
    canvas.lay(canvas.oval(spot(rng.normal(0, 0.015) * high, 0.95), (0.055 * high, 0.045 * high)), hair, "person")


def _clothes(scene: Scene) -> Floats:
    rng = scene.canvas.rng
    return color(rng) if rng.random() < 0.55 else color(rng) * np.float32(0.35)
