"""The sample: shipped pictures and masks, and the generator that draws them."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.classes import UNLABELED, load_template, palette
from core.errors import ProjectError
from core.images import read_image
from core.project import Project
from core.records import Split
from core.sample import make_sample, sample_names, true_mask
from core.sample.labelling import UNTOUCHED, label_sample, scribble
from core.sample.scenes import HEIGHT, RECIPES, WIDTH, Recipe, draw_scene

SAMPLE = Path("resources/sample").absolute()


@pytest.mark.slow
@pytest.mark.parametrize("recipe", RECIPES[::3], ids=lambda recipe: recipe.name)
def test_the_generator_still_draws_the_shipped_scene(recipe: Recipe) -> None:
    picture, labels = draw_scene(recipe)
    shipped = read_image(SAMPLE / f"{recipe.name}.jpg")
    # Another processor may round a boundary pixel the other way; JPEG changes colours a little.
    assert (labels == true_mask(recipe.name)).mean() > 0.999
    assert np.abs(picture.astype(int) - shipped.astype(int)).mean() < 6


def test_the_same_recipe_draws_the_same_scene_twice() -> None:
    recipe = next(r for r in RECIPES if r.name == "delta")
    first, second = draw_scene(recipe), draw_scene(recipe)
    assert np.array_equal(first[0], second[0])
    assert np.array_equal(first[1], second[1])


def test_every_picture_has_a_true_mask_of_its_size_without_holes() -> None:
    for name in sample_names():
        assert read_image(SAMPLE / f"{name}.jpg").shape == (HEIGHT, WIDTH, 3)
        mask = true_mask(name)
        assert mask.shape == (HEIGHT, WIDTH)
        assert mask.max() < 7


@pytest.mark.parametrize("split", ["train", "val"])
def test_all_seven_classes_can_be_learned_and_measured(split: Split) -> None:
    counts = np.sum([np.bincount(true_mask(name).ravel(), minlength=7) for name in sample_names(split)], axis=0)
    assert len(sample_names(split)) == {"train": 12, "val": 4}[split]
    assert (counts / counts.sum() > 0.005).all(), counts


def test_the_sample_becomes_a_project_without_labels(tmp_path: Path) -> None:
    with Project.open(make_sample(tmp_path / "sample", splits=True)) as project:
        assert [c.name for c in project.classes][:2] == ["water", "forest"]
        assert {split: len(project.images(split)) for split in ("train", "val")} == {"train": 12, "val": 4}
        assert not any(record.labelled for record in project.images())
        assert all(project.file_state(record) == "ok" for record in project.images())


def test_the_sample_can_bring_its_true_masks(tmp_path: Path) -> None:
    with Project.open(make_sample(tmp_path, masks=True)) as project:
        assert len(project.images("train")) == 16
        for record in project.images():
            assert np.array_equal(project.load_mask(record.id).read(), true_mask(record.name[:-4]))


def test_making_the_sample_again_keeps_what_was_painted(tmp_path: Path) -> None:
    path = make_sample(tmp_path)
    with Project.open(path) as project:
        image = project.images()[0].id
        editor = project.open_editor(image)
        edit = editor.fill_polygon([(5, 5), (50, 5), (50, 50)], 1)
        assert edit is not None
        project.save_edit(image, edit)
    assert make_sample(tmp_path) == path
    with Project.open(path) as project:
        assert project.image(image).labelled > 0


def test_a_sample_that_cannot_be_written_is_said_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "occupied").write_text("a file, not a folder")
    with pytest.raises(ProjectError, match="Choose another folder"):
        make_sample(tmp_path / "occupied")


def test_scribbles_stay_inside_their_class(tmp_path: Path) -> None:
    with Project.open(make_sample(tmp_path)) as project:
        record = next(r for r in project.images() if r.name == "mill.jpg")
        editor, truth = project.open_editor(record.id), true_mask("mill")
        edits = scribble(editor, truth, np.random.default_rng(3))
    drawn = editor.mask.read()
    assert len(edits) > 7
    assert 0.005 < (drawn != UNLABELED).mean() < 0.2
    assert (drawn == truth)[drawn != UNLABELED].mean() > 0.99
    assert set(np.unique(drawn)) == {*range(7), UNLABELED}


def test_labelling_the_sample_is_saved_undoable_and_done_once(tmp_path: Path) -> None:
    path = make_sample(tmp_path)
    with Project.open(path) as project:
        assert label_sample(project) > 50
        assert {r.name for r in project.images() if not r.labelled} == {f"{name}.jpg" for name in UNTOUCHED}
        assert label_sample(project) == 0
    with Project.open(path) as project:
        scribbled = next(r for r in project.images() if r.name == "village.jpg")
        editor = project.open_editor(scribbled.id)
        while editor.can_undo:
            editor.undo()
        assert (editor.mask.read() == UNLABELED).all()


@pytest.mark.parametrize("name", sample_names())
def test_the_shipped_masks_open_in_the_colours_of_their_classes(name: str) -> None:
    with Image.open(SAMPLE / f"{name}.png") as picture:
        shown = np.array(picture.getpalette()).reshape(-1, 3)[:7]
    assert np.array_equal(shown, palette(load_template("landcover"))[:7])
