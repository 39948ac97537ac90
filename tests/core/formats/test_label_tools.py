"""labelme, Label Studio, CVAT and COCO panoptic: what these tools write is read, and the other way round."""

import base64
import io
import json
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pycocotools import mask as coco_mask

from core.classes import UNLABELED
from core.errors import ImageError
from core.formats.coco_panoptic import COCO_PANOPTIC
from core.formats.cvat import CVAT
from core.formats.label_studio import LABEL_STUDIO, pack_brush, unpack_brush
from core.formats.labelme import LABELME
from core.formats.runs import BrokenRunsError
from tests.core.formats.rounds import CLASSES, export_of, read, records_for, ring, write

IDS = {c.name: c.id for c in CLASSES}


# --- labelme


def labelme_file(folder: Path, *shapes: dict[str, Any], **fields: Any) -> None:
    values = {"version": "5.0.1", "imagePath": "image 0.png", "imageData": None, "imageHeight": 9, "imageWidth": 9}
    (folder / "any.json").write_text(json.dumps(values | {"shapes": shapes} | fields))


def shape(kind: str, *points: tuple[float, float], label: str = CLASSES[3].name, **fields: Any) -> dict[str, Any]:
    return {"label": label, "points": points, "shape_type": kind, "flags": {}, "group_id": None, **fields}


def test_a_labelme_mask_is_the_box_with_both_corners(tmp_path: Path) -> None:
    (path,) = write(LABELME, export_of([ring()], records_for([(12, 12)], ["a/b.png"])), tmp_path / "out")
    values = json.loads(path.read_text())
    assert path == tmp_path / "out/train/b.json"
    assert (path.parent / values["imagePath"]).exists()
    assert (values["imageHeight"], values["imageWidth"], values["imageData"]) == (12, 12, None)
    seen = np.full((12, 12), UNLABELED, np.uint8)
    for entry in values["shapes"]:
        (x0, y0), (x1, y1) = np.array(entry["points"]).astype(int)
        inside = np.asarray(Image.open(io.BytesIO(base64.b64decode(entry["mask"])))).astype(bool)
        seen[y0 : y1 + 1, x0 : x1 + 1][inside] = IDS[entry["label"]]
    assert np.array_equal(seen, ring())


def test_shapes_of_labelme_are_drawn_as_its_converter_draws_them(tmp_path: Path) -> None:
    labelme_file(
        tmp_path,
        shape("polygon", (1, 1), (3, 1), (3, 3), (1, 3)),
        shape("rectangle", (7, 7), (5, 6), label=CLASSES[1].name),
        shape("circle", (7, 2), (8, 2), label=CLASSES[2].name),
    )
    expected = np.full((9, 9), UNLABELED, np.uint8)
    expected[1:4, 1:4] = 3
    expected[6:8, 5:8] = 1
    expected[2, 6:9] = expected[1:4, 7] = 2
    found = read(LABELME, tmp_path, records_for([(9, 9)]))[1]
    corners = [1, 1, 3, 3], [6, 8, 6, 8]  # how round a circle of this size is, is Pillow's matter
    found[corners] = expected[corners] = UNLABELED
    assert np.array_equal(found, expected)


@pytest.mark.parametrize(
    "name", ["..\\photos\\image 0.png", "C:\\x\\image 0.png", "/etc/image 0.png", "../../image 0.png"]
)
def test_paths_of_images_are_taken_for_names(name: str, tmp_path: Path) -> None:
    labelme_file(tmp_path, shape("polygon", (1, 1), (3, 1), (3, 3)), imagePath=name)
    assert 1 in read(LABELME, tmp_path, records_for([(9, 9)]))


@pytest.mark.parametrize(
    ("wrong", "what"),
    [
        (shape("polygon", (1, 1), (2, 2)), "do not make a shape"),
        (shape("star", (1, 1), (2, 2), (3, 3)), "do not make a shape"),
        (shape("mask", (1, 1), (2, 2), mask="!"), "not base64"),
        (shape("mask", (1, 1), (2, 2), mask="aGVsbG8="), "not a mask"),
        (shape("polygon", (1, 1), (2e9, 2), (1, 2)), "point in the image"),
        ({"points": []}, '"label" is missing'),
    ],
)
def test_shapes_that_are_none_are_refused(wrong: dict[str, Any], what: str, tmp_path: Path) -> None:
    labelme_file(tmp_path, wrong)
    with pytest.raises(ImageError, match=what):
        read(LABELME, tmp_path, records_for([(9, 9)]))


