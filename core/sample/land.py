"""What grows and flows: meadows, parcels of crop with their rows, rivers and lakes, bare ground."""

from dataclasses import dataclass

import numpy as np

from core.sample.paths import Path2D, draw_path
from core.sample.scene import BARE, CROP, GRASS, WATER, Color, Field, Scene, Where, distance_to, mix

CROPS: tuple[Color, ...] = (
    (0.77, 0.67, 0.40),  # ripe wheat
    (0.70, 0.58, 0.38),  # stubble
    (0.46, 0.60, 0.27),  # young green
    (0.36, 0.51, 0.22),  # maize
    (0.80, 0.76, 0.30),  # rapeseed
    (0.60, 0.62, 0.36),  # barley
)
SAND: Color = (0.76, 0.68, 0.54)
CLAY: Color = (0.66, 0.53, 0.40)
CHALK: Color = (0.80, 0.76, 0.68)


@dataclass(frozen=True, slots=True)
class Parcel:
    """A rectangle in the rotated, gently bent frame of the fields."""

    u0: float
    u1: float
    v0: float
    v1: float

    @property
    def long_along_u(self) -> bool:
        return self.u1 - self.u0 >= self.v1 - self.v0


def meadow_color(scene: Scene) -> Field:
    """Grass: mottled green, dry in places."""
    green = scene.toned((0.40, 0.50, 0.25), (scene.noise(9, 3), 0.035), (scene.noise(60), 0.06))
    dry = scene.toned((0.56, 0.55, 0.33), (scene.noise(7, 2), 0.04))
    return mix(green, dry, 0.30 + 0.28 * scene.noise(150))


def lay_meadow(scene: Scene) -> None:
    """Grass everywhere, over rolling ground."""
    scene.lay(np.ones(scene.shape, np.bool_), GRASS, meadow_color(scene))
    scene.height += scene.noise(260, 2) * 5.0


def field_frame(scene: Scene, angle: float) -> tuple[Field, Field]:
    """(u, v) of every pixel: turned by `angle` (radians) and bent a little, as old field boundaries are."""
    bend = 10.0
    u = scene.x * np.cos(angle) + scene.y * np.sin(angle) + bend * scene.noise(320, 2)
    v = -scene.x * np.sin(angle) + scene.y * np.cos(angle) + bend * scene.noise(320, 2)
    return np.asarray(u, np.float32), np.asarray(v, np.float32)


def split_parcels(rng: np.random.Generator, whole: Parcel, size: float) -> list[Parcel]:
    """Halve the longer side again and again until pieces are about `size` pixels."""
    long_side = max(whole.u1 - whole.u0, whole.v1 - whole.v0)
    if long_side < size * rng.uniform(0.8, 1.7):
        return [whole]
    at = rng.uniform(0.36, 0.64)
    if whole.long_along_u:
        cut = whole.u0 + at * (whole.u1 - whole.u0)
        halves = Parcel(whole.u0, cut, whole.v0, whole.v1), Parcel(cut, whole.u1, whole.v0, whole.v1)
    else:
        cut = whole.v0 + at * (whole.v1 - whole.v0)
        halves = Parcel(whole.u0, whole.u1, whole.v0, cut), Parcel(whole.u0, whole.u1, cut, whole.v1)
    return [piece for half in halves for piece in split_parcels(rng, half, size)]


def lay_parcels(scene: Scene, angle: float, size: float, crop: float, bare: float) -> Where:
    """Fields over the whole scene; `crop` and `bare` are shares, the rest stays meadow.

    Returns:
        Where hedges may grow: thin bands along some of the boundaries.
    """
    u, v = field_frame(scene, angle)
    whole = Parcel(float(u.min()), float(u.max()), float(v.min()), float(v.max()))
    hedges = np.zeros(scene.shape, np.bool_)
    previous = -1
    for parcel in split_parcels(scene.rng, whole, size):
        margin = np.minimum(np.minimum(u - parcel.u0, parcel.u1 - u), np.minimum(v - parcel.v0, parcel.v1 - v))
        draw = scene.rng.random()
        if scene.rng.random() < 0.3:
            hedges |= (margin >= 0) & (margin < 3)
        if not (margin > 4).any():
            continue
        if draw < crop:
            previous = (previous + int(scene.rng.integers(1, len(CROPS)))) % len(CROPS)
            scene.lay(margin > 4, CROP, crop_color(scene, CROPS[previous], parcel, u, v))
        elif draw < crop + bare:
            scene.lay(margin > 4, BARE, bare_color(scene, CLAY))
        else:
            _mow(scene, margin > 3, parcel, u, v)
    return hedges


