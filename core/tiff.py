"""TIFF files with more channels than the general decoder keeps: multispectral bands, microscope channels."""

import io
import struct
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from core.errors import ImageError

Channels = npt.NDArray[np.uint8] | npt.NDArray[np.uint16]

_USUAL = (1, 3)
_RGB = 2


def decode_channels(data: bytes, name: str) -> Channels | None:
    """All channels of a TIFF's first picture, (height, width, channels); None where it is grey, RGB or RGBA.

    Channels may lie side by side in each pixel or plane by plane, as samples or as the pages of an ImageJ or OME
    stack. Of stacks over depth or time nothing is taken here.

    Raises:
        ImageError: there are several channels, and they cannot be read.
    """
    from tifffile import TiffFile, TiffFileError

    try:
        with TiffFile(io.BytesIO(data)) as file:
            series, page = file.series[0], file.pages.first
            axes = series.axes.replace("S", "C")
            if sorted(axes) != ["C", "X", "Y"] or not _unusual(series.shape[axes.index("C")], page):
                return None
            _check_whole(series, len(data), name)
            array = np.moveaxis(series.asarray(), [axes.index(axis) for axis in "YXC"], [0, 1, 2])
    except (TiffFileError, IndexError, KeyError, TypeError, struct.error):
        return None  # odd structure: the general decoder decides
    except ValueError as error:
        raise ImageError(f"The channels of {name} cannot be read ({error}). Save it without compression.") from error
    if array.dtype not in (np.uint8, np.uint16):
        raise ImageError(f"{name} holds {array.dtype} pixels. Save it with 8 or 16 bits a channel.")
    return cast(Channels, np.ascontiguousarray(array))


def _unusual(channels: int, page: Any) -> bool:
    """Four samples are a picture with transparency, unless the file says that they are no colours."""
    if channels == 4 and page.samplesperpixel == 4:
        return bool(page.photometric != _RGB)
    return channels not in _USUAL or (page.samplesperpixel == 1 and channels > 1)


def _check_whole(series: Any, size: int, name: str) -> None:
    for page in series.pages:
        if page is not None and any(
            start + length > size for start, length in zip(page.dataoffsets, page.databytecounts, strict=True)
        ):
            raise ImageError(f"{name} is cut off: part of the picture is missing. Copy the file again from its source.")
