"""The plainest loops for masks as JSON, XML and text."""

import base64
import json
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image
from pycocotools import mask as coco

from core.classes import UNLABELED
from core.masks.geometry import Where
from core.masks.tiles import Array
from tests.benchmarks.plain_pictures import CLASSES, Samples, empty


def regions(mask: Array) -> Iterator[tuple[int, Where]]:
    """Each part that hangs together, as (class id, (height, width))."""
    for value in np.setdiff1d(mask, UNLABELED):
        count, parts = cv2.connectedComponents((mask == value).astype(np.uint8))
        for number in range(1, count):
            yield int(value), np.asarray(parts == number)


def box(where: Where) -> tuple[int, int, int, int]:
    """x, y, width, height."""
    x, y, width, height = cv2.boundingRect(where.astype(np.uint8))
    return x, y, width, height


def write_coco(polygons: bool, folder: Path, samples: Samples) -> None:
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    for number, sample in enumerate(samples):
        height, width = sample.mask.shape
        images.append({"id": number, "file_name": sample.name, "height": height, "width": width})
        for value, where in regions(sample.mask):
            packed = coco.encode(np.asfortranarray(where, np.uint8))
            entry: dict[str, Any] = {"id": len(annotations), "image_id": number, "category_id": value, "iscrowd": 0}
            entry |= {"bbox": coco.toBbox(packed).tolist(), "area": int(coco.area(packed))}
            if polygons:
                contours, _ = cv2.findContours(where.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
                entry["segmentation"] = [contour.ravel().tolist() for contour in contours if len(contour) > 2]
            else:
                entry["segmentation"] = {"size": packed["size"], "counts": packed["counts"].decode()}
            annotations.append(entry)
    categories = [{"id": c.id, "name": c.name} for c in CLASSES]
    file = {"images": images, "annotations": annotations, "categories": categories}
    (folder / "instances.json").write_text(json.dumps(file))


def read_coco(folder: Path) -> Iterator[Array]:
    file = json.loads((folder / "instances.json").read_text())
    annotations: dict[int, list[dict[str, Any]]] = {}
    for entry in file["annotations"]:
        annotations.setdefault(entry["image_id"], []).append(entry)
    for image in file["images"]:
        ids = empty(image["height"], image["width"])
        for entry in annotations.get(image["id"], []):
            found = entry["segmentation"]
            if isinstance(found, list):
                found = coco.merge(coco.frPyObjects(found, *ids.shape)) if found else None
            if found:
                ids[coco.decode(found) == 1] = entry["category_id"]
        yield ids


def write_panoptic(folder: Path, samples: Samples) -> None:
    entries = []
    for sample in samples:
        rgb = np.zeros((*sample.mask.shape, 3), np.uint8)
        rgb[..., 0] = np.where(sample.mask == UNLABELED, 0, sample.mask + 1)
        Image.fromarray(rgb).save(folder / f"{sample.name}.png")
        values = np.setdiff1d(sample.mask, UNLABELED).tolist()
        segments = [{"id": v + 1, "category_id": v, "area": int((sample.mask == v).sum())} for v in values]
        entries.append({"file_name": f"{sample.name}.png", "segments_info": segments})
    (folder / "panoptic.json").write_text(json.dumps(entries))


def read_panoptic(folder: Path) -> Iterator[Array]:
    for entry in json.loads((folder / "panoptic.json").read_text()):
        rgb = np.asarray(Image.open(folder / entry["file_name"])).astype(np.uint32)
        segments = rgb[..., 0] + 256 * rgb[..., 1] + 256**2 * rgb[..., 2]
        ids = empty(*segments.shape)
        for segment in entry["segments_info"]:
            ids[segments == segment["id"]] = segment["category_id"]
        yield ids


def write_labelme(folder: Path, samples: Samples) -> None:
    for sample in samples:
        shapes = []
        for value, where in regions(sample.mask):
            x, y, width, height = box(where)
            png = cv2.imencode(".png", where[y : y + height, x : x + width].astype(np.uint8))[1].tobytes()
            points = [[x, y], [x + width - 1, y + height - 1]]
            shapes.append({"label": value, "points": points, "mask": base64.b64encode(png).decode()})
        height, width = sample.mask.shape
        file = {"shapes": shapes, "imagePath": sample.name, "imageHeight": height, "imageWidth": width}
        (folder / f"{sample.name}.json").write_text(json.dumps(file))


def read_labelme(folder: Path) -> Iterator[Array]:
    for path in sorted(folder.glob("*.json")):
        file = json.loads(path.read_text())
        ids = empty(file["imageHeight"], file["imageWidth"])
        for shape in file["shapes"]:
            png = np.frombuffer(base64.b64decode(shape["mask"]), np.uint8)
            (left, top), (right, bottom) = shape["points"]
            part = ids[top : bottom + 1, left : right + 1]
            part[np.asarray(cv2.imdecode(png, cv2.IMREAD_GRAYSCALE)) > 0] = shape["label"]
        yield ids


def write_cvat(folder: Path, samples: Samples) -> None:
    root = ET.Element("annotations")
    for sample in samples:
        height, width = map(str, sample.mask.shape)
        image = ET.SubElement(root, "image", name=sample.name, width=width, height=height)
        for value, where in regions(sample.mask):
            x, y, wide, high = box(where)
            flat = where[y : y + high, x : x + wide].ravel()
            turns = np.flatnonzero(np.diff(flat.astype(np.int8))) + 1
            counts = np.diff([0, *turns, flat.size]).tolist()
            rle = ", ".join(map(str, [0, *counts] if flat[0] else counts))
            place = {"left": str(x), "top": str(y), "width": str(wide), "height": str(high)}
            ET.SubElement(image, "mask", place | {"label": str(value), "rle": rle})
    ET.ElementTree(root).write(folder / "annotations.xml")


def read_cvat(folder: Path) -> Iterator[Array]:
    for image in ET.parse(folder / "annotations.xml").getroot():
        ids = empty(int(image.attrib["height"]), int(image.attrib["width"]))
        for mask in image:
            left, top, width, height = (int(mask.attrib[key]) for key in ("left", "top", "width", "height"))
            counts = [int(count) for count in mask.attrib["rle"].split(", ")]
            where = np.repeat(np.arange(len(counts)) % 2 == 1, counts).reshape(height, width)
            ids[top : top + height, left : left + width][where] = int(mask.attrib["label"])
        yield ids


BRUSH_HEAD = "00111" + "0010" + "0011" + "0111" + "1111"
"""Bytes; lengths of 3, 4, 8 and 16 bits."""


def write_brush(folder: Path, samples: Samples) -> None:
    tasks = []
    for sample in samples:
        brushes = []
        for value in np.setdiff1d(sample.mask, UNLABELED).tolist():
            levels = np.repeat((sample.mask == value).ravel() * np.uint8(255), 4)
            turns = np.concatenate([[0], np.flatnonzero(levels[1:] != levels[:-1]) + 1, [levels.size]])
            bits = [f"{levels.size:032b}{BRUSH_HEAD}"]
            for start, end in zip(turns[:-1].tolist(), turns[1:].tolist(), strict=True):
                for at in range(start, end, 2**16):
                    bits.append(f"111{min(end - at, 2**16) - 1:016b}{levels[start]:08b}")
            text = np.frombuffer("".join(bits).encode(), np.uint8) - ord("0")
            brushes.append({"label": value, "rle": np.packbits(text).tolist()})
        tasks.append({"image": sample.name, "size": sample.mask.shape, "brushes": brushes})
    (folder / "tasks.json").write_text(json.dumps(tasks))


def read_brush(folder: Path) -> Iterator[Array]:
    for task in json.loads((folder / "tasks.json").read_text()):
        ids = empty(*task["size"])
        for brush in task["brushes"]:
            bits = "".join(f"{byte:08b}" for byte in brush["rle"])
            pieces, at = [], 32 + len(BRUSH_HEAD)
            while at + 27 <= len(bits):
                pieces.append((int(bits[at + 19 : at + 27], 2), int(bits[at + 3 : at + 19], 2) + 1))
                at += 27
            levels, lengths = np.array(pieces).T
            ids[np.repeat(levels, lengths).reshape(*ids.shape, 4)[..., 3] > 0] = brush["label"]
        yield ids


def write_outlines(folder: Path, samples: Samples) -> None:
    for sample in samples:
        lines = []
        for value, where in regions(sample.mask):
            contours, _ = cv2.findContours(where.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
            shares = (contours[0][:, 0] + 0.5) / np.array(where.shape[::-1])
            lines.append(f"{value} " + " ".join(f"{share:.6f}" for share in shares.ravel()))
        (folder / f"{sample.name}.txt").write_text("\n".join(lines))


def read_outlines(side: int, folder: Path) -> Iterator[Array]:
    for path in sorted(folder.glob("*.txt")):
        ids = empty(side, side)
        for line in path.read_text().splitlines():
            value, *shares = line.split()
            points = np.array(shares, np.float32).reshape(-1, 1, 2) * side
            cv2.fillPoly(ids, [points.astype(np.int32)], int(value))
        yield ids