# --- Label Studio


def test_the_brush_is_packed_as_label_studio_packs_it() -> None:
    # What label_studio_sdk.converter.brush.mask2rle, 2.1.2, makes of these masks.
    small = np.array([[1, 0, 0], [0, 1, 1]], np.bool_)
    theirs = [0, 0, 0, 24, 57, 27, 252, 127, 246, 192, 39, 255, 0]
    assert pack_brush(small) == theirs
    assert pack_brush(np.ones((1, 1), np.bool_)) == [0, 0, 0, 4, 57, 27, 252, 127, 224]
    assert np.array_equal(unpack_brush(bytes(theirs), 2, 3), small)


def test_single_values_and_other_sizes_of_runs_are_unpacked() -> None:
    bits = f"{8:032b}{7:05b}" + "0001" * 4 + "000" + "01" + "00000000" * 2 + "000" + "00" + "00000000" + "000" + "00"
    bits += "11111111" + "100" + "11" + "11111111"
    packed = bytes(int(bits[n : n + 8].ljust(8, "0"), 2) for n in range(0, len(bits), 8))
    assert unpack_brush(packed, 1, 2).tolist() == [[True, True]]
    with pytest.raises(BrokenRunsError, match="ends too early"):
        unpack_brush(packed[:-2], 1, 2)
    with pytest.raises(BrokenRunsError, match="is for 8 values, not for 4"):
        unpack_brush(packed, 1, 1)


@pytest.mark.parametrize(
    "address",
    [
        "image 0.png",
        "/data/upload/3/0a1b2c3d-image%200.png",
        "/data/local-files/?d=set/photos/image%200.png",
        "https://example.org/photos/image%200.png?X-Amz-Expires=3600",
        "s3://bucket/photos/image 0.png",
    ],
)
def test_the_last_annotation_is_read_whatever_the_address_of_its_image(address: str, tmp_path: Path) -> None:
    write(LABEL_STUDIO, export_of([ring()], records_for([(12, 12)])), tmp_path)
    (task,) = json.loads((tmp_path / "tasks.json").read_text())
    task["data"]["image"] = address
    task["annotations"].insert(0, {"result": []})
    task["annotations"].append({"result": [], "was_cancelled": True})
    task["annotations"][1]["result"].append({"type": "choices", "value": {"choices": ["x"]}})
    (tmp_path / "tasks.json").write_text(json.dumps([task]))
    assert np.array_equal(read(LABEL_STUDIO, tmp_path, records_for([(12, 12)]))[1], ring())
    config = ET.parse(tmp_path / "label_config.xml").getroot()
    assert [label.get("value") for label in config.iter("Label")] == [c.name for c in CLASSES]


# --- CVAT


def test_masks_of_cvat_are_local_to_their_box_and_run_along_rows(tmp_path: Path) -> None:
    (path,) = write(CVAT, export_of([ring()], records_for([(12, 12)])), tmp_path)
    root = ET.parse(path).getroot()
    assert root.findtext("version") == "1.1"
    assert [label.findtext("name") for label in root.iter("label")] == [c.name for c in CLASSES]
    seen = np.full((12, 12), UNLABELED, np.uint8)
    for entry in root.iter("mask"):
        left, top, width, height = (int(entry.attrib[key]) for key in ("left", "top", "width", "height"))
        counts = {"counts": [int(n) for n in entry.attrib["rle"].split(",")], "size": [width, height]}
        inside = coco_mask.decode(coco_mask.frPyObjects(counts, width, height)).T.astype(bool)
        seen[top : top + height, left : left + width][inside] = IDS[entry.attrib["label"]]
    assert np.array_equal(seen, ring())


def cvat_file(folder: Path, shapes: str, head: str = "") -> None:
    image = f'<image id="0" name="image 0.png" width="6" height="4">{shapes}</image>'
    (folder / "annotations.xml").write_text(f"{head}<annotations><version>1.1</version>{image}</annotations>")


