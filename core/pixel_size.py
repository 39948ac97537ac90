"""How large a pixel is in the world, where an image file says so."""

import re
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

PRINT_DPI = 2500
"""A resolution below this is meant for printing, and says nothing about what the picture shows."""
INCH = 0.0254
_METRES = {"m": 1.0, "cm": 1e-2, "mm": 1e-3, "µm": 1e-6, "um": 1e-6, "micron": 1e-6, "microns": 1e-6, "nm": 1e-9}
_X_RESOLUTION, _DESCRIPTION, _UNIT, _GEO_SCALE, _GEO_KEYS = 282, 270, 296, 33550, 34735
_OME = re.compile(r'PhysicalSizeX="([0-9.eE+-]+)"(?:[^>]*?PhysicalSizeXUnit="([^"]+)")?')
_IMAGEJ_UNIT = re.compile(r"^unit=(.+)$", re.MULTILINE)


def pixel_size(path: Path) -> float | None:
    """Metres per pixel, from left to right; None where the file does not say, or means print.

    It is read from OME and ImageJ descriptions, GeoTIFF scales in metres, and the resolution of TIFF and PNG files.
    """
    read = {".tif": _tiff_size, ".tiff": _tiff_size, ".png": _png_size}.get(path.suffix.lower())
    try:
        size = None if read is None else read(path)
    except (OSError, ValueError, SyntaxError, TypeError, KeyError, IndexError, ArithmeticError, struct.error):
        return None
    return size if size is not None and 1e-12 < size < 1e6 else None


def _png_size(path: Path) -> float | None:
    from PIL import Image

    with Image.open(path) as picture:
        return _from_dpi(picture.info.get("dpi"))


def _tiff_size(path: Path) -> float | None:
    from tifffile import TiffFile, TiffFileError

    try:
        with TiffFile(path) as file:
            tags = {tag.code: tag.value for tag in file.pages.first.tags}
    except TiffFileError:
        return None
    return _from_tiff(tags)


def _from_dpi(dpi: tuple[float, float] | None) -> float | None:
    return INCH / float(dpi[0]) if dpi and dpi[0] > PRINT_DPI else None


def _from_tiff(tags: Mapping[int, Any]) -> float | None:
    text = str(tags.get(_DESCRIPTION, ""))
    ome = _OME.search(text)
    if ome:
        unit = _METRES.get(ome.group(2) or "µm")
        return None if unit is None else float(ome.group(1)) * unit
    above, below = tags.get(_X_RESOLUTION, (0, 1))
    resolution = above / below
    imagej = _IMAGEJ_UNIT.search(text) if text.startswith("ImageJ") else None
    if imagej and resolution > 0:
        unit = _METRES.get(imagej.group(1).strip().replace("\\u00B5", "µ"))
        return None if unit is None else unit / resolution
    if _GEO_SCALE in tags:
        return float(tags[_GEO_SCALE][0]) if _in_metres(tags.get(_GEO_KEYS, ())) else None
    per_inch = resolution * (2.54 if tags.get(_UNIT, 2) == 3 else 1)
    return _from_dpi((per_inch, per_inch)) if tags.get(_UNIT, 2) in (2, 3) else None


def _in_metres(keys: Any) -> bool:
    """Whether a GeoTIFF's key directory speaks of a projected map, and of metres where it names a unit."""
    found = {keys[n]: keys[n + 3] for n in range(4, len(keys) - 3, 4)}
    return found.get(1024) == 1 and found.get(3076, 9001) == 9001
