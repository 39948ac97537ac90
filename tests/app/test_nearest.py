"""What is done first in the background."""

from app.nearest import Nearest
from app.progress import Pace


def test_the_nearest_comes_first_and_after_before_before() -> None:
    waiting = Nearest(range(7))
    assert [waiting.take(3) for _ in range(7)] == [3, 4, 2, 5, 1, 6, 0]
    assert not waiting


def test_one_who_moves_on_is_followed() -> None:
    waiting = Nearest((1, 5, 9))
    assert waiting.take(9) == 9
    waiting.add(9)
    waiting.add(9)
    assert [waiting.take(1), waiting.take(9), waiting.take(0)] == [1, 9, 5]


def test_time_left_is_told_from_the_second_step_on() -> None:
    pace = Pace(10)
    assert pace.left(10) is None
    assert (pace.left(9) or 1) >= 0
