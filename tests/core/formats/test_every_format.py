"""What holds for all formats that lose nothing: masks come back bit by bit, damage is said, bytes are the same."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings

from core.classes import UNLABELED
from core.formats import MASK_FORMATS, recognised_format
from core.formats.mask_format import MaskFormat
from core.formats.source import Source
from core.masks.tiles import Array
from tests.core.formats.rounds import (
    DAMAGES,
    EXAMPLES,
    ODD_MASKS,
    classes_for,
    drawn_masks,
    export_of,
    fault_sentences,
    masks,
    read,
    records_for,
    ring,
    there_and_back,
    write,
)

Chosen = tuple[MaskFormat, dict[str, str]]

IMAGES = {"images", "JPEGImages", "leftImg8bit"}
ELSEWHERE = ("png", "grey-png", "color-png")
"""Tried in test_pngs."""


def every_choice() -> Iterator[Chosen]:
    """Each format as usual, and with each of its other choices."""
    for format in MASK_FORMATS.values():
        if format.name not in ELSEWHERE:
            yield format, {}
            for name, values in format.choices.items():
                yield from ((format, {name: value}) for value in values[1:])


every_format = pytest.mark.parametrize(
    ("format", "choices"),
    [pytest.param(*chosen, id="-".join((chosen[0].name, *chosen[1].values()))) for chosen in every_choice()],
)


@every_format
def test_odd_masks_come_back_bit_by_bit(format: MaskFormat, choices: dict[str, str], tmp_path: Path) -> None:
    given = [mask for mask in ODD_MASKS if (mask != UNLABELED).any()]
    found = there_and_back(format, given, tmp_path, **choices)
    assert len(found) == len(given)
    for before, after in zip(given, found, strict=True):
        assert np.array_equal(before, after), (before, after)


@every_format
@settings(max_examples=EXAMPLES)
@given(mask=masks)
def test_noise_comes_back_bit_by_bit(
    format: MaskFormat, choices: dict[str, str], mask: Array, tmp_path_factory: pytest.TempPathFactory
) -> None:
    found = there_and_back(format, [mask], tmp_path_factory.mktemp("out"), **choices)
    assert np.array_equal(found[0] if found else np.full_like(mask, UNLABELED), mask)


@every_format
def test_many_masks_come_back_together(format: MaskFormat, choices: dict[str, str], tmp_path: Path) -> None:
    given = [mask for mask in drawn_masks(EXAMPLES) if (mask != UNLABELED).any()]
    found = there_and_back(format, given, tmp_path, **choices)
    assert len(found) == len(given)
    assert all(np.array_equal(before, after) for before, after in zip(given, found, strict=True))


@every_format
def test_a_format_is_recognised_and_writes_the_same_bytes_again(
    format: MaskFormat, choices: dict[str, str], tmp_path: Path
) -> None:
    records = records_for([(12, 12), (7, 8)], splits=["train", "val"])
    export = export_of([ring(), ODD_MASKS[5]], records, classes=classes_for(format), choices=choices)
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        assert write(format, export, tmp_path / folder)
    assert recognised_format(Source(tmp_path / "one")) is format
    files = [path.relative_to(tmp_path / "one") for path in sorted((tmp_path / "one").rglob("*")) if path.is_file()]
    for file in files:
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()
    assert sorted(read(format, tmp_path / "one", records, classes_for(format))) == [1, 2]


@every_format
def test_damage_is_said_in_a_sentence(format: MaskFormat, choices: dict[str, str], tmp_path: Path) -> None:
    records = records_for([(12, 12)])
    write(format, export_of([ring()], records, classes=classes_for(format), choices=choices), tmp_path)
    files = [path for path in sorted(tmp_path.rglob("*")) if path.is_file() and not IMAGES & set(path.parts)]
    said: list[str] = []

    def read_all() -> object:
        return read(format, tmp_path, records, classes_for(format))

    for file in files:
        text = file.suffix in (".json", ".xml", ".txt", ".yaml", ".jsonl")
        times = DAMAGES // len(files)
        said += fault_sentences(file, read_all, text=text, times=times)
    assert len(said) > DAMAGES / 10
