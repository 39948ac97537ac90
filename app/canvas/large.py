"""A picture on disk as the canvas sees it: what is in memory is shown at once, the rest is read behind it."""

from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from math import ceil, floor, log2
from threading import Lock
from typing import cast

import cv2
import numpy as np
from PySide6.QtCore import QObject, Signal

from app.canvas.display import Image
from app.canvas.sources import ArraySource, Channels, chosen_channels
from core.errors import ImageError
from core.large_tiff import LargeTiff
from core.masks.rect import Rect

BLOCK = 512
"""Side of what is read at once, in pixels of its level."""
KEPT_BYTES = 256 * 2**20
WAITING = 96
"""Blocks that are waited for: the view shows about 40, and what it has left behind is dropped."""
OVERVIEW_SIDE = 4096
BAND = 16
"""Rows of the overview that are made at once."""

Key = tuple[int, int, int]
"""Level, row and column of a block."""


class LargeSource(QObject):
    """A bounded cache of blocks over a file, with an overview that is made while nothing else is wanted."""

    arrived = Signal(object)
    """Rect, image pixels: what lies there can be drawn better than before."""

    def __init__(self, tiff: LargeTiff, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tiff = tiff
        self.height, self.width, self.channels = tiff.shape
        self.bits = tiff.dtype.itemsize * 8
        self.deepest = max(0, floor(log2(min(self.height, self.width))))
        self._coarse_level = max(0, ceil(log2(max(self.height, self.width) / OVERVIEW_SIDE)))
        rows, columns = self.size(self._coarse_level)
        first = tiff.first_look
        self._overview = _in_channels(cv2.resize(first, (columns, rows), interpolation=cv2.INTER_LINEAR))
        self._whole: ArraySource | None = None
        """The overview once it is complete."""
        self._next_band = 0
        self._blocks: OrderedDict[Key, Image] = OrderedDict()
        self._block_bytes = 0
        self._wanted: OrderedDict[Key, None] = OrderedDict()
        self._lock = Lock()
        self._closed = False
        self._reader = ThreadPoolExecutor(1, thread_name_prefix="large picture")
        self._working = False
        self._start()

    def size(self, level: int) -> tuple[int, int]:
        return -(-self.height // 2**level), -(-self.width // 2**level)

    def read(self, level: int, part: Rect, channels: Channels) -> Image:
        part = part.intersect(Rect(0, 0, *self.size(level)))
        deeper = level - self._coarse_level
        if deeper >= 0 and self._whole is not None:
            return self._whole.read(deeper, part, channels)
        if deeper >= 0:
            step = 2**deeper
            rough = self._overview[
                part.top * step : part.bottom * step : step, part.left * step : part.right * step : step
            ]
            return chosen_channels(rough, channels)
        return chosen_channels(self._from_blocks(level, part), channels)

    def samples(self, channels: Channels) -> Image:
        return chosen_channels(self._tiff.first_look, channels)

    def close(self) -> None:
        self._closed = True
        self._reader.shutdown(wait=True, cancel_futures=True)

    # --- what is shown now

    def _from_blocks(self, level: int, part: Rect) -> Image:
        out = np.empty((part.height, part.width, self.channels), self._overview.dtype)
        missing: list[Key] = []
        for row in range(part.top // BLOCK, (part.bottom - 1) // BLOCK + 1):
            for column in range(part.left // BLOCK, (part.right - 1) // BLOCK + 1):
                key = level, row, column
                here = self._block_rect(key)
                inside = here.intersect(part)
                block = self._kept(key)
                if block is None:
                    missing.append(key)
                    out[inside.within(part)] = self._blurred(level, inside)
                else:
                    out[inside.within(part)] = block[inside.within(here)]
        if missing:
            self._want(missing)
        return cast(Image, out)

    def _block_rect(self, key: Key) -> Rect:
        level, row, column = key
        whole = Rect(row * BLOCK, column * BLOCK, (row + 1) * BLOCK, (column + 1) * BLOCK)
        return whole.intersect(Rect(0, 0, *self.size(level)))

    def _kept(self, key: Key) -> Image | None:
        with self._lock:
            block = self._blocks.get(key)
            if block is not None:
                self._blocks.move_to_end(key)
            return block

    def _blurred(self, level: int, part: Rect) -> Image:
        """What the overview knows of a part of a finer level."""
        step = 2 ** (self._coarse_level - level)
        rows = np.minimum(np.arange(part.top, part.bottom) // step, self._overview.shape[0] - 1)
        columns = np.minimum(np.arange(part.left, part.right) // step, self._overview.shape[1] - 1)
        return cast(Image, np.take(np.take(self._overview, rows, axis=0), columns, axis=1))

    # --- what is read behind it

    def _want(self, keys: list[Key]) -> None:
        with self._lock:
            for key in reversed(keys):
                self._wanted[key] = None
                self._wanted.move_to_end(key)
            while len(self._wanted) > WAITING:
                self._wanted.popitem(last=False)
        self._start()

    def _start(self) -> None:
        with self._lock:
            if self._closed or self._working:
                return
            self._working = True
        self._reader.submit(self._work)

    def _work(self) -> None:
        """Read what is wanted, the latest first, and go on with the overview in between."""
        try:
            while not self._closed:
                with self._lock:
                    key = self._wanted.popitem()[0] if self._wanted else None
                    if key is None and self._whole is not None:
                        self._working = False
                        return
                if key is not None:
                    self._read_block(key)
                else:
                    self._read_band()
        except OSError:
            self._closed = True  # the file went away: what is known of it stays on show

    def _read_block(self, key: Key) -> None:
        step = 2 ** key[0]
        here = self._block_rect(key)
        whole = Rect(*(side * step for side in here)).intersect(Rect(0, 0, self.height, self.width))
        try:
            block = _shrunk(self._tiff.read(whole), here.height, here.width)
        except ImageError:  # this part is damaged: the overview shows what it knows of it
            block = self._blurred(key[0], here)
        with self._lock:
            if key in self._blocks:
                return
            self._blocks[key] = block
            self._block_bytes += block.nbytes
            while self._block_bytes > KEPT_BYTES and len(self._blocks) > 1:
                self._block_bytes -= self._blocks.popitem(last=False)[1].nbytes
        self.arrived.emit(whole)

    def _read_band(self) -> None:
        top, step = self._next_band, 2**self._coarse_level
        bottom = min(top + BAND, self._overview.shape[0])
        rect = Rect(top * step, 0, min(bottom * step, self.height), self.width)
        with suppress(ImageError):  # a damaged band stays as the first look has it
            self._overview[top:bottom] = _shrunk(self._tiff.read(rect), bottom - top, self._overview.shape[1])
        self._next_band = bottom
        if bottom == self._overview.shape[0]:
            self._whole = ArraySource(self._overview)
        self.arrived.emit(rect)


def _shrunk(image: Image, height: int, width: int) -> Image:
    if image.shape[:2] == (height, width):
        return image
    return _in_channels(cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA))


def _in_channels(image: object) -> Image:
    """OpenCV drops a single channel: give it back."""
    array = np.asarray(image)
    return cast(Image, array[..., None] if array.ndim == 2 else array)
