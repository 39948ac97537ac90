"""Masks as in Cityscapes: gtFine/SPLIT/CITY/NAME_gtFine_labelIds.png, …_labelTrainIds.png and …_color.png.

Ids, train ids, categories and colours are those of https://github.com/mcordts/cityscapesScripts, helpers/labels.py.
A class of the project is a label or one of the seven categories there, by its name. A category is written as the
first of its labels that counts in the evaluation, so that its category is right.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from core.classes import UNLABELED, LabelClass
from core.errors import ExportError
from core.formats.colors import Colors
from core.formats.copies import copy_image
from core.formats.mask_format import FoundMask, MaskExport, MaskFormat
from core.formats.palette_png import save_picture
from core.formats.pictures import DecodedColors, DecodedIds, peek
from core.formats.source import Source

ROOT, IMAGES, IMAGE_END = "gtFine", "leftImg8bit", "_leftImg8bit"
IDS, TRAIN_IDS, COLOR = "_gtFine_labelIds.png", "_gtFine_labelTrainIds.png", "_gtFine_color.png"
NAME = re.compile(r"^([^_/]+)_\d{6}_\d{6}$")


class Label(NamedTuple):
    name: str
    id: int
    train_id: int
    category: str
    rgb: tuple[int, int, int]


LABELS = tuple(
    Label(name, number, train_id, category, rgb)
    for number, (name, train_id, category, rgb) in enumerate(
        (
            ("unlabeled", 255, "void", (0, 0, 0)),
            ("ego vehicle", 255, "void", (0, 0, 0)),
            ("rectification border", 255, "void", (0, 0, 0)),
            ("out of roi", 255, "void", (0, 0, 0)),
            ("static", 255, "void", (0, 0, 0)),
            ("dynamic", 255, "void", (111, 74, 0)),
            ("ground", 255, "void", (81, 0, 81)),
            ("road", 0, "flat", (128, 64, 128)),
            ("sidewalk", 1, "flat", (244, 35, 232)),
            ("parking", 255, "flat", (250, 170, 160)),
            ("rail track", 255, "flat", (230, 150, 140)),
            ("building", 2, "construction", (70, 70, 70)),
            ("wall", 3, "construction", (102, 102, 156)),
            ("fence", 4, "construction", (190, 153, 153)),
            ("guard rail", 255, "construction", (180, 165, 180)),
            ("bridge", 255, "construction", (150, 100, 100)),
            ("tunnel", 255, "construction", (150, 120, 90)),
            ("pole", 5, "object", (153, 153, 153)),
            ("polegroup", 255, "object", (153, 153, 153)),
            ("traffic light", 6, "object", (250, 170, 30)),
            ("traffic sign", 7, "object", (220, 220, 0)),
            ("vegetation", 8, "nature", (107, 142, 35)),
            ("terrain", 9, "nature", (152, 251, 152)),
            ("sky", 10, "sky", (70, 130, 180)),
            ("person", 11, "human", (220, 20, 60)),
            ("rider", 12, "human", (255, 0, 0)),
            ("car", 13, "vehicle", (0, 0, 142)),
            ("truck", 14, "vehicle", (0, 0, 70)),
            ("bus", 15, "vehicle", (0, 60, 100)),
            ("caravan", 255, "vehicle", (0, 0, 90)),
            ("trailer", 255, "vehicle", (0, 0, 110)),
            ("train", 16, "vehicle", (0, 80, 100)),
            ("motorcycle", 17, "vehicle", (0, 0, 230)),
            ("bicycle", 18, "vehicle", (119, 11, 32)),
        )
    )
)
CATEGORIES = tuple(dict.fromkeys(label.category for label in LABELS if label.category != "void"))


def label_of(label: LabelClass) -> Label:
    """The label that a class is written as; ExportError if Cityscapes has none."""
    name = label.name.casefold().replace("_", " ").strip()
    for known in LABELS:
        if known.name == name or (known.category == name and known.train_id != UNLABELED):
            return known
    raise ExportError(
        f'Cityscapes has no label or category "{label.name}". Rename the class, or choose another format. The '
        f"categories: {', '.join(CATEGORIES)}."
    )


def _write(export: MaskExport, folder: Path) -> list[Path]:
    labels = {c.id: label_of(c) for c in export.classes}
    if len(set(labels.values())) < len(labels):
        raise ExportError("Two classes mean the same label of Cityscapes. Rename one, or choose another format.")
    tables = {IDS: np.zeros(256, np.uint8), TRAIN_IDS: np.full(256, 255, np.uint8), COLOR: np.zeros((256, 3), np.uint8)}
    for number, label in labels.items():
        tables[IDS][number], tables[TRAIN_IDS][number], tables[COLOR][number] = label.id, label.train_id, label.rgb
    paths, odd = [], 0
    for image, mask in export.masks():
        name = image.name.removesuffix(IMAGE_END)
        match = NAME.match(name)
        odd += match is None
        place = f"{image.record.split}/{match[1] if match else 'city'}"
        copy_image(image, folder / IMAGES / place / f"{name}{IMAGE_END}", (".png",))
        for end, table in tables.items():
            save_picture(folder / ROOT / place / f"{name}{end}", table[mask])
        paths.append(folder / ROOT / place / f"{name}{IDS}")
    stood_for = [f"{c.name} as {labels[c.id].name}" for c in export.classes if c.name != labels[c.id].name]
    if stood_for:
        export.notes.append(f"Cityscapes has these under other names: {', '.join(stood_for)}.")
    if odd:
        export.notes.append(
            f"Cityscapes' own scripts expect names like city_000000_000019; {odd} of the images are called otherwise."
        )
    return paths


def _read(source: Source, classes: Sequence[LabelClass]) -> Iterator[FoundMask]:
    """Label ids where they are, else train ids, else colours."""
    own = {c.name.casefold() for c in classes}
    names = {label.id: _named(label, own) for label in LABELS}
    train_names = {label.train_id: names[label.id] for label in LABELS if label.train_id != UNLABELED}
    colors = Colors({label.id: label.rgb for label in reversed(LABELS)})
    seen: set[str] = set()
    for end in (IDS, TRAIN_IDS, COLOR):
        for path in source.files(end.lower()):
            name, stem = source.name_of(path), path.name[: -len(end)]
            if stem in seen:
                continue
            seen.add(stem)
            data = source.read(path)
            height, width, _ = peek(data, name)
            decode = DecodedColors(data, name, colors) if end == COLOR else DecodedIds(data, name)
            yield FoundMask(stem, decode, height, width, train_names if end == TRAIN_IDS else names)


def _named(label: Label, own: set[str]) -> str:
    """What the project may call a label: by its own name, or by its category."""
    if label.name in own:
        return label.name
    return label.category if label.category in own or label.category == "void" else label.name


def _recognises(source: Source) -> bool:
    return bool(source.files(*(end.lower() for end in (IDS, TRAIN_IDS, COLOR))))


CITYSCAPES = MaskFormat(
    "cityscapes",
    "Cityscapes: PNGs of label ids, train ids and colours; classes are its labels or categories",
    write=_write,
    read=_read,
    recognises=_recognises,
    copies_images=True,
)
