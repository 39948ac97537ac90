"""What people built: roads, tracks, houses and barns."""

from dataclasses import dataclass

import cv2
import numpy as np

from core.sample.paths import Path2D, dashes, draw_path, stroke
from core.sample.scene import BARE, BUILDING, GRASS, ROAD, WATER, Color, Field, Scene, Where, distance_to

ASPHALT: Color = (0.50, 0.50, 0.51)
GRAVEL: Color = (0.69, 0.63, 0.54)
ROOFS: tuple[Color, ...] = (
    (0.66, 0.34, 0.24),  # clay tiles
    (0.60, 0.29, 0.20),
    (0.72, 0.42, 0.30),
    (0.47, 0.31, 0.25),  # old tiles
    (0.36, 0.38, 0.42),  # slate
)
BARN_ROOFS: tuple[Color, ...] = ((0.74, 0.73, 0.71), (0.60, 0.33, 0.26), (0.55, 0.57, 0.60))


@dataclass(frozen=True, slots=True)
class House:
    """A rectangle with a gabled roof: centre, direction of the ridge in radians, and size in pixels."""

    x: float
    y: float
    angle: float
    length: float
    width: float
    wall: float
    """Height of the eaves."""
    barn: bool = False


def lay_road(scene: Scene, path: Path2D, width: float) -> None:
    """An asphalt road with worn lanes, pale edges and, where it is wide enough, a dashed centre line."""
    far = draw_path(scene.shape, path)
    where = far < width / 2
    lanes = np.cos(far * np.float32(2 * np.pi / (width / 2)))
    color = scene.toned(ASPHALT, (lanes, -0.03), (scene.noise(50), 0.04), (scene.noise(3, 1), 0.025))
    color[(far > width / 2 - 1.6)] = (0.66, 0.64, 0.60)
    if width >= 15:
        color[dashes(scene.shape, path, 14, 20)] = (0.86, 0.86, 0.84)
    _level(scene, far, width)
    _bridge(scene, where)
    verge = (far < width / 2 + 4) & scene.is_any(*range(7)) & ~scene.is_any(WATER, ROAD, BUILDING)
    scene.lay(verge, GRASS, scene.toned((0.50, 0.53, 0.31), (scene.noise(5, 2), 0.05)))
    scene.lay(where, ROAD, color)


def _level(scene: Scene, far: Field, width: float) -> None:
    """Even out the ground under a road and a little beside it."""
    smooth = cv2.GaussianBlur(scene.height, (0, 0), 14)
    share = np.clip((width * 0.5 + 6 - far) / 6, 0, 1)
    scene.height += (smooth - scene.height) * share


def _bridge(scene: Scene, where: Where) -> None:
    """Lift a road over water, so that its shadow falls on it."""
    over = where & scene.is_any(WATER)
    scene.height[over] += 9


def lay_track(scene: Scene, path: Path2D, width: float) -> None:
    """A gravel track with two wheel lines and grass between them; it ends at the water."""
    far = draw_path(scene.shape, path)
    where = (far < width / 2 + 0.5 * scene.noise(14, 2)) & ~scene.is_any(WATER, BUILDING, ROAD)
    middle = (far < width * 0.12).astype(np.float32)
    color = scene.toned(GRAVEL, (middle, -0.20), (scene.noise(6, 2), 0.05), (scene.noise(60), 0.05))
    scene.lay(where, ROAD, color)


def houses_along(scene: Scene, path: Path2D, center: float, count: int, setback: float) -> list[House]:
    """Up to `count` houses on both sides of a road, around the point at share `center` of its length."""
    rng = scene.rng
    houses: list[House] = []
    for _ in range(count * 14):
        if len(houses) == count:
            break
        i = int(np.clip(rng.normal(center, 0.13), 0.02, 0.98) * (len(path) - 1))
        tangent = path[min(i + 3, len(path) - 1)] - path[max(i - 3, 0)]
        angle = float(np.arctan2(tangent[1], tangent[0]))
        side, row = rng.choice([-1.0, 1.0]), rng.choice([0.0, 0.0, 52.0])
        away = side * (setback + row + rng.uniform(0, 8))
        house = _house(rng, path[i], angle, away)
        if _fits(scene, house, houses):
            houses.append(house)
    return houses


def _house(rng: np.random.Generator, at: Path2D, angle: float, away: float) -> House:
    x, y = float(at[0] - np.sin(angle) * away), float(at[1] + np.cos(angle) * away)
    turned = angle + rng.choice([0.0, np.pi / 2]) + rng.normal(0, 0.04)
    if rng.random() < 0.16:
        return House(x, y, turned, rng.uniform(62, 84), rng.uniform(30, 38), 9, barn=True)
    return House(x, y, turned, rng.uniform(32, 46), rng.uniform(22, 29), rng.uniform(8, 12))


