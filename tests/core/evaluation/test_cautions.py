"""Warnings in time: what is amiss with labels and splits before anybody trusts a figure."""

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from core.classes import ACCEPTED, UNLABELED
from core.evaluation.cautions import Caution, find_cautions
from core.evaluation.likeness import Prints
from core.images import decode_image, read_bytes, thumbnail
from core.masks.rect import Rect
from core.masks.tiles import Array
from core.project import Project
from core.records import Split
from core.sample import make_sample
from tests.core.training.scenes import CLASSES, scene


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with Project.create(tmp_path / "p.maskwright", CLASSES) as made:
        yield made


def add(project: Project, name: str, picture: Array, mask: Array, split: Split = "train") -> int:
    path = project.path.parent / name
    Image.fromarray(picture).save(path)
    return project.add_image(path, split=split, mask=mask).id


def all_classes(seed: int) -> Array:
    """A mask with enough of every class."""
    mask = scene(seed)[1]
    mask[:20] = np.arange(120, dtype=np.uint8) // 40
    return mask


def said(cautions: list[Caution]) -> str:
    return " | ".join(caution.sentence for caution in cautions)


def test_a_project_where_nothing_is_amiss_has_no_cautions(project: Project) -> None:
    for seed in range(4):
        add(project, f"{seed}.png", scene(seed)[0], all_classes(seed), "val" if seed == 3 else "train")
    assert find_cautions(project) == []


def test_classes_with_too_few_pixels_are_named_with_their_number(project: Project) -> None:
    mask = np.zeros((96, 120), np.uint8)
    mask[0, :30] = 1
    add(project, "a.png", scene(1)[0], mask)
    (caution,) = find_cautions(project)
    assert "water (30 pixels), leaf (0 pixels)" in caution.sentence and caution.about == "classes"


def test_a_class_that_no_validation_image_shows_is_named_and_one_that_hardly_any_shows(project: Project) -> None:
    add(project, "a.png", scene(1)[0], all_classes(1))
    aside = np.zeros((96, 120), np.uint8)
    aside[0, :50] = 2
    add(project, "b.png", scene(2)[0], aside, "val")
    cautions = find_cautions(project)
    assert "No validation image has labels of water" in said(cautions)
    assert "few labels of leaf (50 pixels)" in said(cautions)
    assert {caution.about for caution in cautions} == {"splits"}


def test_labels_that_came_from_a_model_are_told_before_it_is_measured_on_them(project: Project) -> None:
    ids = [
        add(project, f"{seed}.png", scene(seed)[0], all_classes(seed), "val" if seed else "train") for seed in (0, 1)
    ]
    editor, half = project.open_editor(ids[1]), Rect(48, 0, 96, 120)
    edit = editor.apply("accept", half, np.ones((half.height, half.width), np.bool_), 1 | ACCEPTED)
    assert edit is not None
    project.save_edit(ids[1], edit)
    (caution,) = find_cautions(project)
    assert caution.sentence.startswith("50 % of the labels to measure on were accepted") and caution.about == "splits"
    assert "mend those images well" in caution.sentence


@pytest.mark.parametrize("how", ["identical", "smaller", "brighter", "as JPEG"])
def test_a_picture_kept_aside_that_is_nearly_one_to_learn_from_is_named(project: Project, how: str) -> None:
    picture, mask = scene(1)[0], all_classes(1)
    add(project, "old.png", scene(5)[0], all_classes(5))
    first = add(project, "a.png", picture, mask)
    name = "copy.jpg" if how == "as JPEG" else "copy.png"
    if how == "smaller":
        smaller = cv2.resize(picture, (60, 48), interpolation=cv2.INTER_AREA)
        picture, mask = np.asarray(smaller, np.uint8), mask[::2, ::2]
    elif how == "brighter":
        picture = np.clip(picture.astype(int) * 1.2 + 10, 0, 255).astype(np.uint8)
    second = add(project, name, picture, mask, "test")
    (caution,) = find_cautions(project)
    assert f"{name} (kept aside) and a.png (for training)" in caution.sentence
    assert caution.image_ids == (second, first)


def test_nearly_equal_pictures_with_labels_that_contradict_each_other_are_named(project: Project) -> None:
    picture, mask = scene(1)[0], all_classes(1)
    other = np.where(mask == 0, 1, 0).astype(np.uint8)
    first, second = add(project, "a.png", picture, mask), add(project, "b.png", picture + (picture < 250), other)
    contradictions = [c for c in find_cautions(project) if c.about == "labels"]
    assert len(contradictions) == 1 and contradictions[0].image_ids == (first, second)
    assert "a.png and b.png" in contradictions[0].sentence


def test_nearly_equal_pictures_with_other_parts_labelled_do_not_contradict_each_other(project: Project) -> None:
    picture, mask = scene(1)[0], all_classes(1)
    left, right = mask.copy(), np.where(mask == 0, 1, 0).astype(np.uint8)
    left[:, 60:], right[:, :60] = UNLABELED, UNLABELED
    add(project, "a.png", picture, left)
    add(project, "b.png", picture, right)
    assert not [c for c in find_cautions(project) if c.about == "labels"]


def test_a_picture_that_is_gone_is_compared_by_its_content_of_then_at_most(project: Project) -> None:
    add(project, "a.png", scene(1)[0], all_classes(1))
    add(project, "b.png", scene(1)[0], all_classes(1), "val")
    (project.path.parent / "a.png").unlink()
    assert "b.png (kept aside) and a.png" in said(find_cautions(project)), "the same file when it was added"


def test_looking_ends_in_time_and_says_what_is_left(project: Project) -> None:
    for seed in range(3):
        add(project, f"{seed}.png", scene(seed)[0], all_classes(seed))
    assert "0 of 3 labelled pictures were looked at" in said(find_cautions(project, seconds=-1.0))


def test_many_pairs_make_one_sentence_of_three(project: Project) -> None:
    for copy in range(4):
        add(project, f"a{copy}.png", scene(1)[0] + copy, all_classes(1), "val")
    add(project, "b.png", scene(1)[0], all_classes(1))
    (caution,) = find_cautions(project)
    assert "and 1 more" in caution.sentence
    assert len(caution.image_ids) == 8


def test_no_two_sample_pictures_are_taken_for_the_same(tmp_path: Path) -> None:
    with Project.open(make_sample(tmp_path)) as project:
        paths = [project.image_path(record) for record in project.images()]
        prints = Prints([thumbnail(decode_image(read_bytes(path), path.name)) for path in paths])
    assert prints.pairs_with(prints) == [(n, n) for n in range(len(paths))]


def test_pictures_that_show_nothing_are_not_taken_for_each_other() -> None:
    flat = Prints([np.full((90, 160, 3), 120, np.uint8), np.full((90, 160, 3), 121, np.uint8)])
    assert flat.pairs_with(flat) == []
