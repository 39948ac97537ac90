"""TIFF files too large to decode whole: tiled ones and ones in strips, read part by part."""

import os
import struct
from collections import OrderedDict
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from threading import RLock
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from core.errors import ImageError
from core.masks.rect import Rect

Part = npt.NDArray[np.uint8] | npt.NDArray[np.uint16]

RGB = 2
"""How TIFF files say that their samples are colours."""
LARGE_PIXELS = 2**28
"""From so many pixels on, 16,384 × 16,384, a TIFF is read in parts."""
KEPT_BYTES = 192 * 2**20
"""Decoded tiles or strips that are kept."""
MOST_SEGMENT_BYTES = 256 * 2**20


def open_large(path: Path) -> "LargeTiff | None":
    """The picture, if it is a TIFF so large that it is read in parts; None for all others.

    Raises:
        ImageError: it is that large and cannot be read in parts.
    """
    if path.suffix.lower() not in (".tif", ".tiff"):
        return None
    from tifffile import TiffFile, TiffFileError

    try:
        file = TiffFile(path)
        page: Any = file.pages.first
        if page.imagelength * page.imagewidth <= LARGE_PIXELS:
            file.close()
            return None
    except (TiffFileError, OSError, IndexError, ValueError, KeyError, TypeError, AttributeError, struct.error):
        return None  # the general decoder has the word, and the sentence
    try:
        return LargeTiff(path, page)
    finally:
        file.close()


