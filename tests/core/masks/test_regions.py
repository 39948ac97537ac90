"""Mending regions against plain references that look at every pixel."""

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from core.classes import UNLABELED
from core.masks.change import Change
from core.masks.regions import holes, islands, mend_class, mend_region, near, others_nearby
from core.masks.tiles import Array, Mask

shapes = arrays(np.bool_, st.tuples(st.integers(1, 14), st.integers(1, 14)), elements=st.booleans())
label_maps = arrays(np.uint8, st.tuples(st.integers(3, 16), st.integers(3, 16)), elements=st.sampled_from([0, 1, 255]))
quick = settings(max_examples=150, deadline=None)


def after(mask: Mask, change: Change) -> Array:
    labels = mask.read()
    values = change.values if isinstance(change.values, int) else change.values[change.where]
    labels[change.rect.slices][change.where] = values
    return labels


def parts(shape: np.ndarray) -> list[set[tuple[int, int]]]:
    """The 4-connected parts, found by walking."""
    left = {(int(r), int(c)) for r, c in np.argwhere(shape)}
    found = []
    while left:
        part, edge = set(), [left.pop()]
        while edge:
            r, c = edge.pop()
            part.add((r, c))
            for step in ((r - 1, c), (r + 1, c), (r, c - 1), (r, c + 1)):
                if step in left:
                    left.remove(step)
                    edge.append(step)
        found.append(part)
    return found


@given(shapes, st.integers(0, 6))
@quick
def test_near_is_a_matter_of_distance(shape: np.ndarray, distance: int) -> None:
    expected = np.zeros_like(shape)
    for r, c in np.ndindex(shape.shape):
        gaps = np.argwhere(shape) - (r, c)
        expected[r, c] = len(gaps) > 0 and np.hypot(*gaps.T).min() <= distance
    np.testing.assert_array_equal(near(shape, distance), expected)


@given(shapes, st.integers(0, 5))
@quick
def test_holes_are_the_parts_outside_that_touch_no_edge(shape: np.ndarray, largest: int) -> None:
    expected = np.zeros_like(shape)
    for part in parts(~shape):
        rows, columns = [r for r, _ in part], [c for _, c in part]
        open_ = min(rows) == 0 or min(columns) == 0
        open_ |= max(rows) == shape.shape[0] - 1 or max(columns) == shape.shape[1] - 1
        if not open_ and (largest == 0 or len(part) <= largest):
            expected[rows, columns] = True
    np.testing.assert_array_equal(holes(shape, largest), expected)


@given(shapes, st.integers(1, 9))
@quick
def test_islands_are_the_small_parts(shape: np.ndarray, largest: int) -> None:
    expected = np.zeros_like(shape)
    for part in parts(shape):
        if len(part) <= largest:
            expected[tuple(np.array(list(part)).T)] = True
    np.testing.assert_array_equal(islands(shape, largest), expected)


@given(label_maps)
@quick
def test_a_pixel_given_up_takes_a_value_from_close_by(labels: Array) -> None:
    shape = labels == 1
    found = others_nearby(labels, shape)
    rest = np.argwhere(~shape)
    for r, c in np.argwhere(shape):
        if not len(rest):
            assert found[r, c] == UNLABELED
            continue
        away = np.hypot(*(rest - (r, c)).T)
        close = rest[away <= away.min() * 1.1 + 0.1]  # OpenCV's distance is off by a little
        assert found[r, c] in labels[tuple(close.T)]
    np.testing.assert_array_equal(found[~shape], labels[~shape])


@pytest.fixture(params=[5, 1024], scope="module")
def blocks(request: pytest.FixtureRequest) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("core.masks.regions.BLOCK", request.param)
        yield


