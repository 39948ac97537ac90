"""Masks as OME-TIFF with the size of a pixel, and as GeoTIFF with the place on the map, taken from the images.

https://docs.openmicroscopy.org/ome-model/latest/ome-tiff/ and https://docs.ogc.org/is/19-008r4/19-008r4.html. Pixels
are class ids, 255 is unlabelled, which GDAL is told as the value without data.
"""

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import numpy as np

from core.classes import UNLABELED, LabelClass
from core.formats.label_tiff import TiffLabels, tiff_size
from core.formats.mask_format import FoundMask, Labelled, MaskExport, MaskFormat
from core.formats.palette_png import read_legend, write_legend, write_splits
from core.formats.source import Source
from core.images import content_hash
from core.masks.tiles import Array
from core.pixel_size import pixel_size

OME_SUFFIX, GEO_SUFFIX = ".ome.tif", ".tif"
_SCALE, _TIE_POINTS, _TRANSFORM, _KEYS, _DOUBLES, _TEXTS = 33550, 33922, 34264, 34735, 34736, 34737
GEO_TAGS = (_SCALE, _TIE_POINTS, _TRANSFORM, _KEYS, _DOUBLES, _TEXTS)
_NO_DATA = 42113
_MICRO = 1e6


def _write(save: Any, suffix: str, export: MaskExport, folder: Path) -> list[Path]:
    paths, placeless = [], 0
    for image, mask in export.masks():
        paths.append(folder / f"{image.name}{suffix}")
        paths[-1].parent.mkdir(parents=True, exist_ok=True)
        placeless += not save(paths[-1], mask, image)
    if placeless:
        what = "size of its pixels" if suffix == OME_SUFFIX else "place on the map"
        export.notes.append(f"{placeless} of the images do not say the {what}, so their masks do not either.")
    write_legend(folder, export.classes)
    write_splits(export, folder, suffix)
    return paths


def _save_ome(path: Path, mask: Array, image: Labelled) -> bool:
    """Write a mask; whether the size of its pixels is known."""
    from tifffile import imwrite

    metres = pixel_size(image.file)
    same = uuid5(NAMESPACE_URL, f"{image.name} {content_hash(mask.tobytes())}")  # for the same mask, the same bytes
    metadata: dict[str, Any] = {"axes": "YX", "Name": image.name, "UUID": same.urn}
    if metres is not None:
        for axis in "XY":
            metadata |= {f"PhysicalSize{axis}": metres * _MICRO, f"PhysicalSize{axis}Unit": "µm"}
    imwrite(path, mask, ome=True, photometric="minisblack", compression="zlib", metadata=metadata)
    return metres is not None


def _save_geo(path: Path, mask: Array, image: Labelled) -> bool:
    """Write a mask; whether its place on the map is known."""
    from tifffile import imwrite

    tags = geo_tags(image.file)
    no_data = (_NO_DATA, "s", 0, str(UNLABELED), True)
    imwrite(path, mask, photometric="minisblack", compression="zlib", metadata=None, extratags=[*tags, no_data])
    return bool(tags)


def geo_tags(file: Path) -> list[tuple[int, str, int, Any, bool]]:
    """The tags of a GeoTIFF that say where it lies, as tifffile writes them; none for other files."""
    from tifffile import TiffFile

    if file.suffix.lower() not in (".tif", ".tiff"):
        return []
    try:
        with TiffFile(file) as tiff:
            found = {tag.code: tag.value for tag in tiff.pages.first.tags if tag.code in GEO_TAGS}
    except Exception:  # tifffile raises anything for files that are none
        return []
    if _KEYS not in found or not {_SCALE, _TRANSFORM} & set(found):
        return []
    tags: list[tuple[int, str, int, Any, bool]] = []
    for code, value in sorted(found.items()):
        if code == _TEXTS:
            tags.append((code, "s", 0, str(value), True))
        else:
            numbers = tuple(np.atleast_1d(value).tolist())
            tags.append((code, "H" if code == _KEYS else "d", len(numbers), numbers, True))
    return tags


def _read(source: Source, classes: Sequence[LabelClass]) -> Iterator[FoundMask]:
    names = read_legend(source, classes).names
    for path in source.files(".tif", ".tiff"):
        name, data = source.name_of(path), source.read(path)
        height, width = tiff_size(data, name)
        stem = name.removesuffix(path.suffix)
        stem = stem[:-4] if stem.lower().endswith(".ome") else stem
        yield FoundMask(stem, TiffLabels(data, name, 0), height, width, names)


def _is_ome(source: Source) -> bool:
    return bool(source.files(".ome.tif", ".ome.tiff"))


OME_TIFF = MaskFormat(
    "ome-tiff",
    "OME-TIFF of class ids, with the size of a pixel where the image tells it",
    write=partial(_write, _save_ome, OME_SUFFIX),
    read=_read,
    recognises=_is_ome,
)
GEOTIFF = MaskFormat(
    "geotiff",
    "TIFF of class ids, with the image's place on the map where it has one",
    write=partial(_write, _save_geo, GEO_SUFFIX),
    read=_read,
    recognises=lambda source: bool(source.files(".tif", ".tiff")) and not _is_ome(source),
)
