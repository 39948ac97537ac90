import cv2
import numpy as np
import pytest

from core.classes import UNLABELED
from core.masks.rect import Rect
from core.masks.tiles import Array
from core.training.spreading import spread_labels
from tests.core.training.scenes import scene

LEFT, RIGHT = 0, 1


def halves(height: int = 80, width: int = 120) -> tuple[Array, Array]:
    """A dark and a light half with a little noise, and a short stroke of a class in each."""
    rng = np.random.default_rng(0)
    picture = np.full((height, width, 3), 60, np.uint8)
    picture[:, width // 2 :] = 180
    labels = np.full((height, width), UNLABELED, np.uint8)
    labels[10:14, 8:20], labels[60:64, width - 20 : width - 8] = LEFT, RIGHT
    return (picture + rng.integers(0, 6, picture.shape)).astype(np.uint8), labels


def test_a_stroke_spreads_to_the_edge_and_not_beyond() -> None:
    picture, labels = halves()
    spread = spread_labels(picture, labels, 3)
    sure = spread.sure(0.8)
    assert (sure[:, :52] == LEFT).mean() > 0.95
    assert (sure[:, 68:] == RIGHT).mean() > 0.95


def test_between_two_strokes_on_one_surface_it_is_unsure() -> None:
    picture = np.full((60, 200, 3), 100, np.uint8)
    labels = np.full((60, 200), UNLABELED, np.uint8)
    labels[28:32, 4:8], labels[28:32, -8:-4] = LEFT, RIGHT
    spread = spread_labels(picture, labels, 2)
    assert (spread.sure(0.8)[:, 90:110] == UNLABELED).all()
    np.testing.assert_allclose(spread.within(Rect(30, 100, 31, 101)), 0.5, atol=0.1)


def test_most_of_what_it_is_sure_of_is_true() -> None:
    picture, truth = scene(4, 192, 240)
    labels = np.full(truth.shape, UNLABELED, np.uint8)
    for value in range(3):  # a dab inside one region of each class
        depth = cv2.distanceTransform((truth == value).astype(np.uint8), cv2.DIST_L2, 3)
        depth[:4], depth[-4:], depth[:, :4], depth[:, -4:] = 0, 0, 0, 0
        y, x = np.unravel_index(int(depth.argmax()), depth.shape)
        labels[y - 3 : y + 3, x - 3 : x + 3] = value
    spread = spread_labels(picture, labels, 3)
    sure = spread.sure(0.8)
    told = sure != UNLABELED
    assert told.mean() > 0.1
    assert (sure[told] == truth[told]).mean() > 0.95


@pytest.mark.parametrize("channels", [1, 2, 3, 5])
@pytest.mark.parametrize("deep", [False, True])
def test_it_takes_every_kind_of_picture(channels: int, deep: bool) -> None:
    picture, labels = halves()
    many = np.repeat(picture[..., :1], channels, axis=2)
    spread = spread_labels(many.astype(np.uint16) * np.uint16(200) if deep else many, labels, 2)
    assert (spread.sure(0.8)[:, :52] == LEFT).mean() > 0.9


def test_a_large_picture_is_looked_at_smaller_and_answered_in_full() -> None:
    picture, labels = halves()
    large, strokes = picture.repeat(12, 0).repeat(12, 1), labels.repeat(12, 0).repeat(12, 1)
    spread = spread_labels(large, strokes, 2)
    assert spread.pieces.size < 2**18 * 1.1
    sure = spread.sure(0.8)
    assert sure.shape == (960, 1440)
    assert (sure[:, :600] == LEFT).mean() > 0.3
    assert not (sure[:, :600] == RIGHT).any()


@pytest.mark.parametrize("side", [1, 2, 3, 7])
def test_tiny_pictures_are_no_trouble(side: int) -> None:
    labels = np.full((side, side), UNLABELED, np.uint8)
    labels.flat[0], labels.flat[-1] = 0, 1
    spread = spread_labels(np.zeros((side, side, 3), np.uint8), labels, 2)
    assert spread.sure(0.8).shape == (side, side)


def test_what_is_like_no_stroke_stays_unknown() -> None:
    """Nobody paints every class in every picture."""
    picture, labels = halves()
    labels[labels == RIGHT] = UNLABELED
    sure = spread_labels(picture, labels, 3).sure(0.8)
    assert (sure[:, :52] == LEFT).mean() > 0.8
    assert (sure[:, 68:] == UNLABELED).all()
