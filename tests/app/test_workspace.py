"""What is open: pictures that were read ahead, and pictures that were asked for twice."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pytestqt.qtbot import QtBot

from app.workspace import Workspace
from core.classes import load_template
from core.project import Project


@pytest.fixture
def work(tmp_path: Path, qtbot: QtBot) -> Iterator[Workspace]:
    """Two pictures, the first of them open."""
    for name in ("a", "b"):
        Image.fromarray(np.zeros((40, 60, 3), np.uint8)).save(tmp_path / f"{name}.png")
    with Project.create(tmp_path / "p.maskwright", load_template("landcover")) as project:
        for name in ("a", "b"):
            project.add_image(tmp_path / f"{name}.png")
    work = Workspace()
    with qtbot.waitSignal(work.image_opened):
        work.open_project(tmp_path / "p.maskwright")
    yield work
    work.close_project()
    work.close()


def paint(work: Workspace, qtbot: QtBot) -> None:
    assert work.image is not None
    editor = work.image.editor
    editor.begin_stroke(1, 3)
    editor.extend_stroke([(10, 10), (30, 10)])
    edit = editor.end_stroke()
    assert edit is not None
    with qtbot.waitSignal(work.record_changed):
        work.save_edit(edit)


def test_a_picture_that_was_read_ahead_opens_at_once(work: Workspace, qtbot: QtBot) -> None:
    work.read_ahead(2)
    qtbot.waitUntil(lambda: work._ahead is not None)
    work.open_image(2)
    assert work.image is not None and work.image.record.id == 2
    paint(work, qtbot)


def test_a_picture_that_was_labelled_since_it_was_read_ahead_is_read_again(work: Workspace, qtbot: QtBot) -> None:
    work.read_ahead(2)
    qtbot.waitUntil(lambda: work._ahead is not None)
    ahead = work._ahead
    work.open_image(2)
    paint(work, qtbot)
    with qtbot.waitSignal(work.image_opened):
        work.open_image(1)
    work._ahead = ahead
    with qtbot.waitSignal(work.image_opened):
        work.open_image(2)
    assert work.image is not None and work.image.editor.mask.value(10, 20) == 1


def test_a_picture_that_is_asked_for_twice_is_shown_once_with_all_its_labels(work: Workspace, qtbot: QtBot) -> None:
    shown: list[int] = []
    work.image_opened.connect(lambda: shown.append(1))
    work.open_image(2)
    work.open_image(2)
    qtbot.waitUntil(lambda: bool(shown))
    paint(work, qtbot)
    later: list[int] = []
    work.pictures.run(int, done=later.append)
    qtbot.waitUntil(lambda: bool(later))
    assert shown == [1]
    assert work.image is not None and work.image.editor.mask.value(10, 20) == 1
