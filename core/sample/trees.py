"""Woods, hedges and single trees, crown by crown."""

import cv2
import numpy as np

from core.sample.scene import FOREST, GRASS, Color, Field, Scene, Where, distance_to

BROADLEAF: Color = (0.25, 0.37, 0.17)
CONIFER: Color = (0.15, 0.28, 0.18)


def lay_trees(scene: Scene, woods: Where, hedges: Where, keep_clear: Where, single: int) -> None:
    """Grow woods, hedges and `single` trees, their crowns off whatever is in `keep_clear`."""
    room = distance_to(keep_clear)
    woods = woods & (room > 8)
    conifer_share = scene.noise(200, 2)
    crowns = np.zeros(scene.shape, np.float32)
    tint = np.zeros(scene.shape, np.float32)
    for x, y, radius in _places(scene, woods, hedges, single):
        if room[y, x] > radius * 0.75:
            pointed = conifer_share[y, x] > 0.55
            _grow(scene, crowns, tint, (x, y), radius, pointed=bool(pointed))
    closed = _closed(woods & (distance_to(crowns > 0) < 7))
    scene.lay(closed, FOREST, scene.toned((0.14, 0.21, 0.11), (scene.noise(6, 2), 0.10)))
    _lay_crowns(scene, crowns, tint, conifer_share)


def _places(scene: Scene, woods: Where, hedges: Where, single: int) -> list[tuple[int, int, float]]:
    """(x, y, radius) of every tree: on a shaken grid in the woods, strung out in the hedges, strewn elsewhere."""
    rng, (height, width) = scene.rng, scene.shape
    places: list[tuple[int, int, float]] = []
    spacing = 12
    for y in range(0, height, spacing):
        for x in range(0, width, spacing):
            px, py = x + int(rng.integers(-5, 6)), y + int(rng.integers(-5, 6))
            if 0 <= px < width and 0 <= py < height and woods[py, px]:
                places.append((px, py, float(rng.uniform(7, 12))))
    rows, columns = np.nonzero(hedges)
    for i in rng.permutation(len(rows))[: len(rows) // 55]:
        places.append((int(columns[i]), int(rows[i]), float(rng.uniform(4.5, 8))))
    for _ in range(single):
        x, y, radius = int(rng.integers(width)), int(rng.integers(height)), float(rng.uniform(5.5, 11))
        if scene.labels[y, x] == GRASS:
            places.append((x, y, radius))
    return places


def _grow(scene: Scene, crowns: Field, tint: Field, at: tuple[int, int], radius: float, *, pointed: bool) -> None:
    """Raise one crown, round or pointed, with an uneven outline."""
    rng = scene.rng
    reach = int(radius * 1.3) + 1
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1].astype(np.float32)
    turn, lobes = rng.random() * 6.28, int(rng.integers(3, 7))
    outline = radius * (1 + 0.13 * np.sin(lobes * np.arctan2(y, x) + turn))
    inside = np.clip(1 - np.hypot(x, y) / outline, 0, 1)
    dome = radius * (1.25 * inside if pointed else 0.95 * np.sqrt(inside * (2 - inside))) * (inside > 0)
    top, left = at[1] - reach, at[0] - reach
    height, width = scene.shape
    t, b, lo, hi = max(top, 0), min(at[1] + reach + 1, height), max(left, 0), min(at[0] + reach + 1, width)
    part = dome[t - top : b - top, lo - left : hi - left]
    higher = part > crowns[t:b, lo:hi]
    crowns[t:b, lo:hi][higher] = part[higher]
    tint[t:b, lo:hi][higher] = rng.normal()


def _lay_crowns(scene: Scene, crowns: Field, tint: Field, conifer_share: Field) -> None:
    where = crowns > 0
    leaves = scene.noise(3.2, 1)
    broad = scene.toned(BROADLEAF, (tint, 0.10), (leaves, 0.09), (scene.noise(120), 0.06))
    broad[..., 0] *= 1 + 0.10 * np.clip(tint, -1, 2)  # some crowns are yellower than others
    dark = scene.toned(CONIFER, (tint, 0.09), (leaves, 0.08))
    color = np.where((conifer_share > 0.55)[..., None], dark, broad)
    scene.lay(where, FOREST, color.astype(np.float32))
    scene.height[where] += crowns[where] + 3 + leaves[where] * 0.5


def _closed(where: Where) -> Where:
    """Fill gaps of a few pixels between crowns."""
    kernel = np.ones((7, 7), np.uint8)
    return np.asarray(cv2.morphologyEx(where.astype(np.uint8), cv2.MORPH_CLOSE, kernel), np.uint8).astype(np.bool_)
