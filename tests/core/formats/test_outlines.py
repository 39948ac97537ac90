"""Outlines and runs: the pixels of others' code, and nothing lost."""

from collections.abc import Sequence
from contextlib import suppress

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pycocotools import mask as coco_mask

from core.errors import ImageError
from core.formats.outlines import agreement, fill_outline, outlines
from core.formats.runs import (
    BrokenRunsError,
    alike,
    columns_down,
    counts_along,
    counts_down,
    pack_counts,
    unpack_counts,
    where_along,
)
from core.masks.geometry import Where
from core.masks.rect import Rect

shapes = arrays(np.bool_, st.tuples(st.integers(1, 16), st.integers(1, 16)))
coordinates = st.floats(-30, 60, width=32) | st.integers(-5, 40)
polygons = st.lists(st.tuples(coordinates, coordinates), min_size=3, max_size=9)


def theirs(points: list[tuple[float, float]], height: int, width: int) -> Where:
    flat = [float(c) for point in points for c in point]
    return coco_mask.decode(coco_mask.frPyObjects([flat], height, width))[..., 0].astype(bool)  # type: ignore[no-any-return]


def where_down(counts: Sequence[float], height: int, width: int) -> Where:
    left, columns = columns_down(counts, height, width)
    where = np.zeros((height, width), np.bool_)
    where[:, left : left + len(columns)] = columns.T
    return where


@given(arrays(np.uint32, st.integers(1, 20), elements=st.integers(0, 3)))
def test_values_that_are_alike_are_found_as_numpy_finds_them(values: npt.NDArray[np.uint32]) -> None:
    found, which = alike(values)
    expected, inverse = np.unique(values, return_inverse=True)
    assert np.array_equal(found, expected)
    assert np.array_equal(which, inverse)


@settings(max_examples=100)
@given(where=shapes)
def test_outlines_enclose_each_pixel_once(where: Where) -> None:
    out = np.zeros_like(where)
    for outline in outlines(where):
        inside = theirs(outline.points, *where.shape)
        assert inside[outline.pixel]
        assert not (out & inside).any()
        out |= inside
    assert np.array_equal(out, where)


@settings(max_examples=100)
@given(points=polygons, height=st.integers(1, 40), width=st.integers(1, 40))
def test_any_outline_is_filled_as_coco_fills_it(points: list[tuple[float, float]], height: int, width: int) -> None:
    assert np.array_equal(fill_outline(np.array(points, np.float64), height, width), theirs(points, height, width))


def test_a_hole_is_cut_out_with_a_slit() -> None:
    ring = np.ones((3, 3), np.bool_)
    ring[1, 1] = False
    (outline,) = outlines(ring)
    assert outline.points.count((1, 1.5)) == outline.points.count((0, 1.5)) == 2
    assert len(outline.points) == 4 + 4 + 4


def test_an_outline_that_reaches_far_out_is_not_followed() -> None:
    with pytest.raises(ImageError, match="reaches far out"):
        fill_outline(np.array([[0, 0], [1e12, 5], [3, 1e15]]), 10, 10)


@settings(max_examples=100)
@given(where=shapes)
def test_runs_are_those_of_coco(where: Where) -> None:
    counts = counts_down(where, Rect(0, 0, *where.shape), where.shape)
    packed = coco_mask.encode(np.asfortranarray(where.astype(np.uint8)))["counts"].decode()
    assert pack_counts(counts) == packed
    assert unpack_counts(packed).tolist() == counts
    assert np.array_equal(where_down(counts, *where.shape), where)
    assert np.array_equal(where_along(counts_along(where), *where.shape), where)


@settings(max_examples=50)
@given(where=shapes, top=st.integers(0, 3), left=st.integers(0, 3), more=st.integers(0, 3))
def test_runs_of_a_part_are_those_of_the_whole(where: Where, top: int, left: int, more: int) -> None:
    rect = Rect(top, left, top + where.shape[0], left + where.shape[1])
    whole = np.zeros((rect.bottom + more, rect.right + more), np.bool_)
    whole[rect.slices] = where
    assert np.array_equal(where_down(counts_down(where, rect, whole.shape), *whole.shape), whole)


@pytest.mark.parametrize("counts", [[-1, 5], [1.5, 2.5], [3], [2, 3], [], [float("nan")], [4, float("inf")]])
def test_runs_that_do_not_fit_are_refused(counts: list[float]) -> None:
    with pytest.raises(BrokenRunsError):
        where_down(counts, 2, 2)


@given(text=st.text(st.characters(min_codepoint=40, max_codepoint=120), max_size=12))
def test_any_text_is_runs_or_is_refused(text: str) -> None:
    with suppress(BrokenRunsError):
        unpack_counts(text)


def test_agreement_is_that_of_the_worst_class() -> None:
    one = np.array([[0, 0, 1, 255]], np.uint8)
    assert agreement(one, one) == 1
    assert agreement(one, np.array([[0, 1, 1, 255]], np.uint8)) == 0.5
    assert agreement(one[:, 3:], one[:, 3:]) == 1
