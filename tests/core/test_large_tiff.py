"""Pictures read in parts: the same pixels as decoding the whole, whatever the file is like inside."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile

from core import large_tiff
from core.classes import load_template
from core.errors import ImageError
from core.images import content_hash, file_facts
from core.large_tiff import LargeTiff, open_large
from core.masks.rect import Rect
from core.project import Project

HEIGHT, WIDTH = 301, 417
LAYOUTS: dict[str, dict[str, Any]] = {
    "tiles": {"tile": (64, 48)},
    "strips": {"rowsperstrip": 7},
    "one strip": {},
    "deflated tiles": {"tile": (64, 64), "compression": "zlib"},
    "deflated strips": {"rowsperstrip": 16, "compression": "zlib", "predictor": True},
    "LZW tiles": {"tile": (64, 64), "compression": "lzw"},
    "LZW strips": {"rowsperstrip": 16, "compression": "lzw", "predictor": True},
    "Zstandard tiles": {"tile": (64, 64), "compression": "zstd"},
    "PackBits strips": {"rowsperstrip": 16, "compression": "packbits"},
    "other byte order": {"tile": (64, 48), "byteorder": ">"},
}


@pytest.fixture(autouse=True)
def small_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(large_tiff, "LARGE_PIXELS", 1000)


def write(path: Path, channels: int, kind: type, **layout: Any) -> np.ndarray:
    pixels: np.ndarray = np.random.default_rng(0).integers(0, 255, (HEIGHT, WIDTH, channels)).astype(kind)
    shown = pixels[..., 0] if channels == 1 else pixels
    color = "rgb" if channels == 3 else "minisblack"
    tifffile.imwrite(path, shown, photometric=color, planarconfig="contig", **layout)
    return pixels


def opened(path: Path) -> LargeTiff:
    large = open_large(path)
    assert large is not None
    return large


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(("channels", "kind"), [(1, np.uint8), (3, np.uint8), (3, np.uint16), (5, np.uint16)])
def test_any_part_is_as_in_the_whole(tmp_path: Path, layout: str, channels: int, kind: type) -> None:
    pixels = write(tmp_path / "a.tif", channels, kind, **LAYOUTS[layout])
    large = opened(tmp_path / "a.tif")
    assert large.shape == pixels.shape
    for rect in (Rect(0, 0, HEIGHT, WIDTH), Rect(13, 50, 240, 300), Rect(300, 416, 301, 417), Rect(64, 0, 65, 417)):
        part = large.read(rect)
        assert part.dtype == kind and np.array_equal(part, pixels[rect.slices])
    assert large[17, 33].tolist() == pixels[17, 33].tolist()


@pytest.mark.parametrize("layout", [{"tile": (64, 64)}, {"rowsperstrip": 16}])
@pytest.mark.parametrize("colours", [{}, {"subsampling": "420", "outcolorspace": "ycbcr"}])
def test_parts_of_a_jpeg_are_as_in_the_whole(tmp_path: Path, layout: dict[str, Any], colours: dict[str, str]) -> None:
    write(tmp_path / "a.tif", 3, np.uint8, compression="jpeg", compressionargs=colours, **layout)
    whole = tifffile.imread(tmp_path / "a.tif")
    rect = Rect(13, 50, 301, 417)
    assert np.array_equal(opened(tmp_path / "a.tif").read(rect), whole[rect.slices])


@pytest.mark.parametrize("layout", ["tiles", "strips", "LZW tiles"])
def test_transparency_is_left_out(tmp_path: Path, layout: str) -> None:
    rgba = np.random.default_rng(0).integers(0, 255, (HEIGHT, WIDTH, 4), np.uint8)
    tifffile.imwrite(tmp_path / "a.tif", rgba, photometric="rgb", extrasamples=["unassalpha"], **LAYOUTS[layout])
    large = opened(tmp_path / "a.tif")
    assert large.shape == (HEIGHT, WIDTH, 3)
    assert np.array_equal(large.read(Rect(5, 6, 200, 201)), rgba[5:200, 6:201, :3])


def test_a_damaged_part_is_said_and_the_others_are_read(tmp_path: Path) -> None:
    pixels = write(tmp_path / "a.tif", 3, np.uint8, tile=(64, 64), compression="zlib")
    with tifffile.TiffFile(tmp_path / "a.tif") as file:
        start = file.pages.first.dataoffsets[1]
    with (tmp_path / "a.tif").open("r+b") as raw:
        raw.seek(start)
        raw.write(b"nonsense")
    large = opened(tmp_path / "a.tif")
    assert np.array_equal(large.read(Rect(0, 0, 64, 64)), pixels[:64, :64])
    with pytest.raises(ImageError, match="is damaged"):
        large.read(Rect(0, 60, 64, 70))


def test_a_look_from_afar_is_made_of_the_pictures_own_values(tmp_path: Path) -> None:
    pixels = write(tmp_path / "a.tif", 3, np.uint8, tile=(64, 64))
    look = opened(tmp_path / "a.tif").coarse(50)
    assert look.shape == (34, 47, 3)
    assert np.array_equal(look[0], pixels[4, ::9][:47])


def test_small_files_and_other_files_are_decoded_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "a.tif", 3, np.uint8)
    monkeypatch.setattr(large_tiff, "LARGE_PIXELS", 2**28)
    assert open_large(tmp_path / "a.tif") is None
    (tmp_path / "b.tif").write_bytes(b"II*\0 nothing")
    assert open_large(tmp_path / "b.tif") is None
    (tmp_path / "c.tif").write_bytes(b"II*\0\xff\xff")
    assert open_large(tmp_path / "c.tif") is None
    assert open_large(tmp_path / "missing.tif") is None


def test_what_cannot_be_read_in_parts_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "a.tif", 1, np.uint8, compression="zlib", rowsperstrip=HEIGHT)
    monkeypatch.setattr(large_tiff, "MOST_SEGMENT_BYTES", 1000)
    with pytest.raises(ImageError, match="one compressed piece"):
        open_large(tmp_path / "a.tif")
    tifffile.imwrite(tmp_path / "f.tif", np.zeros((HEIGHT, WIDTH), np.float32))
    with pytest.raises(ImageError, match="8 or 16 bits"):
        open_large(tmp_path / "f.tif")
    planes = np.zeros((3, HEIGHT, WIDTH), np.uint8)
    tifffile.imwrite(tmp_path / "p.tif", planes, photometric="rgb", planarconfig="separate")
    with pytest.raises(ImageError, match="one after another"):
        open_large(tmp_path / "p.tif")


def test_a_cut_file_is_said(tmp_path: Path) -> None:
    write(tmp_path / "a.tif", 3, np.uint8, tile=(64, 64))
    whole = (tmp_path / "a.tif").read_bytes()
    (tmp_path / "a.tif").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ImageError):
        open_large(tmp_path / "a.tif") or pytest.fail("a cut file was taken for one to decode whole")


def test_a_project_takes_a_large_picture_without_decoding_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "a.tif", 3, np.uint8, tile=(64, 64))
    monkeypatch.setattr("core.images.decode_image", lambda *_: pytest.fail("decoded whole"))
    facts = file_facts(tmp_path / "a.tif")
    assert facts.sha256 == content_hash((tmp_path / "a.tif").read_bytes())
    with Project.create(tmp_path / "p.maskwright", load_template("landcover")) as project:
        record = project.add_image(tmp_path / "a.tif")
        assert (record.height, record.width, record.channels, record.bits) == (HEIGHT, WIDTH, 3, 8)
        assert project.thumbnail(record.id).shape[1] == 160
        (tmp_path / "a.tif").touch()
        assert project.file_state(record) == "ok"
