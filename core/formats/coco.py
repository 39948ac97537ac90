"""Masks as COCO instances: one JSON file a split, with runs or outlines for each region.

https://cocodataset.org/#format-data; area, `bbox` and filling follow https://github.com/cocodataset/cocoapi. An image
is named by `file_name`; `bbox` is [x, y, width, height] in pixels; category ids count from 1.
"""

import json
from array import array
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from core.classes import UNLABELED, LabelClass
from core.formats.fields import Node
from core.formats.large_json import LargeJson, large_json
from core.formats.mask_format import FoundMask, Labelled, MaskExport, MaskFormat, empty_ids, named_ids
from core.formats.outlines import agreement, fill_columns, fill_outline, outlines
from core.formats.regions import Region, regions_of
from core.formats.runs import BrokenRunsError, Columns, columns_down, counts_down, pack_counts, unpack_counts
from core.formats.source import Source
from core.masks.rect import Rect
from core.masks.tiles import Array
from core.records import SPLITS

MOST_SIDE = 2**20
NEXT = ",\n"


def category_id(label: LabelClass) -> int:
    """COCO counts categories from 1."""
    return label.id + 1


def box_of(rect: Rect) -> list[int]:
    """[x, y, width, height]."""
    return [rect.left, rect.top, rect.width, rect.height]


class SplitFiles:
    """A COCO file for each split, written as its annotations come."""

    def __init__(self, export: MaskExport, folder: Path, kind: str, categories: Sequence[dict[str, Any]]) -> None:
        self._stack = ExitStack()
        self._categories = categories
        self.paths = {s: folder / f"{kind}_{s}.json" for s in SPLITS if any(i.record.split == s for i in export.images)}
        self._files: dict[str, TextIO] = {}
        self._written = dict.fromkeys(self.paths, 0)
        folder.mkdir(parents=True, exist_ok=True)
        for split, path in self.paths.items():
            file = self._stack.enter_context(path.open("w", encoding="utf-8", newline="\n"))
            entries = (_line(image_entry(image)) for image in export.images if image.record.split == split)
            file.write('{"info": {"description": "made with Maskwright"},\n"licenses": [],\n"images": [\n')
            file.write(NEXT.join(entries))
            file.write('\n],\n"annotations": [\n')
            self._files[split] = file

    def __enter__(self) -> "SplitFiles":
        return self

    def __exit__(self, *error: object) -> None:
        if error == (None, None, None):
            for file in self._files.values():
                file.write('\n],\n"categories": [\n' + NEXT.join(map(_line, self._categories)) + "\n]}\n")
        self._stack.close()

    def add(self, image: Labelled, annotation: dict[str, Any]) -> None:
        split = image.record.split
        self._files[split].write((NEXT if self._written[split] else "") + _line(annotation))
        self._written[split] += 1


def image_entry(image: Labelled) -> dict[str, Any]:
    record = image.record
    return {"id": record.id, "file_name": image.image, "width": record.width, "height": record.height}


