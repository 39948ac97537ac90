"""Masks for labelme: a JSON file beside each image, with a mask or an outline for each region.

What is written and read is that of labelme 6, _label_file.py and utils/shape.py, https://github.com/wkentaro/labelme.
A mask is a base64 PNG of the pixels inside its box, whose second corner belongs to it. Outlines run through whole
pixels, and those under the line count: filled by Pillow as labelme does, the same pixels come back.
"""

import base64
import binascii
import io
import json
import math
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from core.classes import UNLABELED, LabelClass
from core.formats.centre_outlines import centre_outline
from core.formats.copies import copy_image
from core.formats.fields import Node
from core.formats.mask_format import FoundMask, Labelled, MaskExport, MaskFormat, empty_ids, named_ids, without_split
from core.formats.outlines import agreement
from core.formats.pictures import decode_ids, peek
from core.formats.regions import Region, regions_of
from core.formats.source import Source, image_name
from core.masks.geometry import Where
from core.masks.rect import Rect
from core.masks.tiles import Array
from core.records import ImageRecord

VERSION = "6.3.1"
"""Of the labelme whose files these are like."""
SUFFIXES = (".png", ".jpg", ".bmp", ".tif", ".webp")
LINE_WIDTH, POINT_SIZE = 10, 5
"""How labelme draws lines and points into masks."""
FAR = 1e6


def _write(export: MaskExport, folder: Path) -> list[Path]:
    paths = []
    for image, mask in export.masks():
        place = folder / image.record.split / image.name
        copy = copy_image(image, place, SUFFIXES)
        shapes = [
            _shape(region, export.choices["shapes"]) for region in regions_of(mask, export.classes, export.things)
        ]
        paths.append(place.with_name(f"{place.name}.json"))
        paths[-1].write_text(_json(image, copy.name, shapes), encoding="utf-8", newline="\n")
        if export.choices["shapes"] == "polygons":
            drawn = _Drawing([Node(shape, paths[-1].name) for shape in shapes])
            written = drawn.in_classes(image.record, {c.name: c.id for c in export.classes})
            export.agreement.append(agreement(mask, written))
    return paths


def _json(image: Labelled, name: str, shapes: Sequence[dict[str, Any]]) -> str:
    values: dict[str, Any] = {
        "version": VERSION,
        "flags": {},
        "shapes": shapes,
        "imagePath": name,
        "imageData": None,
        "imageHeight": image.record.height,
        "imageWidth": image.record.width,
    }
    return json.dumps(values, ensure_ascii=False, indent=2) + "\n"


def _shape(region: Region, shapes: str) -> dict[str, Any]:
    rect = region.rect
    shape: dict[str, Any] = {"label": region.label.name, "group_id": None, "description": "", "flags": {}}
    if shapes == "polygons":
        points = np.floor(centre_outline(region.where)) + np.array([rect.left, rect.top])
        return shape | {"points": points.tolist(), "shape_type": "polygon", "mask": None}
    box = [[rect.left, rect.top], [rect.right - 1, rect.bottom - 1]]
    file = io.BytesIO()
    Image.fromarray(region.where).save(file, "PNG")
    packed = base64.b64encode(file.getvalue()).decode("ascii")
    return shape | {"points": [[float(x), float(y)] for x, y in box], "shape_type": "mask", "mask": packed}


# --- in


def _read(source: Source, classes: Sequence[LabelClass]) -> Iterator[FoundMask]:
    for path in source.files(".json"):
        if not _is_labelme(source, path):
            continue
        file = source.json(path)
        shapes = list(file["shapes"])
        if not shapes:
            continue
        drawing = _Drawing(shapes)
        height, width = file.get("imageHeight"), file.get("imageWidth")
        yield FoundMask(
            _image(source, path, file),
            drawing,
            None if height is None else height.whole(1, 2**20),
            None if width is None else width.whole(1, 2**20),
            drawing.names,
        )


def _image(source: Source, path: Path, file: Node) -> str:
    """The image's name, below the folder of the label file; where the name leads is never looked at."""
    named = PurePosixPath(image_name(file["imagePath"].text())).name
    folder = PurePosixPath(source.name_of(path)).parent.as_posix()
    return without_split(named if folder == "." else f"{folder}/{named}")


