"""Masks as a Hugging Face image folder: images and masks of each split, and a metadata.jsonl that pairs them.

https://huggingface.co/docs/datasets/image_dataset. A line's `file_name` becomes the column "image", its
`mask_file_name` the column "mask" of datasets.load_dataset("imagefolder", data_dir=…). Pixels of masks are class ids,
255 is unlabelled; classes.json tells the classes.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path, PurePosixPath

from core.classes import LabelClass
from core.formats.copies import copy_image
from core.formats.fields import Node
from core.formats.mask_format import FoundMask, MaskExport, MaskFormat, without_split
from core.formats.palette_png import read_legend, save_picture, write_legend
from core.formats.pictures import DecodedIds, peek
from core.formats.source import Source, parse_json, shown

FILE = "metadata.jsonl"
FOLDERS = {"train": "train", "val": "validation", "test": "test"}
SUFFIXES = (".png", ".jpg", ".bmp", ".tif", ".webp")
MOST_LIST_BYTES = 2**28
MASK_FIELDS = ("mask_file_name", "label_file_name", "annotation_file_name")
"""What the column of masks is called in data sets out there."""


def _write(export: MaskExport, folder: Path) -> list[Path]:
    paths = []
    with ExitStack() as stack:
        lists = {}
        for image, mask in export.masks():
            split = FOLDERS[image.record.split]
            place = folder / split
            copy = copy_image(image, place / "images" / image.name, SUFFIXES)
            paths.append(place / "masks" / f"{image.name}.png")
            save_picture(paths[-1], mask)
            if split not in lists:
                lists[split] = stack.enter_context((place / FILE).open("w", encoding="utf-8", newline="\n"))
            names = [path.relative_to(place).as_posix() for path in (copy, paths[-1])]
            line = {"file_name": names[0], "mask_file_name": names[1]}
            lists[split].write(json.dumps(line, ensure_ascii=False) + "\n")
    write_legend(folder, export.classes)
    return paths


def _read(source: Source, classes: Sequence[LabelClass]) -> Iterator[FoundMask]:
    names = read_legend(source, classes).names
    for path in source.files(FILE):
        told = shown(source.name_of(path))
        for number, line in enumerate(source.read(path, MOST_LIST_BYTES).splitlines(), 1):
            if not line.strip():
                continue
            entry = Node(parse_json(line, f"Line {number} of {told}"), f"Line {number} of {told}")
            field = next((entry.get(name) for name in MASK_FIELDS if entry.get(name) is not None), None)
            if field is None:
                raise entry.wrong(f'"{MASK_FIELDS[0]}" is missing')
            mask = source.inside(field.text(), beside=path)
            data, name = source.read(mask), shown(source.name_of(mask))
            height, width, _ = peek(data, name)
            yield FoundMask(_image(source, path, entry), DecodedIds(data, name), height, width, names)


def _image(source: Source, path: Path, entry: Node) -> str:
    """The image's name below its split, without a folder for images."""
    parent = PurePosixPath(source.name_of(path)).parent.as_posix()
    name = without_split(f"{parent}/{entry['file_name'].text()}".removeprefix("./"))
    return name.removeprefix("images/")


HUGGING_FACE = MaskFormat(
    "huggingface",
    "Hugging Face image folder: images, masks and metadata.jsonl",
    write=_write,
    read=_read,
    recognises=lambda source: bool(source.files(FILE)),
    copies_images=True,
)
