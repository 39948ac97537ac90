"""Masks for CVAT: its XML 1.1 for images, with a mask or an outline for each region.

https://docs.cvat.ai/docs/other/xml_format. A mask's runs go along the rows of its own box, beginning with those that
are off. Points of outlines are in pixels, whose corners have whole numbers. Shapes lie above others of lower z_order.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import BinaryIO
from xml.parsers.expat import ExpatError, ParserCreate

import numpy as np

from core.classes import UNLABELED, LabelClass
from core.errors import ImageError
from core.formats.mask_format import FoundMask, MaskExport, MaskFormat, empty_ids, named_ids
from core.formats.outlines import agreement, fill_columns, fill_outline, outlines
from core.formats.regions import Region, regions_of
from core.formats.runs import BrokenRunsError, counts_along, where_along
from core.formats.source import Source, shown
from core.masks.tiles import Array

FILE = "annotations.xml"
AREAS = ("mask", "polygon")
"""Shapes that are pixels. Boxes, lines, points and tags are none."""
MOST_DEPTH = 50
MOST_WHOLE = 2**31


def _write(export: MaskExport, folder: Path) -> list[Path]:
    path = folder / FILE
    polygons = export.choices["shapes"] == "polygons"
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(_head(export))
        for number, (image, mask) in enumerate(export.masks()):
            height, width = mask.shape
            name = escape(image.image)
            file.write(f'  <image id="{number}" name="{name}" width="{width}" height="{height}">\n')
            written = empty_ids(height, width)
            for region in regions_of(mask, export.classes, export.things):
                for line in _polygons(region, written) if polygons else [_mask(region)]:
                    file.write(f"    {line}\n")
            file.write("  </image>\n")
            if polygons:
                export.agreement.append(agreement(mask, written))
        file.write("</annotations>\n")
    return [path]


def _head(export: MaskExport) -> str:
    lines = ["<task>", "  <name>Maskwright</name>", f"  <size>{len(export.images)}</size>", "  <mode>annotation</mode>"]
    lines.append("  <labels>")
    for c in export.classes:
        lines += ["    <label>", f"      <name>{escape(c.name)}</name>", f"      <color>{c.color}</color>"]
        lines += ["      <type>any</type>", "      <attributes></attributes>", "    </label>"]
    lines += ["  </labels>", "</task>"]
    task = "".join(f"    {line}\n" for line in lines)
    head = '<?xml version="1.0" encoding="utf-8"?>\n<annotations>\n  <version>1.1</version>\n'
    return f"{head}  <meta>\n{task}  </meta>\n"


def _mask(region: Region) -> str:
    rect = region.rect
    counts = ", ".join(map(str, counts_along(region.where)))
    place = f'left="{rect.left}" top="{rect.top}" width="{rect.width}" height="{rect.height}"'
    return f'<mask {_common(region)} rle="{counts}" {place} z_order="0"></mask>'


def _polygons(region: Region, written: Array) -> Iterator[str]:
    for outline in outlines(region.where):
        points = np.array(outline.points, np.float64)
        inside = fill_outline(points, region.rect.height, region.rect.width)
        written[region.rect.slices][inside] = region.label.id
        placed = points + np.array([region.rect.left, region.rect.top])
        text = ";".join(f"{x:.2f},{y:.2f}" for x, y in placed.tolist())
        yield f'<polygon {_common(region)} points="{text}" z_order="0"></polygon>'


def _common(region: Region) -> str:
    return f'label="{escape(region.label.name)}" source="manual" occluded="0"'


# --- in


@dataclass(frozen=True, slots=True)
class _Element:
    """An element with its attributes, each asked for by its kind. Raises ImageError with its line."""

    kind: str
    fields: Mapping[str, str]
    file: str
    line: int

    def text(self, key: str) -> str:
        if key not in self.fields:
            raise self.wrong(f'"{key}" is missing')
        return self.fields[key]

    def whole(self, key: str, lowest: int, usual: int | None = None) -> int:
        """A whole number from `lowest` on."""
        if usual is not None and key not in self.fields:
            return usual
        text = self.text(key)
        try:
            number = int(text) if len(text) < 20 else MOST_WHOLE + 1
        except ValueError:
            number = MOST_WHOLE + 1
        if not lowest <= number <= MOST_WHOLE:
            raise self.wrong(f'"{key}" is no whole number that fits')
        return number

    def numbers(self, text: str) -> list[float]:
        """Numbers with commas in between."""
        try:
            numbers = [float(part) for part in text.split(",")]
        except ValueError:
            numbers = [math.nan]
        if not all(abs(number) < MOST_WHOLE for number in numbers):
            raise self.wrong("something stands where a number belongs")
        return numbers

    def wrong(self, what: str) -> ImageError:
        return ImageError(f"{self.file} cannot be used: line {self.line}, {what}. Export it again from its tool.")


def _read(source: Source, classes: Sequence[LabelClass]) -> Iterator[FoundMask]:
    for path in source.files(".xml"):
        if not _is_cvat(source, path):
            continue
        name = shown(source.name_of(path))
        with source.opened(path) as file:
            for image, shapes in _Images(file, name).parse():
                if shapes:
                    drawing = _Drawing(shapes)
                    height, width = image.whole("height", 1), image.whole("width", 1)
                    yield FoundMask(image.text("name"), drawing, height, width, drawing.names)


class _Images:
    """The images of a file with their shapes. Documents with entities of their own are refused."""

    def __init__(self, file: BinaryIO, name: str) -> None:
        self._file, self._name = file, name
        self._depth = 0
        self._image: _Element | None = None
        self._shapes: list[_Element] = []
        self._done: list[tuple[_Element, list[_Element]]] = []
        self._parser = ParserCreate()
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.StartDoctypeDeclHandler = self._refuse

    def parse(self) -> Iterator[tuple[_Element, list[_Element]]]:
        try:
            while piece := self._file.read(2**20):
                self._parser.Parse(piece, False)
                yield from self._done
                self._done.clear()
            self._parser.Parse(b"", True)
        except (ExpatError, ValueError, LookupError):
            raise ImageError(f"{self._name} is not XML that can be read. Export it again from its tool.") from None

    def _start(self, tag: str, fields: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > MOST_DEPTH:
            raise ImageError(f"{self._name} is nested too deeply to be labels. Export it again from its tool.")
        element = _Element(tag, fields, self._name, self._parser.CurrentLineNumber)
        if tag == "image":
            self._image, self._shapes = element, []
        elif tag in AREAS and self._image is not None:
            self._shapes.append(element)
        elif tag == "track":
            raise ImageError(f'{self._name} is for a video. Export it from CVAT as "CVAT for images".')

    def _end(self, tag: str) -> None:
        self._depth -= 1
        if tag == "image" and self._image is not None:
            self._done.append((self._image, self._shapes))
            self._image = None

    def _refuse(self, *_: object) -> None:
        raise ImageError(f"{self._name} declares a document type, which label files have no need of. Remove it.")


class _Drawing:
    """Draws an image's shapes, those of a higher z_order above."""

    def __init__(self, shapes: Sequence[_Element]) -> None:
        self._shapes = sorted(shapes, key=lambda shape: shape.whole("z_order", -MOST_WHOLE, usual=0))
        self._ids = named_ids([shape.text("label") for shape in shapes])
        if len(self._ids) >= UNLABELED:
            raise shapes[0].wrong("the image has more than 254 classes")
        self.names = {number: label for label, number in self._ids.items()}

    def __call__(self, height: int, width: int) -> Array:
        ids = empty_ids(height, width)
        for shape in self._shapes:
            draw = _draw_mask if shape.kind == "mask" else _draw_polygon
            draw(ids, shape, self._ids[shape.text("label")])
        return ids


