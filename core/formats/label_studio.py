"""Masks for Label Studio: tasks with brush labels, packed as its brush packs them.

https://labelstud.io/tags/brushlabels and https://labelstud.io/guide/task_format. The packing is rle-pack of
thi.ng/umbrella over the red, green, blue and alpha of all pixels, row by row; alpha tells the mask. What is written is
byte for byte what label_studio_sdk.converter.brush.mask2rle writes.
"""

import json
import re
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import numpy as np

from core.classes import UNLABELED, LabelClass
from core.formats.fields import Node
from core.formats.large_json import large_json
from core.formats.mask_format import FoundMask, Labelled, MaskExport, MaskFormat, empty_ids, named_ids
from core.formats.regions import regions_of
from core.formats.runs import BrokenRunsError, counts_along
from core.formats.source import Source
from core.masks.geometry import Where
from core.masks.tiles import Array

FILE, CONFIG = "tasks.json", "label_config.xml"
FROM, TO = "tag", "image"
_SIZES = (3, 4, 8, 16)
"""Bits in which the length of a run may be written."""
_HEAD = 32 + 5 + 4 * len(_SIZES)
"""Bits before the first run."""
_UPLOADED = re.compile(r"^[0-9a-f]{8}-")


def pack_brush(where: Where) -> list[int]:
    """Bytes of a (height, width) mask: 255 in all four channels where it is on."""
    bits = [f"{where.size * 4:032b}", f"{8 - 1:05b}", *(f"{size - 1:04b}" for size in _SIZES)]
    on = False
    for count in counts_along(where):
        rest, value = count * 4, "11111111" if on else "00000000"
        while rest:
            length = min(rest, 2**16)
            index, size = next((n, s) for n, s in enumerate(_SIZES) if length <= 2**s)
            bits.append(f"1{index:02b}{length - 1:0{size}b}{value}")
            rest -= length
        on = not on
    text = "".join(bits)
    text += "0" * (8 - len(text) % 8)
    packed: list[int] = np.packbits(np.frombuffer(text.encode(), np.uint8) - ord("0")).tolist()
    return packed