def _fits(scene: Scene, house: House, others: list[House]) -> bool:
    """Whether a house stands on dry land inside the scene, off the roads and clear of the others."""
    height, width = scene.shape
    reach = np.hypot(house.length, house.width) / 2
    x, y = round(house.x), round(house.y)
    if not (-8 < x < width + 8 and -8 < y < height + 8):
        return False
    t, b, lo, hi = (round(v) for v in (y - reach - 2, y + reach + 2, x - reach - 2, x + reach + 2))
    ground = scene.labels[max(t, 0) : max(b, 0), max(lo, 0) : max(hi, 0)]
    if np.isin(ground, (WATER, ROAD, BARE)).mean() > 0.12:
        return False
    return all(np.hypot(o.x - house.x, o.y - house.y) > reach + np.hypot(o.length, o.width) / 2 - 3 for o in others)


def lay_gardens(scene: Scene, houses: list[House]) -> None:
    """Lawn, beds and bushes around the houses."""
    if not houses:
        return
    near = np.full(scene.shape, 1e4, np.float32)
    for house in houses:
        near = np.minimum(near, np.hypot(scene.x - house.x, scene.y - house.y) - house.length * 0.75)
    where = (near < 20 + 7 * scene.noise(60, 2)) & ~scene.is_any(WATER, ROAD)
    lawn = scene.toned((0.41, 0.53, 0.25), (scene.noise(34, 2), 0.10), (scene.noise(6, 2), 0.06))
    scene.lay(where, GRASS, lawn)


def lay_drive(scene: Scene, house: House, path: Path2D) -> None:
    """A short drive from the road to the house."""
    nearest = path[int(np.argmin(np.hypot(path[:, 0] - house.x, path[:, 1] - house.y)))]
    line = np.linspace(nearest, (house.x, house.y), 20).astype(np.float32)
    where = stroke(scene.shape, line, 7 if house.barn else 5) & ~scene.is_any(WATER, ROAD)
    scene.lay(where, ROAD, scene.toned((0.62, 0.59, 0.55), (scene.noise(5, 2), 0.05)))


def lay_house(scene: Scene, house: House) -> None:
    """Walls are hidden from above: a roof with a ridge, its two slopes lit by the common light."""
    c, s = np.cos(house.angle), np.sin(house.angle)
    along = (scene.x - house.x) * c + (scene.y - house.y) * s
    across = -(scene.x - house.x) * s + (scene.y - house.y) * c
    where = (np.abs(along) < house.length / 2) & (np.abs(across) < house.width / 2)
    if not where.any():
        return
    roofs = BARN_ROOFS if house.barn else ROOFS
    color = _roof_color(scene, roofs[int(scene.rng.integers(len(roofs)))], along, across, house)
    scene.lay(where, BUILDING, color)
    pitch = 0.22 if house.barn else 0.55
    ground = float(scene.height[where].mean())
    roof = ground + house.wall + pitch * (house.width / 2 - np.abs(across))
    scene.height[where] = roof[where].astype(np.float32)
    if not house.barn:
        _lay_chimney(scene, where, along, across, house)


def _roof_color(scene: Scene, color: Color, along: Field, across: Field, house: House) -> Field:
    """Rows of tiles, a pale ridge, and weather."""
    tiles = np.sin(across * np.float32(2 * np.pi / 4)) if not house.barn else np.sin(along * np.float32(2 * np.pi / 6))
    ridge = (np.abs(across) < 1.0).astype(np.float32)
    tone = float(scene.rng.normal(0, 0.05))
    weather = np.sin(along * 0.21 + across * 0.13 + scene.rng.random() * 6.28)
    flat = np.full(scene.shape, tone, np.float32)
    return scene.toned(color, (flat, 1.0), (tiles, 0.035), (ridge, 0.10), (weather, 0.03))


def _lay_chimney(scene: Scene, where: Where, along: Field, across: Field, house: House) -> None:
    spot = where & (np.abs(along - house.length * 0.25) < 2.6) & (np.abs(across - 2) < 2.6)
    scene.color[spot] = (0.55, 0.48, 0.44)
    scene.height[spot] += 5


def built_margin(scene: Scene) -> Where:
    """Where no tree may stand: water, roads and roofs with a little room, and bare ground."""
    return (distance_to(scene.is_any(WATER, ROAD, BUILDING)) < 2) | scene.is_any(BARE)
