"""Small scenes whose classes a network can tell apart within seconds."""

from pathlib import Path

import cv2
import numpy as np

from core.classes import UNLABELED, LabelClass
from core.labels import LabelledImage, LabelSnapshot
from core.masks.tiles import Array, Mask
from core.records import Split

CLASSES = (LabelClass(0, "ground", "#996633"), LabelClass(1, "water", "#0072b2"), LabelClass(2, "leaf", "#009e73"))
COLORS = np.array([(150, 110, 70), (40, 80, 190), (60, 150, 60)])


def scene(seed: int, height: int = 96, width: int = 120) -> tuple[Array, Array]:
    """A picture (height, width, 3) of discs on a ground, and its true classes (height, width)."""
    rng = np.random.default_rng(seed)
    truth = np.zeros((height, width), np.uint8)
    for _ in range(6):
        x, y, radius = int(rng.integers(width)), int(rng.integers(height)), int(rng.integers(10, 22))
        cv2.circle(truth, (x, y), radius, int(rng.integers(1, 3)), -1)
    picture = COLORS[truth] + rng.normal(0, 20, (height, width, 3))
    return np.clip(picture, 0, 255).astype(np.uint8), truth


def labelled(folder: Path, seed: int, labels: Array | None = None, *, split: Split = "train") -> LabelledImage:
    """A scene written to `folder`, with `labels` or its whole truth."""
    picture, truth = scene(seed)
    path = folder / f"scene{seed}.png"
    cv2.imwrite(str(path), picture[..., ::-1])
    return LabelledImage(
        seed, str(path), f"{seed:064x}", 3, split, Mask.from_array(truth if labels is None else labels)
    )


def scribbles(truth: Array, seed: int = 0) -> Array:
    """A few lines of the truth, the rest unlabelled."""
    lines = np.zeros_like(truth)
    rng = np.random.default_rng(seed)
    for _ in range(8):
        ends = [(int(rng.integers(truth.shape[1])), int(rng.integers(truth.shape[0]))) for _ in range(2)]
        cv2.line(lines, ends[0], ends[1], 1, 3)
    return np.where(lines > 0, truth, UNLABELED).astype(np.uint8)


def snapshot(*images: LabelledImage) -> LabelSnapshot:
    return LabelSnapshot(revision=7, classes=CLASSES, images=images)
