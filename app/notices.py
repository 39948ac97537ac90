"""Sentences for the person at work, with what they can do about it. Shown in the banner, never in their way."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Choice:
    """A button of a notice."""

    text: str
    choose: Callable[[], object]


@dataclass(frozen=True, slots=True)
class Notice:
    text: str
    choices: tuple[Choice, ...] = ()
    topic: str = ""
    """What it is about: a newer notice on the same topic replaces it, and settling the topic takes it away."""
    problem: bool = True
