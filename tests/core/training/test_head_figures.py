"""Figures of heads, and what is said of them."""

from dataclasses import replace

import numpy as np
import pytest

from core.classes import UNLABELED
from core.findings import Bin
from core.training.head_figures import BINS, Figure, HeadMeasure, HeadResult, Tally
from core.training.head_words import explain
from core.training.messages import HeadsCompared

EMPTY = tuple(Bin(0, float("nan"), float("nan")) for _ in range(BINS))


def result(name: str, *mious: float, binary: float = 0.95, pixels: float = 0.8) -> HeadResult:
    measures = tuple(
        HeadMeasure(seed, 50, 30.0, miou, pixels + seed / 1000, binary + seed / 1000, 0.05, (0.4, 1.1, 2.6), EMPTY)
        for seed, miou in enumerate(mious)
    )
    return HeadResult(name, name.title(), 0.003, ((0.001, 0.3), (0.003, 0.4), (0.01, 0.2)), measures)


def compared(*heads: HeadResult) -> HeadsCompared:
    return HeadsCompared(heads, "validation images", "held-out pixels", 7, 3, 30.0, 400.0)


# --- counting


def test_an_answer_of_all_zeros_has_the_binary_accuracy_of_the_classes_that_are_absent() -> None:
    truth = np.random.default_rng(0).integers(0, 7, (20, 30)).astype(np.uint8)
    tally = Tally(7)
    tally.add(truth, np.zeros((20, 30, 7), np.float32))
    measure = tally.measure(0, 1, 1.0)
    assert measure.binary_accuracy == pytest.approx(6 / 7)
    assert measure.pixel_accuracy == pytest.approx((truth == 0).mean())
    assert measure.sums == (0, 0, 0)


def test_calibration_compares_confidence_with_how_often_it_is_right() -> None:
    """Ten pixels at 0.85 of which six are right, and ten at 0.55 of which all are: |0.85-0.6| and |0.55-1|, halved."""
    truth = np.array([[0] * 6 + [1] * 4 + [1] * 10], np.uint8)
    likely = np.zeros((1, 20, 2), np.float32)
    likely[0, :10] = (0.85, 0.15)
    likely[0, 10:] = (0.45, 0.55)
    tally = Tally(2)
    tally.add(truth, likely)
    measure = tally.measure(0, 1, 1.0)
    assert measure.calibration_error == pytest.approx((0.25 + 0.45) / 2, abs=1e-6)
    assert measure.bins[8].pixels == 10 and measure.bins[8].correct == pytest.approx(0.6)
    assert measure.bins[5].confidence == pytest.approx(0.55)
    assert measure.bins[0].pixels == 0


def test_unlabelled_pixels_are_not_counted() -> None:
    truth = np.array([[0, 1, UNLABELED]], np.uint8)
    likely = np.array([[[0.9, 0.2], [0.3, 0.6], [0.5, 9.0]]], np.float32)
    tally = Tally(2)
    tally.add(truth, likely)
    tally.add(np.full((1, 3), UNLABELED, np.uint8), likely)
    measure = tally.measure(0, 1, 1.0)
    assert measure.pixel_accuracy == measure.binary_accuracy == measure.miou == 1
    np.testing.assert_allclose(measure.sums, (0.9, 1.0, 1.1), rtol=1e-6)


def test_a_difference_within_the_spread_is_a_tie() -> None:
    assert Figure(0.50, 0.02).ties_with(Figure(0.49, 0.001))
    assert not Figure(0.50, 0.005).ties_with(Figure(0.49, 0.001))
    assert not Figure(0.50, float("nan")).ties_with(Figure(0.50001, float("nan")))


@pytest.mark.parametrize(("flat", "said"), [(0.44, "in two shapes, and come to the same."), (0.43, "the 1.0 points")])
def test_of_the_same_loss_in_two_shapes_it_is_said_how_far_apart_they_came_out(flat: float, said: str) -> None:
    assert said in explain(compared(result("softmax", 0.44), result("softmax-flat", flat), result("sigmoid", 0.4)))


def test_the_mapping_holds_mean_spread_and_every_seed() -> None:
    values = result("softmax", 0.40, 0.44).to_mapping()
    assert values["miou"] == pytest.approx(0.42)
    assert values["miou_spread"] == pytest.approx(0.028284, abs=1e-5)
    assert [seed["miou"] for seed in values["seeds"]] == [0.40, 0.44]
    assert values["probability_sum"] == {"min": 0.4, "mean": 1.1, "max": 2.6}
    assert len(values["reliability"]) == BINS


# --- saying


def test_ties_are_called_ties() -> None:
    text = explain(compared(result("softmax", 0.40, 0.44), result("sigmoid", 0.41, 0.44)))
    assert "That is a tie" in text
    assert "Sigmoid shows 95.0 ± 0.1 % where Softmax shows a pixel accuracy of 80.0 ± 0.1 %, and looks better" in text
    assert "binary accuracy, a tie" in text
    assert "right 85.7 % of the time" in text
    assert "12 times smaller" in text
    assert "between 0.40 and 2.60, 1.10 on average" in text


def test_who_is_ahead_by_more_than_chance_is_named_also_where_it_is_not_softmax() -> None:
    heads = (result("softmax", 0.30, 0.31), result("depth", 0.40, 0.41), result("sigmoid", 0.40, 0.42))
    text = explain(compared(*heads))
    assert "Sigmoid is ahead of Softmax by more than chance moves them from seed to seed. Depth ties with it." in text


def test_one_seed_is_no_ground_for_a_verdict() -> None:
    text = explain(compared(result("softmax", 0.30), result("sigmoid", 0.50)))
    assert "One seed does not tell chance from merit" in text
    assert "ahead" not in text and "±" not in text


def test_what_takes_from_the_worth_of_the_figures_is_said() -> None:
    edge = replace(result("softmax", 0.3), learning_rate=0.01)
    text = explain(replace(compared(edge), measured_on="held-out pixels", stopped=True))
    assert "stopped before its end" in text
    assert "chosen on the same held-out pixels" in text
    assert "Softmax did best with the highest rate tried" in text
