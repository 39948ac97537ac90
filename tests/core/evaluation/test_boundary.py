"""The boundary F-score on shapes with a known answer."""

from math import hypot, isnan

import numpy as np
import pytest

from core.classes import UNLABELED
from core.evaluation.boundary import boundary_counts, boundary_scores, tolerance_of
from core.masks.tiles import Array


def square(shift: int = 0, side: int = 20) -> Array:
    """Class 1 on class 0."""
    values = np.zeros((60, 80), np.uint8)
    values[20 : 20 + side, 20 + shift : 20 + shift + side] = 1
    return values


def by_loops(truth: Array, predicted: Array, value: int, tolerance: float) -> float:
    """The same, pixel by pixel, for masks without gaps."""

    def boundary(values: Array) -> list[tuple[int, int]]:
        height, width = values.shape
        found = []
        for y, x in zip(*np.nonzero(values == value), strict=True):
            around = [(y - 1, x), (y + 1, x), (y, x - 1), (y, x + 1)]
            if any(0 <= a < height and 0 <= b < width and values[a, b] != value for a, b in around):
                found.append((int(y), int(x)))
        return found

    def share(some: list[tuple[int, int]], others: list[tuple[int, int]]) -> float:
        near = [any(hypot(y - b, x - a) <= tolerance for b, a in others) for y, x in some]
        return sum(near) / len(near)

    true, said = boundary(truth), boundary(predicted)
    precision, recall = share(said, true), share(true, said)
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def test_the_tolerance_is_three_quarters_of_a_percent_of_the_diagonal() -> None:
    assert tolerance_of(3000, 4000) == pytest.approx(37.5)
    assert tolerance_of(40, 30) == 1.0


@pytest.mark.parametrize(("shift", "tolerance"), [(0, 1), (1, 1), (2, 2), (2, 1), (3, 1.5), (9, 2), (30, 3)])
def test_a_shifted_square_scores_what_loops_over_its_outline_give(shift: int, tolerance: float) -> None:
    truth, predicted = square(), square(shift)
    scores = boundary_scores(boundary_counts(truth, predicted, 3, tolerance))
    for value in (0, 1):
        assert scores[value] == pytest.approx(by_loops(truth, predicted, value, tolerance))
    assert isnan(scores[2]), "a class that is nowhere has no boundary"


def test_random_regions_score_the_same_by_loops_as_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.evaluation.boundary.BLOCK", 16)
    rng = np.random.default_rng(0)
    truth, predicted = (rng.integers(0, 3, (5, 6)).astype(np.uint8).repeat(8, 0).repeat(8, 1) for _ in range(2))
    scores = boundary_scores(boundary_counts(truth, predicted, 3, 2.5))
    for value in range(3):
        assert scores[value] == pytest.approx(by_loops(truth, predicted, value, 2.5))


def test_a_class_that_is_missed_or_made_up_scores_nothing() -> None:
    missed = boundary_scores(boundary_counts(square(), np.zeros((60, 80), np.uint8), 2, 2.0))
    made_up = boundary_scores(boundary_counts(np.zeros((60, 80), np.uint8), square(), 2, 2.0))
    assert missed[1] == made_up[1] == 0


def test_what_is_unlabelled_says_nothing_about_boundaries() -> None:
    """A stroke inside the square: its rim is no boundary, and the predicted outline around it cannot be judged."""
    truth = np.full((60, 80), UNLABELED, np.uint8)
    truth[28:32, 22:38] = 1
    scores = boundary_scores(boundary_counts(truth, square(), 2, 2.0))
    assert isnan(scores[0]) and isnan(scores[1])


def test_a_gap_elsewhere_changes_nothing() -> None:
    truth = square()
    truth[:8] = UNLABELED
    gap, whole = (boundary_scores(boundary_counts(t, square(1), 2, 1.0)) for t in (truth, square()))
    assert gap.tolist() == whole.tolist()
