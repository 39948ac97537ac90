"""Label images: napari, ilastik, OME-TIFF with the size of a pixel, GeoTIFF with its place on the map."""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from tifffile import TiffFile, imread, imwrite

from core.classes import UNLABELED
from core.errors import ImageError
from core.formats import recognised_format
from core.formats.label_images import ILASTIK, NAPARI
from core.formats.mask_format import MaskFormat
from core.formats.source import Source
from core.formats.world_tiff import GEOTIFF, OME_TIFF
from core.masks.tiles import Array
from core.pixel_size import pixel_size
from core.records import ImageRecord
from tests.core.formats.rounds import export_of, read, records_for, ring, write

SIZE = [(12, 12)]
LABELS = np.where(ring() == UNLABELED, 0, ring().astype(int) + 1)


def image_of(folder: Path, **tags: Any) -> list[ImageRecord]:
    """An image of 12 × 12 pixels in a TIFF with tags of its own."""
    imwrite(folder / "field.tif", np.zeros((12, 12), np.uint8), **tags)
    return records_for(SIZE, ["field.tif"])


@pytest.mark.parametrize(("format", "dtype"), [(NAPARI, "uint32"), (ILASTIK, "uint8")], ids=["napari", "ilastik"])
def test_labels_count_from_one_and_have_the_type_of_the_program(format: MaskFormat, dtype: str, tmp_path: Path) -> None:
    (path,) = write(format, export_of([ring()], records_for(SIZE)), tmp_path)
    assert imread(path).dtype == dtype
    assert np.array_equal(imread(path), LABELS)
    (path,) = write(format, export_of([ring()], records_for(SIZE), choices={"files": "npy"}), tmp_path)
    loaded = np.load(path)
    assert loaded.dtype == dtype
    assert loaded.shape == ((12, 12, 1) if format is ILASTIK else (12, 12))
    assert np.array_equal(loaded.reshape(12, 12), LABELS)


@pytest.mark.parametrize("dtype", ["int64", "uint16", "bool"])
def test_labels_of_any_whole_type_are_read_without_a_legend(dtype: str, tmp_path: Path) -> None:
    labels = LABELS.astype(dtype)
    expected: Array = np.where(labels == 0, UNLABELED, labels - np.uint8(1) if dtype != "bool" else 0).astype(np.uint8)
    np.save(tmp_path / "image 0.npy", labels)
    assert np.array_equal(read(NAPARI, tmp_path, records_for(SIZE))[1], expected)


@pytest.mark.parametrize("suffix", [".tif", ".npy"])
def test_ilastik_adds_what_it_exports_to_the_name(suffix: str, tmp_path: Path) -> None:
    path, labels = tmp_path / f"image 0_Simple Segmentation{suffix}", LABELS.astype(np.uint8)[..., None]
    if suffix == ".npy":
        np.save(path, labels)
    else:  # as its "multipage tiff" has the axes
        imwrite(path, labels[None, None, ..., 0][None], ome=True, metadata={"axes": "TZCYX"})
    assert recognised_format(Source(tmp_path)) is ILASTIK
    assert np.array_equal(read(ILASTIK, tmp_path, records_for(SIZE))[1], ring())


@pytest.mark.parametrize(
    ("labels", "what"),
    [
        (np.full((12, 12), 300), "holds the label 300"),
        (np.full((12, 12), -1), "holds the label -1"),
        (np.zeros((12, 12)), "whole numbers"),
        (np.zeros((2, 12, 12), np.uint8), "one picture of whole numbers"),
    ],
)
def test_other_arrays_are_refused(labels: npt.NDArray[Any], what: str, tmp_path: Path) -> None:
    np.save(tmp_path / "image 0.npy", labels)
    with pytest.raises(ImageError, match=what):
        read(NAPARI, tmp_path, records_for(SIZE))
    (tmp_path / "image 0.npy").unlink()
    imwrite(tmp_path / "image 0.tif", labels)
    with pytest.raises(ImageError, match=what):
        read(NAPARI, tmp_path, records_for(SIZE))


def test_ome_tiff_has_axes_yx_and_the_size_of_a_pixel(tmp_path: Path) -> None:
    per_cm = (1e4 / 0.325, 1e4 / 0.325)
    records = image_of(tmp_path, resolution=per_cm, resolutionunit="CENTIMETER")
    export = export_of([ring()], records, folder=tmp_path)
    (path,) = write(OME_TIFF, export, tmp_path / "out")
    with TiffFile(path) as file:
        assert file.is_ome
        assert file.series[0].axes == "YX"
        assert np.array_equal(file.asarray(), ring())
        assert 'PhysicalSizeXUnit="µm"' in (file.ome_metadata or "")
    assert pixel_size(path) == pytest.approx(0.325e-6, rel=1e-6)
    assert export.notes == []
    assert np.array_equal(read(OME_TIFF, tmp_path / "out", records)[1], ring())


def test_without_a_size_ome_tiff_says_so(tmp_path: Path) -> None:
    export = export_of([ring()], records_for(SIZE), folder=tmp_path)
    (path,) = write(OME_TIFF, export, tmp_path / "out")
    assert pixel_size(path) is None
    assert export.notes == ["1 of the images do not say the size of its pixels, so their masks do not either."]


GEO = [
    (33550, "d", 3, (0.5, 0.5, 0.0), True),
    (33922, "d", 6, (0.0, 0.0, 0.0, 386000.0, 5820000.0, 0.0), True),
    (34735, "H", 16, (1, 1, 0, 3, 1024, 0, 1, 1, 1025, 0, 1, 1, 3072, 0, 1, 32633), True),
]


def test_geotiff_keeps_the_place_of_the_image(tmp_path: Path) -> None:
    records = image_of(tmp_path, extratags=GEO)
    (path,) = write(GEOTIFF, export_of([ring()], records, folder=tmp_path), tmp_path / "out")
    with TiffFile(tmp_path / "field.tif") as image, TiffFile(path) as mask:
        assert mask.geotiff_metadata == image.geotiff_metadata
        assert mask.pages.first.tags[42113].value == "255"
        assert np.array_equal(mask.asarray(), ring())
    assert pixel_size(path) == 0.5
    assert np.array_equal(read(GEOTIFF, tmp_path / "out", records)[1], ring())


def test_a_tiff_of_another_size_is_not_unpacked(tmp_path: Path) -> None:
    imwrite(tmp_path / "image 0.tif", np.zeros((5000, 5000), np.uint8), compression="zlib")
    assert recognised_format(Source(tmp_path)) is GEOTIFF
    with pytest.raises(ImageError, match="5000 × 5000 pixels, the image 12 × 12"):
        read(GEOTIFF, tmp_path, records_for(SIZE))
