"""What a project keeps of regions worth a look: as long as they are up to date, and not a moment longer."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from core.classes import load_template
from core.masks.rect import Rect
from core.project import Project
from core.regions import Region, RegionTable, region_in, table_of
from tests.core.test_project import add_run, make_photo, older_file, reopened, stroke

CLASSES = load_template("landcover")


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """Two pictures, and a run."""
    with Project.create(tmp_path / "p.maskwright", CLASSES) as project:
        for seed, name in enumerate(("a", "b")):
            project.add_image(make_photo(tmp_path / "photos" / f"{name}.png", seed, 60, 80))
        add_run(project)
        yield project


def proposed(image_id: int, class_id: int = 2) -> RegionTable:
    return table_of([Region(image_id, Rect(0, 8, 20, 40), (10, 20), class_id, 500, 0.25)])


def classes_kept(project: Project, run_id: int) -> dict[int, list[int]]:
    return {image_id: table["class_id"].tolist() for image_id, table in project.regions(run_id).items()}


def paint(project: Project, image_id: int) -> None:
    editor = project.open_editor(image_id)
    project.save_edit(image_id, stroke(editor, 1, (30, 30)))


def test_regions_are_there_after_a_restart(project: Project) -> None:
    project.keep_regions(project.image(1), 1, proposed(1))
    project.keep_regions(project.image(2), 1, table_of([]))
    with reopened(project) as again:
        assert again.regions_known(1) == {1, 2}
        kept = again.regions(1)
        assert [region_in(1, row) for row in kept[1]] == [Region(1, Rect(0, 8, 20, 40), (10, 20), 2, 500, 0.25)]
        assert len(kept[2]) == 0
        assert again.faults() == []


def test_after_an_edit_only_that_image_is_to_be_predicted_again(project: Project) -> None:
    for image_id in (1, 2):
        project.keep_regions(project.image(image_id), 1, proposed(image_id))
    paint(project, 1)
    assert project.regions_known(1) == {2} and set(project.regions(1)) == {2}
    project.keep_regions(project.image(1), 1, proposed(1, class_id=3))
    assert classes_kept(project, 1) == {1: [3], 2: [2]}


def test_an_edit_while_an_image_was_predicted_makes_the_answer_out_of_date(project: Project) -> None:
    record = project.image(1)
    paint(project, 1)
    project.keep_regions(record, 1, proposed(1))
    assert project.regions_known(1) == set()


def test_a_changed_file_is_to_be_predicted_again(project: Project, tmp_path: Path) -> None:
    project.keep_regions(project.image(1), 1, proposed(1))
    make_photo(tmp_path / "photos" / "a.png", 9, 60, 80)
    project.adopt_changed_image(1)
    assert project.regions_known(1) == set()


def test_a_newer_run_takes_over_image_by_image_and_an_older_one_that_comes_late_is_ignored(project: Project) -> None:
    for image_id in (1, 2):
        project.keep_regions(project.image(image_id), 1, proposed(image_id))
    second = add_run(project)
    project.keep_regions(project.image(1), second, proposed(1, class_id=4))
    project.keep_regions(project.image(1), 1, proposed(1))
    assert classes_kept(project, second) == {1: [4]} and classes_kept(project, 1) == {2: [2]}


def test_a_deleted_run_or_image_takes_its_regions_along(project: Project) -> None:
    record = project.image(1)
    for image_id in (1, 2):
        project.keep_regions(project.image(image_id), 1, proposed(image_id))
    project.remove_image(1)
    assert project.regions_known(1) == {2}
    project.keep_regions(record, 1, proposed(1))  # predicted while it was removed
    project.delete_runs([1])
    project.keep_regions(project.image(2), 1, proposed(2))
    assert project.regions(1) == {}
    assert project.faults() == []


def test_a_file_of_before_regions_were_kept_gets_room_for_them(tmp_path: Path) -> None:
    with Project.open(older_file(tmp_path / "old.maskwright", "0003")) as project:
        record = project.add_image(make_photo(tmp_path / "photos" / "a.png"))
        project.keep_regions(record, 1, proposed(record.id))
        assert np.array_equal(project.regions(1)[record.id], proposed(record.id))
