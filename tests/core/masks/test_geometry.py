"""Brush and outline geometry against plain references that measure every pixel."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.masks.geometry import Point, connected_region, polygon_region, segment_region, swept_regions, tapered_regions
from core.masks.rect import Rect

BOUNDS = Rect(0, 0, 70, 90)
TOLERANCE = 1e-6

coordinates = st.floats(-60, 150, allow_nan=False, width=32)
points = st.tuples(coordinates, coordinates)
radii = st.floats(0.5, 60, width=32)


def distances(start: Point, end: Point, bounds: Rect) -> np.ndarray:
    """Distance of every pixel's centre from the segment."""
    y, x = np.mgrid[0 : bounds.height, 0 : bounds.width] + 0.5
    (x0, y0), (x1, y1) = start, end
    length = (x1 - x0) ** 2 + (y1 - y0) ** 2
    t = np.zeros_like(x) if length == 0 else np.clip(((x - x0) * (x1 - x0) + (y - y0) * (y1 - y0)) / length, 0, 1)
    return np.asarray(np.hypot(x - (x0 + t * (x1 - x0)), y - (y0 + t * (y1 - y0))))


def spread(regions: list[tuple[Rect, np.ndarray]], bounds: Rect) -> np.ndarray:
    out = np.zeros((bounds.height, bounds.width), int)
    for rect, where in regions:
        assert where.shape == (rect.height, rect.width)
        out[rect.slices] += where
    return out


@given(points, points, radii)
@settings(max_examples=300, deadline=None)
def test_a_brush_covers_exactly_the_pixels_whose_centres_it_reaches(start: Point, end: Point, radius: float) -> None:
    covered = spread([segment_region(start, end, radius, BOUNDS)], BOUNDS)
    distance = distances(start, end, BOUNDS)
    assert covered[distance < radius - TOLERANCE].all()
    assert not covered[distance > radius + TOLERANCE].any()


@given(points, points, radii)
@settings(max_examples=300, deadline=None)
def test_what_a_brush_sweeps_is_its_way_without_its_start(start: Point, end: Point, radius: float) -> None:
    way = spread([segment_region(start, end, radius, BOUNDS)], BOUNDS)
    first = spread([segment_region(start, start, radius, BOUNDS)], BOUNDS)
    swept = spread(swept_regions(start, end, radius, BOUNDS), BOUNDS)
    assert swept.max(initial=0) <= 1, "no pixel comes twice"
    np.testing.assert_array_equal(swept, way & ~first.astype(bool))


def test_a_large_brush_on_a_short_way_sweeps_little() -> None:
    bounds = Rect(0, 0, 4000, 4000)
    regions = swept_regions((2000, 2000), (2012, 2005), 500, bounds)
    assert sum(where.size for _, where in regions) < 300_000  # the whole brush covers 785,000 pixels


def test_a_brush_of_one_pixel_paints_the_pixel_it_points_at() -> None:
    rect, where = segment_region((3.5, 7.5), (3.5, 7.5), 0.5, BOUNDS)
    painted = spread([(rect, where)], BOUNDS)
    assert painted.sum() == 1 and painted[7, 3] == 1


def test_a_brush_outside_the_picture_covers_nothing() -> None:
    rect, where = segment_region((-50, -50), (-40, -60), 5, BOUNDS)
    assert rect.empty and not where.any()


@pytest.mark.parametrize("scale", [1, 7.3])
def test_an_outline_holds_the_pixels_whose_centres_lie_inside(scale: float) -> None:
    triangle = [(5.2 * scale, 3.1 * scale), (9.7 * scale, 4.0 * scale), (6.1 * scale, 8.9 * scale)]
    covered = spread([polygon_region(triangle, BOUNDS)], BOUNDS)
    y, x = np.mgrid[0:70, 0:90] + 0.5
    sides = []
    for (x0, y0), (x1, y1) in zip(triangle, triangle[1:] + triangle[:1], strict=True):
        sides.append(((x1 - x0) * (y - y0) - (y1 - y0) * (x - x0)) / np.hypot(x1 - x0, y1 - y0))
    depth = np.min(sides, 0)  # positive inside
    assert covered[depth > 0].all()
    assert not covered[depth < -1].any()  # the rasteriser takes in pixels that its edge runs through