@pytest.mark.usefixtures("blocks")
@given(label_maps, st.sampled_from(["fill-holes", "grow", "shrink", "smooth", "remove-islands"]), st.integers(1, 4))
@quick
def test_mending_a_class_looks_at_all_of_it(labels: Array, operation: str, amount: int) -> None:
    mask = Mask.from_array(labels)
    new = after(mask, mend_class(mask, 1, operation, amount))  # type: ignore[arg-type]
    shape = labels == 1
    if operation == "fill-holes":
        wide = np.pad(shape, 1)
        expected = np.where(holes(wide, amount)[1:-1, 1:-1] & ~_touches_edge(~shape), 1, labels)
    elif operation == "grow":
        expected = np.where(near(shape, amount), 1, labels)
    elif operation == "shrink":
        expected = np.where(shape & near(~shape, amount), UNLABELED, labels)
    elif operation == "remove-islands":
        assert (new[~shape] == labels[~shape]).all()
        assert ((new == 1) | islands(shape, amount) | ~shape).all()
        return
    else:
        return
    np.testing.assert_array_equal(new, expected)


@given(label_maps, st.sampled_from(["grow", "shrink", "smooth", "remove-islands"]), st.integers(1, 4))
@quick
def test_cutting_the_work_into_blocks_changes_nothing(labels: Array, operation: str, amount: int) -> None:
    mask = Mask.from_array(np.pad(labels, 9, constant_values=UNLABELED))
    whole = mend_class(mask, 1, operation, amount)  # type: ignore[arg-type]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("core.masks.regions.BLOCK", 6)
        parts = mend_class(mask, 1, operation, amount)  # type: ignore[arg-type]
    np.testing.assert_array_equal(whole.where, parts.where)
    if operation in ("grow", "shrink"):
        np.testing.assert_array_equal(after(mask, whole), after(mask, parts))


def _touches_edge(shape: np.ndarray) -> np.ndarray:
    out = np.zeros_like(shape)
    last = np.array(shape.shape) - 1
    for part in parts(shape):
        at = np.array(list(part))
        if (at == 0).any() or (at == last).any():
            out[tuple(at.T)] = True
    return out


@pytest.mark.parametrize("amount", [1, 3])
def test_mending_one_region_leaves_others_of_its_class_alone(amount: int) -> None:
    labels = np.full((600, 600), UNLABELED, np.uint8)
    labels[100:160, 240:300] = labels[400:460, 400:460] = 2
    mask = Mask.from_array(labels)
    grown = after(mask, mend_region(mask, 120, 260, "grow", amount))
    assert (grown == 2).sum() > (labels == 2).sum()
    np.testing.assert_array_equal(grown[300:], labels[300:])
    assert grown[100 - amount, 270] == 2 and grown[99 - amount, 270] == UNLABELED


def test_a_spike_is_smoothed_away_and_a_straight_edge_stays() -> None:
    labels = np.full((200, 200), UNLABELED, np.uint8)
    labels[100:] = 1
    labels[60:100, 50:53] = 1
    labels[:100][labels[:100] == UNLABELED] = 3
    mask = Mask.from_array(labels)
    smooth = after(mask, mend_class(mask, 1, "smooth", 8))
    assert (smooth[60:95, 50:53] == 3).all(), "what is given up goes to what lies around"
    assert (smooth[100:, 100:] == 1).all() and (smooth[:100, 100:] == 3).all()


def test_a_speck_in_a_lake_becomes_lake() -> None:
    labels = np.full((100, 100), 4, np.uint8)
    labels[20:23, 20:23] = labels[60:80, 60:80] = 1
    mask = Mask.from_array(labels)
    cleared = after(mask, mend_class(mask, 1, "remove-islands", 9))
    assert (cleared[20:23, 20:23] == 4).all() and (cleared[60:80, 60:80] == 1).all()


def test_what_is_unlabelled_or_absent_is_not_mended() -> None:
    mask = Mask(50, 50)
    assert mend_region(mask, 5, 5, "grow", 3).empty
    assert mend_class(mask, 1, "grow", 3).empty
