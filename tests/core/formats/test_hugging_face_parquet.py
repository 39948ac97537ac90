"""Hugging Face data sets in Parquet, as the library `datasets` writes and reads them."""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow
import pytest
from pyarrow import parquet

from core.errors import ExportError, ImageError
from core.formats.hugging_face_parquet import HUGGING_FACE_PARQUET
from core.formats.palette_png import png_bytes
from core.masks.tiles import Array
from tests.core.formats.rounds import export_of, read, records_for, ring, write

RECORDS = records_for([(12, 12), (2, 3)], ["a/photo.jpg", "b/photo.jpg"], ["train", "val"])
OTHER = np.array([[0, 1, 255], [6, 2, 255]], np.uint8)
PICTURE = pyarrow.struct([("bytes", "binary"), ("path", "string")])
IMAGE: dict[str, Any] = {"bytes": b"", "path": "a/photo.jpg"}


def packed(mask: Array) -> dict[str, Any]:
    return {"bytes": png_bytes(mask), "path": "mask.png"}


def save(path: Path, **columns: Any) -> None:
    parquet.write_table(pyarrow.table(columns), path)


def test_each_split_is_a_file_with_features_of_images(tmp_path: Path) -> None:
    write(HUGGING_FACE_PARQUET, export_of([ring(), OTHER], RECORDS), tmp_path)
    names = sorted(path.name for path in (tmp_path / "data").iterdir())
    assert names == ["train-00000-of-00001.parquet", "validation-00000-of-00001.parquet"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["classes.json", "data"]
    table = parquet.read_table(tmp_path / "data" / names[0])
    told = json.loads(table.schema.metadata[b"huggingface"])
    assert told == {"info": {"features": {"image": {"_type": "Image"}, "mask": {"_type": "Image"}}}}
    (row,) = table.to_pylist()
    assert row["image"]["path"] == "a/photo.png"
    assert row["image"]["bytes"].startswith(b"\x89PNG")
    found = read(HUGGING_FACE_PARQUET, tmp_path, RECORDS)
    assert np.array_equal(found[1], ring())
    assert np.array_equal(found[2], OTHER)


def test_many_images_are_written_in_groups_of_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.formats.hugging_face_parquet.GROUP_BYTES", 400)
    records = records_for([(12, 12)] * 9)
    (path,) = write(HUGGING_FACE_PARQUET, export_of([ring()] * 9, records), tmp_path)
    assert parquet.ParquetFile(path).num_row_groups > 2
    assert len(read(HUGGING_FACE_PARQUET, tmp_path, records)) == 9


@pytest.mark.parametrize("names", [("pixel_values", "label"), ("image", "annotation"), ("img", "segmentation_mask")])
def test_columns_are_found_by_the_names_that_are_usual(names: tuple[str, str], tmp_path: Path) -> None:
    columns: dict[str, list[Any]] = {names[0]: [IMAGE], names[1]: [packed(ring())], "more": [3]}
    save(tmp_path / "a.parquet", **columns)
    assert np.array_equal(read(HUGGING_FACE_PARQUET, tmp_path, RECORDS)[1], ring())


def test_an_image_without_a_name_is_left_out(tmp_path: Path) -> None:
    save(tmp_path / "a.parquet", image=[IMAGE, {"bytes": b"", "path": None}], mask=[packed(ring())] * 2)
    with pytest.raises(ImageError, match=r"^row 2: the project has no image of that name\.$"):
        read(HUGGING_FACE_PARQUET, tmp_path, RECORDS)


def test_an_image_may_be_named_in_a_column_of_its_own(tmp_path: Path) -> None:
    nameless = pyarrow.array([{"bytes": b"", "path": None}], PICTURE)
    save(tmp_path / "a.parquet", image=nameless, mask=[packed(ring())], file_name=["a/photo.jpg"])
    assert np.array_equal(read(HUGGING_FACE_PARQUET, tmp_path, RECORDS)[1], ring())


def test_a_mask_that_was_left_out_is_looked_for_beside_the_file_and_nowhere_else(tmp_path: Path) -> None:
    outside = tmp_path / "secret.png"
    outside.write_bytes(png_bytes(ring()))
    (tmp_path / "in").mkdir()
    rows = pyarrow.array([{"bytes": None, "path": str(outside)}], PICTURE)
    save(tmp_path / "in/a.parquet", image=[IMAGE], mask=rows)
    with pytest.raises(ImageError, match=r'The file "secret\.png" is missing'):
        read(HUGGING_FACE_PARQUET, tmp_path / "in", RECORDS)
    outside.rename(tmp_path / "in/secret.png")
    assert np.array_equal(read(HUGGING_FACE_PARQUET, tmp_path / "in", RECORDS)[1], ring())


@pytest.mark.parametrize(
    ("columns", "what"),
    [
        ({"image": [IMAGE]}, 'no column "mask" of images'),
        ({"image": [IMAGE], "mask": [3]}, 'no column "mask" of images'),
        ({"image": ["a"], "mask": [{"bytes": b"", "path": "a"}]}, 'no column "image" of images'),
        ({"image": [IMAGE], "mask": [{"bytes": "text", "path": "a"}]}, 'no column "mask" of images'),
        ({"image": [IMAGE], "mask": [{"bytes": b"text", "path": "a"}]}, "not a mask that can be read"),
    ],
)
def test_what_holds_no_masks_is_refused(columns: dict[str, list[Any]], what: str, tmp_path: Path) -> None:
    save(tmp_path / "a.parquet", **columns)
    with pytest.raises(ImageError, match=what):
        read(HUGGING_FACE_PARQUET, tmp_path, RECORDS)


def test_without_pyarrow_a_sentence_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save(tmp_path / "a.parquet", image=[IMAGE], mask=[packed(ring())])
    for name in ("pyarrow", "pyarrow.parquet"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ImageError, match="pip install pyarrow"):
        read(HUGGING_FACE_PARQUET, tmp_path, RECORDS)
    with pytest.raises(ExportError, match="pip install pyarrow"):
        write(HUGGING_FACE_PARQUET, export_of([ring()], RECORDS[:1]), tmp_path)
