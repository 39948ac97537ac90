"""What labels a run saw, told after the labels have changed."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.classes import load_template
from core.masks.tiles import Array
from core.project import Project
from core.records import Split, TrainingRun
from core.run_labels import labels_seen
from core.training.learned import DIGITS

CLASSES = load_template("landcover")
WATER, FOREST = 0, 1


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with Project.create(tmp_path / "p.maskwright", CLASSES) as made:
        yield made


def picture(project: Project, name: str, split: Split = "train", mask: Array | None = None) -> int:
    path = project.path.parent / f"{name}.png"
    Image.fromarray(np.full((20, 30, 3), sum(name.encode()) % 256, np.uint8)).save(path)
    return project.add_image(path, split=split, mask=mask).id


def all_of(value: int) -> Array:
    return np.full((20, 30), value, np.uint8)


def train(project: Project, *, knows_pictures: bool = True) -> TrainingRun:
    """A run as a training on the labels of now would leave it."""
    learned = [record.sha256[-DIGITS:] for record in project.images("train") if record.labelled]
    return project.add_run(
        seed=0,
        settings={"learned_from": learned} if knows_pictures else {},
        label_revision=project.revision,
        classes=CLASSES,
        device="CPU",
        seconds=1.0,
        metrics={},
        curves={},
        weights=b"",
    )


def paint(project: Project, image: int, value: int) -> None:
    editor = project.open_editor(image)
    edit = editor.restore(type(editor.mask).from_array(all_of(value)))
    assert edit is not None
    project.save_edit(image, edit)


@pytest.mark.parametrize("knows_pictures", [True, False])
def test_later_strokes_are_not_among_what_a_run_learned_from(project: Project, knows_pictures: bool) -> None:
    first = picture(project, "a", mask=all_of(WATER))
    picture(project, "b", mask=all_of(FOREST))
    later = picture(project, "c")
    run = train(project, knows_pictures=knows_pictures)
    paint(project, first, FOREST)
    paint(project, later, WATER)
    seen = labels_seen(project, run)
    assert seen is not None
    assert seen.class_pixels == {WATER: 600, FOREST: 600} and seen.pixels == 1200
    assert [(image.record.name, image.changed) for image in seen.learned] == [("a.png", True), ("b.png", False)]
    again = labels_seen(project, train(project))
    assert again is not None and again.class_pixels == {WATER: 600, FOREST: 1200}


def test_what_was_kept_to_measure_was_seen_and_not_learned_from(project: Project) -> None:
    kept = picture(project, "kept", "val", all_of(WATER))
    learned = picture(project, "learned", mask=all_of(FOREST))
    picture(project, "test", "test", all_of(FOREST))
    run = train(project)
    project.set_split(learned, "val")  # it stays what the run learned from
    seen = labels_seen(project, run)
    assert seen is not None
    assert [(image.record.id, image.learned) for image in seen.images] == [(kept, False), (learned, True)]
    assert seen.class_pixels == {FOREST: 600}


def test_pictures_that_were_taken_out_are_counted(project: Project) -> None:
    picture(project, "a", mask=all_of(WATER))
    removed = picture(project, "b", mask=all_of(WATER))
    run = train(project)
    project.remove_image(removed)
    seen = labels_seen(project, run)
    assert seen is not None and (len(seen.learned), seen.gone) == (1, 1)


def test_looking_can_be_stopped(project: Project) -> None:
    picture(project, "a", mask=all_of(WATER))
    assert labels_seen(project, train(project), stop=lambda: True) is None
