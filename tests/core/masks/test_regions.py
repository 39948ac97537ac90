"""Mending regions against plain references that look at every pixel."""

import tracemalloc

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from skimage import measure

from core.classes import UNLABELED
from core.masks.change import Change
from core.masks.parts import rooted, small_parts
from core.masks.rect import Rect
from core.masks.regions import OPERATIONS, Operation, mend_class, mend_region, near, others_nearby
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


@given(shapes, st.integers(1, 9), st.booleans(), st.integers(2, 6))
@quick
def test_small_parts_are_found_across_blocks(shape: np.ndarray, largest: int, enclosed: bool, side: int) -> None:
    expected = np.zeros_like(shape)
    for part in parts(shape):
        rows, columns = [r for r, _ in part], [c for _, c in part]
        at_edge = min(rows) == 0 or min(columns) == 0
        at_edge |= max(rows) == shape.shape[0] - 1 or max(columns) == shape.shape[1] - 1
        expected[rows, columns] = len(part) <= largest and not (at_edge and enclosed)

    def read(rect: Rect) -> np.ndarray:
        return np.ascontiguousarray(shape[rect.slices])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("core.masks.parts.SIDE", side)
        found = small_parts(read, Rect(0, 0, *shape.shape), largest, enclosed=enclosed)
    np.testing.assert_array_equal(found, expected)


@given(st.lists(st.tuples(st.integers(0, 19), st.integers(0, 19)), max_size=30))
@quick
def test_what_hangs_together_has_one_root(pairs: list[tuple[int, int]]) -> None:
    groups = [{n} for n in range(20)]
    for one, other in pairs:
        joined = next(g for g in groups if one in g) | next(g for g in groups if other in g)
        groups = [g for g in groups if not g & joined] + [joined]
    roots = rooted(20, np.array(pairs, np.int64).reshape(-1, 2).T)
    assert all(roots[n] == min(group) for group in groups for n in group)


@given(label_maps)
@quick
def test_a_pixel_given_up_takes_a_value_from_close_by(labels: Array) -> None:
    shape = labels == 1
    rest = np.argwhere(~shape)
    for value, (r, c) in zip(others_nearby(labels, shape, shape), np.argwhere(shape), strict=True):
        if not len(rest):
            assert value == UNLABELED
            continue
        away = np.hypot(*(rest - (r, c)).T)
        close = rest[away <= away.min() * 1.1 + 0.1]  # OpenCV's distance is off by a little
        assert value in labels[tuple(close.T)]


def plainly(labels: Array, operation: Operation, amount: int) -> Array:
    """What becomes of class 1, looking at the whole array at once."""
    shape = labels == 1
    if operation == "fill-holes":
        return np.where(_small(~shape, amount) & ~_at_edge(~shape), np.uint8(1), labels)
    if operation == "grow":
        return np.where(_within(shape, amount), np.uint8(1), labels)
    if operation == "shrink":
        return np.where(_within(~shape, amount) & shape, np.uint8(UNLABELED), labels)
    soft = cv2.GaussianBlur(shape.astype(np.float32), (0, 0), amount / 2, borderType=cv2.BORDER_REPLICATE) > 0.5001
    stays = shape & ~_small(shape, amount) if operation == "remove-islands" else soft
    return np.where(stays, np.uint8(1), np.where(shape, _nearest_other(labels, shape), labels))


def _small(shape: np.ndarray, largest: int) -> np.ndarray:
    numbers = measure.label(shape, connectivity=1)
    return np.asarray(shape & (np.bincount(numbers.ravel())[numbers] <= largest), np.bool_)


def _at_edge(shape: np.ndarray) -> np.ndarray:
    numbers = measure.label(shape, connectivity=1)
    edge = np.concatenate([numbers[0], numbers[-1], numbers[:, 0], numbers[:, -1]])
    return shape & np.isin(numbers, edge)


def _within(shape: np.ndarray, distance: int) -> np.ndarray:
    if not shape.any():
        return np.zeros_like(shape)
    away = cv2.distanceTransform((~shape).view(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return np.asarray(away <= distance + 1e-3, np.bool_)


def _nearest_other(labels: Array, shape: np.ndarray) -> Array:
    if shape.all():
        return np.full_like(labels, UNLABELED)
    kind = cv2.DIST_LABEL_PIXEL
    _, numbers = cv2.distanceTransformWithLabels(shape.view(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5, labelType=kind)
    values = np.zeros(int(numbers.max()) + 1, np.uint8)
    values[numbers[~shape]] = labels[~shape]
    return np.asarray(values[numbers])


def patchwork(seed: int, height: int, width: int) -> Array:
    """Three classes and nothing in patches of all sizes, with specks and holes."""
    rng = np.random.default_rng(seed)
    scale = int(rng.integers(1, 12))
    coarse = rng.choice(np.array([0, 1, 1, 2, UNLABELED], np.uint8), (-(-height // scale), -(-width // scale)))
    labels = np.repeat(np.repeat(coarse, scale, 0), scale, 1)[:height, :width].copy()
    for value in (0, 1):
        labels[rng.random(labels.shape) < 0.02] = value
    return labels


@given(st.integers(0, 2**32), st.integers(1, 150), st.integers(1, 150), st.sampled_from(OPERATIONS), st.integers(1, 30))
@quick
def test_mending_a_class_in_blocks_is_mending_the_whole(
    seed: int, height: int, width: int, operation: Operation, amount: int
) -> None:
    labels = patchwork(seed, height, width)
    mask = Mask.from_array(labels)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("core.masks.regions.BLOCK", 8)
        patch.setattr("core.masks.parts.SIDE", 16)
        change = mend_class(mask, 1, operation, amount)
    expected = plainly(labels, operation, amount) if (labels == 1).any() else labels
    np.testing.assert_array_equal(after(mask, change), expected)


@pytest.mark.slow
@pytest.mark.parametrize("operation", OPERATIONS)
def test_mending_a_large_mask_takes_little_memory(operation: Operation) -> None:
    small = patchwork(3, 256, 256)
    tile = {(row, column): small for row in range(16) for column in range(16)}
    mask = Mask(4096, 4096, tile)
    tracemalloc.start()
    change = mend_class(mask, 1, operation, 40)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert not change.empty and peak < 5 * 4096**2, "region, where and values take a byte a pixel each"


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
