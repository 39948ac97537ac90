"""Label images of napari and ilastik: whole numbers from 1 for classes, 0 for what is unlabelled, as TIFF or .npy.

napari saves labels as TIFF of uint32 (napari_builtins.io, napari_write_labels), https://napari.org/howtos/layers/labels.
ilastik exports its "Simple Segmentation" as uint8, numbered from 1, in .npy with an axis for the channel,
https://www.ilastik.org/documentation/pixelclassification/pixelclassification. classes.json tells what the numbers mean.
"""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from core.classes import UNLABELED, LabelClass
from core.formats.label_tiff import TiffLabels, ids_from_labels, tiff_size, whole_numbers
from core.formats.mask_format import FoundMask, MaskExport, MaskFormat
from core.formats.one_hot import npy_shape, read_npy
from core.formats.palette_png import LEGEND, read_legend, write_legend, write_splits
from core.formats.source import Source
from core.masks.tiles import Array

TIFFS = (".tif", ".tiff")
RESULT = "_Simple Segmentation"
"""What ilastik adds to an image's name, unless it is told another."""


def _write(ilastik: bool, export: MaskExport, folder: Path) -> list[Path]:
    from tifffile import imwrite

    paths = []
    suffix = f".{export.choices['files']}"
    for image, mask in export.masks():
        labels = np.where(mask == UNLABELED, 0, mask + np.uint8(1)).astype(np.uint8 if ilastik else np.uint32)
        path = folder / f"{image.name}{suffix}"
        path.parent.mkdir(parents=True, exist_ok=True)
        if suffix == ".npy":
            np.save(path, labels[..., None] if ilastik else labels, allow_pickle=False)
        else:
            imwrite(path, labels, compression="zlib", photometric="minisblack", metadata=None)
        paths.append(path)
    write_legend(folder, [replace(c, id=c.id + 1) for c in export.classes], unlabelled_value=0)
    write_splits(export, folder, suffix)
    return paths


def _read(source: Source, classes: Sequence[LabelClass]) -> Iterator[FoundMask]:
    names = {number - 1: name for number, name in read_legend(source, classes).names.items() if number}
    names = names or {c.id: c.name for c in classes}
    for path in source.files(*TIFFS, ".npy"):
        name, data = source.name_of(path), source.read(path)
        stem = name.removesuffix(path.suffix).removesuffix(RESULT)
        if path.suffix.lower() == ".npy":
            yield FoundMask(stem, _NpyLabels(data, name), names=names)
        else:
            height, width = tiff_size(data, name)
            yield FoundMask(stem, TiffLabels(data, name, 1), height, width, names)


@dataclass(frozen=True, slots=True)
class _NpyLabels:
    data: bytes
    name: str

    def __call__(self, height: int, width: int) -> Array:
        array = read_npy(io.BytesIO(self.data), height, width, self.name)
        return ids_from_labels(whole_numbers(array, height, width, self.name), 1, self.name)


def _counts_from_one(source: Source) -> bool:
    """Whether the legend says that 0 is what is unlabelled."""
    path = source.folder / LEGEND
    unlabelled = source.json(path).get("unlabelled") if path.is_file() else None
    return unlabelled is not None and unlabelled.value == 0


def _recognises(ilastik: bool, source: Source) -> bool:
    tiffs, arrays = source.files(*TIFFS), source.files(".npy")
    if any(path.stem.endswith(RESULT) for path in (*tiffs, *arrays)):
        return ilastik
    if arrays and (source.single or _counts_from_one(source)):
        return len(npy_shape(source.head(arrays[0]))) == (3 if ilastik else 2)
    if not tiffs or not _counts_from_one(source):
        return False
    from tifffile import TiffFile

    try:
        with TiffFile(io.BytesIO(source.read(tiffs[0]))) as file:
            return bool((file.pages.first.bitspersample == 8) == ilastik)
    except Exception:  # tifffile raises anything for files that are none
        return False


_CHOICES = {"files": ("tif", "npy")}
NAPARI = MaskFormat(
    "napari",
    "napari labels: TIFF or .npy of numbers from 1, 0 for unlabelled",
    write=partial(_write, False),
    read=_read,
    recognises=partial(_recognises, False),
    choices=_CHOICES,
)
ILASTIK = MaskFormat(
    "ilastik",
    "ilastik segmentation: TIFF or .npy of numbers from 1, 0 for unlabelled",
    write=partial(_write, True),
    read=_read,
    recognises=partial(_recognises, True),
    choices=_CHOICES,
)
