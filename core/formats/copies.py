"""Copies of the images beside their masks, for readers that want both in one place."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from core.errors import ExportError, ImageError
from core.formats.mask_format import Labelled
from core.images import image_format, read_image

_SUFFIX_OF = {"PNG": ".png", "JPEG": ".jpg", "BMP": ".bmp", "TIFF": ".tif", "WebP": ".webp"}
_ORIENTATION = 274


def copy_image(image: Labelled, stem: Path, suffixes: Sequence[str]) -> Path:
    """Copy an image to `stem` with its suffix, if that is among the wanted ones, else convert it to the first of them.

    A picture that its EXIF data turn is written turned, as its mask is.

    Raises:
        ExportError: the file is missing, or has more bits or channels than the wanted kinds hold.
    """
    stem.parent.mkdir(parents=True, exist_ok=True)
    try:
        suffix = _plain_suffix(image.file)
    except (OSError, ValueError, SyntaxError):
        raise ExportError(f"{image.record.name} cannot be read, and this format needs it. Locate it first.") from None
    if suffix is not None and suffix in suffixes:
        target = stem.with_name(stem.name + suffix)
        shutil.copyfile(image.file, target)
        return target
    try:
        pixels = read_image(image.file)  # (H, W, C)
    except ImageError as error:
        raise ExportError(f"{error} This format needs the image.") from None
    if pixels.dtype.itemsize > 1 or pixels.shape[2] not in (1, 3):
        raise ExportError(
            f"{image.record.name} has {pixels.dtype.itemsize * 8} bits and {pixels.shape[2]} channels, and this format "
            "holds 8-bit grey and colour images only. Choose another format."
        )
    target = stem.with_name(stem.name + suffixes[0])
    picture = Image.fromarray(pixels[..., 0] if pixels.shape[2] == 1 else pixels)
    picture.save(target, "JPEG" if suffixes[0] == ".jpg" else "PNG", quality=95)
    return target


def _plain_suffix(file: Path) -> str | None:
    """The suffix that fits the file's content; None if its EXIF data turn the picture."""
    with file.open("rb") as opened:
        kind = image_format(opened.read(16))
    with Image.open(file) as picture:
        turned = picture.getexif().get(_ORIENTATION, 1) not in (0, 1)
    return None if turned or kind is None else _SUFFIX_OF[kind]
