"""Masks as one-hot arrays in NumPy's files: a plane of zeros and ones for each class.

A pixel without a label is 0 in all planes; a mask beside the planes says which pixels have a label, so that a trainer
can leave the others out. NumPy's files: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
"""

import io
import math
import tokenize
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from core.classes import UNLABELED, LabelClass
from core.errors import ImageError
from core.formats.mask_format import FoundMask, MaskExport, MaskFormat
from core.formats.palette_png import LEGEND, read_legend, write_legend, write_splits
from core.formats.source import Source
from core.masks.tiles import Array

PLANES, LABELLED = "onehot", "labelled"
"""Names of the two arrays in an .npz file, and of the two folders of .npy files."""

_FAULTS = (OSError, ValueError, SyntaxError, TypeError, KeyError, EOFError, NotImplementedError, RuntimeError,
           OverflowError, zlib.error, zipfile.BadZipFile, tokenize.TokenError, MemoryError)  # fmt: skip


def one_hot(mask: Array, classes: int, *, last: bool, dtype: npt.DTypeLike) -> npt.NDArray[Any]:
    """(classes, height, width), or (height, width, classes) where the planes come `last`."""
    planes = np.arange(classes, dtype=np.uint8)
    hot = mask[..., None] == planes if last else mask[None] == planes[:, None, None]
    return np.asarray(hot, dtype)


def _write(export: MaskExport, folder: Path) -> list[Path]:
    paths = []
    last, dtype = export.choices["order"] == "last", np.dtype(export.choices["type"])
    suffix = f".{export.choices['files']}"
    for image, mask in export.masks():
        planes = one_hot(mask, len(export.classes), last=last, dtype=dtype)
        labelled = (mask != UNLABELED).astype(np.uint8)
        path = folder / ("" if suffix == ".npz" else PLANES) / f"{image.name}{suffix}"
        path.parent.mkdir(parents=True, exist_ok=True)
        if suffix == ".npz":
            np.savez_compressed(path, onehot=planes, labelled=labelled)
        else:
            beside = folder / LABELLED / f"{image.name}{suffix}"
            beside.parent.mkdir(parents=True, exist_ok=True)
            np.save(path, planes, allow_pickle=False)
            np.save(beside, labelled, allow_pickle=False)
        paths.append(path)
    write_legend(folder, export.classes, planes="last" if last else "first")
    write_splits(export, folder, suffix)
    return paths


def _read(source: Source, classes: Sequence[LabelClass]) -> Iterator[FoundMask]:
    names, last = read_legend(source, classes).names, _planes_come_last(source)
    for path in source.files(".npz"):
        name = source.name_of(path)
        yield FoundMask(name.removesuffix(path.suffix), _Arrays(source.read(path), None, True, name, last), names=names)
    for path in source.files(".npy"):
        name = source.name_of(path)
        place = name.removesuffix(path.suffix).split("/")
        if place[0] == LABELLED and not source.single:
            continue
        beside = None
        if place[0] == PLANES:
            place = place[1:]
            labelled = source.folder / LABELLED / name[len(PLANES) + 1 :]
            beside = source.read(labelled) if labelled.is_file() else None
        yield FoundMask("/".join(place), _Arrays(source.read(path), beside, False, name, last), names=names)


@dataclass(frozen=True, slots=True)
class _Arrays:
    """Decodes a file's planes when its image is known."""

    data: bytes
    beside: bytes | None
    packed: bool
    name: str
    last: bool
    """Which order is meant where both fit."""

    def __call__(self, height: int, width: int) -> Array:
        if self.packed:
            planes = _from_zip(self.data, PLANES, height, width, self.name)
            labelled = _from_zip(self.data, LABELLED, height, width, self.name)
        else:
            planes = read_npy(io.BytesIO(self.data), height, width, self.name)
            labelled = None if self.beside is None else read_npy(io.BytesIO(self.beside), height, width, self.name)
        if planes is None:
            raise ImageError(f'{self.name} holds no array "{PLANES}". Save it with numpy.savez(file, {PLANES}=…).')
        return ids_from(in_order(planes, height, width, self.name, last=self.last), labelled, self.name)


