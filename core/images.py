"""The one decoder: an image file becomes an array here, for screen, training and export alike."""

import hashlib
import io
import os
import struct
import warnings
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import cv2
import numpy as np
import numpy.typing as npt

from core.errors import ImageError
from core.large_tiff import open_large
from core.tiff import decode_channels

# Both libraries print what they stumble over; people get one sentence instead.
cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
warnings.filterwarnings("ignore", category=UserWarning, module="PIL")

ImageArray = npt.NDArray[np.uint8] | npt.NDArray[np.uint16]

SUFFIXES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp")
MAX_PIXELS = 2**30
"""The most that OpenCV decodes into one array."""

_MAGIC = (
    ("PNG", b"\x89PNG\r\n\x1a\n"),
    ("JPEG", b"\xff\xd8\xff"),
    ("TIFF", b"II*\0"),
    ("TIFF", b"MM\0*"),
    ("TIFF", b"II+\0"),
    ("TIFF", b"MM\0+"),
    ("BMP", b"BM"),
)


THUMBNAIL = 160
"""Longer side of a thumbnail in pixels."""


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What a project notes of an image file, to notice when it changes."""

    sha256: str
    file_size: int
    file_time_ns: int
    height: int
    width: int
    channels: int
    bits: int


def file_facts(path: Path) -> FileFacts:
    """Decode a file to be sure that it can be used, and describe it; ImageError if it cannot.

    A TIFF too large to decode whole is looked at in parts.
    """
    large = open_large(path)
    if large is not None:
        stat, (height, width, channels), bits = path.stat(), large.shape, large.dtype.itemsize * 8
        large.close()
        return FileFacts(file_hash(path), stat.st_size, stat.st_mtime_ns, height, width, channels, bits)
    data = read_bytes(path)
    stat = path.stat()
    array = decode_image(data, path.name)
    height, width, channels = array.shape
    bits = array.dtype.itemsize * 8
    return FileFacts(content_hash(data), stat.st_size, stat.st_mtime_ns, height, width, channels, bits)


def read_bytes(path: Path) -> bytes:
    """The file's content, or ImageError with a sentence for a person."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise ImageError(f"{path.name} is missing. Put the file back at {path.parent}, or locate it.") from None
    except IsADirectoryError:
        raise ImageError(f"{path.name} is a folder. Choose an image file.") from None
    except OSError as error:
        raise ImageError(f"{path.name} cannot be read: {os.strerror(error.errno or 0)}.") from None


def content_hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def file_hash(path: Path) -> str:
    """As content_hash, without holding the file in memory; ImageError if it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ImageError(f"{path.name} cannot be read: {os.strerror(error.errno or 0)}.") from None


def file_stamp(path: Path) -> tuple[int, int] | None:
    """Size in bytes and time of the last change in ns; None where there is no such file."""
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_size, stat.st_mtime_ns


def read_image(path: Path) -> ImageArray:
    """Decode an image file.

    Returns:
        (height, width, channels), one channel for grey and three, RGB, for colour, any number for a TIFF of bands;
        uint8 or uint16. Turned as its EXIF orientation says, palettes resolved, alpha dropped.

    Raises:
        ImageError: missing, unreadable, not an image, truncated, too large, or of another depth.
    """
    return decode_image(read_bytes(path), path.name)


def decode_image(data: bytes, name: str) -> ImageArray:
    """As read_image, from a file's content; `name` is used in errors."""
    kind = image_format(data)
    if kind is None:
        raise ImageError(f"{name} is not a PNG, JPEG, TIFF, BMP or WebP image. Convert it, or leave it out.")
    if _truncated(kind, data):
        raise ImageError(f"{name} is cut off: part of the picture is missing. Copy the file again from its source.")
    _check_size(data, name)
    many = decode_channels(data, name) if kind == "TIFF" else None
    if many is not None:
        return many  # (H, W, C)
    try:
        array = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_ANYDEPTH | cv2.IMREAD_ANYCOLOR)
    except (cv2.error, MemoryError):
        array = None
    if array is None:
        raise ImageError(f"{name} is damaged or of a kind that cannot be decoded. Save it again as PNG.")
    if array.dtype not in (np.uint8, np.uint16):
        raise ImageError(f"{name} holds {array.dtype} pixels. Save it with 8 or 16 bits a channel.")
    if array.ndim == 2:
        return cast(ImageArray, array[..., None])  # (H, W, 1)
    return cast(ImageArray, cv2.cvtColor(array, cv2.COLOR_BGR2RGB, dst=array))  # (H, W, 3)


