"""How large a pixel is: only where the file means it."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from PIL import Image, TiffImagePlugin

from core.pixel_size import pixel_size

PICTURE = Image.fromarray(np.zeros((4, 5), np.uint8))


def tiff(path: Path, tags: dict[int, Any]) -> Path:
    info = TiffImagePlugin.ImageFileDirectory_v2()
    for tag, value in tags.items():
        info[tag] = value
    PICTURE.save(path, tiffinfo=info)
    return path


def test_a_resolution_for_print_says_nothing_about_the_scene(tmp_path: Path) -> None:
    PICTURE.save(tmp_path / "photo.png", dpi=(300, 300))
    PICTURE.save(tmp_path / "photo.tif", dpi=(600, 600))
    assert pixel_size(tmp_path / "photo.png") is None
    assert pixel_size(tmp_path / "photo.tif") is None


def test_a_microscope_says_it_in_the_resolution(tmp_path: Path) -> None:
    PICTURE.save(tmp_path / "cells.png", dpi=(25400, 25400))
    assert pixel_size(tmp_path / "cells.png") == pytest.approx(1e-6, rel=0.01)
    assert pixel_size(tiff(tmp_path / "a.tif", {282: 20000.0, 283: 20000.0, 296: 3})) == pytest.approx(0.5e-6)


def test_ome_and_imagej_descriptions_are_read(tmp_path: Path) -> None:
    ome = '<OME><Image><Pixels PhysicalSizeX="0.65" PhysicalSizeXUnit="µm" SizeX="5"/></Image></OME>'
    assert pixel_size(tiff(tmp_path / "o.tif", {270: ome.encode()})) == pytest.approx(0.65e-6)
    imagej = "ImageJ=1.53\nunit=micron\n"
    assert pixel_size(tiff(tmp_path / "i.tif", {270: imagej, 282: 4.0, 283: 4.0})) == pytest.approx(0.25e-6)


def test_a_map_in_metres_has_a_scale_and_one_in_degrees_has_none(tmp_path: Path) -> None:
    scale = (0.2, 0.2, 0.0)
    assert pixel_size(tiff(tmp_path / "m.tif", {33550: scale, 34735: (1, 1, 0, 1, 1024, 0, 1, 1)})) == 0.2
    assert pixel_size(tiff(tmp_path / "d.tif", {33550: scale, 34735: (1, 1, 0, 1, 1024, 0, 1, 2)})) is None


def test_files_that_say_nothing_or_nonsense_have_none(tmp_path: Path) -> None:
    PICTURE.save(tmp_path / "plain.png")
    (tmp_path / "broken.tif").write_bytes(b"II*\0\xff\xff")
    for name in ("plain.png", "broken.tif", "missing.tif", "photo.jpg"):
        assert pixel_size(tmp_path / name) is None


def test_pictures_of_many_channels_have_one_too(tmp_path: Path) -> None:
    bands = np.zeros((4, 5, 6), np.uint16)
    tifffile.imwrite(
        tmp_path / "b.tif", bands, photometric="minisblack", planarconfig="contig", resolution=(20000, 20000),
        resolutionunit="CENTIMETER",
    )  # fmt: skip
    assert pixel_size(tmp_path / "b.tif") == pytest.approx(0.5e-6)
