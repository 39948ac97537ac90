"""Masks that go out in a format and come in again, without a project: what the tests of all formats share."""

import os
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from core.classes import UNLABELED, LabelClass, load_template
from core.errors import ImageError, MaskwrightError
from core.formats.import_masks import matched_masks
from core.formats.mask_format import Labelled, MaskExport, MaskFormat
from core.formats.names import image_names, mask_stems
from core.formats.source import Source
from core.masks.tiles import Array
from core.records import ImageRecord, Split

CLASSES = load_template("landcover")

masks = arrays(
    np.uint8,
    st.tuples(st.integers(1, 24), st.integers(1, 24)),
    elements=st.sampled_from([*range(len(CLASSES)), UNLABELED]),
)
"""Noise: every pixel may be another class."""


def drawn_masks(count: int) -> list[Array]:
    """Masks of all sizes up to 40 pixels: noise, blocks, chessboards, and some with nothing but unlabelled pixels."""
    chance = np.random.default_rng(count)
    drawn = []
    for _ in range(count):
        height, width = chance.integers(1, 41, 2).tolist()
        block = int(chance.choice((1, 1, 2, 5, 40)))
        values = chance.choice([*range(len(CLASSES)), UNLABELED], int(chance.integers(1, 9)))
        small = chance.choice(values, (-(-height // block), -(-width // block)))
        big = np.kron(small, np.ones((block, block), np.uint8)).astype(np.uint8)[:height, :width]
        first, second = chance.choice(values, 2).tolist()
        drawn.append(checkers(height, width, first, second) if chance.random() < 0.1 else big)
    return drawn


def checkers(height: int, width: int, first: int = 0, second: int = UNLABELED) -> Array:
    """One-pixel squares."""
    odd = np.add.outer(np.arange(height), np.arange(width)) % 2 == 1
    return np.where(odd, second, first).astype(np.uint8)


def ring(side: int = 12) -> Array:
    """Class 2 around class 1 around nothing, with an island in the hole."""
    mask = np.full((side, side), UNLABELED, np.uint8)
    mask[1:-1, 1:-1] = 2
    mask[3:-3, 3:-3] = 1
    mask[4:-4, 4:-4] = UNLABELED
    mask[side // 2, side // 2] = 6
    return mask


ODD_MASKS: Sequence[Array] = (
    np.zeros((1, 1), np.uint8),
    np.full((1, 1), 6, np.uint8),
    np.full((3, 5), 4, np.uint8),
    np.zeros((1, 9), np.uint8),
    np.full((9, 1), 3, np.uint8),
    checkers(7, 8),
    checkers(8, 7, 5, 0),
    ring(),
    np.array([[0, 255, 1], [255, 2, 255]], np.uint8),
)
"""All one class, one pixel, single rows, chessboards, holes with islands."""


def records_for(
    sizes: Sequence[tuple[int, int]], names: Sequence[str] = (), splits: Sequence[Split] = ()
) -> list[ImageRecord]:
    """Records of 8-bit colour images of these sizes (height, width)."""
    return [
        ImageRecord(
            id=number + 1,
            path=names[number] if names else f"photos/image {number}.png",
            sha256="",
            height=height,
            width=width,
            channels=3,
            bits=8,
            split=splits[number] if splits else "train",
            revision=1,
            class_pixels={0: 1},
        )
        for number, (height, width) in enumerate(sizes)
    ]


def export_of(
    masks: Sequence[Array],
    records: Sequence[ImageRecord],
    *,
    folder: Path | None = None,
    classes: Sequence[LabelClass] = CLASSES,
    things: frozenset[str] | None = None,
    choices: Mapping[str, str] | None = None,
) -> MaskExport:
    paths = [record.path for record in records]
    images = tuple(
        Labelled(record, stem, name, (folder or Path()) / record.path)
        for record, stem, name in zip(records, mask_stems(paths), image_names(paths), strict=True)
    )
    by_id = {record.id: mask for record, mask in zip(records, masks, strict=True)}
    return MaskExport(tuple(classes), images, lambda image: by_id[image.record.id], choices or {}, things)


def classes_for(format: MaskFormat) -> Sequence[LabelClass]:
    """Classes that the format has names for."""
    return load_template("cityscapes") if format.name == "cityscapes" else CLASSES


def write(format: MaskFormat, export: MaskExport, folder: Path) -> list[Path]:
    """Write as the driver does, with the format's usual choices where none is given; images that it wants are made."""
    if format.copies_images:
        beside = folder.parent / f"{folder.name} images"
        images = tuple(replace(image, file=beside / f"{image.record.id}.png") for image in export.images)
        beside.mkdir(exist_ok=True)
        for image in images:
            Image.new("RGB", (image.record.width, image.record.height), (image.record.id, 9, 9)).save(image.file)
        export = replace(export, images=images)
    usual = {name: values[0] for name, values in format.choices.items()}
    whole = replace(export, choices=usual | dict(export.choices))
    return list(format.write(whole, folder))


def read(
    format: MaskFormat, path: Path, records: Sequence[ImageRecord], classes: Sequence[LabelClass] = CLASSES
) -> dict[int, Array]:
    """The masks by their image's id, in the classes that the files name."""
    by_name = {c.name: c.id for c in classes}
    found_masks = {}
    left_out: list[str] = []
    for record, found, ids in matched_masks(records, Source(path), format, classes, left_out):
        lut = np.arange(256, dtype=np.uint8)
        for value, name in found.names.items():
            lut[value] = by_name.get(name, UNLABELED)
        found_masks[record.id] = lut[ids]
    if left_out:
        raise ImageError(" ".join(left_out))
    return found_masks


def there_and_back(format: MaskFormat, given: Sequence[Array], folder: Path, **choices: str) -> list[Array]:
    """Write masks, and read them again."""
    records = records_for([mask.shape[:2] for mask in given])
    folder.mkdir(parents=True, exist_ok=True)
    classes = classes_for(format)
    write(format, export_of(given, records, classes=classes, choices=choices), folder)
    found = read(format, folder, records, classes)
    return [found[record.id] for record in records if record.id in found]


# --- damage

JUNK: Sequence[bytes] = (
    b"", b"\0", b"null", b"[]", b"{}", b"-1", b"1e999", b'"../../etc/passwd"', b"9" * 30, b"[" * 100_000,
    b'{"a":' * 100_000, b"NaN", b"\xff\xfe", b"<a>", b"<!DOCTYPE a [<!ENTITY b 'c'>]>", b"'", b'"\\u0000"',
)  # fmt: skip


def damaged(data: bytes, chance: random.Random) -> bytes:
    """The same bytes with something wrong: cut, overwritten, repeated, or with junk in between."""
    if not data:
        return chance.choice(JUNK)
    start = chance.randrange(len(data))
    end = min(len(data), start + chance.choice((1, 1, 2, 4, 16, 64)))
    head, piece, rest = data[:start], data[start:end], data[end:]
    noise = bytes([chance.randrange(256)])
    changed = (head, head + noise + data[start + 1 :], head + rest, head + piece * 3 + rest)
    return chance.choice((*changed, head + chance.choice(JUNK) + rest, chance.choice(JUNK)))


def digits_changed(data: bytes, chance: random.Random) -> bytes:
    """The same text with one number replaced."""
    places = [i for i, byte in enumerate(data) if chr(byte).isdigit()]
    if not places:
        return data
    start = end = chance.choice(places)
    while end < len(data) and chr(data[end]).isdigit():
        end += 1
    number = chance.choice((b"0", b"-1", b"255", b"256", b"65536", b"1e30", b"4294967296", b"0.5", b"-0", b"99999999"))
    return data[:start] + number + data[end:]


EXAMPLES = int(os.environ.get("MASKWRIGHT_EXAMPLES", "25"))
"""Random masks that each format takes out and in."""
DAMAGES = int(os.environ.get("MASKWRIGHT_DAMAGES", "120"))
"""How many times each kind of file is damaged."""


def fault_sentences(
    file: Path, read_it: Callable[[], object], *, text: bool = False, times: int = DAMAGES
) -> list[str]:
    """Damage `file` again and again, and read it; the sentences that were said. Whatever is no sentence is raised."""
    whole = file.read_bytes()
    chance = random.Random(times)
    sentences = []
    for _ in range(times):
        change = digits_changed if text and chance.random() < 0.4 else damaged
        file.write_bytes(change(whole, chance))
        try:
            read_it()
        except MaskwrightError as error:
            assert "\n" not in str(error)
            assert str(error).endswith(".")
            sentences.append(str(error))
    file.write_bytes(whole)
    return sentences
