"""The one decoder: what it makes of good files, and what it says of bad ones."""

import os
import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from core.errors import ImageError
from core.images import decode_image, find_images, read_image, read_mask_file
from tests.core.make_golden import GOLDEN, deep, picture

EVERY_GOLDEN = sorted(GOLDEN.iterdir())


@pytest.mark.parametrize("name", ["color.png", "color.tif", "color.bmp", "color.webp", "alpha.png"])
def test_color_files_decode_to_the_same_rgb(name: str) -> None:
    image = read_image(GOLDEN / name)
    assert image.dtype == np.uint8
    assert np.array_equal(image, picture())


def test_palette_files_decode_to_their_colors() -> None:
    with Image.open(GOLDEN / "palette.png") as oracle:
        assert np.array_equal(read_image(GOLDEN / "palette.png"), np.asarray(oracle.convert("RGB")))


@pytest.mark.parametrize("name", ["turned.png", "turned.tif"])
def test_orientation_is_applied(name: str) -> None:
    assert np.array_equal(read_image(GOLDEN / name), np.rot90(picture(), -1))


def test_photo_is_turned_and_close_to_its_source() -> None:
    image = read_image(GOLDEN / "photo.jpg")
    assert np.abs(image.astype(int) - np.rot90(picture(), -1)).max() <= 6


@pytest.mark.parametrize("name", ["deep.png", "deep.tif"])
def test_sixteen_bits_stay_sixteen_bits(name: str) -> None:
    image = read_image(GOLDEN / name)
    assert image.dtype == np.uint16
    assert np.array_equal(image[..., 0], deep())


def test_grey_has_one_channel() -> None:
    assert read_image(GOLDEN / "grey.png").shape == (8, 12, 1)


def test_sixteen_bit_color_keeps_its_channel_order(tmp_path: Path) -> None:
    color = np.arange(8 * 12 * 3, dtype=np.uint16).reshape(8, 12, 3) * 200
    cv2.imwrite(str(tmp_path / "a.png"), color[..., ::-1])
    assert np.array_equal(read_image(tmp_path / "a.png"), color)


def test_non_ascii_names_are_read(tmp_path: Path) -> None:
    path = tmp_path / "žluťoučký 水.png"
    path.write_bytes((GOLDEN / "color.png").read_bytes())
    assert np.array_equal(read_image(path), picture())


@pytest.mark.parametrize("path", EVERY_GOLDEN, ids=lambda p: p.name)
@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_a_truncated_file_is_refused(path: Path, share: float) -> None:
    data = path.read_bytes()
    with pytest.raises(ImageError):
        decode_image(data[: int(len(data) * share)], path.name)


@given(st.sampled_from(EVERY_GOLDEN), st.data())
def test_a_damaged_file_gives_an_array_or_a_sentence(path: Path, data: st.DataObject) -> None:
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        image = decode_image(bytes(content), path.name)
    except ImageError as error:
        assert str(error).endswith(".")
    else:
        assert image.ndim == 3


def test_a_disguised_file_is_named() -> None:
    with pytest.raises(ImageError, match=r"holiday\.png is not a PNG"):
        decode_image(b"%PDF-1.7 ...", "holiday.png")


def test_a_png_called_jpg_is_still_read(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes((GOLDEN / "color.png").read_bytes())
    assert np.array_equal(read_image(tmp_path / "a.jpg"), picture())


def test_an_oversized_image_is_refused_before_it_is_decoded() -> None:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")
    with pytest.raises(ImageError, match="60000 × 60000 pixels"):
        decode_image(bomb, "bomb.png")


def test_float_pixels_are_refused_with_advice() -> None:
    data = cv2.imencode(".tif", np.zeros((4, 4), np.float32))[1].tobytes()
    with pytest.raises(ImageError, match="8 or 16 bits"):
        decode_image(data, "height.tif")


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match=r"gone\.png is missing"):
        read_image(tmp_path / "gone.png")
    with pytest.raises(ImageError, match="is a folder"):
        read_image(tmp_path)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root reads everything")
def test_an_unreadable_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "secret.png"
    path.write_bytes(b"")
    path.chmod(0)
    with pytest.raises(ImageError, match="cannot be read"):
        read_image(path)


def test_images_are_found_below_a_folder_but_not_hidden_ones(tmp_path: Path) -> None:
    for name in ("b.PNG", "a/c.jpg", ".hidden/d.png", "a/._e.png", "notes.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert [p.name for p in find_images(tmp_path)] == ["c.jpg", "b.PNG"]


@pytest.mark.parametrize("mode", ["L", "P"])
def test_a_mask_file_keeps_its_ids(tmp_path: Path, mode: str) -> None:
    ids = np.array([[0, 1, 6], [255, 255, 3]], np.uint8)
    image = Image.fromarray(ids)
    if mode == "P":
        image.putpalette([7] * 768)
    image.save(tmp_path / "m.png")
    assert np.array_equal(read_mask_file(tmp_path / "m.png"), ids)


def test_a_mask_of_colors_is_refused(tmp_path: Path) -> None:
    Image.fromarray(picture()).save(tmp_path / "m.png")
    with pytest.raises(ImageError, match="holds colours, not class ids"):
        read_mask_file(tmp_path / "m.png")


def test_a_mask_with_large_values_is_refused(tmp_path: Path) -> None:
    Image.fromarray(np.full((2, 2), 300, np.uint16)).save(tmp_path / "m.png")
    with pytest.raises(ImageError, match="above 255"):
        read_mask_file(tmp_path / "m.png")