def image_format(data: bytes) -> str | None:
    """What the content is, whatever the file is called."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WebP"
    return next((kind for kind, magic in _MAGIC if data.startswith(magic)), None)


def thumbnail(image: ImageArray) -> npt.NDArray[np.uint8]:
    """(h, w, 3) RGB, THUMBNAIL on its longer side; 16 bits are stretched from the darkest to the brightest value."""
    height, width = image.shape[:2]
    scale = THUMBNAIL / max(height, width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    shown = image[..., :3] if image.shape[2] >= 3 else image[..., :1]
    small = cv2.resize(np.ascontiguousarray(shown), size, interpolation=cv2.INTER_AREA)  # (h, w) or (h, w, 3)
    if small.dtype != np.uint8:
        small = cv2.normalize(small, np.empty_like(small), 0, 255, cv2.NORM_MINMAX).astype(np.uint8)
    return cast(npt.NDArray[np.uint8], cv2.cvtColor(small, cv2.COLOR_GRAY2RGB) if small.ndim == 2 else small)


def file_thumbnail(path: Path) -> npt.NDArray[np.uint8]:
    """As `thumbnail`, of a file of any size."""
    large = open_large(path)
    if large is None:
        return thumbnail(read_image(path))
    small = thumbnail(large.thumbnail())
    large.close()
    return small


def find_images(folder: Path) -> list[Path]:
    """Image files below a folder by their suffix, sorted; hidden files and folders are left out."""
    return sorted(_walk(folder))


def read_mask_file(path: Path) -> npt.NDArray[np.uint8]:
    """Read a mask whose pixels are class ids: grey or palette, PNG or another lossless format.

    Returns:
        (height, width) uint8.

    Raises:
        ImageError: unreadable, or its pixels are colours instead of ids.
    """
    return decode_mask(read_bytes(path), path.name)


def decode_mask(data: bytes, name: str) -> npt.NDArray[np.uint8]:
    """As read_mask_file, from a file's content; `name` is used in errors."""
    from PIL import Image

    kind = image_format(data)
    if kind is not None and _truncated(kind, data):
        raise ImageError(f"{name} is cut off: part of the mask is missing. Copy the file again from its source.")
    _check_size(data, name)
    try:
        with Image.open(io.BytesIO(data)) as picture:
            ids = np.asarray(picture) if picture.mode in ("P", "L", "I;16", "I", "1") else None
    except (OSError, ValueError, SyntaxError, TypeError, LookupError, struct.error, zlib.error, MemoryError):
        raise ImageError(f"{name} is not a mask that can be read. Save it as an 8-bit grey or palette PNG.") from None
    if ids is None:
        raise ImageError(
            f"{name} holds colours, not class ids. Save it as an 8-bit grey or palette PNG, 255 for unlabelled."
        )
    if ids.max(initial=0) > 255 or ids.min(initial=0) < 0:
        raise ImageError(f"{name} holds values above 255. Class ids run from 0 to 31, 255 is unlabelled.")
    return np.ascontiguousarray(ids, np.uint8)


def _walk(folder: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder):
        folders[:] = [f for f in folders if not f.startswith(".")]
        for name in names:
            if name.lower().endswith(SUFFIXES) and not name.startswith("."):
                yield Path(parent, name)


def _check_size(data: bytes, name: str) -> None:
    """Refuse what would not fit before a decoder allocates it."""
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = None  # our own limit, below
    try:
        with Image.open(io.BytesIO(data)) as picture:
            width, height = picture.size
    except (OSError, ValueError, SyntaxError, TypeError, LookupError, struct.error, zlib.error, MemoryError):
        return  # Pillow knows fewer kinds than OpenCV, which has the last word
    if width * height > MAX_PIXELS:
        raise ImageError(
            f"{name} has {width} × {height} pixels, more than fit into memory at once. Cut it into parts below "
            "32,768 × 32,768 pixels."
        )


def _truncated(kind: str, data: bytes) -> bool:
    """Whether the end of the file is missing: decoders would fill the rest with grey and say nothing."""
    try:
        return _TRUNCATED[kind](data)
    except (struct.error, IndexError, KeyError, OSError, ValueError, TypeError, SyntaxError):
        return False  # odd structure: the decoder decides


def _jpeg_truncated(data: bytes) -> bool:
    # Coded data never holds the byte pair FF DA, so the last one starts the last scan.
    return data.find(b"\xff\xd9", data.rfind(b"\xff\xda")) < 0


def _bmp_truncated(data: bytes) -> bool:
    start, _, width, height, _, bits, compression = struct.unpack_from("<IIiiHHI", data, 10)
    return bool(compression == 0 and start + (width * bits + 31) // 32 * 4 * abs(height) > len(data))


def _tiff_truncated(data: bytes) -> bool:
    from PIL import Image

    with Image.open(io.BytesIO(data), formats=["TIFF"]) as picture:
        tags = picture.tag_v2  # type: ignore[attr-defined]
        tiled = 324 in tags
        starts, sizes = (tags[324], tags[325]) if tiled else (tags[273], tags[279])
    return any(start + size > len(data) for start, size in zip(starts, sizes, strict=True))


_TRUNCATED: dict[str, Callable[[bytes], bool]] = {
    "JPEG": _jpeg_truncated,
    "PNG": lambda data: data.rfind(b"IEND") < 0,
    "WebP": lambda data: struct.unpack_from("<I", data, 4)[0] + 8 > len(data),
    "BMP": _bmp_truncated,
    "TIFF": _tiff_truncated,
}
