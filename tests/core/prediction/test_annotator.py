"""The simulated person of the benchmark of correcting: answers with the truth, and no more than it may."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from core.classes import UNLABELED, load_template
from core.masks.tiles import Array
from core.prediction.regions import find_regions
from core.project import Project
from core.regions import Region, region_in
from tests.benchmarks.annotator import Annotator
from tests.benchmarks.correct import clicks_for, clicks_ratio
from tests.core.test_project import make_photo

HEIGHT, WIDTH = 60, 80
TRUTH = np.where(np.arange(WIDTH) < 70, 1, 2).astype(np.uint8) * np.ones((HEIGHT, 1), np.uint8)
"""Class 1 on the left, class 2 on the right."""


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with Project.create(tmp_path / "p.maskwright", load_template("landcover")) as project:
        project.add_image(make_photo(tmp_path / "photos" / "a.png", 1, HEIGHT, WIDTH))
        yield project


def everywhere(class_id: int) -> tuple[Array, Region]:
    """A prediction of one class, and the region that it makes."""
    class_map = np.full((HEIGHT, WIDTH), class_id, np.uint8)
    (row,) = find_regions(class_map, class_map, np.full_like(class_map, UNLABELED))
    return class_map, region_in(1, row)


def test_a_region_that_is_mostly_right_is_accepted_as_predicted(project: Project) -> None:
    annotator = Annotator(project, {1: TRUTH}, 10**6)
    class_map, region = everywhere(1)
    assert annotator.answer(region, class_map)
    assert (project.load_mask(1).read() == 1).all() and project.load_mask(1).accepted().all()
    assert (annotator.accepted, annotator.mended, annotator.pixels) == (1, 0, HEIGHT * WIDTH)


def test_a_region_that_is_mostly_wrong_gets_the_class_that_most_of_it_is(project: Project) -> None:
    annotator = Annotator(project, {1: TRUTH}, 10**6)
    class_map, region = everywhere(2)
    assert annotator.answer(region, class_map)
    assert (project.load_mask(1).read() == 1).all() and not project.load_mask(1).accepted().any()
    assert (annotator.accepted, annotator.mended) == (0, 1)


def test_a_click_labels_no_more_than_it_may_and_around_the_seed(project: Project) -> None:
    annotator = Annotator(project, {1: TRUTH}, 100)
    class_map, region = everywhere(1)
    annotator.answer(region, class_map)
    rows, columns = np.nonzero(annotator.labels(1) != UNLABELED)
    assert len(rows) == annotator.pixels == 100
    assert np.hypot(rows - region.seed[0], columns - region.seed[1]).max() < 7


def test_what_shows_several_classes_is_skipped_for_no_single_answer_is_right(project: Project) -> None:
    halves = np.where(np.arange(WIDTH) < 50, 1, 2).astype(np.uint8) * np.ones((HEIGHT, 1), np.uint8)
    annotator = Annotator(project, {1: halves}, 10**6)
    class_map, region = everywhere(1)
    assert not annotator.answer(region, class_map)
    assert (annotator.skipped, annotator.pixels) == (1, 0)


def test_what_nobody_knows_is_skipped(project: Project) -> None:
    annotator = Annotator(project, {1: np.full_like(TRUTH, UNLABELED)}, 100)
    class_map, region = everywhere(1)
    assert not annotator.answer(region, class_map)
    assert (annotator.skipped, annotator.pixels) == (1, 0)


def test_painting_keeps_to_the_truth_and_to_what_is_not_labelled_yet(project: Project) -> None:
    annotator, rng = Annotator(project, {1: TRUTH}, 100), np.random.default_rng(0)
    for _ in range(30):
        annotator.paint(rng)
    labels = annotator.labels(1)
    painted = labels != UNLABELED
    assert (labels[painted] == TRUTH[painted]).all() and set(np.unique(labels[painted])) == {1, 2}
    assert annotator.pixels == painted.sum() > 500


def test_clicks_for_the_same_score_are_compared_between_the_measured_points() -> None:
    ours = [{"clicks": 0, "miou": 0.4}, {"clicks": 10, "miou": 0.6}, {"clicks": 20, "miou": 0.7}]
    theirs = [{"clicks": 0, "miou": 0.4}, {"clicks": 10, "miou": 0.45}, {"clicks": 20, "miou": 0.5}]
    assert clicks_for(ours, 0.5) == pytest.approx(5) and clicks_for(theirs, 0.5) == pytest.approx(20)
    assert clicks_ratio(ours, theirs) == 0.25
    assert clicks_ratio(theirs, ours) == 4
    assert clicks_ratio(ours, [{"clicks": 0, "miou": 0.4}]) is None
