"""The sample's scenes: what each holds, and how one is made from its seed."""

from dataclasses import dataclass
from math import pi

import numpy as np
import numpy.typing as npt

from core.records import Split
from core.sample import built, land
from core.sample.light import photograph
from core.sample.paths import Path2D, crossing, curve
from core.sample.scene import BUILDING, OVERSAMPLING, ROAD, WATER, Labels, Scene, Where
from core.sample.trees import lay_trees

WIDTH, HEIGHT = 512, 384


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a scene holds. Shares are of the area, lengths in drawn pixels (twice the shipped ones)."""

    name: str
    seed: int
    split: Split = "train"
    angle: float = 0.3
    """Direction of fields and roads, in radians."""
    parcel: float = 260
    crop: float = 0.5
    bare: float = 0.1
    woods: float = 0.2
    river: float = 0
    lake: float = 0
    quarry: float = 0
    roads: int = 1
    tracks: int = 2
    houses: int = 0
    trees: int = 60


RECIPES: tuple[Recipe, ...] = (
    Recipe("river-bend", 1, angle=0.35, river=46, woods=0.22, houses=5),
    Recipe("lakeside", 2, angle=-0.2, lake=210, woods=0.25, houses=12, crop=0.35),
    Recipe("patchwork", 3, angle=0.6, parcel=190, crop=0.72, woods=0.05, houses=4),
    Recipe("forest-road", 4, angle=1.1, woods=0.5, crop=0.4, quarry=110, tracks=1, houses=3),
    Recipe("quarry", 5, angle=-0.5, quarry=230, woods=0.22, crop=0.4, houses=3),
    Recipe("village", 6, angle=0.15, houses=34, roads=2, woods=0.10, crop=0.45, parcel=220),
    Recipe("delta", 7, angle=0.9, river=64, woods=0.18, crop=0.5, bare=0.15, tracks=3, houses=4),
    Recipe("hamlet", 8, angle=-0.8, houses=14, woods=0.28, crop=0.4, lake=80),
    Recipe("long-fields", 9, angle=1.35, parcel=330, crop=0.68, bare=0.12, woods=0.08, river=22, houses=5),
    Recipe("gravel-pit", 10, angle=0.5, quarry=150, lake=130, woods=0.18, crop=0.35),
    Recipe("mill", 31, angle=-0.35, river=34, houses=16, roads=2, woods=0.2),
    Recipe("pastures", 12, angle=0.05, crop=0.18, bare=0.12, woods=0.22, trees=170, houses=7, lake=70),
    Recipe("ford", 21, "val", angle=0.75, river=40, houses=12, woods=0.2, crop=0.45, bare=0.12),
    Recipe("reservoir", 22, "val", angle=-0.6, lake=190, woods=0.3, houses=8, crop=0.4, quarry=80),
    Recipe("market-town", 23, "val", angle=0.25, houses=30, roads=2, woods=0.14, crop=0.45, bare=0.12, river=24),
    Recipe("clearing", 24, "val", angle=1.0, woods=0.42, crop=0.4, bare=0.15, houses=8, lake=90),
)


def draw_scene(recipe: Recipe) -> tuple[npt.NDArray[np.uint8], Labels]:
    """(HEIGHT, WIDTH, 3) RGB picture and (HEIGHT, WIDTH) class ids, the same for the same recipe."""
    scene = Scene.empty(recipe.seed, HEIGHT * OVERSAMPLING, WIDTH * OVERSAMPLING)
    land.lay_meadow(scene)
    hedges = land.lay_parcels(scene, recipe.angle, recipe.parcel, recipe.crop, recipe.bare)
    woods = scene.noise(190, 3)
    _lay_ground(scene, recipe)
    roads = _lay_roads(scene, recipe)
    houses = _lay_houses(scene, recipe, roads)
    clear = built.built_margin(scene)
    grown = woods > np.quantile(woods, 1 - recipe.woods) if recipe.woods else np.zeros(scene.shape, np.bool_)
    lay_trees(scene, grown & ~_around(scene, houses), hedges & ~clear, clear, recipe.trees)
    return photograph(scene)


def _lay_ground(scene: Scene, recipe: Recipe) -> None:
    if recipe.quarry:
        land.lay_bare(scene, _spot(scene), recipe.quarry)
    if recipe.lake:
        land.lay_lake(scene, _spot(scene), recipe.lake)
    if recipe.river:
        path = crossing(scene.rng, scene.shape, recipe.angle + pi / 2 + scene.rng.uniform(-0.5, 0.5), 95, 1.1)
        land.lay_river(scene, path, recipe.river)


def _spot(scene: Scene) -> tuple[float, float]:
    height, width = scene.shape
    return width * float(scene.rng.uniform(0.2, 0.8)), height * float(scene.rng.uniform(0.22, 0.78))


def _lay_roads(scene: Scene, recipe: Recipe) -> list[Path2D]:
    """Tracks first, roads over them, each new road narrower than the last."""
    rng = scene.rng
    roads = [
        crossing(rng, scene.shape, recipe.angle + (pi / 2) * (i % 2) + rng.uniform(-0.12, 0.12), 62, 0.9)
        for i in range(recipe.roads)
    ]
    for _ in range(recipe.tracks):
        join = roads[0][int(rng.uniform(0.25, 0.75) * len(roads[0]))]
        turn = recipe.angle + rng.choice([-1, 1]) * (pi / 2 + rng.uniform(-0.3, 0.3))
        end = float(join[0] + 900 * np.cos(turn)), float(join[1] + 900 * np.sin(turn))
        built.lay_track(scene, curve(rng, (float(join[0]), float(join[1])), end, 22, 1.3), 9)
    for i, path in reversed(list(enumerate(roads))):
        built.lay_road(scene, path, 18 - 5 * i)
    return roads


def _lay_houses(scene: Scene, recipe: Recipe, roads: list[Path2D]) -> list[built.House]:
    houses: list[built.House] = []
    share = recipe.houses // max(len(roads), 1)
    for path in roads:
        found = built.houses_along(scene, path, float(scene.rng.uniform(0.42, 0.58)), share, 36)
        found = [h for h in found if all(np.hypot(h.x - o.x, h.y - o.y) > 58 for o in houses)]
        built.lay_gardens(scene, found)
        for house in found:
            built.lay_drive(scene, house, path)
        houses += found
    for house in houses:
        built.lay_house(scene, house)
    return houses


def _around(scene: Scene, houses: list[built.House]) -> Where:
    """The neighbourhood of houses, where woods were cleared."""
    near = np.zeros(scene.shape, np.bool_)
    for house in houses:
        near |= np.hypot(scene.x - house.x, scene.y - house.y) < house.length * 1.3
    return near | scene.is_any(WATER, ROAD, BUILDING)
