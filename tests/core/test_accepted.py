"""Accepted labels in the project file and in training: saved, gone back to, exported as classes, weighed less."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from core.classes import UNLABELED, load_template
from core.formats.export_masks import export_masks
from core.formats.palette_png import PALETTE_PNG
from core.labels import LabelledImage
from core.masks.predicted import Predicted
from core.masks.rect import Rect
from core.project import Project
from core.store.engine import SCHEMA_VERSION
from core.training.augmentation import Augmentation
from core.training.course import Course
from core.training.dataset import Dataset, Pictures, find_cells, make_dataset, read_labels
from core.training.inputs import Inputs
from core.training.patches import Patches
from core.training.settings import TrainingSettings
from tests.core.test_project import older_file

CLASSES = load_template("landcover")
HEIGHT, WIDTH = 300, 400
RIGHT = Rect(0, WIDTH // 2, HEIGHT, WIDTH)
PREDICTED = np.where(np.arange(WIDTH) < 100, np.uint8(3), np.uint8(5)) * np.ones((HEIGHT, 1), np.uint8)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """A picture with class 0 drawn from top to bottom at the left, and the rest of it accepted."""
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (HEIGHT, WIDTH, 3), np.uint8)).save(tmp_path / "a.png")
    with Project.create(tmp_path / "p.maskwright", CLASSES) as project:
        project.add_image(tmp_path / "a.png")
        editor = project.open_editor(1)
        editor.begin_stroke(0, 20)
        editor.extend_stroke([(50, 0), (50, HEIGHT)])
        for edit in (editor.end_stroke(), editor.accept(Predicted(PREDICTED))):
            assert edit is not None
            project.save_edit(1, edit)
        yield project


def reopened(project: Project) -> Project:
    project.close()
    return Project.open(project.path)


def test_what_was_accepted_is_known_as_such_after_a_restart_and_undone_like_a_stroke(project: Project) -> None:
    marked = project.open_editor(1).mask.read_marked()
    with reopened(project) as again:
        editor = again.open_editor(1)
        np.testing.assert_array_equal(editor.mask.read_marked(), marked)
        assert editor.mask.accepted().sum() == (editor.mask.read() != 0).sum()
        for step in (editor.undo, editor.redo):
            edit = step()
            assert edit is not None
            again.save_edit(1, edit)
    with Project.open(project.path) as last:
        np.testing.assert_array_equal(last.load_mask(1).read_marked(), marked)
        assert [revision.kind for revision in last.revisions(1)] == ["redo", "undo", "accept", "stroke"]
        assert not last.mask_at(1, 1).accepted().any()
        np.testing.assert_array_equal(last.mask_at(1, 2).read_marked(), marked)
        assert last.faults() == []


def test_accepted_pixels_count_as_labelled_with_their_class(project: Project) -> None:
    labels = project.load_mask(1).read()
    counts = {int(v): int((labels == v).sum()) for v in (0, 3, 5)}
    assert project.image(1).class_pixels == counts and project.image(1).coverage == 1


def test_exported_masks_hold_plain_classes(project: Project, tmp_path: Path) -> None:
    (path,) = export_masks(project, tmp_path / "out", PALETTE_PNG, lambda done, count: None).masks
    with Image.open(path) as mask:
        assert set(np.unique(np.asarray(mask))) == {0, 3, 5}


def test_a_file_of_before_accepted_labels_were_marked_opens_and_then_older_programs_refuse_it(tmp_path: Path) -> None:
    Project.open(older_file(tmp_path / "old.maskwright", "0002")).close()
    with closing(sqlite3.connect(tmp_path / "old.maskwright")) as raw:
        (version,) = raw.execute("PRAGMA user_version").fetchone()
    assert version == SCHEMA_VERSION > 2


# --- training


def dataset(project: Project) -> Dataset:
    return make_dataset(project.snapshot_labels())


def patches(project: Project, weight: float) -> Patches:
    still = Augmentation(False, 1, 1, 0, 0, 0, 0)
    return Patches(dataset(project), Pictures(), Inputs(3), still, side=96, multiple=16, seed=0, accepted_weight=weight)


def test_training_sees_accepted_labels_as_their_classes(project: Project) -> None:
    image = project.snapshot_labels().images[0]
    assert isinstance(image, LabelledImage)
    cells = find_cells(image, len(CLASSES))
    labels = project.load_mask(1).read()
    np.testing.assert_array_equal(cells.counts.sum(0), np.bincount(labels.ravel(), minlength=len(CLASSES)))
    np.testing.assert_array_equal(read_labels(cells, RIGHT), labels[RIGHT.slices])


def test_accepted_labels_weigh_less_than_drawn_ones(project: Project) -> None:
    light, full = patches(project, 0.25).batch(6, 0), patches(project, 1.0).batch(6, 0)
    np.testing.assert_array_equal(light.labels, full.labels)
    assert set(np.unique(light.labels)) <= {0, 3, 5, UNLABELED} and {0, 5} <= set(np.unique(light.labels))
    drawn = light.labels == 0
    accepted = (light.labels == 3) | (light.labels == 5)
    np.testing.assert_allclose(light.weights[drawn], full.weights[drawn])
    np.testing.assert_allclose(light.weights[accepted], full.weights[accepted] / 4)
    assert (full.weights[accepted] > 0).all()


def test_a_training_weighs_them_as_its_settings_say(project: Project) -> None:
    network = SimpleNamespace(inputs=Inputs(3), shape=SimpleNamespace(multiple=16))
    weights = []
    for weight in (0.25, 1.0):
        course: Any = SimpleNamespace(
            dataset=dataset(project),
            pictures=Pictures(),
            network=network,
            upright=False,
            size=SimpleNamespace(patch=96),
            settings=TrainingSettings(accepted_weight=weight),
            guesses=None,
        )
        batch = Course.patches(course).batch(4, 0)
        weights.append(batch.weights[batch.labels == 5])
    np.testing.assert_allclose(weights[0], weights[1] / 4)


def test_how_much_accepted_labels_weigh_is_kept_with_a_run_and_half_by_default() -> None:
    assert TrainingSettings().accepted_weight == 0.5
    stored = TrainingSettings(accepted_weight=0.1).to_mapping()
    assert TrainingSettings.from_mapping(stored).accepted_weight == 0.1
