"""Pictures of many channels: all of them are read, in whatever way they lie in the file."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile

from core.errors import ImageError
from core.images import file_facts, read_image, thumbnail

PLANES = np.random.default_rng(0).integers(0, 4096, (6, 20, 31), dtype=np.uint16)
"""(channel, row, column)."""
BANDS = np.moveaxis(PLANES, 0, 2)


@pytest.mark.parametrize("compression", [None, "zlib", "lzw", "zstd"])
def test_bands_side_by_side_are_read(tmp_path: Path, compression: str | None) -> None:
    layout: dict[str, Any] = {"photometric": "minisblack", "planarconfig": "contig", "compression": compression}
    tifffile.imwrite(tmp_path / "a.tif", BANDS, **layout)
    assert np.array_equal(read_image(tmp_path / "a.tif"), BANDS)


def test_bands_plane_by_plane_are_read(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "a.tif", PLANES, photometric="minisblack", planarconfig="separate")
    assert np.array_equal(read_image(tmp_path / "a.tif"), BANDS)


@pytest.mark.parametrize("kind", ["imagej", "ome"])
def test_channels_of_a_microscope_are_pages_of_one_picture(tmp_path: Path, kind: str) -> None:
    path = tmp_path / ("a.ome.tif" if kind == "ome" else "a.tif")
    tifffile.imwrite(path, PLANES[:2], imagej=kind == "imagej", ome=kind == "ome", metadata={"axes": "CYX"})
    assert np.array_equal(read_image(path), BANDS[..., :2])


def test_facts_and_thumbnail_know_many_channels(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "a.tif", BANDS, photometric="minisblack", planarconfig="contig")
    facts = file_facts(tmp_path / "a.tif")
    assert (facts.height, facts.width, facts.channels, facts.bits) == (20, 31, 6, 16)
    assert thumbnail(BANDS).shape == (103, 160, 3)
    assert thumbnail(BANDS[..., :2]).shape == (103, 160, 3)


def test_four_samples_of_colour_are_a_picture_with_transparency(tmp_path: Path) -> None:
    rgba = BANDS[..., :4].astype(np.uint8)
    rgba[..., 3] = 255
    tifffile.imwrite(tmp_path / "a.tif", rgba, photometric="rgb", extrasamples=["unassalpha"])
    assert np.array_equal(read_image(tmp_path / "a.tif"), rgba[..., :3])


def test_a_cut_file_and_real_numbers_are_refused(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "a.tif", BANDS, photometric="minisblack", planarconfig="contig")
    whole = (tmp_path / "a.tif").read_bytes()
    (tmp_path / "cut.tif").write_bytes(whole[: len(whole) - 400])
    with pytest.raises(ImageError, match="cut off"):
        read_image(tmp_path / "cut.tif")
    tifffile.imwrite(tmp_path / "f.tif", BANDS.astype(np.float32), photometric="minisblack", planarconfig="contig")
    with pytest.raises(ImageError, match="8 or 16 bits"):
        read_image(tmp_path / "f.tif")