def unpack_brush(packed: bytes, height: int, width: int) -> Where:
    """(height, width) the pixels that are not transparent; BrokenRunsError for bytes that are no such mask."""
    bits = (np.unpackbits(np.frombuffer(packed, np.uint8)) + ord("0")).tobytes().decode("ascii")
    if len(bits) < _HEAD:
        raise BrokenRunsError("its brush ends too early")
    total = int(bits[:32], 2)
    if total != height * width * 4:
        raise BrokenRunsError(f"its brush is for {total} values, not for {height * width * 4}")
    if int(bits[32:37], 2) != 8 - 1:
        raise BrokenRunsError("its brush does not hold bytes")
    sizes = [int(bits[start : start + 4], 2) + 1 for start in range(37, _HEAD, 4)]
    kinds = {f"{kind:03b}": (kind >= 4, sizes[kind % 4]) for kind in range(8)}
    lengths: list[int] = []
    values = bytearray()
    done, at = 0, _HEAD
    while done < total:
        alike, size = kinds.get(bits[at : at + 3], (True, len(bits)))
        start = at + 3 + size
        length = int(bits[at + 3 : start] or "0", 2) + 1
        done += length
        at = start + 8 * (1 if alike else length)
        if at > len(bits):
            raise BrokenRunsError("its brush ends too early")
        if done > total:
            raise BrokenRunsError("its brush holds more values than pixels")
        values += int(bits[start:at], 2).to_bytes((at - start) // 8, "big")
        lengths += [length] if alike else [1] * length
    return np.repeat(np.frombuffer(values, np.uint8), lengths).reshape(height, width, 4)[..., 3] > 0


def _write(export: MaskExport, folder: Path) -> list[Path]:
    path = folder / FILE
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write("[")
        for number, (image, mask) in enumerate(export.masks()):
            file.write((",\n" if number else "\n") + json.dumps(_task(image, mask, export), ensure_ascii=False))
        file.write("\n]\n")
    labels = "".join(f'    <Label value="{escape(c.name)}" background="{c.color}"/>\n' for c in export.classes)
    (folder / CONFIG).write_text(
        f'<View>\n  <Image name="{TO}" value="$image"/>\n  <BrushLabels name="{FROM}" toName="{TO}">\n{labels}'
        "  </BrushLabels>\n</View>\n",
        encoding="utf-8",
        newline="\n",
    )
    return [path]


def _task(image: Labelled, mask: Array, export: MaskExport) -> dict[str, Any]:
    height, width = mask.shape
    results = []
    for number, region in enumerate(regions_of(mask, export.classes, export.things or frozenset())):
        where = np.zeros((height, width), np.bool_)
        where[region.rect.slices] = region.where
        results.append(
            {
                "id": f"{image.record.id}-{number}",
                "from_name": FROM,
                "to_name": TO,
                "type": "brushlabels",
                "origin": "manual",
                "original_width": width,
                "original_height": height,
                "image_rotation": 0,
                "value": {"format": "rle", "rle": pack_brush(where), "brushlabels": [region.label.name]},
            }
        )
    return {"data": {"image": image.image}, "annotations": [{"result": results}]}


# --- in


def _read(source: Source, classes: Sequence[LabelClass]) -> Iterator[FoundMask]:
    for path in source.files(".json"):
        if _is_label_studio(source, path):
            with large_json(source, path) as file:
                for task in file.each():
                    yield from _read_task(task)


def _read_task(task: Node) -> Iterator[FoundMask]:
    """The brush labels of a task's last annotation that was not cancelled."""
    found = [a for a in task["annotations"] if (cancelled := a.get("was_cancelled")) is None or not cancelled.value]
    results = [result for result in found[-1]["result"] if _is_brush(result)] if found else []
    if results:
        drawing = _Drawing(results)
        height, width = (results[0][f"original_{side}"].whole(1, 2**20) for side in ("height", "width"))
        yield FoundMask(_image(task["data"]), drawing, height, width, drawing.names)


def _is_brush(result: Node) -> bool:
    value = result.get("value")
    return value is not None and value.has("rle")


def _image(data: Node) -> str:
    """The image's name in its address: an upload, a file of a local storage, or any other."""
    for name in ("image", "img", "url"):
        if data.has(name):
            text = unquote(data[name].text())
            path = text.split("?d=", 1)[1] if "?d=" in text else text.split("?", 1)[0]
            folder, slash, last = path.rpartition("/")
            return folder + slash + (_UPLOADED.sub("", last) if "/upload/" in path else last)
    raise data.wrong('the task has no "image"')


class _Drawing:
    """Draws brush labels one over the other."""

    def __init__(self, results: Sequence[Node]) -> None:
        self._results = results
        self._labels = [_label(result["value"]) for result in results]
        self._ids = named_ids(self._labels)
        if len(self._ids) >= UNLABELED:
            raise results[0].wrong("its task has more than 254 classes")
        self.names = {number: name for name, number in self._ids.items()}

    def __call__(self, height: int, width: int) -> Array:
        ids = empty_ids(height, width)
        for result, label in zip(self._results, self._labels, strict=True):
            packed = result["value"]["rle"].data()
            try:
                ids[unpack_brush(packed, height, width)] = self._ids[label]
            except BrokenRunsError as error:
                raise result.wrong(str(error)) from None
        return ids


def _label(value: Node) -> str:
    for kind in ("brushlabels", "labels"):
        named = value.get(kind)
        if named is not None:
            for label in named:
                return label.text()
    raise value.wrong("the brush has no label")


def _is_label_studio(source: Source, path: Path) -> bool:
    head = source.head(path)
    return head.lstrip().startswith(b"[") and b'"annotations"' in head + source.tail(path)


LABEL_STUDIO = MaskFormat(
    "labelstudio",
    "Label Studio: tasks with brush labels, and their labelling interface",
    write=_write,
    read=_read,
    recognises=lambda source: any(_is_label_studio(source, path) for path in source.files(".json")[:20]),
)
