"""Pascal VOC, Cityscapes and YOLO: layouts, palettes and ids as their own tools expect them."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from core.classes import UNLABELED, LabelClass, load_template
from core.errors import ExportError, ImageError
from core.formats.cityscapes import CATEGORIES, CITYSCAPES, LABELS
from core.formats.class_table import ClassTable
from core.formats.copies import copy_image
from core.formats.hugging_face import HUGGING_FACE
from core.formats.mask_format import Labelled
from core.formats.source import Source
from core.formats.voc import VOC, voc_palette
from core.formats.yaml_names import read_names
from core.formats.yolo import YOLO_SEGMENT, YOLO_SEMANTIC
from core.images import read_image
from core.masks.tiles import Array
from tests.core.formats.rounds import CLASSES, checkers, export_of, read, records_for, ring, write

NAMES = ["a.jpg", "b.jpg", "c.jpg"]


# --- Pascal VOC


def test_the_palette_is_that_of_the_devkit() -> None:
    table = voc_palette()
    assert table[[0, 1, 2, 3, 15, 20, 255]].tolist() == [
        [0, 0, 0], [128, 0, 0], [0, 128, 0], [128, 128, 0], [192, 128, 128], [0, 64, 128], [224, 224, 192],
    ]  # fmt: skip


def test_a_voc_folder_has_images_masks_and_lists(tmp_path: Path) -> None:
    records = records_for([(12, 12)] * 3, NAMES, ["train", "val", "train"])
    write(VOC, export_of([ring()] * 3, records), tmp_path / "out")
    lists = {path.name: path.read_text().split() for path in (tmp_path / "out/ImageSets/Segmentation").iterdir()}
    assert lists == {"train.txt": ["a", "c"], "val.txt": ["b"], "test.txt": [], "trainval.txt": ["a", "b", "c"]}
    for name in lists["trainval.txt"]:
        with Image.open(tmp_path / f"out/JPEGImages/{name}.jpg") as image:
            assert (image.format, image.size) == ("JPEG", (12, 12))
        with Image.open(tmp_path / f"out/SegmentationClass/{name}.png") as mask:
            assert mask.mode == "P"
            assert np.array_equal(np.asarray(mask), ring())
            assert (mask.getpalette() or [])[3:6] == [128, 0, 0]
            assert (mask.getpalette() or [])[-3:] == [224, 224, 192]
    lines = (tmp_path / "out/labelmap.txt").read_text().splitlines()
    assert lines[:2] == ["# label:color_rgb:parts:actions", f"{CLASSES[0].name}:0,0,0::"]
    assert lines[-1] == "ignored:224,224,192::"  # without it, Datumaro refuses masks with unlabelled pixels


@pytest.mark.parametrize("listed", [True, False])
def test_masks_in_the_colours_of_the_list_come_in_as_cvat_and_datumaro_write_them(listed: bool, tmp_path: Path) -> None:
    (tmp_path / "SegmentationClass").mkdir()
    mask = np.array([[0, 1, 2], [6, 2, 255]], np.uint8)
    Image.fromarray(voc_palette()[mask]).save(tmp_path / "SegmentationClass/a.png")
    if listed:
        colors = [",".join(map(str, rgb)) for rgb in voc_palette()[:7].tolist()]
        lines = [f"{c.name}:{rgb}::" for c, rgb in zip(CLASSES, colors, strict=True)]
        (tmp_path / "labelmap.txt").write_text("\n".join([*lines, "ignored:224,224,192::"]))
    assert np.array_equal(read(VOC, tmp_path, records_for([mask.shape], ["a.jpg"]))[1], mask)
    assert not listed or ClassTable(CLASSES).class_id("ignored") == UNLABELED


# --- Cityscapes


def city_classes(*names: str) -> list[LabelClass]:
    return [LabelClass(number, name, "#102030") for number, name in enumerate(names)]


def test_there_are_seven_categories_and_nineteen_train_ids() -> None:
    assert CATEGORIES == ("flat", "construction", "object", "nature", "sky", "human", "vehicle")
    assert sorted(label.train_id for label in LABELS if label.train_id != 255) == list(range(19))
    assert [(LABELS[n].name, LABELS[n].train_id, LABELS[n].rgb) for n in (7, 21, 26, 33)] == [
        ("road", 0, (128, 64, 128)), ("vegetation", 8, (107, 142, 35)), ("car", 13, (0, 0, 142)),
        ("bicycle", 18, (119, 11, 32)),
    ]  # fmt: skip


def test_ids_train_ids_and_colours_are_those_of_cityscapes(tmp_path: Path) -> None:
    classes = city_classes("road", "vehicle", "Traffic_Light", "static")
    mask = np.array([[0, 1, 2, 3, UNLABELED]], np.uint8)
    records = records_for([mask.shape], ["ulm_000001_000019_leftImg8bit.png"], ["val"])
    export = export_of([mask], records, classes=classes)
    (path,) = write(CITYSCAPES, export, tmp_path / "out")
    stem = tmp_path / "out/gtFine/val/ulm/ulm_000001_000019_gtFine_"
    assert path == Path(f"{stem}labelIds.png")
    assert np.asarray(Image.open(path)).tolist() == [[7, 26, 19, 4, 0]]
    assert np.asarray(Image.open(f"{stem}labelTrainIds.png")).tolist() == [[0, 13, 6, 255, 255]]
    assert np.asarray(Image.open(f"{stem}color.png"))[0, :3].tolist() == [[128, 64, 128], [0, 0, 142], [250, 170, 30]]
    assert (tmp_path / "out/leftImg8bit/val/ulm/ulm_000001_000019_leftImg8bit.png").exists()
    assert export.notes == ["Cityscapes has these under other names: vehicle as car, Traffic_Light as traffic light."]


@pytest.mark.parametrize("kept", ["labelIds", "labelTrainIds", "color"])
def test_each_kind_of_label_file_is_read(kept: str, tmp_path: Path) -> None:
    classes = load_template("cityscapes")
    mask = np.array([[0, 1, 2, 3, 4, 5, 6, UNLABELED]], np.uint8)
    records = records_for([mask.shape], ["ulm_000001_000019_leftImg8bit.png"])
    write(CITYSCAPES, export_of([mask], records, classes=classes), tmp_path / "out")
    for path in (tmp_path / "out/gtFine").rglob("*.png"):
        if kept not in path.name:
            path.unlink()
    assert np.array_equal(read(CITYSCAPES, tmp_path / "out", records, classes)[1], mask)


@pytest.mark.parametrize(
    ("names", "what"), [(["water", "sky"], 'or category "water"'), (["car", "vehicle"], "same label")]
)
def test_classes_that_cityscapes_does_not_know_are_not_written(names: list[str], what: str, tmp_path: Path) -> None:
    export = export_of([np.zeros((1, 1), np.uint8)], records_for([(1, 1)]), classes=city_classes(*names))
    with pytest.raises(ExportError, match=what):
        write(CITYSCAPES, export, tmp_path / "out")


# --- YOLO


def filled_by_ultralytics(lines: list[str], height: int, width: int) -> Array:
    """What its polygon2mask makes of a label file: float32 shares, cut to whole pixels, cv2.fillPoly."""
    mask = np.full((height, width), UNLABELED, np.uint8)
    for line in lines:
        fields = np.array(line.split(), np.float32)
        assert len(fields) >= 7
        assert fields[1:].min() >= 0
        assert fields[1:].max() <= 1
        points = (fields[1:].reshape(-1, 2) * np.array([width, height], np.float32)).astype(np.int32)
        assert np.ptp(fields[1::2]) > 0  # a box without a width would be dropped
        cv2.fillPoly(mask, [points[:, None]], int(fields[0]))
    return mask


def test_ultralytics_sees_every_pixel_of_outlines(tmp_path: Path) -> None:
    wide = np.full((3, 4001), UNLABELED, np.uint8)
    wide[:, 1::3] = 4
    masks = [ring(40), checkers(9, 9), wide]
    records = records_for([mask.shape for mask in masks])
    export = export_of(masks, records)
    for path, mask in zip(write(YOLO_SEGMENT, export, tmp_path / "out"), masks, strict=True):
        assert np.array_equal(filled_by_ultralytics(path.read_text().splitlines(), *mask.shape), mask)
    assert export.agreement == [1, 1, 1]


def test_a_yolo_folder_has_images_labels_and_names(tmp_path: Path) -> None:
    records = records_for([(12, 12)] * 2, NAMES[:2], ["train", "val"])
    write(YOLO_SEGMENT, export_of([ring()] * 2, records), tmp_path / "out")
    files = {path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*.*")}
    assert files == {"data.yaml", "images/train/a.png", "images/val/b.png", "labels/train/a.txt", "labels/val/b.txt"}
    text = (tmp_path / "out/data.yaml").read_text()
    assert text.startswith(f'train: images/train\nval: images/val\nnames:\n  0: "{CLASSES[0].name}"\n')


def test_text_for_people_is_not_taken_for_outlines(tmp_path: Path) -> None:
    (tmp_path / "labels").mkdir()
    notes = tmp_path / "labels" / "README.txt"
    notes.write_text("Labelled by Ada in May.")
    assert not YOLO_SEGMENT.recognises(Source(notes)) and not YOLO_SEGMENT.recognises(Source(tmp_path))
    (tmp_path / "labels" / "a.txt").write_text("1 0 0 1 0 1 1")
    assert YOLO_SEGMENT.recognises(Source(tmp_path))
    (tmp_path / "labels" / "a.txt").write_text("")
    notes.unlink()
    assert YOLO_SEGMENT.recognises(Source(tmp_path)), "an image without any region has an empty file"


def test_semantic_masks_are_grey_and_mirror_the_images(tmp_path: Path) -> None:
    export = export_of([ring()], records_for([(12, 12)], ["a.jpg"]))
    (path,) = write(YOLO_SEMANTIC, export, tmp_path / "out")
    assert path == tmp_path / "out/masks/train/a.png"
    with Image.open(path) as mask:
        assert mask.mode == "L"
    assert "masks_dir: masks\n" in (tmp_path / "out/data.yaml").read_text()
    assert "No image is for val" in export.notes[0]


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("1 0.5 0.5 0.2 0.2", "boxes are no outlines"),
        ("1 0 0 1 0 1", "at least three points"),
        ("car 0 0 1 0 1 1", "no number"),
        ("-1 0 0 1 0 1 1", "number of a class"),
        ("1.5 0 0 1 0 1 1", "number of a class"),
        ("1 0 0 12 0 1 1", "no shares"),
        ("1 0 0 nan 0 1 1", "no shares"),
    ],
)
def test_lines_that_are_no_outlines_are_refused(line: str, what: str, tmp_path: Path) -> None:
    (tmp_path / "labels").mkdir()
    (tmp_path / "labels/image 0.txt").write_text(f"2 0 0 1 0 1 1\n{line}\n")
    with pytest.raises(ImageError, match=f"line 2 .*{what}"):
        read(YOLO_SEGMENT, tmp_path, records_for([(4, 4)]))


@pytest.mark.parametrize(
    "text",
    [
        "nc: 2\nnames: [a, 'b c']\n",
        'names: {0: a, 1: "b c"}\n',
        "names:\n  - a  # first\n  - b c\ntrain: x\n",
        "path: x\nnames:\n  0: a\n\n  1: 'b c'\nval: y\n",
        'names:\n- a\n- "b\\u0020c"\n',
    ],
)
def test_names_are_read_in_all_the_ways_they_are_written(text: str) -> None:
    assert read_names(text.encode(), "data.yaml") == {0: "a", 1: "b c"}


# --- Hugging Face


def test_a_line_of_metadata_pairs_an_image_with_its_mask(tmp_path: Path) -> None:
    records = records_for([(12, 12)] * 2, NAMES[:2], ["train", "val"])
    write(HUGGING_FACE, export_of([ring()] * 2, records), tmp_path / "out")
    (line,) = (tmp_path / "out/validation/metadata.jsonl").read_text().splitlines()
    assert json.loads(line) == {"file_name": "images/b.png", "mask_file_name": "masks/b.png"}
    assert (tmp_path / "out/validation/images/b.png").exists()
    assert np.array_equal(np.asarray(Image.open(tmp_path / "out/validation/masks/b.png")), ring())


@pytest.mark.parametrize("name", ["../../secret.png", "/etc/passwd", "masks/../../../secret.png"])
def test_a_mask_outside_of_the_folder_is_not_read(name: str, tmp_path: Path) -> None:
    write(HUGGING_FACE, export_of([ring()], records_for([(12, 12)], ["a.jpg"])), tmp_path / "out")
    Image.new("L", (12, 12)).save(tmp_path / "secret.png")
    line = json.dumps({"file_name": "images/a.png", "mask_file_name": name})
    (tmp_path / "out/train/metadata.jsonl").write_text(line)
    with pytest.raises(ImageError, match="leads out of the chosen folder"):
        read(HUGGING_FACE, tmp_path / "out", records_for([(12, 12)], ["a.jpg"]))


# --- images beside them


def test_a_picture_turned_by_exif_is_written_turned(tmp_path: Path) -> None:
    picture = Image.new("RGB", (6, 4))
    exif = picture.getexif()
    exif[274] = 6
    picture.save(tmp_path / "t.jpg", exif=exif)
    (record,) = records_for([(6, 4)], ["t.jpg"])
    copy = copy_image(Labelled(record, "t", "t.jpg", tmp_path / "t.jpg"), tmp_path / "copy", (".jpg",))
    with Image.open(copy) as written:
        assert written.size == (4, 6)
        assert not written.getexif().get(274)
    assert read_image(copy).shape == (6, 4, 3)


def test_a_jpeg_is_copied_byte_by_byte_and_a_deep_picture_is_refused(tmp_path: Path) -> None:
    Image.new("RGB", (6, 4)).save(tmp_path / "a.jpg")
    Image.fromarray(np.zeros((4, 6), np.uint16)).save(tmp_path / "deep.png")
    flat, deep = records_for([(4, 6)] * 2, ["a.jpg", "deep.png"])
    copy = copy_image(Labelled(flat, "a", "a.jpg", tmp_path / "a.jpg"), tmp_path / "copy", (".jpg",))
    assert copy.read_bytes() == (tmp_path / "a.jpg").read_bytes()
    with pytest.raises(ExportError, match="16 bits and 1 channels"):
        copy_image(Labelled(deep, "d", "d", tmp_path / "deep.png"), tmp_path / "d", (".jpg",))
    with pytest.raises(ExportError, match="Locate it first"):
        copy_image(Labelled(deep, "d", "d", tmp_path / "gone.png"), tmp_path / "d", (".jpg",))
