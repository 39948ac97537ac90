"""Edits on their way to the disk."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pytestqt.qtbot import QtBot

from app import saving
from app.job import JobQueue
from app.saving import SaveQueue
from core.classes import load_template
from core.errors import ProjectError
from core.masks.editor import MaskEdit, MaskEditor
from core.project import Project
from core.records import ImageRecord


@pytest.fixture
def project(tmp_path: Path) -> Project:
    Image.fromarray(np.zeros((40, 60, 3), np.uint8)).save(tmp_path / "a.png")
    project = Project.create(tmp_path / "p.maskwright", load_template("landcover"))
    project.add_image(tmp_path / "a.png")
    return project


def stroke(editor: MaskEditor, y: float, value: int = 0) -> MaskEdit:
    editor.begin_stroke(value, 3)
    editor.extend_stroke([(5, y), (50, y)])
    edit = editor.end_stroke()
    assert edit is not None
    return edit


def test_edits_reach_the_disk_in_the_order_they_were_made(qtbot: QtBot, project: Project) -> None:
    jobs, revisions = JobQueue("test"), []
    saves = SaveQueue(jobs)
    saves.saved.connect(lambda record: revisions.append(record.revision))
    editor = project.open_editor(1)
    for number in range(10):
        saves.add(project, 1, stroke(editor, 20, number % 7), editor)
    assert saves.editor_of(1) is editor
    qtbot.waitUntil(lambda: saves.state == "saved")
    jobs.close()
    assert revisions == list(range(1, 11))
    assert np.array_equal(project.load_mask(1).read(), editor.mask.read())
    assert saves.editor_of(1) is None


def test_what_cannot_be_saved_is_kept_in_order_and_tried_again(
    qtbot: QtBot, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saving, "RETRY_MS", 10)
    jobs = JobQueue("test")
    saves, editor = SaveQueue(jobs), project.open_editor(1)
    save, refusals = project.save_edit, 3
    said: list[str] = []
    saves.failing.connect(said.append)

    def stubborn(image_id: int, edit: MaskEdit) -> ImageRecord:
        nonlocal refusals
        if refusals:
            refusals -= 1
            raise ProjectError("The disk is full.")
        return save(image_id, edit)

    monkeypatch.setattr(project, "save_edit", stubborn)
    saves.add(project, 1, stroke(editor, 10), editor)
    saves.add(project, 1, stroke(editor, 30), editor)
    qtbot.waitUntil(lambda: saves.state == "failing")
    qtbot.waitUntil(lambda: saves.state == "saved")
    jobs.close()
    assert said == ["The disk is full."] * 3
    assert np.array_equal(project.load_mask(1).read(), editor.mask.read())


def test_closing_waits_for_what_is_being_saved(qtbot: QtBot, project: Project) -> None:
    jobs = JobQueue("test")
    saves, editor = SaveQueue(jobs), project.open_editor(1)
    for y in range(5, 35, 5):
        saves.add(project, 1, stroke(editor, y), editor)
    assert saves.wait(10)
    jobs.close()
    assert np.array_equal(project.load_mask(1).read(), editor.mask.read())


def test_closing_does_not_wait_for_ever_for_a_full_disk(
    qtbot: QtBot, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(image_id: int, edit: MaskEdit) -> ImageRecord:
        raise ProjectError("The disk is full.")

    monkeypatch.setattr(project, "save_edit", full)
    jobs = JobQueue("test")
    saves, editor = SaveQueue(jobs), project.open_editor(1)
    saves.add(project, 1, stroke(editor, 10), editor)
    assert not saves.wait(5)
    saves.forget()
    jobs.close()
