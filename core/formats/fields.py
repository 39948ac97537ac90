"""Fields of a stranger's JSON: each is asked for by its name and kind, and what is wrong is said with its place."""

import math
from collections.abc import Iterator
from typing import Any

from core.errors import ImageError

MOST_WHOLE = 2**53
_MISSING = object()


class Node:
    """A value in a JSON file that knows where it stands. Every method raises ImageError with that place."""

    __slots__ = ("_file", "_place", "value")

    def __init__(self, value: Any, file: str, place: str = "") -> None:
        self.value = value
        self._file = file
        self._place = place

    def __getitem__(self, name: str) -> "Node":
        """A field that must be there."""
        found = self.get(name)
        if found is None:
            raise self.wrong(f'"{name}" is missing')
        return found

    def get(self, name: str) -> "Node | None":
        """A field that may be missing or null."""
        if not isinstance(self.value, dict):
            raise self.wrong("an object with fields is expected")
        value = self.value.get(name, _MISSING)
        return None if value is _MISSING or value is None else Node(value, self._file, f"{self._place}.{name}")

    def has(self, name: str) -> bool:
        return isinstance(self.value, dict) and name in self.value

    def __iter__(self) -> Iterator["Node"]:
        """The entries of a list."""
        if not isinstance(self.value, list):
            raise self.wrong("a list is expected")
        for number, value in enumerate(self.value):
            yield Node(value, self._file, f"{self._place}[{number}]")

    def fields(self) -> Iterator[tuple[str, "Node"]]:
        """The names and values of an object."""
        if not isinstance(self.value, dict):
            raise self.wrong("an object with fields is expected")
        for name, value in self.value.items():
            yield name, Node(value, self._file, f"{self._place}.{name}")

    @property
    def is_list(self) -> bool:
        return isinstance(self.value, list)

    @property
    def is_text(self) -> bool:
        return isinstance(self.value, str)

    def text(self) -> str:
        if not isinstance(self.value, str):
            raise self.wrong("a text is expected")
        return self.value

    def number(self) -> float:
        if isinstance(self.value, bool) or not isinstance(self.value, int | float) or not _usable(self.value):
            raise self.wrong("a number is expected")
        return float(self.value)

    def whole(self, lowest: int = -MOST_WHOLE, highest: int = MOST_WHOLE) -> int:
        number = self.number()
        if number != int(number) or not lowest <= number <= highest:
            limits = "" if lowest == -MOST_WHOLE else f" from {lowest} to {highest}"
            raise self.wrong(f"a whole number{limits} is expected")
        return int(number)

    def numbers(self) -> list[float]:
        """A list of numbers."""
        if not isinstance(self.value, list) or not _all_usable(self.value):
            raise self.wrong("a list of numbers is expected")
        return list(map(float, self.value))

    def data(self) -> bytes:
        """A list of whole numbers from 0 to 255."""
        try:
            return bytes(self.value) if isinstance(self.value, list) else bytes([-1])
        except (TypeError, ValueError):
            raise self.wrong("a list of whole numbers from 0 to 255 is expected") from None

    def wrong(self, what: str) -> ImageError:
        place = f"at {self._place.lstrip('.')[:80]} " if self._place else ""
        return ImageError(f"{self._file} cannot be used: {place}{what}. Export it again from its tool.")


def _all_usable(values: list[Any]) -> bool:
    """As _usable, of what may be any values; quick for long lists."""
    try:
        numbers = {int, float}.issuperset(map(type, values)) and all(map(math.isfinite, values))
    except OverflowError:  # a whole number beyond all floats
        return False
    return numbers and max(values, default=0) <= MOST_WHOLE and min(values, default=0) >= -MOST_WHOLE


def _usable(number: float) -> bool:
    return abs(number) <= MOST_WHOLE if isinstance(number, int) else math.isfinite(number) and abs(number) <= MOST_WHOLE
