"""Mask pictures of strangers, from their bytes: first the size, then the pixels."""

import io
import struct
import zlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image

from core.errors import ImageError
from core.formats.colors import Colors
from core.images import MAX_PIXELS, decode_mask
from core.masks.tiles import Array

_FAULTS = (OSError, ValueError, SyntaxError, TypeError, IndexError, KeyError, EOFError, OverflowError,
           struct.error, zlib.error, Image.DecompressionBombError, MemoryError)  # fmt: skip
"""What Pillow raises for files that are none."""


def peek(data: bytes, name: str) -> tuple[int, int, str]:
    """Height, width and Pillow's mode of a picture, without decoding it; ImageError if it is none."""
    Image.MAX_IMAGE_PIXELS = None  # our own limit, below
    try:
        with Image.open(io.BytesIO(data), formats=("PNG", "TIFF", "BMP")) as picture:
            width, height = picture.size
            mode = picture.mode
    except _FAULTS:
        raise ImageError(f"{name} is not a mask that can be read. Save it as PNG.") from None
    if width * height > MAX_PIXELS:
        raise ImageError(f"{name} has {width} × {height} pixels, more than fit into memory. Leave it out.")
    return height, width, mode


def decode_ids(data: bytes, name: str) -> Array:
    """(height, width) uint8 class ids of a grey or palette picture; ImageError for colours or damage."""
    return decode_mask(data, name)


def decode_colors(data: bytes, name: str) -> npt.NDArray[np.uint8]:
    """(height, width, 4) RGBA of any picture."""
    try:
        with Image.open(io.BytesIO(data), formats=("PNG", "TIFF", "BMP")) as picture:
            return np.asarray(picture.convert("RGBA"))
    except _FAULTS:
        raise ImageError(f"{name} is damaged. Copy or export it again.") from None


@dataclass(frozen=True, slots=True)
class DecodedIds:
    """Decodes class ids when it is known that they are wanted."""

    data: bytes
    name: str

    def __call__(self, height: int, width: int) -> Array:
        return decode_ids(self.data, self.name)


@dataclass(frozen=True, slots=True)
class DecodedColors:
    """As DecodedIds, where colours stand for classes."""

    data: bytes
    name: str
    colors: Colors

    def __call__(self, height: int, width: int) -> Array:
        return self.colors.ids_of(decode_colors(self.data, self.name), self.name)
