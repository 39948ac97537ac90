"""Rectangles of pixels.

Two orders meet in this package, and only here: arrays are indexed (row, column), pointers speak (x, y).
x is the column and y the row; pixel (row 0, column 0) covers x from 0 to 1 and y from 0 to 1.
"""

from typing import NamedTuple


class Rect(NamedTuple):
    """A half-open rectangle of pixels: rows top to bottom - 1, columns left to right - 1."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def height(self) -> int:
        return max(0, self.bottom - self.top)

    @property
    def width(self) -> int:
        return max(0, self.right - self.left)

    @property
    def empty(self) -> bool:
        return self.bottom <= self.top or self.right <= self.left

    @property
    def slices(self) -> tuple[slice, slice]:
        return slice(self.top, self.bottom), slice(self.left, self.right)

    def holds(self, point: tuple[float, float]) -> bool:
        """Whether the pixel under a point (x, y) is inside."""
        return self.left <= point[0] < self.right and self.top <= point[1] < self.bottom

    def intersect(self, other: "Rect") -> "Rect":
        # Called a dozen times for a step of the brush: comparing is three times as fast as max and min.
        a, b, c, d = self
        e, f, g, h = other
        top, left = (a if a > e else e), (b if b > f else f)
        bottom, right = (c if c < g else g), (d if d < h else h)
        return Rect(top, left, bottom if bottom > top else top, right if right > left else left)

    def unite(self, other: "Rect") -> "Rect":
        if self.empty:
            return other
        if other.empty:
            return self
        return Rect(
            min(self.top, other.top),
            min(self.left, other.left),
            max(self.bottom, other.bottom),
            max(self.right, other.right),
        )

    def grown(self, by: int) -> "Rect":
        """With so many pixels more on each side."""
        return Rect(self.top - by, self.left - by, self.bottom + by, self.right + by)

    def within(self, origin: "Rect") -> tuple[slice, slice]:
        """Slices of this rectangle inside an array that covers `origin`."""
        return (
            slice(self.top - origin.top, self.bottom - origin.top),
            slice(self.left - origin.left, self.right - origin.left),
        )


EMPTY = Rect(0, 0, 0, 0)
