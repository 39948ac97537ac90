"""The plainest loops for masks as pictures and arrays."""

import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
import pyarrow
from PIL import Image
from pyarrow import parquet
from tifffile import imread, imwrite

from core.classes import UNLABELED, load_template, palette
from core.masks.tiles import Array

CLASSES = load_template("cityscapes")
COLORS = palette(CLASSES)
IDS = np.arange(len(CLASSES), dtype=np.uint8)
LABEL_IDS = np.array([7, 24, 11, 26, 17, 21, 23], np.uint8)
"""Of Cityscapes, for a label of each category."""


class Sample(NamedTuple):
    name: str
    mask: Array
    image: Path
    """A JPEG."""


Samples = Iterable[Sample]


def empty(height: int, width: int) -> Array:
    return np.full((height, width), UNLABELED, np.uint8)


def write_palette(folder: Path, samples: Samples) -> None:
    for sample in samples:
        picture = Image.fromarray(sample.mask)
        picture.putpalette(COLORS.tobytes())
        picture.save(folder / f"{sample.name}.png")


def read_palette(folder: Path) -> Iterator[Array]:
    for path in sorted(folder.glob("*.png")):
        yield np.asarray(Image.open(path))


def write_grey(folder: Path, samples: Samples) -> None:
    for sample in samples:
        cv2.imwrite(str(folder / f"{sample.name}.png"), sample.mask)


def read_grey(folder: Path) -> Iterator[Array]:
    for path in sorted(folder.glob("*.png")):
        yield np.asarray(cv2.imread(str(path), cv2.IMREAD_GRAYSCALE), np.uint8)


def write_color(folder: Path, samples: Samples) -> None:
    table = COLORS[:, ::-1].copy()
    table[UNLABELED] = 0
    for sample in samples:
        cv2.imwrite(str(folder / f"{sample.name}.png"), table[sample.mask])


def read_color(folder: Path) -> Iterator[Array]:
    for path in sorted(folder.glob("*.png")):
        pixels = np.asarray(cv2.imread(str(path)))
        ids = empty(*pixels.shape[:2])
        for value in IDS:
            ids[(pixels == COLORS[value, ::-1]).all(axis=-1)] = value
        yield ids


def with_images(write: Callable[[Path, Samples], None], folder: Path, samples: Samples) -> None:
    def copied() -> Iterator[Sample]:
        for sample in samples:
            shutil.copyfile(sample.image, folder / f"{sample.name}.jpg")
            yield sample

    write(folder, copied())


def write_cityscapes(folder: Path, samples: Samples) -> None:
    colors = np.zeros((256, 3), np.uint8)
    label_ids, train_ids = np.zeros(256, np.uint8), np.full(256, 255, np.uint8)
    colors[IDS], label_ids[IDS], train_ids[IDS] = COLORS[IDS], LABEL_IDS, IDS
    for sample in samples:
        for end, table in (("labelIds", label_ids), ("labelTrainIds", train_ids), ("color", colors)):
            cv2.imwrite(str(folder / f"{sample.name}_{end}.png"), table[sample.mask])
        cv2.imwrite(str(folder / f"{sample.name}_leftImg8bit.png"), np.asarray(cv2.imread(str(sample.image))))


def read_cityscapes(folder: Path) -> Iterator[Array]:
    ids = np.full(256, UNLABELED, np.uint8)
    ids[LABEL_IDS] = IDS
    for path in sorted(folder.glob("*_labelIds.png")):
        yield ids[np.asarray(cv2.imread(str(path), cv2.IMREAD_GRAYSCALE))]


def write_table(folder: Path, samples: Samples) -> None:
    rows = []
    for sample in samples:
        png = cv2.imencode(".png", sample.mask)[1].tobytes()
        rows.append({"image": sample.image.read_bytes(), "name": sample.name, "mask": png})
    parquet.write_table(pyarrow.Table.from_pylist(rows), folder / "masks.parquet")


def read_table(folder: Path) -> Iterator[Array]:
    for data in parquet.read_table(folder / "masks.parquet", columns=["mask"])["mask"].to_pylist():
        yield np.asarray(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE), np.uint8)


# --- arrays


def write_planes(folder: Path, samples: Samples) -> None:
    for sample in samples:
        planes = (sample.mask == IDS[:, None, None]).astype(np.uint8)
        np.savez_compressed(folder / sample.name, planes=planes, labelled=sample.mask != UNLABELED)


def read_planes(folder: Path) -> Iterator[Array]:
    for path in sorted(folder.glob("*.npz")):
        with np.load(path) as file:
            yield np.where(file["labelled"], file["planes"].argmax(axis=0), UNLABELED).astype(np.uint8)


def write_tiff(dtype: type[Any], first: int, options: Mapping[str, Any], folder: Path, samples: Samples) -> None:
    for sample in samples:
        labels = np.where(sample.mask == UNLABELED, 0, sample.mask + first) if first else sample.mask
        imwrite(folder / f"{sample.name}.tif", labels.astype(dtype), compression="zlib", **options)


def read_tiff(first: int, folder: Path) -> Iterator[Array]:
    for path in sorted(folder.glob("*.tif")):
        labels = imread(path)
        yield (np.where(labels == 0, UNLABELED, labels - first) if first else labels).astype(np.uint8)
