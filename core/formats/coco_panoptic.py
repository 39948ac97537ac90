"""Masks as COCO panoptic segmentation: a PNG of segment ids for each image, and one JSON file a split.

https://cocodataset.org/#format-data and https://github.com/cocodataset/panopticapi. A segment's id is
red + 256 green + 256² blue of its pixels; 0 is no segment. Of things each region is a segment, of stuff all pixels of
a class are one.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from core.classes import UNLABELED, LabelClass
from core.formats.coco import MOST_SIDE, SplitFiles, box_of, category_id, category_names, is_coco
from core.formats.fields import Node
from core.formats.large_json import large_json
from core.formats.mask_format import FoundMask, MaskExport, MaskFormat, named_ids
from core.formats.palette_png import save_picture
from core.formats.pictures import decode_colors
from core.formats.regions import regions_of
from core.formats.runs import alike
from core.formats.source import Source
from core.masks.tiles import Array

KIND = "panoptic"


def _write(export: MaskExport, folder: Path) -> list[Path]:
    things = export.things or frozenset()
    categories: list[dict[str, Any]] = []
    for c in export.classes:
        entry = {"id": category_id(c), "name": c.name, "supercategory": c.name}
        categories.append(entry | {"isthing": int(c.name in things), "color": list(c.rgb)})
    root = folder / "annotations"
    with SplitFiles(export, root, KIND, categories) as files:
        for image, mask in export.masks():
            ids = np.zeros(mask.shape, np.uint32)
            segments: list[dict[str, Any]] = []
            for number, region in enumerate(regions_of(mask, export.classes, things), 1):
                ids[region.rect.slices][region.where] = number
                segments.append(
                    {
                        "id": number,
                        "category_id": category_id(region.label),
                        "area": region.area,
                        "bbox": box_of(region.rect),
                        "iscrowd": 0,
                    }
                )
            rgb = np.stack([ids & 255, ids >> 8 & 255, ids >> 16], axis=-1).astype(np.uint8)  # (H, W, 3)
            save_picture(root / f"{KIND}_{image.record.split}" / f"{image.name}.png", rgb)
            files.add(image, {"image_id": image.record.id, "file_name": f"{image.name}.png", "segments_info": segments})
    return list(files.paths.values())


def _read(source: Source, classes: Sequence[LabelClass]) -> Iterator[FoundMask]:
    for path in source.files(".json"):
        if not is_coco(source, path, panoptic=True):
            continue
        with large_json(source, path) as file:
            names = category_names(file)
            images = {file.entry(number)["id"].whole(): number for number in file.entries("images")}
            for entry in file.each("annotations"):
                number = images.get(entry["image_id"].whole())
                if number is None:
                    raise entry.wrong("its image_id is none of the images")
                image = file.entry(number)
                drawing = _Segments(source, path, entry, names)
                height, width = image["height"].whole(1, MOST_SIDE), image["width"].whole(1, MOST_SIDE)
                yield FoundMask(image["file_name"].text(), drawing, height, width, drawing.names)


class _Segments:
    """Gives each pixel the class of its segment."""

    def __init__(self, source: Source, path: Path, entry: Node, names: dict[int, str]) -> None:
        self._source, self._path, self._entry = source, path, entry
        self._class_of: dict[int, str] = {}
        for segment in entry["segments_info"]:
            name = names.get(segment["category_id"].whole())
            if name is None:
                raise segment.wrong("its category_id is none of the categories")
            self._class_of[segment["id"].whole(1, 2**24 - 1)] = name
        self._ids = named_ids(list(self._class_of.values()))
        if len(self._ids) >= UNLABELED:
            raise entry.wrong("its image has more than 254 classes")
        self.names = {number: name for name, number in self._ids.items()}

    def __call__(self, height: int, width: int) -> Array:
        rgb = decode_colors(self._data(), self._entry["file_name"].text())
        if rgb.shape[:2] != (height, width):
            raise self._entry.wrong(f"its PNG is not {width} × {height} pixels")
        ids = rgb[..., 0].astype(np.uint32) | rgb[..., 1].astype(np.uint32) << 8 | rgb[..., 2].astype(np.uint32) << 16
        found, which = alike(ids)
        values = np.empty(len(found), np.uint8)
        for n, segment in enumerate(found.tolist()):
            name = self._class_of.get(segment)
            if segment and name is None:
                raise self._entry.wrong(f"its PNG holds segment {segment}, which segments_info does not list")
            values[n] = UNLABELED if name is None else self._ids[name]
        return values[which].reshape(height, width)

    def _data(self) -> bytes:
        """The PNG: in a folder called as the JSON file, as COCO has it, or beside the file."""
        name = self._entry["file_name"].text()
        folder = self._path.parent / self._path.stem
        place = folder / "x" if folder.is_dir() else self._path
        return self._source.read(self._source.inside(name, beside=place))


COCO_PANOPTIC = MaskFormat(
    "coco-panoptic",
    "COCO panoptic: PNGs of segment ids, and JSON that tells their classes",
    write=_write,
    read=_read,
    recognises=lambda source: any(is_coco(source, path, panoptic=True) for path in source.files(".json")[:20]),
)
