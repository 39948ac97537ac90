"""Masks that come in are made ready first and taken in at once: painting goes on meanwhile, nothing is half done."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.classes import UNLABELED, load_template
from core.errors import ImageError, ProjectError
from core.masks.merge import REPLACE, Merge
from core.masks.tiles import Array
from core.project import Project

CLASSES = load_template("landcover")
COUNT, HEIGHT, WIDTH = 3, 300, 400


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with Project.create(tmp_path / "p.maskwright", CLASSES) as project:
        for number in range(COUNT):
            path = tmp_path / f"{number}.png"
            Image.new("RGB", (WIDTH, HEIGHT), (number, 90, 40)).save(path)
            project.add_image(path)
        yield project


def mask_for(number: int) -> Array:
    mask = np.full((HEIGHT, WIDTH), number, np.uint8)
    mask[:, 300:] = UNLABELED
    return mask


def paint(project: Project, image_id: int, value: int, x: int) -> None:
    editor = project.open_editor(image_id)
    editor.begin_stroke(value, 5)
    editor.extend_stroke([(x, 20.0)])
    edit = editor.end_stroke()
    assert edit is not None
    project.save_edit(image_id, edit)


def incoming(project: Project) -> list[tuple[int, Array]]:
    return [(record.id, mask_for(number + 1)) for number, record in enumerate(project.images())]


def test_making_ready_changes_nothing_and_taking_in_changes_all(project: Project) -> None:
    with project.stage_masks(incoming(project)) as staged:
        assert project.revision == 0
        assert project.take_staged(staged) == [record.id for record in project.images()]
    for image_id, mask in incoming(project):
        record = project.image(image_id)
        assert np.array_equal(project.load_mask(image_id).read(), mask)
        assert record.class_pixels == {int(mask[0, 0]): HEIGHT * 300}
        assert [revision.kind for revision in project.revisions(image_id)] == ["import"]
        assert record.revision == project.revisions(image_id)[0].id
    assert project.faults() == []


@pytest.mark.parametrize(("merge", "kept"), [(REPLACE, False), (Merge(keep_labels=True), True)])
def test_a_stroke_made_while_masks_are_read_is_merged_with(project: Project, merge: Merge, kept: bool) -> None:
    image_id = project.images()[1].id

    def read_slowly() -> Iterator[tuple[int, Array]]:
        for at, mask in incoming(project):
            yield at, mask
            if at == image_id:
                paint(project, at, 6, 100)  # others have their turn
                paint(project, at, 6, 350)

    with project.stage_masks(read_slowly(), merge) as staged:
        project.take_staged(staged)
    mask = project.load_mask(image_id).read()
    assert mask[20, 100] == (6 if kept else 2)
    assert mask[20, 350] == (6 if kept else UNLABELED)
    assert project.image(image_id).class_pixels == {
        int(value): int((mask == value).sum()) for value in np.unique(mask) if value != UNLABELED
    }
    editor = project.open_editor(image_id)
    assert editor.undo() is not None
    assert editor.mask.value(20, 350) == 6, "undo takes the import back, not the stroke"
    assert project.faults() == []


def test_a_class_or_an_image_that_went_meanwhile_leaves_all_as_it_was(project: Project) -> None:
    masks = [(record.id, np.full((HEIGHT, WIDTH), len(CLASSES) - 1, np.uint8)) for record in project.images()]
    with project.stage_masks(masks) as staged:
        project.set_classes(CLASSES[:-1])
        with pytest.raises(ImageError, match="class was taken away"):
            project.take_staged(staged)
        project.set_classes(CLASSES)
        project.remove_image(masks[0][0])
        with pytest.raises(ProjectError, match="There is no image"):
            project.take_staged(staged)
    assert project.revision == 0


def test_the_same_masks_again_change_nothing(project: Project) -> None:
    project.import_masks(incoming(project))
    before = project.revision
    assert project.import_masks(incoming(project)) == 0
    assert project.revision == before


CHILD = """
import os, signal, sys
from pathlib import Path
from core.project import Project
from core.store.staging import TileSpool
from tests.core.test_staging import incoming

calls, method, fatal = 0, sys.argv[2], int(sys.argv[3])
real = getattr(TileSpool, method)

def killed(spool, argument):
    global calls
    calls += 1
    if calls == fatal:
        os.kill(os.getpid(), signal.SIGKILL)
    return real(spool, argument)

setattr(TileSpool, method, killed)
with Project.open(Path(sys.argv[1])) as project:
    project.import_masks(incoming(project))
print("not killed")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL there")
@pytest.mark.parametrize(("method", "call"), [("put", 9), ("packed", 4)])
def test_killed_while_reading_or_in_the_middle_of_writing_nothing_is_imported(
    project: Project, tmp_path: Path, method: str, call: int
) -> None:
    """Nor does anything stay in the folder for temporary files."""
    project.close()
    rest = tmp_path / "rest"
    rest.mkdir()
    command = [sys.executable, "-c", CHILD, str(project.path), method, str(call)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, env={"TMPDIR": str(rest)})
    assert ran.returncode == -9, ran.stderr
    assert list(rest.iterdir()) == []
    with Project.open(project.path) as again:
        assert again.revision == 0
        assert again.faults() == []
        again.import_masks(incoming(again))
        assert np.array_equal(again.load_mask(again.images()[2].id).read(), mask_for(3))