def test_too_few_points_enclose_nothing() -> None:
    rect, where = polygon_region([(1, 1), (5, 5)], BOUNDS)
    assert rect.empty and where.size == 0


def test_a_connected_region_stops_at_other_values_and_at_corners() -> None:
    values = np.array([[1, 1, 0, 1], [0, 1, 0, 1], [1, 0, 1, 1]], np.uint8)
    rect, where = connected_region(values, 0, 0)
    found = np.zeros((3, 4), bool)
    found[rect.slices] = where
    np.testing.assert_array_equal(found, [[1, 1, 0, 0], [0, 1, 0, 0], [0, 0, 0, 0]])


@given(points, points, radii)
@settings(max_examples=300, deadline=None)
def test_a_square_brush_covers_what_its_sides_reach_on_the_way(start: Point, end: Point, radius: float) -> None:
    covered = spread([segment_region(start, end, radius, BOUNDS, square=True)], BOUNDS)
    y, x = np.mgrid[0 : BOUNDS.height, 0 : BOUNDS.width] + 0.5
    ways = []
    for (a, b), value in zip(zip(start, end, strict=True), (x, y), strict=True):
        if abs(b - a) < 1e-9:
            inside = np.abs(value - a) <= radius
            ways.append((np.where(inside, 0.0, 2.0), np.where(inside, 1.0, -1.0), np.abs(np.abs(value - a) - radius)))
        else:
            one, other = (value - radius - a) / (b - a), (value + radius - a) / (b - a)
            ways.append((np.minimum(one, other), np.maximum(one, other), np.full_like(x, np.inf)))
    enters = np.maximum.reduce([np.zeros_like(x), ways[0][0], ways[1][0]])
    leaves = np.minimum.reduce([np.ones_like(x), ways[0][1], ways[1][1]])
    length = max(abs(end[0] - start[0]), abs(end[1] - start[1]), 1e-3)
    sure = (np.abs(leaves - enters) * length > 1e-3) & (ways[0][2] > 1e-3) & (ways[1][2] > 1e-3)
    np.testing.assert_array_equal(covered.astype(bool)[sure], (enters <= leaves)[sure])


@given(points, points, radii)
@settings(max_examples=200, deadline=None)
def test_what_a_square_brush_sweeps_is_its_way_without_its_start(start: Point, end: Point, radius: float) -> None:
    way = spread([segment_region(start, end, radius, BOUNDS, square=True)], BOUNDS)
    first = spread([segment_region(start, start, radius, BOUNDS, square=True)], BOUNDS)
    swept = spread(swept_regions(start, end, radius, BOUNDS, square=True), BOUNDS)
    assert swept.max(initial=0) <= 1, "no pixel comes twice"
    np.testing.assert_array_equal(swept, way & ~first.astype(bool))


@given(points, points, st.tuples(radii, radii))
@settings(max_examples=150, deadline=None)
def test_a_brush_that_is_pressed_harder_on_its_way_grows_evenly(
    start: Point, end: Point, pressed: tuple[float, float]
) -> None:
    covered = spread(tapered_regions(start, end, pressed, BOUNDS), BOUNDS).astype(bool)
    y, x = np.mgrid[0 : BOUNDS.height, 0 : BOUNDS.width] + 0.5
    least, most = np.zeros(covered.shape, bool), np.zeros(covered.shape, bool)
    for t in np.linspace(0, 1, 200):
        away = np.hypot(x - (start[0] + (end[0] - start[0]) * t), y - (start[1] + (end[1] - start[1]) * t))
        radius = pressed[0] + (pressed[1] - pressed[0]) * t
        least |= away < radius - 1.01 - TOLERANCE
        most |= away < radius + 1.01
    assert covered[least].all()
    assert not covered[~most].any()
