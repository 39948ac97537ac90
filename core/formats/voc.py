"""Masks as in Pascal VOC: JPEGImages, SegmentationClass with palette PNGs, and lists of names in ImageSets.

http://host.robots.ox.ac.uk/pascal/VOC/voc2012/htmldoc/devkit_doc.html. The pixels of a mask are class ids, 255 is
void. labelmap.txt tells names and colours as CVAT and Datumaro write them: "name:red,green,blue:parts:actions".
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

import numpy as np

from core.classes import UNLABELED, LabelClass, palette
from core.errors import ImageError
from core.formats.colors import Colors, Rgb
from core.formats.copies import copy_image
from core.formats.mask_format import FoundMask, MaskExport, MaskFormat
from core.formats.palette_png import save_picture
from core.formats.pictures import DecodedColors, DecodedIds, peek
from core.formats.source import Source, shown
from core.masks.tiles import Array
from core.records import SPLITS

IMAGES, MASKS, LISTS, LABELS = "JPEGImages", "SegmentationClass", "ImageSets/Segmentation", "labelmap.txt"
VOID = "ignored"
"""What Datumaro calls the pixels of value 255. It refuses a mask with a colour that the list does not have."""


def voc_palette() -> Array:
    """(256, 3) RGB: the devkit's colours. An id's bits go to red, green, blue, red and so on, high ones first."""
    ids = np.arange(256)
    table = np.zeros((256, 3), np.uint8)
    for turn in range(8):
        for channel in range(3):
            table[:, channel] |= ((ids >> (3 * turn + channel) & 1) << (7 - turn)).astype(np.uint8)
    return table


def _write(export: MaskExport, folder: Path) -> list[Path]:
    table = voc_palette()
    if export.choices["colors"] == "project":
        table[:UNLABELED] = palette(export.classes)[:UNLABELED]
    paths = []
    for image, mask in export.masks():
        copy_image(image, folder / IMAGES / image.name, (".jpg",))
        paths.append(folder / MASKS / f"{image.name}.png")
        save_picture(paths[-1], mask, table)
    (folder / LISTS).mkdir(parents=True)
    for name, splits in (*((split, (split,)) for split in SPLITS), ("trainval", ("train", "val"))):
        names = [image.name for image in export.images if image.record.split in splits]
        (folder / LISTS / f"{name}.txt").write_text("".join(f"{n}\n" for n in names), encoding="utf-8", newline="\n")
    lines = ["# label:color_rgb:parts:actions"]
    named = {c.id: c.name.replace(":", " ") for c in export.classes}
    if VOID not in named.values():
        named[UNLABELED] = VOID
    lines += [f"{name}:{','.join(map(str, table[number].tolist()))}::" for number, name in named.items()]
    (folder / LABELS).write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
    return paths


def _read(source: Source, classes: Sequence[LabelClass]) -> Iterator[FoundMask]:
    names, colors = _read_labels(source)
    for path in source.files(".png"):
        parts = PurePosixPath(source.name_of(path)).with_suffix("").parts
        if MASKS not in parts and not source.single:
            continue
        data, name = source.read(path), source.name_of(path)
        height, width, mode = peek(data, name)
        stem = "/".join(parts[parts.index(MASKS) + 1 :] if MASKS in parts else parts)
        load = DecodedColors(data, name, colors) if mode in ("RGB", "RGBA") else DecodedIds(data, name)
        yield FoundMask(stem, load, height, width, names)


def _read_labels(source: Source) -> tuple[dict[int, str], Colors]:
    """The classes in labelmap.txt, in the order of their ids, and their colours.

    CVAT and Datumaro write masks in these. Without a list, no names, and the colours of the devkit.
    """
    for path in source.files(LABELS):
        text = source.read(path, 2**20).decode("utf-8", errors="replace")
        lines = [line.split(":") for line in text.splitlines() if line.strip() and line[0] != "#"]
        names = [fields[0].strip() for fields in lines]
        if len(names) >= UNLABELED or not all(names):
            raise ImageError(
                f"{shown(source.name_of(path))} holds no list of classes. Write a line like name:0,0,0:: for each."
            )
        colors = {number: _rgb(fields[1]) for number, fields in enumerate(lines) if len(fields) > 1}
        return dict(enumerate(names)), Colors({number: rgb for number, rgb in colors.items() if rgb is not None})
    return {}, Colors({number: (r, g, b) for number, (r, g, b) in enumerate(voc_palette().tolist())})


def _rgb(text: str) -> Rgb | None:
    found = re.fullmatch(r"\s*(\d{1,3})\s*,\s*(\d{1,3})\s*,\s*(\d{1,3})\s*", text, re.ASCII)
    return (int(found[1]), int(found[2]), int(found[3])) if found else None


VOC = MaskFormat(
    "voc",
    "Pascal VOC: JPEG images, palette PNGs, lists of names",
    write=_write,
    read=_read,
    recognises=lambda source: any(MASKS in path.parts for path in source.files(".png")),
    choices={"colors": ("voc", "project")},
    copies_images=True,
)
