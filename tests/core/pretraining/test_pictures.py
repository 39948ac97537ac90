"""Generated pictures: what is painted is what the kinds say."""

from collections.abc import Callable

import numpy as np
import pytest

from core.classes import UNLABELED
from core.pretraining.furniture import billboard, fence, pole
from core.pretraining.houses import building
from core.pretraining.kinds import ID, KINDS
from core.pretraining.people import person
from core.pretraining.picture import Canvas
from core.pretraining.plants import bush, tree
from core.pretraining.scene import Box, Scene, View
from core.pretraining.surfaces import PATTERNS, Surfaces
from core.pretraining.vehicles import vehicle
from core.pretraining.worlds import draw

Thing = Callable[[Scene, float, float], None]


def house(scene: Scene, x: float, z: float) -> None:
    building(scene, Box(scene.view, x, z, 0), 10, 8)


def scene_in_magenta(seed: int, surfaces: Surfaces, side: int = 128) -> Scene:
    """Nothing in it yet; a colour that hardly anything has."""
    canvas = Canvas(np.random.default_rng(seed), surfaces, side)
    canvas.rgb[:] = (255, 0, 255)
    return Scene(canvas, View(focal=side, horizon=side / 2, center=side / 2, eye=1.6), wild=False, dusk=False)


def test_the_same_seed_draws_the_same_picture_wherever_it_is_drawn(surfaces: Surfaces) -> None:
    first = draw(np.random.default_rng(7), surfaces, 96)
    again = draw(np.random.default_rng(7), Surfaces(seed=0, bank=1), 96)
    other = draw(np.random.default_rng(8), surfaces, 96)
    for a, b in zip(first, again, strict=True):
        np.testing.assert_array_equal(a, b)
    assert (first[0] != other[0]).any()


def test_every_kind_occurs_and_every_pixel_is_of_some_kind(surfaces: Surfaces) -> None:
    counts = np.zeros(256, np.int64)
    for number in range(80):
        rgb, kinds = draw(np.random.default_rng((1, number)), surfaces, 96)
        assert rgb.shape == (96, 96, 3)
        counts += np.bincount(kinds.ravel(), minlength=256)
    missing = [kind for kind in KINDS if not counts[ID[kind]]]
    assert missing == []
    assert counts[len(KINDS) :].sum() == 0


@pytest.mark.parametrize(
    ("thing", "kinds"),
    [
        (vehicle, {"vehicle"}),
        (person, {"person"}),
        (pole, {"pole", "sign"}),
        (billboard, {"pole", "sign"}),
        (fence, {"fence"}),
        (bush, {"crown", "low plants"}),
        (tree, {"crown"}),
        (house, {"building", "sign"}),
    ],
)
def test_what_is_painted_is_marked_and_what_is_marked_is_painted(
    thing: Thing, kinds: set[str], surfaces: Surfaces
) -> None:
    seen = 0
    for seed in range(12):
        scene = scene_in_magenta(seed, surfaces)
        thing(scene, 0.5, 8)
        rgb, ids = scene.canvas.rgb, scene.canvas.ids
        marked = ids != UNLABELED
        painted = (rgb != (255, 0, 255)).any(2)
        shadow = painted & (rgb[..., 1] == 0)  # only darker than it was
        assert {KINDS[number] for number in np.unique(ids[marked])} <= kinds
        assert (painted & ~marked & ~shadow).mean() < 0.002
        if thing not in (fence, tree):  # between bars and twigs the background shows
            assert (marked & ~painted).sum() <= 0.01 * marked.sum()
        seen += int(marked.sum())
    assert seen > 12 * 30


def test_what_is_nearer_is_larger_and_hides_what_is_behind(surfaces: Surfaces) -> None:
    near, far = scene_in_magenta(3, surfaces), scene_in_magenta(3, surfaces)
    vehicle(near, 0, 6)
    vehicle(far, 0, 24)
    assert (near.canvas.ids == ID["vehicle"]).sum() > 6 * (far.canvas.ids == ID["vehicle"]).sum() > 0

    hidden = near.canvas.ids == ID["vehicle"]
    person(near, 0, 3)
    assert (near.canvas.ids[hidden] == ID["person"]).any()


def test_a_box_turned_away_shows_its_other_end() -> None:
    view = View(focal=100, horizon=50, center=50, eye=1.6)
    ends = [{face.end for face in Box(view, 0, 10, heading).faces((-2, 2), 2, (0, 1.5))} for heading in (0, np.pi)]
    assert ends == [{0, 4}, {2, 4}]


def test_what_lies_outside_the_picture_is_left_out(surfaces: Surfaces) -> None:
    scene = scene_in_magenta(0, surfaces)
    for thing in (vehicle, person, pole, billboard, bush, tree, house):
        thing(scene, 500, 8)
    assert (scene.canvas.ids == UNLABELED).all()


@pytest.mark.parametrize("name", PATTERNS)
def test_patterns_are_neither_flat_nor_all_alike(name: str) -> None:
    one, other = (PATTERNS[name](np.random.default_rng(seed), 128) for seed in (0, 1))
    assert one.shape == (128, 128)
    assert 0 <= one.min() <= one.max() <= 1.001
    assert one.std() > 0.02
    assert (one != other).any()
