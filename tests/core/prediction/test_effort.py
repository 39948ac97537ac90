"""The simulated person who labels one image whole: what a move costs, and that work which is done costs nothing."""

import numpy as np
import pytest

from core.masks.rect import Rect
from core.masks.tiles import Array
from tests.benchmarks.effort import BITS_PER_S, CLICK_S, Move, label

HEIGHT, WIDTH = 90, 120


@pytest.fixture
def truth() -> Array:
    """A street, a sky above it, and a car on it."""
    scene = np.zeros((HEIGHT, WIDTH), np.uint8)
    scene[:40] = 1
    scene[50:70, 30:60] = 2
    return scene


def test_an_image_is_labelled_by_few_moves_of_which_every_click_is_counted(truth: Array) -> None:
    (effort,) = label(truth, None, [0.98])
    assert effort.right >= 0.98
    assert 3 <= effort.clicks <= 16
    assert effort.keys >= 3  # each class is chosen once at least
    assert effort.seconds > CLICK_S * effort.clicks


def test_a_prediction_that_is_right_leaves_one_key_to_press(truth: Array) -> None:
    (effort,) = label(truth, truth, [0.98])
    assert (effort.clicks, effort.keys, effort.right) == (0, 1, 1.0)


def test_a_region_of_the_wrong_class_takes_one_click(truth: Array) -> None:
    predicted = np.where(truth == 2, np.uint8(3), truth)
    (effort,) = label(truth, predicted, [0.98])
    assert (effort.clicks, effort.right) == (1, 1.0)


def test_each_share_is_told_on_the_way_and_takes_more_than_the_one_before(truth: Array) -> None:
    some, all_ = label(truth, None, [0.99, 0.5])
    assert 0.5 <= some.right < all_.right
    assert some.seconds < all_.seconds


def test_the_way_takes_longer_the_farther_and_the_smaller_what_it_goes_to() -> None:
    def seconds(x: float, slack: float) -> float:
        return Move([(x, 0.0)], slack, 1, Rect(0, 0, 1, 1), np.ones((1, 1), np.bool_)).seconds((0.0, 0.0))

    assert seconds(6, 2) == pytest.approx(CLICK_S + np.log2(1 + 6 / 4) / BITS_PER_S)
    assert seconds(100, 2) > seconds(50, 2) > seconds(50, 8)
