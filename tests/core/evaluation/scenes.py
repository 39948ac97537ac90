"""A project with a run to evaluate."""

from pathlib import Path

import numpy as np

from core.classes import LabelClass
from core.evaluation.figures import Subject
from core.findings import ImageFigures, Place
from core.masks.rect import Rect
from core.masks.tiles import Array
from core.project import Project
from core.records import Split, TrainingRun
from core.training.heads import head_named
from core.training.inputs import Inputs
from core.training.network import new_network, pack_weights
from core.training.settings import TrainingSettings
from core.training.unet import SHAPES
from tests.core.training.scenes import CLASSES, labelled, scene

THREE = Subject(4, "val", "validation images", 12, CLASSES)


def add_scene(project: Project, seed: int, mask: Array | None = None, *, split: Split = "val") -> int:
    """A scene with all of its truth, or with `mask`; returns its id."""
    image = labelled(project.path.parent, seed)
    record = project.add_image(Path(image.path), split=split, mask=scene(seed)[1] if mask is None else mask)
    return record.id


def add_run(project: Project, classes: tuple[LabelClass, ...] = CLASSES, **settings: object) -> TrainingRun:
    """A run with weights that mean nothing."""
    import keras

    keras.utils.set_random_seed(1)
    network = new_network(SHAPES["tiny"], Inputs(3), head_named("softmax"), classes)
    return project.add_run(
        seed=0,
        settings=TrainingSettings(network="tiny").to_mapping() | network.to_mapping() | settings,
        label_revision=1,
        classes=classes,
        device="CPU",
        seconds=1.0,
        metrics={},
        curves={},
        weights=pack_weights(network.model.get_weights()),
    )


def figures(confusion: list[list[int]], places: dict[tuple[int, int], tuple[Place, ...]] | None = None) -> ImageFigures:
    """Of an image whose every pixel was predicted with a confidence of 0.8."""
    matrix = np.array(confusion)
    levels = np.zeros((2, 256), np.int64)
    levels[:, 204] = matrix.sum(), np.trace(matrix)
    return ImageFigures(matrix, levels, np.zeros((len(matrix), 4), np.int64), places or {})


def place(image_id: int, pixels: int, confidence: float = 0.5) -> Place:
    return Place(image_id, Rect(0, 0, 1, pixels), pixels, confidence)
