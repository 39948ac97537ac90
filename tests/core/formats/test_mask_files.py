"""Masks in: found by the image's name, read by their ids."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.errors import ImageError
from core.formats.mask_files import read_mask_for
from core.masks.tiles import Array

IDS = np.array([[0, 1, 2], [6, 255, 255]], np.uint8)


def save_mask(path: Path, ids: Array = IDS, palette: bytes | None = None) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    picture = Image.fromarray(ids)
    if palette:
        picture.putpalette(palette)
    picture.save(path)


@pytest.mark.parametrize("palette", [None, bytes(range(256)) * 3], ids=["grey", "palette"])
def test_the_mask_named_like_the_image_is_read_by_its_ids(tmp_path: Path, palette: bytes | None) -> None:
    save_mask(tmp_path / "masks" / "field.png", palette=palette)
    assert np.array_equal(read_mask_for(Path("photos/field.jpg"), tmp_path / "masks"), IDS)


def test_masks_may_lie_in_the_same_folders_as_their_images(tmp_path: Path) -> None:
    save_mask(tmp_path / "masks" / "field.png", IDS * 0)
    save_mask(tmp_path / "masks" / "north" / "field.png", IDS)
    found = read_mask_for(tmp_path / "photos/north/field.jpg", tmp_path / "masks", root=tmp_path / "photos")
    assert np.array_equal(found, IDS)


def test_an_image_without_a_mask_is_named(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match=r"field\.jpg has no mask"):
        read_mask_for(Path("field.jpg"), tmp_path)


def test_a_colour_picture_is_no_mask(tmp_path: Path) -> None:
    Image.new("RGB", (3, 2), (9, 9, 9)).save(tmp_path / "field.png")
    with pytest.raises(ImageError, match="colours, not class ids"):
        read_mask_for(Path("field.jpg"), tmp_path)