def in_order(planes: npt.NDArray[Any], height: int, width: int, name: str, *, last: bool) -> npt.NDArray[Any]:
    """(classes, height, width) from planes in either order; ImageError where they fit in none or are not one-hot.

    Args:
        last: whether planes that can be read both ways come last.
    """
    orders: list[npt.NDArray[Any]] = []
    if planes.ndim == 3 and planes.shape[1:] == (height, width):
        orders.append(planes)
    if planes.ndim == 3 and planes.shape[:2] == (height, width):
        orders.insert(0 if last else len(orders), np.moveaxis(planes, -1, 0))
    if not orders or not 1 <= len(orders[0]) < UNLABELED:
        shape = " × ".join(map(str, planes.shape))
        wanted = f"classes × {height} × {width} or {height} × {width} × classes"
        raise ImageError(f"{name} is {shape}; for its image it must be {wanted}. Save it so.")
    fits = [order for order in orders if _is_one_hot(order)]
    if not fits:
        raise ImageError(
            f"{name} is not one-hot: a pixel is 1 in one plane, or none, and 0 in all others. Round it first."
        )
    return fits[0]


def ids_from(planes: npt.NDArray[Any], labelled: npt.NDArray[Any] | None, name: str) -> Array:
    """(height, width) class ids from (classes, height, width) planes, 255 where none is 1 or `labelled` is 0."""
    ids = np.where(planes.any(axis=0), planes.argmax(axis=0), UNLABELED).astype(np.uint8)
    if labelled is not None:
        if labelled.shape != ids.shape or (ids[labelled != 0] == UNLABELED).any():
            raise ImageError(f"{name} and the mask of its labelled pixels do not fit together. Export both again.")
        ids[labelled == 0] = UNLABELED
    return ids


def _planes_come_last(source: Source) -> bool:
    path = source.folder / LEGEND
    order = source.json(path).get("planes") if path.is_file() else None
    return order is not None and order.value == "last"


def _is_one_hot(planes: npt.NDArray[Any]) -> bool:
    total = np.zeros(planes.shape[1:], np.uint16)
    for plane in planes:
        on = plane == 1
        if not (on | (plane == 0)).all():
            return False
        total += on
    return bool((total <= 1).all())


def _from_zip(data: bytes, key: str, height: int, width: int, name: str) -> npt.NDArray[Any] | None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            if f"{key}.npy" not in packed.namelist():
                return None
            with packed.open(f"{key}.npy") as file:
                return read_npy(file, height, width, name)
    except _FAULTS:
        raise ImageError(f"{name} is no .npz file that can be read. Save it again with numpy.savez.") from None


def read_npy(file: Any, height: int, width: int, name: str) -> npt.NDArray[Any]:
    """Read an array that fits an image; the header is looked at first, so that nothing endless is unpacked."""
    try:
        shape, fortran, dtype = _header(file)
        count = math.prod(shape)
        if dtype.kind not in "buif" or len(shape) not in (2, 3) or count > height * width * UNLABELED:
            raise ImageError(
                f"{name} holds {dtype} of {shape}, no planes for an image of {height} × {width}. Leave it out."
            )
        data = file.read(count * dtype.itemsize + 1)
        if len(data) != count * dtype.itemsize:
            raise ImageError(f"{name} does not hold what its header says. Save it again with numpy.save.")
        return np.frombuffer(data, dtype).reshape(shape, order="F" if fortran else "C")
    except _FAULTS:
        raise ImageError(f"{name} is no array that can be read. Save it again with numpy.save.") from None


def _header(file: Any) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    version = np.lib.format.read_magic(file)
    if version == (1, 0):
        return np.lib.format.read_array_header_1_0(file)
    return np.lib.format.read_array_header_2_0(file)


def npy_shape(data: bytes) -> tuple[int, ...]:
    """The shape in the header of an .npy file, from the file's first bytes; empty if it is none."""
    try:
        return _header(io.BytesIO(data))[0]
    except _FAULTS:
        return ()


def _planes_in(head: bytes) -> bool:
    shape = npy_shape(head)
    return len(shape) == 3 and shape[2] > 1


def _recognises(source: Source) -> bool:
    planes = [path for path in source.files(".npy") if not source.name_of(path).startswith(f"{LABELLED}/")]
    return bool(source.files(".npz")) or any(_planes_in(source.head(path)) for path in planes[:1])


ONE_HOT = MaskFormat(
    "onehot",
    "NumPy arrays with a plane of 0 and 1 for each class, and a mask of what is labelled",
    write=_write,
    read=_read,
    recognises=_recognises,
    choices={"files": ("npz", "npy"), "order": ("first", "last"), "type": ("uint8", "float32")},
)