class _Drawing:
    """Draws an image's shapes one over the other, as labelme's own converter does."""

    def __init__(self, shapes: Sequence[Node]) -> None:
        self._shapes = shapes
        self._ids = named_ids([shape["label"].text() for shape in shapes])
        if len(self._ids) >= UNLABELED:
            raise shapes[0].wrong("its image has more than 254 classes")
        self.names = {number: name for name, number in self._ids.items()}

    def __call__(self, height: int, width: int) -> Array:
        ids = empty_ids(height, width)
        for shape in self._shapes:
            rect, where = _drawn(shape, height, width)
            ids[rect.slices][where] = self._ids[shape["label"].text()]
        return ids

    def in_classes(self, image: ImageRecord, classes: dict[str, int]) -> Array:
        """As a call, with the ids of the classes of these names."""
        lut = np.full(256, UNLABELED, np.uint8)
        for number, name in self.names.items():
            lut[number] = classes[name]
        return lut[self(image.height, image.width)]


def _drawn(shape: Node, height: int, width: int) -> tuple[Rect, Where]:
    """A part of the image, and which of its pixels are the shape's."""
    points = [_point(point) for point in shape["points"]]
    kind = shape.get("shape_type")
    name = "polygon" if kind is None else kind.text()
    if name == "mask":
        return _mask(shape, points, height, width)
    canvas = Image.new("L", (width, height))
    draw = ImageDraw.Draw(canvas)
    if name in ("polygon", "oriented_rectangle") and len(points) > 2:
        draw.polygon(points, outline=1, fill=1)
    elif name == "rectangle" and len(points) == 2:
        (x0, y0), (x1, y1) = points
        draw.rectangle((min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)), outline=1, fill=1)
    elif name == "circle" and len(points) == 2:
        _ellipse(draw, points[0], math.dist(*points))
    elif name in ("line", "linestrip") and len(points) > 1:
        draw.line(points, fill=1, width=LINE_WIDTH)
    elif name in ("point", "points") and points:
        for point in points:
            _ellipse(draw, point, POINT_SIZE)
    else:
        raise shape.wrong("its points do not make a shape of its kind")
    return Rect(0, 0, height, width), np.asarray(canvas) > 0


def _point(node: Node) -> tuple[float, float]:
    numbers = node.numbers()
    if len(numbers) != 2 or max(map(abs, numbers)) > FAR:
        raise node.wrong("x and y of a point in the image are expected")
    return numbers[0], numbers[1]


def _ellipse(draw: ImageDraw.ImageDraw, centre: tuple[float, float], radius: float) -> None:
    x, y = centre
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), outline=1, fill=1)


def _mask(shape: Node, points: Sequence[tuple[float, float]], height: int, width: int) -> tuple[Rect, Where]:
    if len(points) != 2:
        raise shape.wrong("a mask needs two points")
    (x0, y0), (x1, y1) = ((int(x), int(y)) for x, y in points)
    try:
        data = base64.b64decode(shape["mask"].text(), validate=True)
    except (binascii.Error, ValueError):
        raise shape.wrong("its mask is not base64") from None
    rows, columns = y1 - y0 + 1, x1 - x0 + 1
    if not (0 <= x0 <= x1 < width and 0 <= y0 <= y1 < height) or peek(data, "its mask")[:2] != (rows, columns):
        raise shape.wrong("its mask does not fit its points, or they lie outside of the image")
    return Rect(y0, x0, y1 + 1, x1 + 1), decode_ids(data, "its mask") != 0


def _is_labelme(source: Source, path: Path) -> bool:
    ends = source.head(path) + source.tail(path)
    return b'"shapes"' in ends and b'"imagePath"' in ends


LABELME = MaskFormat(
    "labelme",
    "labelme: a JSON file beside each image",
    write=_write,
    read=_read,
    recognises=lambda source: any(_is_labelme(source, path) for path in source.files(".json")[:20]),
    choices={"shapes": ("mask", "polygons")},
    copies_images=True,
)
