"""Looking back at a mask, and going back."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.classes import UNLABELED, LabelClass
from core.errors import ProjectError
from core.masks.editor import MaskEdit, MaskEditor
from core.masks.tiles import Mask
from core.project import Project

CLASSES = (LabelClass(0, "ground", "#996633"), LabelClass(1, "water", "#0072b2"))


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    Image.fromarray(np.zeros((300, 400, 3), np.uint8)).save(tmp_path / "photo.png")
    with Project.create(tmp_path / "job.maskwright", CLASSES) as project:
        project.add_image(tmp_path / "photo.png")
        yield project


def paint(project: Project, editor: MaskEditor, value: int, x: float) -> int:
    """One saved stroke from top to bottom; its revision."""
    editor.begin_stroke(value, 20)
    editor.extend_stroke([(x, 10), (x, 290)])
    return save(project, editor, editor.end_stroke())


def save(project: Project, editor: MaskEditor, edit: MaskEdit | None) -> int:
    assert edit is not None
    revision = project.save_edit(1, edit).revision
    editor.saved(edit, revision)
    return revision


def test_the_history_lists_what_was_done_newest_first(project: Project) -> None:
    editor = project.open_editor(1)
    revisions = [paint(project, editor, 1, 50), paint(project, editor, UNLABELED, 60)]
    revisions.append(save(project, editor, editor.undo()))
    listed = project.revisions(1)
    assert [(r.id, r.kind) for r in listed] == list(zip(revisions[::-1], ("undo", "erase", "stroke"), strict=True))
    assert all(datetime.now(UTC) - r.created_at < timedelta(minutes=1) for r in listed)
    assert project.revisions(2) == []


def test_going_back_is_one_edit_that_can_be_undone_also_after_a_restart(project: Project) -> None:
    editor = project.open_editor(1)
    first = paint(project, editor, 1, 50)
    early = editor.mask.read()
    paint(project, editor, 0, 55)
    paint(project, editor, 0, 300)
    late = editor.mask.read()
    save(project, editor, editor.restore(project.mask_at(1, first)))
    assert np.array_equal(editor.mask.read(), early)
    again = project.open_editor(1)
    assert np.array_equal(again.mask.read(), early)
    assert again.undo() is not None
    assert np.array_equal(again.mask.read(), late)
    assert project.revisions(1)[0].kind == "restore"


def test_going_back_to_the_beginning_empties_the_mask(project: Project) -> None:
    editor = project.open_editor(1)
    paint(project, editor, 1, 50)
    edit = editor.restore(project.mask_at(1, 0))
    assert edit is not None
    assert project.save_edit(1, edit).labelled == 0
    assert (editor.mask.read() == UNLABELED).all()


def test_going_back_to_where_one_is_changes_nothing(project: Project) -> None:
    editor = project.open_editor(1)
    assert editor.restore(project.mask_at(1, paint(project, editor, 1, 50))) is None
    assert len(project.revisions(1)) == 1


def test_a_mask_of_another_size_is_not_gone_back_to(project: Project) -> None:
    with pytest.raises(ValueError, match="another size"):
        project.open_editor(1).restore(Mask(300, 399))


def test_edits_read_ahead_are_undone_without_asking_the_file(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    editor = project.open_editor(1)
    for x in (50, 120, 200):
        paint(project, editor, 1, x)
    later = project.open_editor(1)
    assert later.not_read(2) == [3, 2]
    later.take_read(project.read_edits(later.not_read(2)))
    assert later.not_read(2) == []
    monkeypatch.setattr(later, "_load_edit", None)
    assert later.undo() is not None
    assert later.undo() is not None
    with pytest.raises(RuntimeError):
        later.undo()  # the third was not read ahead


def test_a_class_that_undo_could_bring_back_cannot_be_removed(project: Project) -> None:
    project.set_classes((*CLASSES, LabelClass(2, "ice", "#77ddff")))
    editor = project.open_editor(1)
    paint(project, editor, 2, 50)
    with pytest.raises(ProjectError, match='labelled "ice"'):
        project.set_classes(CLASSES)
    save(project, editor, editor.undo())
    with pytest.raises(ProjectError, match="Undo could bring back"):
        project.set_classes(CLASSES)
    project.set_classes((*CLASSES, LabelClass(2, "snow", "#77ddff"), LabelClass(3, "rock", "#991111")))
    project.set_classes((*CLASSES, LabelClass(2, "snow", "#77ddff")))