def _mow(scene: Scene, where: Where, parcel: Parcel, u: Field, v: Field) -> None:
    """A meadow of its own tone; every other one was mown in wide, faint strips."""
    across = v if parcel.long_along_u else u
    stripes = np.sign(np.sin(across * (2 * np.pi / 44))) * scene.rng.choice([0.0, 0.028])
    tone = scene.rng.uniform(0.90, 1.10) + stripes
    scene.color[where] *= tone[where, None].astype(np.float32)


def crop_color(scene: Scene, color: Color, parcel: Parcel, u: Field, v: Field) -> Field:
    """Rows along the parcel, turned at the headlands, with tramlines where the tractor passes."""
    along, across = (u, v) if parcel.long_along_u else (v, u)
    ends = (parcel.u0, parcel.u1) if parcel.long_along_u else (parcel.v0, parcel.v1)
    headland = np.minimum(along - ends[0], ends[1] - along) < 20
    period = float(scene.rng.uniform(8.0, 12.0))
    wobble = scene.noise(90, 2) * 1.2
    rows = np.sin((np.where(headland, along, across) + wobble) * np.float32(2 * np.pi / period))
    offset = (across - float(scene.rng.uniform(0, 96))) % 96
    tramline = ((offset < 3) | ((offset > 11) & (offset < 14))) & ~headland
    strength = scene.rng.uniform(0.055, 0.10)
    base = scene.toned(
        color,
        (rows.astype(np.float32), strength),
        (scene.noise(70), 0.045),
        (scene.noise(6, 2), 0.03),
        (tramline.astype(np.float32), -0.16),
    )
    return np.asarray(base * np.float32(scene.rng.uniform(0.93, 1.06)), np.float32)


def bare_color(scene: Scene, color: Color) -> Field:
    """Earth: blotches, stones and dry veins, no rows."""
    veins = np.abs(scene.noise(46, 4))
    stones = (scene.noise(4, 1) > 2.1).astype(np.float32)
    return scene.toned(color, (scene.noise(80), 0.07), (veins, -0.07), (scene.noise(5, 2), 0.035), (stones, 0.14))


def lay_bare(scene: Scene, center: tuple[float, float], radius: float) -> None:
    """A quarry or pit: terraces cut into pale ground around `center` (x, y)."""
    x, y = center
    depth = 1 - np.hypot(scene.x - x, scene.y - y) / radius + 0.26 * scene.noise(radius * 0.9)
    where = depth > 0
    pale = mix(bare_color(scene, SAND), bare_color(scene, CHALK), depth * 1.6)
    scene.lay(where, BARE, pale)
    steps = np.floor(np.clip(depth, 0, 1) * 6 + 0.12 * scene.noise(30, 2)) * 4.5
    scene.height[where] -= steps[where].astype(np.float32)


def lay_river(scene: Scene, path: Path2D, width: float) -> None:
    """A river along `path`, wider and narrower, with sand on some of its banks."""
    edge = draw_path(scene.shape, path) - width * (1 + 0.22 * scene.noise(180, 2)) - 2.2 * scene.noise(26, 3)
    sand = 15 * np.clip(scene.noise(200, 2) - 0.1, 0, 1.3)
    _lay_water(scene, edge, sand.astype(np.float32), width)


def lay_lake(scene: Scene, center: tuple[float, float], radius: float) -> None:
    """A lake around `center` (x, y) with a ragged shore and a beach here and there."""
    x, y = center
    far = np.hypot(scene.x - x, (scene.y - y) * 1.15)
    edge = far - radius * (1 + 0.24 * scene.noise(radius * 1.3, 2)) - 3.0 * scene.noise(40, 3)
    sand = 20 * np.clip(scene.noise(220, 2), 0, 1.2)
    _lay_water(scene, edge.astype(np.float32), sand.astype(np.float32), radius * 0.45)


def _lay_water(scene: Scene, edge: Field, sand: Field, deep_at: float) -> None:
    """Water where `edge` (pixels outside the shore) is negative, sand up to `sand` pixels beside it."""
    reeds = (edge > 0) & (edge < sand + 16 + 5 * scene.noise(30, 2))
    lush = scene.toned((0.33, 0.45, 0.22), (scene.noise(8, 3), 0.07))
    scene.lay(reeds, GRASS, lush)
    beach = (edge > 0) & (edge < sand)
    scene.lay(beach, BARE, bare_color(scene, SAND))
    water = edge <= 0
    depth = np.clip(distance_to(~water) / max(deep_at, 1.0), 0, 1) ** 0.8
    shallow = scene.toned((0.31, 0.44, 0.42), (scene.noise(40), 0.05))
    deep = scene.toned((0.10, 0.23, 0.30), (scene.noise(120), 0.06), (scene.noise(5, 2), 0.03))
    scene.lay(water, WATER, mix(shallow, deep, depth + 0.05 * scene.noise(50)))
    scene.height[water] = scene.height[water].mean() - 4 if water.any() else 0
