"""Masks as PNGs of all three kinds, out and in."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from PIL import Image

from core.classes import UNLABELED, LabelClass
from core.errors import ExportError, ImageError
from core.formats.mask_format import MaskFormat
from core.formats.palette_png import COLOR_PNG, GREY_PNG, PALETTE_PNG
from core.images import read_image
from core.masks.tiles import Array
from tests.core.formats.rounds import (
    CLASSES,
    DAMAGES,
    EXAMPLES,
    ODD_MASKS,
    drawn_masks,
    export_of,
    fault_sentences,
    masks,
    read,
    records_for,
    there_and_back,
    write,
)

KINDS = (PALETTE_PNG, GREY_PNG, COLOR_PNG)
every_kind = pytest.mark.parametrize("format", KINDS, ids=[format.name for format in KINDS])


@every_kind
def test_odd_masks_come_back_as_they_went_out(format: MaskFormat, tmp_path: Path) -> None:
    for before, after in zip(ODD_MASKS, there_and_back(format, ODD_MASKS, tmp_path), strict=True):
        assert np.array_equal(before, after)


@every_kind
@settings(max_examples=50)
@given(mask=masks)
def test_noise_comes_back_as_it_went_out(
    format: MaskFormat, mask: Array, tmp_path_factory: pytest.TempPathFactory
) -> None:
    (found,) = there_and_back(format, [mask], tmp_path_factory.mktemp("out"))
    assert np.array_equal(found, mask)


@every_kind
def test_many_masks_come_back_together(format: MaskFormat, tmp_path: Path) -> None:
    given = drawn_masks(EXAMPLES)
    for before, after in zip(given, there_and_back(format, given, tmp_path), strict=True):
        assert np.array_equal(before, after)


@every_kind
def test_the_splits_are_told(format: MaskFormat, tmp_path: Path) -> None:
    records = records_for([(2, 2)] * 3, ["a.jpg", "b.jpg", "c.jpg"], ["val", "train", "test"])
    write(format, export_of([np.zeros((2, 2), np.uint8)] * 3, records), tmp_path)
    told = json.loads((tmp_path / "splits.json").read_text())
    assert told == {"train": ["b.png"], "val": ["a.png"], "test": ["c.png"]}


def test_other_programs_see_grey_levels_and_colours(tmp_path: Path) -> None:
    mask = np.array([[0, 6, UNLABELED]], np.uint8)
    (record,) = records_for([mask.shape])
    (tmp_path / "grey").mkdir()
    (grey,) = write(GREY_PNG, export_of([mask], [record]), tmp_path / "grey")
    assert read_image(grey)[0, :, 0].tolist() == [0, 6, 255]
    (tmp_path / "color").mkdir()
    (color,) = write(COLOR_PNG, export_of([mask], [record]), tmp_path / "color")
    assert [tuple(pixel) for pixel in read_image(color)[0]] == [CLASSES[0].rgb, CLASSES[6].rgb, (0, 0, 0)]


def test_colours_a_little_off_are_taken_for_the_nearest_and_strange_ones_are_refused(tmp_path: Path) -> None:
    red, green, blue = CLASSES[3].rgb
    pixels = np.array([[[red, green, blue], [red - 7, green + 7, blue]]], np.uint8)
    (record,) = records_for([(1, 2)])
    Image.fromarray(pixels).save(tmp_path / "image 0.png")
    assert read(COLOR_PNG, tmp_path, [record])[1].tolist() == [[3, 3]]
    pixels[0, 1] = 1, 200, 3
    Image.fromarray(pixels).save(tmp_path / "image 0.png")
    with pytest.raises(ImageError, match=r"colour #01c803 \(column 1, row 0\), which is no class's"):
        read(COLOR_PNG, tmp_path, [record])


def test_the_colours_of_a_legend_come_before_those_of_the_project(tmp_path: Path) -> None:
    legend = {"classes": [{"id": 9, "name": CLASSES[4].name, "color": "#123456"}]}
    (tmp_path / "classes.json").write_text(json.dumps(legend))
    Image.new("RGB", (2, 1), "#123456").save(tmp_path / "image 0.png")
    assert read(COLOR_PNG, tmp_path, records_for([(1, 2)]))[1].tolist() == [[4, 4]]


def test_a_black_class_leaves_another_grey_for_what_is_unlabelled(tmp_path: Path) -> None:
    classes = (LabelClass(0, "night", "#000000"), LabelClass(1, "day", "#ffffff"))
    mask = np.array([[0, 1, UNLABELED]], np.uint8)
    (record,) = records_for([mask.shape])
    write(COLOR_PNG, export_of([mask], [record], classes=classes), tmp_path)
    assert np.array_equal(read(COLOR_PNG, tmp_path, [record], classes)[1], mask)


def test_colours_that_do_not_tell_classes_apart_are_not_written(tmp_path: Path) -> None:
    classes = (LabelClass(0, "a", "#101010"), LabelClass(1, "b", "#101010"))
    mask = np.zeros((1, 1), np.uint8)
    with pytest.raises(ExportError, match="same colour"):
        write(COLOR_PNG, export_of([mask], records_for([(1, 1)]), classes=classes), tmp_path)


@every_kind
@pytest.mark.parametrize("file", ["image 0.png", "classes.json"])
def test_damage_is_said_in_a_sentence(format: MaskFormat, file: str, tmp_path: Path) -> None:
    records = records_for([(12, 12)])
    write(format, export_of([ODD_MASKS[7]], records), tmp_path)
    sentences = fault_sentences(tmp_path / file, lambda: read(format, tmp_path, records), text=file[-1] == "n")
    assert len(sentences) > DAMAGES / 3


def test_a_picture_that_unpacks_without_end_is_not_unpacked(tmp_path: Path) -> None:
    Image.fromarray(np.zeros((9000, 9000), np.uint8)).save(tmp_path / "image 0.png")  # 80 KB
    with pytest.raises(ImageError, match="9000 × 9000 pixels, the image 4 × 4"):
        read(GREY_PNG, tmp_path, records_for([(4, 4)]))