def test_shapes_of_cvat_lie_in_the_order_of_their_height(tmp_path: Path) -> None:
    above = f'<polygon label="{CLASSES[1].name}" points="1.00,1.00;5.00,1.00;5.00,3.00;1.00,3.00" z_order="4"/>'
    below = f'<mask label="{CLASSES[2].name}" rle="0, 12" left="0" top="0" width="6" height="2" z_order="-1"/>'
    cvat_file(tmp_path, f'{above}{below}<box label="x" xtl="0" ytl="0" xbr="3" ybr="3"/>')
    expected = np.full((4, 6), UNLABELED, np.uint8)
    expected[:2] = 2
    expected[1:3, 1:5] = 1
    assert np.array_equal(read(CVAT, tmp_path, records_for([(4, 6)]))[1], expected)


BOMB = '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>'
OUTSIDE = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize(
    ("shapes", "head", "what"),
    [
        ("", BOMB, "declares a document type"),
        ("", OUTSIDE, "declares a document type"),
        ("<a>" * 100_000, "", "nested too deeply"),
        ('<mask label="x" rle="24" left="1" top="0" width="6" height="4"/>', "", "reaches out of its image"),
        ('<mask label="x" rle="23" left="0" top="0" width="6" height="4"/>', "", "add up to 23"),
        ('<mask label="x" left="0" top="0" width="6" height="4"/>', "", '"rle" is missing'),
        ('<polygon label="x" points="1,1;2,2"/>', "", "an outline needs"),
        ('<polygon label="x" points="1,1;2,2;nan,3"/>', "", "where a number belongs"),
        ('<mask label="x" rle="1" left="0" top="0" width="99999999999999999999" height="4"/>', "", "no whole number"),
        ("<image", "", "not XML"),
    ],
)
def test_xml_that_is_no_labels_is_refused(shapes: str, head: str, what: str, tmp_path: Path) -> None:
    cvat_file(tmp_path, shapes, head)
    with pytest.raises(ImageError, match=what):
        read(CVAT, tmp_path, records_for([(4, 6)]))


# --- COCO panoptic


def test_segments_of_things_and_stuff_are_told_apart(tmp_path: Path) -> None:
    mask = np.full((3, 9), UNLABELED, np.uint8)
    mask[:, ::4] = 1
    mask[:, 2::4] = 2
    export = export_of([mask], records_for([(3, 9)]), things=frozenset({CLASSES[2].name}))
    (path,) = write(COCO_PANOPTIC, export, tmp_path)
    values = json.loads(path.read_text())
    assert [c["isthing"] for c in values["categories"]] == [0, 0, 1, 0, 0, 0, 0]
    (entry,) = values["annotations"]
    rgb = np.asarray(Image.open(path.parent / "panoptic_train" / entry["file_name"])).astype(int)
    ids = rgb[..., 0] + 256 * rgb[..., 1] + 256**2 * rgb[..., 2]
    assert (ids[mask == UNLABELED] == 0).all()
    assert [s["category_id"] for s in entry["segments_info"]] == [2, 3, 3]
    for segment in entry["segments_info"]:
        rows, columns = np.nonzero(ids == segment["id"])
        x, y, width, height = segment["bbox"]
        assert segment["area"] == len(rows)
        assert (x, y) == (columns.min(), rows.min())
        assert (x + width, y + height) == (columns.max() + 1, rows.max() + 1)


@pytest.mark.parametrize("name", ["../secret.png", "/etc/passwd", "C:\\secret.png"])
def test_a_png_outside_is_not_read(name: str, tmp_path: Path) -> None:
    Image.new("RGB", (12, 12)).save(tmp_path / "secret.png")
    (path,) = write(COCO_PANOPTIC, export_of([ring()], records_for([(12, 12)])), tmp_path / "out")
    values = json.loads(path.read_text())
    values["annotations"][0]["file_name"] = name
    path.write_text(json.dumps(values))
    with pytest.raises(ImageError, match="leads out of the chosen folder"):
        read(COCO_PANOPTIC, tmp_path / "out", records_for([(12, 12)]))
