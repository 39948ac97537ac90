"""Tools that look at the picture, on scenes whose right answer is known."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.classes import UNLABELED
from core.masks.rect import Rect
from core.masks.smart import Cutter, EdgePaths, Part, Superpixels, grow_strokes, steps_for
from core.masks.tiles import Array

HEIGHT, WIDTH = 200, 260
DISC = np.hypot(*(np.mgrid[:HEIGHT, :WIDTH] + 0.5 - np.array([100, 130])[:, None, None])) < 60


def disc(step: int = 1) -> Part:
    """A bright disc on dark ground, `step` times as large in the picture as in the part."""
    pixels = np.where(DISC[..., None], (190, 170, 90), (50, 60, 70)).astype(np.uint8)
    pixels += np.random.default_rng(0).integers(0, 8, pixels.shape, np.uint8)
    return Part(Rect(40, 80, 40 + HEIGHT * step, 80 + WIDTH * step), pixels, step)


def never() -> bool:
    return False


def share(found: np.ndarray, wanted: np.ndarray) -> float:
    """Intersection over union."""
    return float((found & wanted).sum() / (found | wanted).sum())


@given(st.integers(1, 4), st.integers(0, WIDTH - 1), st.integers(0, HEIGHT - 1))
@settings(max_examples=50, deadline=None)
def test_a_point_finds_its_pixel_and_back(step: int, column: int, row: int) -> None:
    part = disc(step)
    for inside in (0.0, 0.5, 0.99):
        point = part.to_picture(column + inside, row + inside)
        assert part.rect.holds(point) and part.pixel(point) == (column, row)
    assert part.pixel((-1e6, 1e6)) == (0, HEIGHT - 1)


@given(st.integers(1, 5000), st.integers(1, 5000), st.integers(1, 10**7))
def test_what_is_worked_on_is_never_too_large(height: int, width: int, most: int) -> None:
    rect = Rect(0, 0, height, width)
    step = steps_for(rect, most)
    assert height * width / step**2 <= most
    assert step == 1 or height * width / (step - 1) ** 2 > most


@pytest.mark.parametrize("step", [1, 3])
def test_a_way_between_two_clicks_follows_the_edge(step: int) -> None:
    part = disc(step)
    paths = EdgePaths(part)
    start = part.to_picture(130 + 60, 100)
    paths.start_at(start)
    way = np.array(paths.way_to(part.to_picture(130, 100 + 60)))
    columns, rows = (way - (part.rect.left, part.rect.top)).T / step
    assert np.abs(np.hypot(columns - 130, rows - 100) - 60).max() < 4
    gaps = [np.hypot(*(b - a)) for a, b in pairwise(way)]
    assert max(gaps) <= 1.5 * step


def test_an_anchor_jumps_to_the_edge_close_by_and_stays_where_there_is_none() -> None:
    part = disc()
    paths = EdgePaths(part)
    x, _ = paths.snap(part.to_picture(187.5, 100))
    assert abs(x - part.rect.left - 190) < 2
    middle = part.to_picture(130, 100)
    assert paths.snap(middle) == middle


@pytest.mark.parametrize("step", [1, 3])
def test_a_box_around_a_thing_cuts_it_out(step: int) -> None:
    part = disc(step)
    (left, top), (right, bottom) = part.to_picture(60, 32), part.to_picture(200, 168)
    box = Rect(int(top), int(left), int(bottom), int(right))
    hints = np.full((HEIGHT, WIDTH), UNLABELED, np.uint8)
    change = Cutter(part, box).cut(hints, 3, never)
    wanted = part.enlarge(DISC.view(np.uint8)).astype(bool)
    assert change.rect == part.rect and change.values == 3
    assert share(change.where, wanted) > 0.97


def test_strokes_say_what_a_box_alone_could_not() -> None:
    part = disc()
    box = Rect(part.rect.top + 32, part.rect.left + 60, part.rect.top + 168, part.rect.left + 200)
    hints = np.full((HEIGHT, WIDTH), UNLABELED, np.uint8)
    hints[60:140, 128:190] = 0
    assert not Cutter(part, box).cut(hints, 3, never).where[60:140, 128:190].any()
    hints[:] = UNLABELED
    hints[180:190, 20:60] = 1
    assert Cutter(part, box).cut(hints, 3, never).where[185, 40], "also outside the box"


def test_a_hint_that_is_taken_back_is_forgotten() -> None:
    part = disc()
    cutter = Cutter(part, Rect(part.rect.top + 32, part.rect.left + 60, part.rect.top + 168, part.rect.left + 200))
    hints = np.full((HEIGHT, WIDTH), UNLABELED, np.uint8)
    cutter.cut(hints, 3, never)
    hints[90:110, 120:140] = 0
    assert not cutter.cut(hints, 3, never).where[95:105, 125:135].any()
    hints[:] = UNLABELED
    assert share(cutter.cut(hints, 3, never).where, DISC) > 0.97


def test_cutting_out_stops_when_nobody_waits() -> None:
    hints = np.full((HEIGHT, WIDTH), UNLABELED, np.uint8)
    assert Cutter(disc(), Rect(60, 100, 200, 300)).cut(hints, 3, lambda: True).empty


@pytest.mark.parametrize("step", [1, 2])
def test_strokes_grow_up_to_the_edge_between_them(step: int) -> None:
    part = disc(step)
    labels: Array = np.full((HEIGHT * step, WIDTH * step), UNLABELED, np.uint8)
    labels[95 * step : 105 * step, 120 * step : 140 * step] = 4
    labels[5 * step : 12 * step, 10 * step : 240 * step] = 2
    change = grow_strokes(part, labels)
    wanted = part.enlarge(DISC.view(np.uint8)).astype(bool)
    assert isinstance(change.values, np.ndarray)
    after = np.where(change.where, change.values, labels)
    assert set(np.unique(after)) == {2, 4}
    assert share(after == 4, wanted) > 0.95
    assert not change.where[labels != UNLABELED].any(), "what is drawn stays"


@pytest.mark.parametrize("value", [UNLABELED, 5])
def test_strokes_of_one_class_have_nothing_to_meet(value: int) -> None:
    labels = np.full((HEIGHT, WIDTH), UNLABELED, np.uint8)
    labels[50:60, 50:60] = value
    assert grow_strokes(disc(), labels).empty


@pytest.mark.parametrize("step", [1, 3])
def test_superpixels_share_out_the_picture_and_keep_to_edges(step: int) -> None:
    part = disc(step)
    found = Superpixels(part, 20 * step)
    wanted = part.enlarge(DISC.view(np.uint8)).astype(bool)
    seen = np.zeros(wanted.shape, int)
    mixed = 0
    for piece in range(int(found._pieces.max()) + 1):
        rect, where = found.region(piece)
        assert where.shape == (rect.height, rect.width)
        inside = rect.within(part.rect)
        seen[inside] += where
        mixed += min((wanted[inside] & where).sum(), (~wanted[inside] & where).sum())
    assert (seen == 1).all()
    assert mixed / wanted.size < 0.01


def test_the_piece_under_a_point_holds_it_and_a_fast_hand_misses_none() -> None:
    part = disc(2)
    found = Superpixels(part, 30)
    rng = np.random.default_rng(1)
    for x, y in rng.uniform((0, 0), (WIDTH * 2, HEIGHT * 2), (40, 2)):
        point = (part.rect.left + x, part.rect.top + y)
        rect, where = found.region(found.piece_at(point))
        assert where[int(point[1]) - rect.top, int(point[0]) - rect.left]
    start, end = (part.rect.left + 10.0, part.rect.top + 200.0), (part.rect.left + 500.0, part.rect.top + 210.0)
    between = {
        found.piece_at((start[0] + (end[0] - start[0]) * t, start[1] + (end[1] - start[1]) * t))
        for t in np.linspace(0, 1, 400)
    }
    assert between <= found.along([start, end])
    assert found.piece_at((0, 0)) == -1 and found.along([(0, 0)]) == set()
