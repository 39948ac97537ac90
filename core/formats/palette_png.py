"""Masks as PNG: with a palette, so that they open in colour everywhere and every pixel is a class id; grey; coloured.

A legend, classes.json, lies beside them and says which id is which class, in which colour; splits.json says what each
mask is for. PNG: https://www.w3.org/TR/png-3/
"""

import io
import json
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PIL import Image

from core.classes import UNLABELED, LabelClass, palette
from core.errors import ExportError
from core.formats.colors import Colors, write_hex
from core.formats.files import in_place
from core.formats.mask_format import FoundMask, MaskExport, MaskFormat
from core.formats.pictures import DecodedColors, DecodedIds, peek
from core.formats.source import Source
from core.masks.tiles import Array
from core.records import SPLITS

LEGEND = "classes.json"
SPLIT_LIST = "splits.json"
_GREY, _PALETTE = 0, 3


def write_palette_png(path: Path, mask: Array, classes: Sequence[LabelClass]) -> None:
    """Write (height, width) uint8 class ids. The file appears whole, checked by reading it back, or not at all."""
    save_picture(path, mask, palette(classes))


def write_grey_png(path: Path, mask: Array, classes: Sequence[LabelClass] = ()) -> None:
    """Write (height, width) uint8 class ids as levels of grey."""
    save_picture(path, mask)


def write_color_png(path: Path, mask: Array, classes: Sequence[LabelClass]) -> None:
    """Write (height, width) uint8 class ids in the colours of their classes."""
    table = palette(classes)
    table[UNLABELED] = unlabelled_color(classes)
    save_picture(path, table[mask])


def unlabelled_color(classes: Sequence[LabelClass]) -> tuple[int, int, int]:
    """Black, or the first grey that is no class's colour."""
    taken = {c.rgb for c in classes}
    return next((level, level, level) for level in range(256) if (level, level, level) not in taken)


def write_legend(
    folder: Path,
    classes: Sequence[LabelClass],
    unlabelled: tuple[int, int, int] = (0, 0, 0),
    unlabelled_value: int = UNLABELED,
    **more: str,
) -> Path:
    """Write which id is which class, in which colour, and what `more` a format wants to be known."""
    legend = {
        "classes": [{"id": c.id, "name": c.name, "color": c.color} for c in classes],
        "unlabelled": unlabelled_value,
        "unlabelled_color": write_hex(unlabelled),
        **more,
    }
    with in_place(folder / LEGEND) as part:
        part.write_text(json.dumps(legend, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return folder / LEGEND


def write_splits(export: MaskExport, folder: Path, suffix: str) -> None:
    """Write which masks are for training, for validation and for the test."""
    lists = {split: [f"{i.name}{suffix}" for i in export.images if i.record.split == split] for split in SPLITS}
    text = json.dumps(lists, indent=2, ensure_ascii=False) + "\n"
    (folder / SPLIT_LIST).write_text(text, encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Legend:
    """What a legend file says."""

    names: dict[int, str]
    colors: Colors


def read_legend(source: Source, classes: Sequence[LabelClass]) -> Legend:
    """The legend beside the masks, or without one no names, and the colours of the project's classes."""
    path = source.folder / LEGEND
    if not path.is_file():
        return Legend({}, Colors({c.id: c.rgb for c in classes} | {UNLABELED: unlabelled_color(classes)}))
    legend = source.json(path)
    names: dict[int, str] = {}
    colors: dict[int, tuple[int, int, int]] = {}
    for entry in legend["classes"]:
        number = entry["id"].whole(0, UNLABELED - 1)
        names[number] = entry["name"].text()
        colors[number] = Colors.read_hex(entry["color"])
    unlabelled = legend.get("unlabelled_color")
    free = (0, 0, 0)
    if unlabelled is not None:
        colors[UNLABELED] = Colors.read_hex(unlabelled)
    elif free not in colors.values():
        colors[UNLABELED] = free
    return Legend(names, Colors(colors))


def save_picture(path: Path, pixels: Array, colors: Array | None = None) -> None:
    """Write (height, width) grey levels or palette indices, or (height, width, 3) RGB, as PNG, and check the file.

    Args:
        colors: (256, 3) RGB of the palette, if there is to be one.
    """
    data = png_bytes(pixels, colors)
    path.parent.mkdir(parents=True, exist_ok=True)
    with in_place(path) as part:
        part.write_bytes(data)
        if part.read_bytes() != data:
            raise ExportError(f"{path.name} did not come out as it should. Check the disk and export again.")


def png_bytes(pixels: Array, colors: Array | None = None) -> bytes:
    """The content of a PNG file of such pixels, checked by decoding it."""
    picture = Image.fromarray(pixels)
    if colors is not None:
        picture.putpalette(colors.tobytes())
    file = io.BytesIO()
    if picture.mode == "RGB":
        picture.save(file, "PNG")
    else:
        picture.save(
            file, "PNG", compress_type=zlib.Z_RLE
        )  # ids come in runs: as small as else, in a third of the time
    with Image.open(file) as written:
        if written.mode != picture.mode or written.tobytes() != picture.tobytes():
            raise ExportError("A mask did not come out as it should. Export again, and report it if it happens again.")
    return file.getvalue()


def _write(save: Callable[[Path, Array, Sequence[LabelClass]], None], export: MaskExport, folder: Path) -> list[Path]:
    if save is write_color_png and len({c.rgb for c in export.classes}) < len(export.classes):
        raise ExportError("Two classes have the same colour, so colours cannot tell them apart. Change one of them.")
    paths = []
    for image, mask in export.masks():
        paths.append(folder / f"{image.name}.png")
        save(paths[-1], mask, export.classes)
    write_legend(folder, export.classes, unlabelled_color(export.classes))
    write_splits(export, folder, ".png")
    return paths


def _read_ids(source: Source, classes: Sequence[LabelClass]) -> Iterator[FoundMask]:
    legend = read_legend(source, classes)
    for path in source.files(".png"):
        name, data = source.name_of(path), source.read(path)
        height, width, _ = peek(data, name)
        yield FoundMask(name.removesuffix(path.suffix), DecodedIds(data, name), height, width, legend.names)


def _read_colors(source: Source, classes: Sequence[LabelClass]) -> Iterator[FoundMask]:
    legend = read_legend(source, classes)
    for path in source.files(".png"):
        name, data = source.name_of(path), source.read(path)
        height, width, _ = peek(data, name)
        load = DecodedColors(data, name, legend.colors)
        yield FoundMask(name.removesuffix(path.suffix), load, height, width, legend.names)


def _first_kind(source: Source) -> int | None:
    """The colour type of the first PNG there is."""
    for path in source.files(".png")[:1]:
        data = source.head(path)
        return data[25] if len(data) > 25 else None
    return None


PALETTE_PNG = MaskFormat(
    "png",
    "PNG with a palette: opens in colour, pixels are class ids",
    write=partial(_write, write_palette_png),
    read=_read_ids,
    recognises=lambda source: _first_kind(source) == _PALETTE,
)
GREY_PNG = MaskFormat(
    "grey-png",
    "grey PNG whose pixels are class ids",
    write=partial(_write, write_grey_png),
    read=_read_ids,
    recognises=lambda source: _first_kind(source) == _GREY,
)
COLOR_PNG = MaskFormat(
    "color-png",
    "RGB PNG in the colours of the classes",
    write=partial(_write, write_color_png),
    read=_read_colors,
    recognises=lambda source: _first_kind(source) not in (None, _GREY, _PALETTE),
)
