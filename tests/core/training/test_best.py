"""Which weights are kept, and when a training has nothing more to gain."""

import numpy as np
import pytest

from core.training.best import MARGIN, PATIENCE, Best, gain_and_error
from core.training.measuring import Glance
from core.training.metrics import Confusion


def glance(*right: int) -> Glance:
    """One region for each number: of 1000 pixels of each of two classes, so many are right."""
    parts = [np.array([[hits, 1000 - hits], [1000 - hits, hits]], np.int64) for hits in right]
    return Glance(tuple(Confusion(part) for part in parts))


def offered(best: Best, *steps: tuple[int, float]) -> Best:
    for number, (right, loss) in enumerate(steps):
        best.hear(loss)
        best.offer(glance(right), [np.full(1, number)], float(number))
    return best


def test_the_best_on_the_way_is_kept_if_the_end_is_clearly_worse() -> None:
    best = offered(Best(), (600, 1.0), (900, 0.5), (800, 0.4))
    assert best.weights[0] == 1 and best.seconds == 1
    assert best.beats(glance(800))
    assert not best.beats(glance(950))


def test_a_little_better_on_few_pixels_is_no_reason_to_go_back() -> None:
    best = offered(Best(), (901, 1.0))
    assert 0 < best.glance.total().miou - glance(900).total().miou < MARGIN  # type: ignore[union-attr]
    assert not best.beats(glance(900))


def test_better_in_one_region_and_no_better_in_the_others_is_no_reason_to_go_back() -> None:
    lucky, steady = Best(), Best()
    lucky.offer(glance(800, 800, 800, 1000), [np.zeros(1)], 1.0)
    steady.offer(glance(850, 855, 845, 850), [np.zeros(1)], 1.0)
    end = glance(800, 800, 800, 800)
    assert lucky.glance is not None and steady.glance is not None
    gains = [gain_and_error(glance, end)[0] for glance in (lucky.glance, steady.glance)]
    assert gains[0] == pytest.approx(gains[1]) and gains[0] > MARGIN
    assert not lucky.beats(end)
    assert steady.beats(end)


def test_a_last_look_that_was_cut_short_is_compared_on_what_both_saw() -> None:
    best = Best()
    best.offer(glance(600, 1000), [np.zeros(1)], 1.0)
    assert not best.beats(glance(650))
    assert best.beats(glance(550))


def test_without_a_look_on_the_way_the_end_is_kept() -> None:
    assert not Best().beats(glance(500))


@pytest.mark.parametrize(
    ("rising", "falling", "settled"), [(False, False, True), (True, False, False), (False, True, False)]
)
def test_it_ends_early_only_if_neither_figure_nor_loss_moves(rising: bool, falling: bool, settled: bool) -> None:
    steps = [(900 + 4 * i * rising, 0.5 - 0.02 * i * falling) for i in range(PATIENCE + 2)]
    assert offered(Best(), *steps).settled == settled
    assert not offered(Best(), *steps[:PATIENCE]).settled


def test_after_a_crash_patience_goes_on_where_it_was() -> None:
    """What was seen before counts for the early end, and so do losses heard since the last look."""
    flat = [(900, 0.5)] * (PATIENCE + 1)
    unbroken = offered(Best(), *flat[:-1])
    unbroken.hear(0.3)
    again = Best.from_state(unbroken.to_state())
    assert not again.settled
    for best in (unbroken, again):
        offered(best, flat[-1])
    assert again.settled == unbroken.settled
    assert again.seconds == unbroken.seconds == 0 and again.weights[0] == unbroken.weights[0]
    np.testing.assert_equal(again.to_state(), unbroken.to_state())
    np.testing.assert_array_equal(again.to_state()["figures"][3], [0.5] * PATIENCE + [0.4])


def test_a_checkpoint_before_the_first_look_remembers_none() -> None:
    assert Best().to_state() == {}
    assert Best.from_state({}).glance is None