def _draw_mask(ids: Array, shape: _Element, value: int) -> None:
    left, top, width, height = (shape.whole(key, 0) for key in ("left", "top", "width", "height"))
    if left + width > ids.shape[1] or top + height > ids.shape[0]:
        raise shape.wrong("the mask reaches out of its image")
    try:
        where = where_along(shape.numbers(shape.text("rle")), height, width)
    except BrokenRunsError as error:
        raise shape.wrong(str(error)) from None
    ids[top : top + height, left : left + width][where] = value


def _draw_polygon(ids: Array, shape: _Element, value: int) -> None:
    pairs = [shape.numbers(pair) for pair in shape.text("points").split(";")]
    if len(pairs) < 3 or any(len(pair) != 2 for pair in pairs):
        raise shape.wrong("an outline needs x,y;x,y;x,y at least")
    left, columns = fill_columns(np.array(pairs, np.float64), *ids.shape)
    ids[:, left : left + len(columns)][columns.T] = value


def _is_cvat(source: Source, path: Path) -> bool:
    return b"<annotations" in source.head(path)


CVAT = MaskFormat(
    "cvat",
    "CVAT for images: XML 1.1 with masks or polygons",
    write=_write,
    read=_read,
    recognises=lambda source: any(_is_cvat(source, path) for path in source.files(".xml")[:20]),
    choices={"shapes": ("mask", "polygons")},
)