def _line(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _write(export: MaskExport, folder: Path) -> list[Path]:
    categories = [{"id": category_id(c), "name": c.name, "supercategory": c.name} for c in export.classes]
    shapes, number = export.choices["shapes"], 0
    with SplitFiles(export, folder / "annotations", "instances", categories) as files:
        for image, mask in export.masks():
            written = empty_ids(*mask.shape)
            for region in regions_of(mask, export.classes, export.things):
                number += 1
                annotation = {
                    "id": number,
                    "image_id": image.record.id,
                    "category_id": category_id(region.label),
                    "segmentation": _outlined(region, written) if shapes == "polygons" else _runs(region, mask, shapes),
                    "area": region.area,
                    "bbox": box_of(region.rect),
                    "iscrowd": 0,
                }
                files.add(image, annotation)
            if shapes == "polygons":
                export.agreement.append(agreement(mask, written))
    return list(files.paths.values())


def _runs(region: Region, mask: Array, shapes: str) -> dict[str, Any]:
    height, width = mask.shape
    counts = counts_down(region.where, region.rect, (height, width))
    return {"size": [height, width], "counts": pack_counts(counts) if shapes == "rle" else counts}


def _outlined(region: Region, written: Array) -> list[list[float]]:
    """The region's outlines as COCO writes them; what they enclose is drawn into `written`."""
    polygons = []
    for outline in outlines(region.where):
        points = np.array(outline.points, np.float64)
        inside = fill_outline(points, region.rect.height, region.rect.width)
        written[region.rect.slices][inside] = region.label.id
        placed = points + np.array([region.rect.left, region.rect.top])
        polygons.append([int(c) if c == int(c) else c for c in placed.ravel().tolist()])
    return polygons


# --- in


def _read(source: Source, classes: Sequence[LabelClass]) -> Iterator[FoundMask]:
    for path in source.files(".json"):
        if is_coco(source, path):
            with large_json(source, path) as file:
                yield from _read_file(file)


def _read_file(file: LargeJson) -> Iterator[FoundMask]:
    names = category_names(file)
    of_image: dict[int, array[int]] = defaultdict(lambda: array("q"))
    for number in file.entries("annotations"):
        of_image[file.entry(number)["image_id"].whole()].append(number)
    for image in file.each("images"):
        numbers = of_image.get(image["id"].whole())
        if numbers:
            drawing = _Drawing([file.entry(number) for number in numbers], names)
            height, width = image["height"].whole(1, MOST_SIDE), image["width"].whole(1, MOST_SIDE)
            yield FoundMask(image["file_name"].text(), drawing, height, width, drawing.names)


def category_names(file: LargeJson) -> dict[int, str]:
    return {entry["id"].whole(): entry["name"].text() for entry in file.each("categories")}


class _Drawing:
    """Draws an image's annotations one over the other, as they stand in the file."""

    def __init__(self, entries: Sequence[Node], names: dict[int, str]) -> None:
        self._shapes: list[tuple[str, Node]] = []
        for entry in entries:
            name = names.get(entry["category_id"].whole())
            if name is None:
                raise entry.wrong("its category_id is none of the categories")
            self._shapes.append((name, entry["segmentation"]))
        self._ids = named_ids([name for name, _ in self._shapes])
        if len(self._ids) >= UNLABELED:
            raise entries[0].wrong("its image has more than 254 classes")
        self.names = {number: name for name, number in self._ids.items()}

    def __call__(self, height: int, width: int) -> Array:
        ids = empty_ids(width, height)  # COCO goes down the columns
        for name, segmentation in self._shapes:
            for left, where in _columns_of(segmentation, height, width):
                ids[left : left + len(where)][where] = self._ids[name]
        return np.ascontiguousarray(ids.T)


def _columns_of(segmentation: Node, height: int, width: int) -> Iterator[Columns]:
    """What a segmentation covers: a list of outlines, or runs as a list or packed as a text."""
    if segmentation.is_list:
        for polygon in segmentation:
            numbers = polygon.numbers()
            if len(numbers) % 2 or len(numbers) < 6:
                raise polygon.wrong("an outline needs x and y of at least three points")
            yield fill_columns(np.array(numbers).reshape(-1, 2), height, width)
        return
    if segmentation["size"].numbers() != [height, width]:
        raise segmentation.wrong(f"its size is not that of the image, [{height}, {width}]")
    counts = segmentation["counts"]
    try:
        yield columns_down(unpack_counts(counts.text()) if counts.is_text else counts.numbers(), height, width)
    except BrokenRunsError as error:
        raise segmentation.wrong(str(error)) from None


def is_coco(source: Source, path: Path, panoptic: bool = False) -> bool:
    """Whether a JSON file looks like COCO instances, or `panoptic` ones, from its beginning and end."""
    ends = source.head(path) + source.tail(path)
    if not ends.lstrip().startswith(b"{"):
        return False
    if b'"segments_info"' in ends or not any(word in ends for word in (b'"annotations"', b'"categories"')):
        return panoptic and b'"segments_info"' in ends
    return not panoptic


COCO = MaskFormat(
    "coco",
    "COCO instances: JSON with runs or polygons for each region",
    write=_write,
    read=_read,
    recognises=lambda source: any(is_coco(source, path) for path in source.files(".json")[:20]),
    choices={"shapes": ("rle", "rle-list", "polygons")},
)
