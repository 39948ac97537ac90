"""Pictures as under a microscope: cells with a nucleus, and fibres between them."""

import numpy as np

from core.pretraining.picture import Canvas, Paint
from core.pretraining.surfaces import Bytes, Floats, Rng, Surfaces, color, curve


def cells(rng: Rng, surfaces: Surfaces, side: int) -> tuple[Bytes, Bytes]:
    """(side, side, 3) and the kinds (side, side)."""
    canvas = Canvas(rng, surfaces, side)
    back = str(rng.choice(("smooth", "clouds", "grain")))
    everywhere = canvas.area([(0, 0), (side, 0), (side, side), (0, side)])
    canvas.lay(everywhere, canvas.cover(back, None, rng.uniform(0.02, 0.2)), f"surface {back}")
    body, core = color(rng), color(rng)
    inside = canvas.cover(("smooth", "grain", "clouds", "fibres"), body, 0.2)
    size = np.exp(rng.uniform(np.log(5), np.log(40)))
    most = int(np.clip(14_000 / size**2, 7, 120))
    for _ in range(int(rng.integers(5, most))):
        _cell(canvas, size * np.exp(rng.normal(0, 0.25)), inside, body, core)
    for _ in range(int(rng.integers(0, 8))):
        path, width = curve(rng, side, 60, 0.12), rng.uniform(1, 4)
        canvas.lay(canvas.stencil(path, width).line(path, width), color(rng), "fibre")
    return canvas.finished()


def _cell(canvas: Canvas, radius: float, inside: Paint, body: Floats, core: Floats) -> None:
    rng = canvas.rng
    center, radii = rng.uniform(0, canvas.side, 2), np.array((radius, radius * rng.uniform(0.5, 1)))
    turn = rng.uniform(0, 180)
    if rng.random() < 0.8:  # a membrane
        rim = np.clip(body * rng.uniform(0.4, 1.3), 0, 1)
        canvas.lay(canvas.oval(center, tuple(radii + max(1, radius / 10)), turn), rim, "cell")
    cell = canvas.oval(center, tuple(radii), turn)
    canvas.lay(cell, inside, "cell")
    if rng.random() < 0.8:
        middle = center + rng.normal(0, radius / 10, 2)
        canvas.lay(canvas.oval(middle, tuple(radii * rng.uniform(0.25, 0.5)), turn), core, "nucleus")
