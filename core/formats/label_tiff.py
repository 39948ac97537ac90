"""TIFFs of labels from other programs: first the size, then the pixels."""

import io
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from core.classes import UNLABELED
from core.errors import ImageError
from core.masks.tiles import Array

Labels = npt.NDArray[Any]
"""Of whole numbers, or of bool."""
MOST_SEGMENT = 2**26


def tiff_size(data: bytes, name: str) -> tuple[int, int]:
    """Height and width of a TIFF's first picture; ImageError if it is none."""
    from tifffile import TiffFile

    try:
        with TiffFile(io.BytesIO(data)) as file:
            page = file.pages.first
            return int(page.imagelength), int(page.imagewidth)
    except Exception:  # tifffile raises anything for files that are none
        raise ImageError(f"{name} is not a TIFF that can be read. Save it again.") from None


def read_labels(data: bytes, height: int, width: int, name: str) -> Labels:
    """(height, width) whole numbers of a TIFF's only picture; ImageError where it is another or a stack."""
    from tifffile import TiffFile

    try:
        with TiffFile(io.BytesIO(data)) as file:
            page, pages = file.pages.first, len(file.pages)
            segment = int(page.tilelength or 1) * int(page.tilewidth or 1) * int(page.tiledepth or 1)
            fits = pages == 1 and page.samplesperpixel == 1 and page.shape == (height, width)
            pixels = page.asarray() if fits and segment <= max(MOST_SEGMENT, height * width) else None
    except Exception:
        raise ImageError(f"{name} is damaged, or packed in a way that cannot be read. Save it again.") from None
    return whole_numbers(pixels, height, width, name)


def whole_numbers(pixels: "npt.NDArray[np.generic] | None", height: int, width: int, name: str) -> Labels:
    """(height, width) of whole numbers from an array, whatever its type; ImageError if it is of another kind."""
    if pixels is None or pixels.size != height * width or pixels.dtype.kind not in "bui":
        raise ImageError(f"{name} must hold one picture of whole numbers, {width} × {height} pixels. Save it so.")
    return pixels.reshape(height, width)


def ids_from_labels(labels: Labels, first: int, name: str) -> Array:
    """(height, width) uint8 class ids from labels that count classes from `first`.

    With 0, 255 is unlabelled; with 1, 0 is.
    """
    highest = UNLABELED if first == 0 else UNLABELED - 1
    if labels.min(initial=0) < 0 or labels.max(initial=0) > highest:
        strange = int(labels[(labels < 0) | (labels > highest)][0])
        raise ImageError(f"{name} holds the label {strange}. Classes are numbered up to {highest}; renumber them.")
    return labels.astype(np.uint8) - np.uint8(first)  # below 0 comes 255, unlabelled


@dataclass(frozen=True, slots=True)
class TiffLabels:
    """Decodes a TIFF's labels when it is known that they are wanted."""

    data: bytes
    name: str
    first: int

    def __call__(self, height: int, width: int) -> Array:
        return ids_from_labels(read_labels(self.data, height, width, self.name), self.first, self.name)
