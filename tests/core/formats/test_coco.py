"""COCO instances, tried on pycocotools, which most trainers read them with."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pycocotools import coco as reading
from pycocotools import mask as coco_mask

from core.classes import UNLABELED
from core.errors import ImageError
from core.formats.coco import COCO
from core.masks.tiles import Array
from tests.core.formats.rounds import CLASSES, ODD_MASKS, export_of, read, records_for, ring, write

SHAPES = ("rle", "rle-list", "polygons")


@pytest.mark.parametrize("shapes", SHAPES)
def test_pycocotools_sees_every_pixel_area_and_box(shapes: str, tmp_path: Path) -> None:
    records = records_for([mask.shape for mask in ODD_MASKS])
    (path,) = write(COCO, export_of(ODD_MASKS, records, choices={"shapes": shapes}), tmp_path)
    reader = reading.COCO(str(path))
    assert [c["name"] for c in reader.loadCats(reader.getCatIds())] == [c.name for c in CLASSES]
    for record, mask in zip(records, ODD_MASKS, strict=True):
        (image,) = reader.loadImgs([record.id])
        assert (image["file_name"], image["height"], image["width"]) == (record.name, record.height, record.width)
        seen = np.full(mask.shape, UNLABELED, np.uint8)
        for annotation in reader.loadAnns(reader.getAnnIds(imgIds=[record.id])):
            runs = reader.annToRLE(annotation)
            seen[coco_mask.decode(runs).astype(bool)] = annotation["category_id"] - 1
            assert annotation["area"] == coco_mask.area(runs)
            assert annotation["bbox"] == coco_mask.toBbox(runs).tolist()
        assert np.array_equal(seen, mask)


def test_things_are_listed_one_by_one_and_stuff_as_one(tmp_path: Path) -> None:
    mask = np.full((3, 9), UNLABELED, np.uint8)
    mask[:, ::4] = 1
    mask[:, 2::4] = 2
    (path,) = write(COCO, export_of([mask], records_for([mask.shape]), things=frozenset({CLASSES[2].name})), tmp_path)
    listed = [entry["category_id"] for entry in json.loads(path.read_text())["annotations"]]
    assert listed == [2, 3, 3]


def test_each_split_has_a_file_of_its_own(tmp_path: Path) -> None:
    records = records_for([(12, 12)] * 3, ["a.jpg", "b.jpg", "c.jpg"], ["val", "train", "val"])
    paths = write(COCO, export_of([ring()] * 3, records), tmp_path)
    assert [path.name for path in paths] == ["instances_train.json", "instances_val.json"]
    assert [i["file_name"] for i in json.loads(paths[1].read_text())["images"]] == ["a.jpg", "c.jpg"]
    assert sorted(read(COCO, tmp_path, records)) == [1, 2, 3]


def file_with(segmentation: Any, **fields: Any) -> dict[str, Any]:
    return {
        "images": [{"id": 7, "file_name": "train/image 0.jpg", "height": 4, "width": 6}],
        "annotations": [{"id": 1, "image_id": 7, "category_id": 31, "segmentation": segmentation}],
        "categories": [{"id": 31, "name": CLASSES[5].name}],
        **fields,
    }


def test_others_polygons_are_read_and_later_ones_lie_above(tmp_path: Path) -> None:
    values = file_with([[0, 0, 3, 0, 3, 2, 0, 2], [4, 0, 6, 0, 6, 4, 4, 4]])
    values["categories"].append({"id": 2, "name": CLASSES[1].name})
    above = {"id": 9, "image_id": 7, "category_id": 2, "segmentation": [[2, 1, 5, 1, 5, 3, 2, 3]]}
    values["annotations"].append(above)
    (tmp_path / "any.json").write_text(json.dumps(values))
    expected: Array = np.full((4, 6), UNLABELED, np.uint8)
    expected[:2, :3] = expected[:, 4:] = 5
    expected[1:3, 2:5] = 1
    assert np.array_equal(read(COCO, tmp_path, records_for([(4, 6)]))[1], expected)


@pytest.mark.parametrize(
    ("segmentation", "what"),
    [
        ([[0, 0, 3]], "at least three points"),
        ([[0, 0, 3, 3, 1]], "at least three points"),
        ({"size": [6, 4], "counts": [24]}, "its size is not that of the image"),
        ({"size": [4, 6], "counts": [23]}, "add up to 23 pixels, not to 24"),
        ({"size": [4, 6], "counts": "é"}, "belongs to none"),
        ({"size": [4, 6], "counts": None}, '"counts" is missing'),
        ([[0, 0, "3", 1, 2, 3]], "list of numbers is expected"),
        (7, "object with fields is expected"),
        ([[0, 0, 1e15, 5, 3, 1e12]], "reaches far out"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(segmentation: Any, what: str, tmp_path: Path) -> None:
    (tmp_path / "any.json").write_text(json.dumps(file_with(segmentation)))
    with pytest.raises(ImageError, match=what):
        read(COCO, tmp_path, records_for([(4, 6)]))


def test_nothing_large_is_made_for_an_image_of_another_size(tmp_path: Path) -> None:
    side = 2**20
    values = file_with({"size": [side, side], "counts": [side * side]})
    values["images"][0] |= {"height": side, "width": side}
    (tmp_path / "any.json").write_text(json.dumps(values))
    with pytest.raises(ImageError, match="1048576 × 1048576 pixels, the image 6 × 4"):
        read(COCO, tmp_path, records_for([(4, 6)]))
