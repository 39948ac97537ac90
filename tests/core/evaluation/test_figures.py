"""Figures of an evaluation, checked against what small loops count."""

from math import nan

import numpy as np
import pytest

from core.classes import UNLABELED
from core.errors import TrainingError
from core.evaluation.figures import BINS, MOST_PLACES, PICTURED, Gathering, reliability
from core.evaluation.places import wrong_places
from core.findings import Cut, Place
from core.masks.rect import Rect
from tests.core.evaluation.scenes import THREE, figures, place

MATRIX = [[50, 3, 0], [7, 20, 0], [4, 0, 0]]
"""By hand: ground 53 labelled and 61 said, water 27 and 23, leaf 4 labelled and never said."""


def test_iou_precision_and_recall_of_a_matrix_are_what_counting_by_hand_gives() -> None:
    gathering = Gathering(THREE)
    gathering.add(figures(MATRIX))
    values = gathering.total().to_mapping()
    assert values["iou"] == {"ground": pytest.approx(50 / 64), "water": pytest.approx(20 / 30, abs=1e-6), "leaf": 0.0}
    assert values["precision"] == {
        "ground": pytest.approx(50 / 61, abs=1e-6),
        "water": pytest.approx(20 / 23, abs=1e-6),
        "leaf": None,
    }
    assert values["recall"] == {
        "ground": pytest.approx(50 / 53, abs=1e-6),
        "water": pytest.approx(20 / 27, abs=1e-6),
        "leaf": 0.0,
    }
    assert values["accuracy"] == pytest.approx(70 / 84, abs=1e-6)
    assert values["confusion"] == MATRIX
    assert values["ece"] == pytest.approx(abs(0.8 - 70 / 84), abs=1e-6)
    assert (values["run"], values["split"], values["images"], values["pixels"]) == (4, "val", 1, 84)


def test_shares_are_of_what_is_labelled_and_nothing_where_nothing_is() -> None:
    gathering = Gathering(THREE)
    gathering.add(figures([[6, 2, 0], [0, 0, 0], [1, 0, 3]]))
    shares = gathering.total().shares
    np.testing.assert_allclose(shares, [[0.75, 0.25, 0], [nan, nan, nan], [0.25, 0, 0.75]])


def test_images_one_by_one_give_what_all_at_once_gives() -> None:
    rng = np.random.default_rng(0)
    parts = [rng.integers(0, 40, (3, 3)) for _ in range(4)]
    gathering = Gathering(THREE)
    for part in parts:
        gathering.add(figures(part.tolist()))
    evaluation = gathering.total()
    assert evaluation.confusion.matrix.tolist() == np.sum(parts, axis=0).tolist()
    assert evaluation.images == 4
    assert sum(one.pixels for one in evaluation.bins) == evaluation.confusion.pixels


def test_calibration_is_what_a_loop_over_pixels_counts() -> None:
    rng = np.random.default_rng(3)
    sure = rng.integers(80, 256, 3000)
    right = rng.random(3000) < 0.7
    levels = np.stack([np.bincount(sure, minlength=256), np.bincount(sure[right], minlength=256)])
    bins = reliability(levels)
    pixels: list[list[tuple[float, bool]]] = [[] for _ in range(BINS)]
    for level, good in zip(sure.tolist(), right.tolist(), strict=True):
        confidence = level / 255
        pixels[min(int(confidence * BINS + 1e-9), BINS - 1)].append((confidence, good))
    for found, expected in zip(bins, pixels, strict=True):
        assert found.pixels == len(expected)
        if expected:
            assert found.confidence == pytest.approx(sum(c for c, _ in expected) / len(expected))
            assert found.correct == pytest.approx(sum(g for _, g in expected) / len(expected))


def test_the_worst_places_of_all_images_are_kept_and_no_more_however_many_there_are() -> None:
    gathering = Gathering(THREE)
    cut = Cut.of(Rect(0, 0, 1, 1), np.zeros((1, 1), np.uint8), np.ones((1, 1), np.uint8))
    for image_id in range(40):
        many = tuple(Place(image_id, Rect(0, 0, 1, 1), image_id * 10 + n, 1.0, cut) for n in range(5))
        gathering.add(figures(MATRIX, {(1, 0): many}))
    kept = gathering.total().places[1, 0]
    assert [p.pixels for p in kept] == sorted((i * 10 + n for i in range(40) for n in range(5)), reverse=True)[
        :MOST_PLACES
    ]
    assert [p.cut is not None for p in kept] == [True] * PICTURED + [False] * (MOST_PLACES - PICTURED)


def test_a_small_place_of_full_confidence_is_worse_than_a_larger_one_of_little() -> None:
    gathering = Gathering(THREE)
    gathering.add(figures(MATRIX, {(0, 2): (place(1, 100, 0.4),)}))
    gathering.add(figures(MATRIX, {(0, 2): (place(2, 60, 0.9),)}))
    assert [p.image_id for p in gathering.total().places[0, 2]] == [2, 1]


def test_nothing_measured_is_a_sentence_with_what_is_known_of_it() -> None:
    gathering = Gathering(THREE)
    gathering.note("a.png is missing, so it was left out.")
    with pytest.raises(TrainingError, match=r"No labelled pixel was measured on\. a\.png is missing"):
        gathering.total()


# --- places


def test_places_are_connected_wrong_pixels_of_one_kind_with_their_mean_confidence() -> None:
    truth = np.zeros((40, 60), np.uint8)
    truth[:, 30:] = 1
    truth[0, :5] = UNLABELED
    predicted = truth.copy()
    predicted[truth == UNLABELED] = 2  # says nothing: nobody knows what is there
    predicted[10:14, 5:10] = 1  # 20 pixels
    predicted[30, 20], predicted[31, 21] = 1, 1  # two pixels that touch at a corner
    predicted[20:22, 35:40] = 2
    confidence = np.full((40, 60), 51, np.uint8)
    confidence[10:14, 5:10] = 255
    confidence[10, 5:10] = 127
    found = wrong_places(9, truth, predicted, confidence, Rect(100, 200, 140, 260))
    assert set(found) == {(0, 1), (1, 2)}
    first, second = found[0, 1]
    assert (first.image_id, first.rect, first.pixels) == (9, Rect(110, 205, 114, 210), 20)
    assert first.confidence == pytest.approx((15 * 255 + 5 * 127) / 20 / 255)
    assert (second.rect, second.pixels) == (Rect(130, 220, 132, 222), 2)
    assert found[1, 2][0].rect == Rect(120, 235, 122, 240)
