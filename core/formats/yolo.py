"""Masks for Ultralytics' YOLO: outlines in text files, or grey PNGs of class ids, each with a data.yaml.

https://docs.ultralytics.com/datasets/segment/ and https://docs.ultralytics.com/datasets/semantic/. Files lie in
images/SPLIT, labels/SPLIT and masks/SPLIT. A line of a label file is a class and an outline, x and y as shares of the
width and height. They are meant for the centres of pixels: cut to whole pixels and filled by OpenCV as Ultralytics
does (polygon2mask), the same pixels come back. In masks, 255 is left out.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import cv2
import numpy as np

from core.classes import UNLABELED, LabelClass
from core.errors import ImageError
from core.formats.centre_outlines import centre_outline
from core.formats.copies import copy_image
from core.formats.mask_format import FoundMask, MaskExport, MaskFormat, empty_ids, without_split
from core.formats.outlines import agreement
from core.formats.palette_png import save_picture
from core.formats.pictures import DecodedIds, peek
from core.formats.regions import Region, regions_of
from core.formats.source import Source, shown
from core.formats.yaml_names import read_names
from core.masks.tiles import Array

SUFFIXES = (".png", ".jpg", ".bmp", ".tif", ".webp")
MOST_LABEL_BYTES = 2**28
LOOKED_INTO = 20
"""Text files, to see whether they hold outlines."""
NUMBER = re.compile(r"\d+(\.0*)?(\s|$)")
DIGITS = 8


def _write_outlines(export: MaskExport, folder: Path) -> list[Path]:
    paths = []
    for image, mask in export.masks():
        copy_image(image, folder / "images" / image.record.split / image.name, SUFFIXES)
        lines = [_line(region, *mask.shape) for region in regions_of(mask, export.classes, None)]
        path = folder / "labels" / image.record.split / f"{image.name}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(lines), encoding="ascii", newline="\n")
        written = _Outlines("".join(lines), path.name)(*mask.shape)
        export.agreement.append(agreement(mask, written))
        paths.append(path)
    _write_yaml(export, folder)
    return paths


def _line(region: Region, height: int, width: int) -> str:
    points = centre_outline(region.where) + np.array([region.rect.left, region.rect.top])
    shares = points / np.array([width, height])
    numbers = tuple(shares.ravel().tolist())
    return f"{region.label.id}{f' %.{DIGITS}f' * len(numbers)}\n" % numbers


def _write_masks(export: MaskExport, folder: Path) -> list[Path]:
    paths = []
    for image, mask in export.masks():
        copy_image(image, folder / "images" / image.record.split / image.name, SUFFIXES)
        paths.append(folder / "masks" / image.record.split / f"{image.name}.png")
        save_picture(paths[-1], mask)
    _write_yaml(export, folder, "masks_dir: masks")
    return paths


def _write_yaml(export: MaskExport, folder: Path, *more: str) -> None:
    """What Ultralytics asks for: where the images are, and the names of the classes. Paths are from this file."""
    there = {image.record.split for image in export.images}
    lines = []
    for split, stand_in in (("train", "val"), ("val", "train"), ("test", None)):
        place = split if split in there else stand_in
        if place is not None:
            lines.append(f"{split}: images/{place if place in there else 'test'}")
    missing = [split for split in ("train", "val") if split not in there]
    if missing:
        export.notes.append(
            f"No image is for {' or '.join(missing)}: data.yaml names other images there, because YOLO asks for both."
        )
    lines += [*more, "names:"]
    lines += [f"  {c.id}: {json.dumps(c.name, ensure_ascii=False)}" for c in export.classes]
    (folder / "data.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")


# --- in


def _read_outlines(source: Source, classes: Sequence[LabelClass]) -> Iterator[FoundMask]:
    names = _read_names(source)
    for path, name in _below(source, "labels", ".txt"):
        text = source.read(path, MOST_LABEL_BYTES).decode("utf-8-sig", errors="replace")
        if text.strip():
            yield FoundMask(name, _Outlines(text, shown(source.name_of(path))), names=names)


def _read_masks(source: Source, classes: Sequence[LabelClass]) -> Iterator[FoundMask]:
    names = _read_names(source)
    for path, name in _below(source, "masks", ".png"):
        data, told = source.read(path), source.name_of(path)
        height, width, _ = peek(data, told)
        yield FoundMask(name, DecodedIds(data, told), height, width, names)


def _below(source: Source, folder: str, suffix: str) -> Iterator[tuple[Path, str]]:
    """The files below a folder of that name, or of one that was chosen by itself, with their names from there."""
    for path in source.files(suffix):
        name = source.name_of(path)[: -len(suffix)]
        head, found, rest = f"/{name}".rpartition(f"/{folder}/")
        if found or source.single or source.folder.name == folder:
            yield path, without_split(rest if found else head.lstrip("/") or name)


def _read_names(source: Source) -> dict[int, str]:
    for path in source.files(".yaml", ".yml"):
        return read_names(source.read(path, 2**22), shown(source.name_of(path)))
    return {}


@dataclass(frozen=True, slots=True)
class _Outlines:
    """Fills the outlines of a label file, a line after the other."""

    text: str
    name: str

    def __call__(self, height: int, width: int) -> Array:
        ids = empty_ids(height, width)
        for number, line in enumerate(self.text.splitlines(), 1):
            if line.strip():
                value, shares = self._parse(line, number)
                points = (shares * np.array([width, height], np.float32)).astype(np.int32)
                cv2.fillPoly(ids, [points[:, None]], value)
        return ids

    def _parse(self, line: str, number: int) -> tuple[int, Array]:
        """The class of a line and its (n, 2) points as shares; float32, as Ultralytics reads them."""
        try:
            fields = np.array(line.split(), np.float32)
        except ValueError:
            raise self._wrong(number, "holds something that is no number") from None
        if len(fields) < 7 or len(fields) % 2 == 0:
            raise self._wrong(number, "needs a class and at least three points; boxes are no outlines")
        if not 0 <= fields[0] < UNLABELED or fields[0] != int(fields[0]):
            raise self._wrong(number, "does not begin with the number of a class")
        if not ((fields[1:] >= -0.01) & (fields[1:] <= 1.01)).all():
            raise self._wrong(number, "holds points that are no shares from 0 to 1")
        return int(fields[0]), fields[1:].reshape(-1, 2)  # type: ignore[return-value]

    def _wrong(self, number: int, what: str) -> ImageError:
        return ImageError(f"{self.name} cannot be used: line {number} {what}. Export it again from its tool.")


def _has_outlines(source: Source) -> bool:
    """Whether one of the first text files begins with a number, or all are empty, as they are of images without any
    region; a word is of a text for people."""
    starts = [_start_of(source, path) for path, _ in islice(_below(source, "labels", ".txt"), LOOKED_INTO)]
    return any(map(NUMBER.match, starts)) or (bool(starts) and not any(starts))


def _start_of(source: Source, path: Path) -> str:
    with source.opened(path, MOST_LABEL_BYTES) as file:
        return file.read(64).decode("utf-8-sig", errors="replace").strip()


YOLO_SEGMENT = MaskFormat(
    "yolo-segment",
    "YOLO segmentation: text files with an outline for each region",
    write=_write_outlines,
    read=_read_outlines,
    recognises=_has_outlines,
    copies_images=True,
)
YOLO_SEMANTIC = MaskFormat(
    "yolo-semantic",
    "YOLO semantic segmentation: grey PNGs of class ids",
    write=_write_masks,
    read=_read_masks,
    recognises=lambda source: bool(source.files("data.yaml")) and any(True for _ in _below(source, "masks", ".png")),
    copies_images=True,
)
