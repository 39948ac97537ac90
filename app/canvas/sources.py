"""Where the canvas gets a picture from: any part of it, as coarse as the screen needs it."""

from math import floor, log2
from typing import Protocol, cast

import cv2
import numpy as np

from app.canvas.display import ENOUGH_SAMPLES, Image
from core.masks.rect import Rect

Channels = tuple[int, ...]

DRAWN_FASTER = 2
"""From this level on copies are screen-ready: smaller ones are cheap to keep."""


class Source(Protocol):
    """A (height, width, channels) picture that is read part by part, and halved `level` times where that is enough."""

    @property
    def height(self) -> int: ...
    @property
    def width(self) -> int: ...
    @property
    def channels(self) -> int: ...
    @property
    def bits(self) -> int: ...
    @property
    def deepest(self) -> int:
        """The highest level that can be asked for."""
        ...

    def size(self, level: int) -> tuple[int, int]:
        """(rows, columns) of the picture at a level."""
        ...

    def read(self, level: int, part: Rect, channels: Channels) -> Image:
        """(h, w) of one channel or (h, w, 3 or 4) of three: `part`, cut to what there is, in the level's pixels.

        Four bytes a pixel are screen-ready: blue, green, red, unused.
        """
        ...

    def samples(self, channels: Channels) -> Image:
        """Some of the picture's values, enough to judge how bright it is."""
        ...


class ArraySource:
    """A picture in memory, and smaller copies of it that are made when they are first looked at."""

    def __init__(self, image: Image) -> None:
        """image: (height, width, channels) or (height, width); it is kept, not copied."""
        self._image = image if image.ndim == 3 else image[..., None]
        self.height, self.width, self.channels = self._image.shape
        self.bits = self._image.dtype.itemsize * 8
        self._shown: Channels = ()
        self._levels: dict[int, Image] = {}

    @property
    def deepest(self) -> int:
        return max(0, floor(log2(min(self.height, self.width))))

    def size(self, level: int) -> tuple[int, int]:
        return -(-self.height // 2**level), -(-self.width // 2**level)

    def read(self, level: int, part: Rect, channels: Channels) -> Image:
        return self._level(level, channels)[max(0, part.top) : part.bottom, max(0, part.left) : part.right]

    def samples(self, channels: Channels) -> Image:
        step = max(1, int(np.sqrt(self.height * self.width / ENOUGH_SAMPLES)))
        return self._level(0, channels)[::step, ::step]

    def _level(self, level: int, channels: Channels) -> Image:
        if channels != self._shown:
            self._levels, self._shown = {0: chosen_channels(self._image, channels)}, channels
        if level not in self._levels:
            source = self._levels[max(n for n in self._levels if n < level)]
            rows, columns = self.size(level)
            # INTER_AREA takes the mean of what each pixel covers.
            small = cast(Image, cv2.resize(source, (columns, rows), interpolation=cv2.INTER_AREA))
            if level >= DRAWN_FASTER and small.dtype == np.uint8 and small.ndim == 3 and small.shape[2] == 3:
                small = cast(
                    Image, cv2.cvtColor(small, cv2.COLOR_RGB2BGRA)
                )  # four bytes a pixel are drawn faster than three
            self._levels[level] = small
        return self._levels[level]


def chosen_channels(image: Image, channels: Channels) -> Image:
    """One channel of (h, w, C) as (h, w), or three as (h, w, 3); not copied where that can be helped."""
    if len(channels) == 1:
        return cast(Image, np.ascontiguousarray(image[..., channels[0]]))
    if channels == tuple(range(image.shape[2])):
        return image
    return cast(Image, np.ascontiguousarray(image[..., list(channels)]))
