"""How far something in the background is, and how long it will take."""

from collections import deque
from dataclasses import dataclass
from time import monotonic

REMEMBERED = 20
"""Steps that the pace is taken from: enough to be steady, few enough to follow when pictures grow."""


@dataclass(frozen=True, slots=True)
class Progress:
    doing: str
    """For a person: "Predicting"."""
    done: int
    total: int
    seconds_left: float | None = None
    """None while it waits, or is not known yet."""
    paused: bool = False


class Pace:
    """Tells from how fast it went lately how long the rest takes."""

    def __init__(self, left: int) -> None:
        self._steps = deque([(monotonic(), left)], REMEMBERED)

    def left(self, steps: int) -> float | None:
        """Note that so many steps are left; returns the seconds they take, None in the beginning."""
        now = monotonic()
        if steps < self._steps[-1][1]:
            self._steps.append((now, steps))
        (begun, first), (ended, last) = self._steps[0], self._steps[-1]
        return None if first == last else (ended - begun) / (first - last) * steps
