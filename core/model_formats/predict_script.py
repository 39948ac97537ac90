"""What the predict.py of every exported model does.

The exporter writes this file's own text beside a model, with the header and the `open_model` of its format: so it
imports nothing of this program.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np
from PIL import Image, ImageOps

HERE = Path(__file__).resolve().parent
PICTURES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp")
TIFF = (".tif", ".tiff")
TILE = 1024


def open_model(path: Path) -> Callable[[dict[str, Any]], Any]:
    """From arrays by the name of the input to probabilities (1, rows, columns, classes)."""
    raise NotImplementedError


class Box(NamedTuple):
    top: int
    left: int
    bottom: int
    right: int


def tiles(height: int, width: int, side: int, multiple: int, halo: int) -> Iterator[tuple[Box, Box]]:
    """Parts of a picture, each with what has to be looked at to predict it just as the whole picture would be."""

    def up(n: int) -> int:
        return -(-n // multiple) * multiple

    side = max(side // multiple * multiple, multiple)
    for top in range(0, height, side):
        for left in range(0, width, side):
            bottom, right = min(top + side, height), min(left + side, width)
            low, far = min(up(bottom) + halo, up(height)), min(up(right) + halo, up(width))
            yield Box(top, left, bottom, right), Box(max(top - halo, 0), max(left - halo, 0), low, far)


def predict(model: Callable[[dict[str, Any]], Any], facts: dict[str, Any], picture: Any, side: int) -> Any:
    """Yields each part of a picture (rows, columns, channels) with its probabilities (rows, columns, classes)."""
    height, width = picture.shape[:2]
    for part, seen in tiles(height, width, side, facts["multiple"], facts["halo"]):
        pixels = picture[seen.top : seen.bottom, seen.left : seen.right]
        rim = seen.bottom - seen.top - pixels.shape[0], seen.right - seen.left - pixels.shape[1]
        pixels = np.pad(pixels, ((0, rim[0]), (0, rim[1]), (0, 0)), mode="edge")
        inputs = {"pixels": pixels[None]}
        if facts["place"]:
            whole = -(-height // facts["multiple"]) * facts["multiple"]
            inputs["place"] = np.array([[seen.top, whole]], np.float32)
        found = model(inputs)[0]
        top, left = part.top - seen.top, part.left - seen.left
        yield part, found[top : top + part.bottom - part.top, left : left + part.right - part.left]


def read_picture(path: Path, channels: int, dtype: str) -> Any:
    """(rows, columns, channels), turned as the file says."""
    if path.suffix.lower() in TIFF and (dtype != "uint8" or channels not in (1, 3)):
        import tifffile

        pixels = tifffile.imread(path)
    else:
        with Image.open(path) as file:
            picture = ImageOps.exif_transpose(file)
        if dtype == "uint8" and not picture.mode.startswith(("I", "F")):
            picture = picture.convert("RGB" if channels == 3 else "L")
        pixels = np.asarray(picture)
    pixels = pixels[..., None] if pixels.ndim == 2 else pixels
    if dtype == "uint16" and pixels.dtype == np.uint8:
        pixels = pixels.astype(np.uint16) * 257
    elif dtype == "uint16" and pixels.dtype == np.int32:
        pixels = pixels.astype(np.uint16)
    if pixels.dtype != dtype or pixels.shape[2] != channels:
        sys.exit(f"{path}: the model takes {channels} channels of {dtype}, not {pixels.shape[2]} of {pixels.dtype}.")
    return pixels


def save_mask(path: Path, class_map: Any, classes: list[dict[str, Any]]) -> None:
    """Pixels are class ids; it opens in the colours of the classes."""
    colors = {entry["id"]: bytes.fromhex(entry["color"][1:]) for entry in classes}
    mask = Image.fromarray(class_map)
    mask.putpalette(b"".join(colors.get(value, bytes(3)) for value in range(256)))
    mask.save(path)


def find(names: list[Path]) -> list[Path]:
    found = []
    for name in names:
        inside = sorted(p for p in name.iterdir() if p.suffix.lower() in PICTURES) if name.is_dir() else [name]
        found += [path for path in inside if path.is_file() or sys.exit(f"There is no picture {path}.")]
    return found


def targets(pictures: list[Path], folder: Path) -> Iterator[tuple[Path, Path]]:
    """Each picture with its mask's path: named like it, in full where two pictures would share a name."""
    stems = [path.stem.lower() for path in pictures]
    sources = {path.resolve() for path in pictures}
    for path, stem in zip(pictures, stems, strict=True):
        target = folder / f"{path.stem if stems.count(stem) == 1 else path.name}.png"
        if target.resolve() in sources:
            sys.exit(f"{target} is one of the pictures. Choose another folder with --out.")
        yield path, target


def milliseconds(model: Callable[[dict[str, Any]], Any], facts: dict[str, Any], picture: Any) -> float:
    """What a megapixel takes, where a picture of this size has been predicted before."""
    begun = perf_counter()
    for _ in range(2):
        begun = perf_counter()
        for _ in predict(model, facts, picture, TILE):
            pass
    seconds = perf_counter() - begun
    return seconds * 1e9 / float(picture.shape[0] * picture.shape[1])


def main() -> None:
    parser = argparse.ArgumentParser(description="Write a mask for every picture: a PNG whose pixels are class ids.")
    parser.add_argument("pictures", nargs="+", type=Path, help="pictures, or folders with pictures")
    parser.add_argument("--out", type=Path, default=Path("masks"), help="the folder for the masks (masks)")
    parser.add_argument("--tile", type=int, default=TILE, help=f"pixels a side that are predicted at once ({TILE})")
    parser.add_argument("--probabilities", action="store_true", help="write (rows, columns, classes) as .npy, too")
    parser.add_argument("--time", action="store_true", help="measure on the last picture how long a megapixel takes")
    asked = parser.parse_args()
    facts = json.loads((HERE / "model.json").read_text(encoding="utf-8"))
    model = open_model(HERE / facts["file"])
    asked.out.mkdir(parents=True, exist_ok=True)
    picture = None
    for path, target in targets(find(asked.pictures), asked.out):
        picture = read_picture(path, facts["channels"], facts["dtype"])
        class_map = np.zeros(picture.shape[:2], np.uint8)
        likely = np.zeros((*class_map.shape, len(facts["classes"])), np.float32) if asked.probabilities else None
        for part, found in predict(model, facts, picture, asked.tile):
            place = slice(part.top, part.bottom), slice(part.left, part.right)
            class_map[place] = found.argmax(-1)
            if likely is not None:
                likely[place] = found
        save_mask(target, class_map, facts["classes"])
        if likely is not None:
            np.save(target.with_suffix(".npy"), likely)
        print(target)
    if asked.time and picture is not None:
        print(f"{milliseconds(model, facts, picture):.1f} ms a megapixel")


if __name__ == "__main__":
    main()