class LargeTiff:
    """(height, width, channels) of a file on disk. Any thread may read; reads take turns."""

    def __init__(self, path: Path, page: Any) -> None:
        self.path = path
        self._page = page
        self._samples = int(page.samplesperpixel)
        channels = 3 if self._samples == 4 and page.photometric == RGB else self._samples  # alpha is dropped
        self.shape = (int(page.imagelength), int(page.imagewidth), channels)
        self._check()
        self.dtype = np.dtype(page.dtype).newbyteorder("=")
        self._byteorder = page.parent.byteorder
        # Strips as wide as the picture, or tiles.
        self._rows = int(page.tilelength if page.is_tiled else min(page.rowsperstrip, page.imagelength))
        self._columns = int(page.tilewidth if page.is_tiled else page.imagewidth)
        self._across = -(-self.shape[1] // self._columns)
        self._plain = page.compression == 1 and page.predictor == 1
        self._lock = RLock()
        self._kept: OrderedDict[int, Part] = OrderedDict()
        self._kept_bytes = 0
        self._check_segments()
        self._file = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))

    @property
    def height(self) -> int:
        return self.shape[0]

    @property
    def width(self) -> int:
        return self.shape[1]

    def close(self) -> None:
        with self._lock:
            if self._file >= 0:
                os.close(self._file)
                self._file = -1
            self._kept.clear()

    def __del__(self) -> None:
        if getattr(self, "_file", -1) >= 0:
            os.close(self._file)

    def __getitem__(self, place: tuple[int, int]) -> Part:
        """(channels,) the values at a row and column."""
        row, column = place
        return cast(Part, self.read(Rect(row, column, row + 1, column + 1))[0, 0])

    def read(self, rect: Rect) -> Part:
        """(rect.height, rect.width, channels) of what lies in `rect`, which must be inside the picture."""
        out = np.empty((rect.height, rect.width, self.shape[2]), self.dtype)
        for row in range(rect.top // self._rows, (rect.bottom - 1) // self._rows + 1):
            for column in range(rect.left // self._columns, (rect.right - 1) // self._columns + 1):
                whole = Rect(row * self._rows, column * self._columns, (row + 1) * self._rows, 0)
                whole = whole._replace(right=whole.left + self._columns)
                part = whole.intersect(rect).intersect(Rect(0, 0, *self.shape[:2]))
                out[part.within(rect)] = self._part(row * self._across + column, part, whole)
        return cast(Part, out)

    @cached_property
    def first_look(self) -> Part:
        """(h, w, channels) small enough to be there in a moment; reads the file when it is first asked for."""
        return self.coarse(96 if self._by_rows else 16)

    def thumbnail(self) -> Part:
        """(h, w, channels) for a list of pictures; takes seconds where tiles are compressed."""
        return self.coarse(160 if self._by_rows else 48)

    def coarse(self, most: int) -> Part:
        """(h, w, channels) a far look at it that reads few of its tiles: about `most` on the longer side."""
        step = max(1, -(-max(self.shape[:2]) // most))
        out = np.empty((-(-self.height // step), -(-self.width // step), self.shape[2]), self.dtype)
        for row in range(out.shape[0]):
            top = min(row * step + step // 2, self.height - 1)
            if self._by_rows:
                out[row] = self.read(Rect(top, 0, top + 1, self.width))[0, ::step]
                continue
            for column in range(out.shape[1]):
                left = min(column * step + step // 2, self.width - 1)
                out[row, column] = self[top, left]
        return cast(Part, out)

    # --- inside

    @property
    def _by_rows(self) -> bool:
        """Whether a row can be read for little."""
        return self._plain or not self._page.is_tiled

    def _part(self, index: int, part: Rect, whole: Rect) -> Part:
        """`part` of the tile or strip that covers `whole`."""
        if self._plain:
            return self._read_rows(index, part, whole)
        return self._segment(index)[part.within(whole)][..., : self.shape[2]]

    def _read_rows(self, index: int, part: Rect, whole: Rect) -> Part:
        """Rows of an uncompressed segment straight from the file, only the bytes that are wanted."""
        size = self.dtype.itemsize * self._samples
        start = self._page.dataoffsets[index] + ((part.top - whole.top) * self._columns + part.left - whole.left) * size
        length, apart = part.width * size, self._columns * size
        if length == apart or part.height == 1:
            data = self._bytes(start, part.height * length)
        else:
            data = b"".join(self._bytes(start + row * apart, length) for row in range(part.height))
        values = self._native(np.frombuffer(data, self._byteorder + self.dtype.str[1:]))
        return cast(Part, values.reshape(part.height, part.width, self._samples)[..., : self.shape[2]])

    def _segment(self, index: int) -> Part:
        with self._lock:
            if index in self._kept:
                self._kept.move_to_end(index)
                return self._kept[index]
            data = self._bytes(self._page.dataoffsets[index], self._page.databytecounts[index])
            decoded = self._decoded(data, index)
            if decoded is None:
                decoded = np.zeros((1, self._rows, self._columns, self._samples), self.dtype)
            segment = cast(Part, self._native(decoded.reshape(-1, *decoded.shape[-2:])))
            self._kept[index] = segment
            self._kept_bytes += segment.nbytes
            while self._kept_bytes > KEPT_BYTES and len(self._kept) > 1:
                self._kept_bytes -= self._kept.popitem(last=False)[1].nbytes
            return segment

    def _decoded(self, data: bytes, index: int) -> Any:
        """(1, rows, columns, samples) of a tile or strip; None where the file leaves it out."""
        try:
            return self._page.decode(data, index, jpegtables=self._page.jpegtables)[0]
        except Exception as error:  # every kind of compression has an error of its own
            raise ImageError(
                f"{self.path.name} is damaged: part of the picture cannot be decoded. Copy it again."
            ) from error

    def _bytes(self, start: int, count: int) -> bytes:
        with self._lock:
            if self._file < 0:
                raise ImageError(f"{self.path.name} is closed.")
            os.lseek(self._file, start, os.SEEK_SET)
            data = os.read(self._file, count)
        if len(data) < count:
            raise ImageError(f"{self.path.name} is cut off: part of the picture is missing. Copy the file again.")
        return data

    def _native(self, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        return values.astype(self.dtype, copy=False)

    def _check(self) -> None:
        page, name = self._page, self.path.name
        if page.dtype is None or np.dtype(page.dtype).newbyteorder("=") not in (np.uint8, np.uint16):
            raise ImageError(f"{name} holds {page.dtype} pixels. Save it with 8 or 16 bits a channel.")
        if page.planarconfig == 2 and page.samplesperpixel > 1:
            raise ImageError(
                f"{name} is large, and its channels lie one after another. Save it as a tiled TIFF, pixel by pixel."
            )

    def _check_segments(self) -> None:
        page, name = self._page, self.path.name
        largest = self._rows * self._columns * self._samples * self.dtype.itemsize
        if not self._plain and largest > MOST_SEGMENT_BYTES:
            raise ImageError(f"{name} is one compressed piece and cannot be read in parts. Save it as a tiled TIFF.")
        length = self.path.stat().st_size
        if any(start + size > length for start, size in _ends(page)):
            raise ImageError(f"{name} is cut off: part of the picture is missing. Copy the file again from its source.")
        if not self._plain:
            self._try_decoder()

    def _try_decoder(self) -> None:
        """Whether this kind of compression can be decoded here at all. `page.decode` is made while the file is open."""
        page = self._page
        with self.path.open("rb") as file:
            file.seek(page.dataoffsets[0])
            data = file.read(page.databytecounts[0])
        try:
            page.decode(data, 0, jpegtables=page.jpegtables)
        except (ValueError, RuntimeError, ImportError, KeyError) as error:
            kind = getattr(page.compression, "name", page.compression)
            raise ImageError(
                f"{self.path.name} is compressed as {kind}, which cannot be read in parts here. "
                "Save it as a tiled TIFF without compression or with deflate."
            ) from error


def _ends(page: Any) -> Iterator[tuple[int, int]]:
    return zip(page.dataoffsets, page.databytecounts, strict=True)
