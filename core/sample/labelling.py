"""A stand-in for a person: labels the sample with strokes, by the same road as the window."""

from collections.abc import Callable

import cv2
import numpy as np

from core.classes import UNLABELED
from core.masks.editor import MaskEdit, MaskEditor
from core.masks.tiles import Array
from core.project import Project
from core.sample import true_mask

DENSE = ("lakeside", "mill", "quarry")
"""Training images that are labelled whole; the others get scribbles."""
UNTOUCHED = ("hamlet", "pastures")
"""Training images that stay unlabelled, for the model to show itself on."""
STROKES = 4
"""Scribbles a class and image, at most."""
LENGTH = 70
"""Pixels that a scribble is long, about."""


def label_sample(
    project: Project, seed: int = 0, progress: Callable[[int, int], None] = lambda done, all_: None
) -> int:
    """Scribble on the training images, label some of them and the validation images whole; what has labels is left.

    Returns:
        How many strokes were saved.
    """
    rng = np.random.default_rng(seed)
    records = [r for r in project.images() if r.name.rsplit(".", 1)[0] not in UNTOUCHED]
    strokes = 0
    for done, record in enumerate(records, 1):
        name = record.name.rsplit(".", 1)[0]
        progress(done, len(records))
        if record.labelled:
            continue
        editor, truth = project.open_editor(record.id), true_mask(name)
        if name in DENSE or record.split == "val":
            whole = editor.apply("import", editor.mask.bounds, truth != UNLABELED, truth)
            edits = [whole] if whole else []
        else:
            edits = scribble(editor, truth, rng)
        for edit in edits:
            editor.saved(edit, project.save_edit(record.id, edit).revision)
        strokes += len(edits)
        project.set_done(record.id, record.split == "val" or name in DENSE)
    return strokes


def scribble(editor: MaskEditor, truth: Array, rng: np.random.Generator) -> list[MaskEdit]:
    """A few wandering strokes inside every class of `truth`, (height, width) class ids, each an edit of its own."""
    edits = []
    for value in np.unique(truth[truth != UNLABELED]).tolist():
        depth = _depth(truth == value)
        for _ in range(STROKES):
            path, radius = _wander(depth, rng)
            if len(path) > 1:
                editor.begin_stroke(int(value), radius)
                for point in path:
                    editor.extend_stroke([point])
                edit = editor.end_stroke()
                edits += [edit] if edit else []
    return edits


def _depth(where: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """(height, width) how far inside a region each pixel lies."""
    return np.asarray(cv2.distanceTransform(where.astype(np.uint8), cv2.DIST_L2, 5), np.float32)


def _wander(
    depth: np.ndarray[tuple[int, ...], np.dtype[np.float32]], rng: np.random.Generator
) -> tuple[list[tuple[float, float]], float]:
    """A path (x, y) that stays inside the region, and the brush radius that does so too."""
    inside = np.argwhere(depth > min(4.0, float(depth.max()) * 0.7))
    if len(inside) == 0:
        return [], 0.0
    y, x = inside[rng.integers(len(inside))].astype(float)
    radius = float(np.clip(depth[int(y), int(x)] * 0.6, 1.0, 5.0))
    heading = rng.uniform(0, 2 * np.pi)
    path = [(x + 0.5, y + 0.5)]
    step = 4.0
    for _ in range(int(LENGTH / step)):
        turns = heading + rng.normal(0, 0.35) + np.array([0, 0.6, -0.6, 1.3, -1.3])
        for turn in turns:
            nx, ny = x + step * np.cos(turn), y + step * np.sin(turn)
            free = 0 <= nx < depth.shape[1] and 0 <= ny < depth.shape[0] and depth[int(ny), int(nx)] > radius
            if free:
                x, y, heading = nx, ny, turn
                path.append((x + 0.5, y + 0.5))
                break
        else:
            break
    return path, radius
