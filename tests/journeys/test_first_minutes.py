"""From an empty window to labels that last."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt

from core.classes import UNLABELED
from core.project import Project
from tests.journeys.person import Person, make_pictures

Sit = Callable[[], Person]
CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


def open_folder(person: Person, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Press the big button and choose a folder."""
    monkeypatch.setattr("app.projects.ask_folder", lambda *_: folder)
    person.click(person.window.rooms.start.open_folder)
    person.sees_picture("picture-1.png")


def test_a_folder_becomes_a_project_and_what_is_painted_is_there_the_next_day(
    sit_down: Sit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_pictures(tmp_path / "field trip")
    person = sit_down()
    open_folder(person, folder, monkeypatch)
    person.press(Qt.Key.Key_3)
    person.paint([(40, 40), (120, 60)])
    person.sees_saved()
    painted = person.labels
    assert set(np.unique(painted)) == {2, UNLABELED}
    person.leave()

    person = sit_down()
    person.click(person.window.rooms.start.recent_buttons()[0])
    person.sees_picture("picture-1.png")
    assert np.array_equal(person.labels, painted)
    assert (folder / "field trip.maskwright").exists()


def test_the_saved_mark_is_true(sit_down: Sit, tmp_path: Path) -> None:
    person = sit_down()
    person.drop(make_pictures(tmp_path / "p"))
    person.sees_picture("picture-1.png")
    person.paint([(20, 20), (60, 20)])
    assert person.saved_mark == "Saving…"
    person.sees_saved()
    painted, image_id = person.labels, person.window.workspace.image.record.id  # type: ignore[union-attr]
    project = person.window.workspace.project
    assert project is not None
    assert np.array_equal(project.load_mask(image_id).read(), painted)


def test_undo_reaches_back_over_a_restart(sit_down: Sit, tmp_path: Path) -> None:
    person = sit_down()
    person.drop(make_pictures(tmp_path / "p"))
    person.sees_picture("picture-1.png")
    person.paint([(20, 20), (60, 20)])
    first = person.labels
    person.press(Qt.Key.Key_2)
    person.paint([(20, 90), (60, 90)])
    second = person.labels
    person.sees_saved()
    person.leave()

    person = sit_down()
    person.drop(tmp_path / "p" / "p.maskwright")
    person.sees_picture("picture-1.png")
    person.press(Qt.Key.Key_Z)
    assert np.array_equal(person.labels, first)
    person.press(Qt.Key.Key_Z, CTRL)
    assert (person.labels == UNLABELED).all()
    person.press(Qt.Key.Key_Z, CTRL | SHIFT)
    person.press(Qt.Key.Key_Z, CTRL | SHIFT)
    assert np.array_equal(person.labels, second)


def test_the_window_comes_back_as_it_was_left(sit_down: Sit, tmp_path: Path) -> None:
    person = sit_down()
    person.drop(make_pictures(tmp_path / "p"))
    person.sees_picture("picture-1.png")
    person.sees(lambda: len(person.window.workspace.records) == 3)
    person.press(Qt.Key.Key_D)
    person.sees_picture("picture-2.png")
    person.press(Qt.Key.Key_E)
    person.press(Qt.Key.Key_BracketRight)
    person.press(Qt.Key.Key_4)
    person.window.rooms.canvas.zoom_to(3.0)
    size, place = person.window.rooms.options.brush_size.value(), person.window.rooms.canvas.view_state()
    person.leave()

    person = sit_down()
    person.drop(tmp_path / "p" / "p.maskwright")
    person.sees_picture("picture-2.png")
    assert person.window.rooms.canvas.tool == "eraser"
    assert person.window.rooms.options.brush_size.value() == size
    assert person.window.workspace.active_class == 3
    restored = person.window.rooms.canvas.view_state()
    assert restored["zoom"] == pytest.approx(place["zoom"])
    assert restored["x"] == pytest.approx(place["x"], abs=1)


def test_a_locked_class_is_not_painted_over(sit_down: Sit, tmp_path: Path) -> None:
    person = sit_down()
    person.drop(make_pictures(tmp_path / "p"))
    person.sees_picture("picture-1.png")
    person.paint([(40, 40), (80, 40)])
    before = person.labels
    person.click(person.window.rooms.classes.rows[0].locked)
    person.press(Qt.Key.Key_2)
    person.paint([(40, 40), (80, 40), (80, 100)])
    after = person.labels
    assert (after[before == 0] == 0).all()
    assert (after == 1).any()


def test_enter_walks_on_and_counts_what_is_done(sit_down: Sit, tmp_path: Path) -> None:
    person = sit_down()
    person.drop(make_pictures(tmp_path / "p"))
    person.sees(lambda: len(person.window.workspace.records) == 3)
    person.sees_picture("picture-1.png")
    person.press(Qt.Key.Key_Return)
    person.sees_picture("picture-2.png")
    person.sees(lambda: person.window.rooms.images.count.text() == "1 of 3 done")


def test_a_second_window_on_the_same_project_is_told_so(sit_down: Sit, tmp_path: Path) -> None:
    person = sit_down()
    person.drop(make_pictures(tmp_path / "p"))
    person.sees_picture("picture-1.png")
    other = sit_down()
    other.drop(tmp_path / "p" / "p.maskwright")
    other.sees(lambda: "open" in other.notice)
    assert other.picture == ""


def test_files_that_are_no_pictures_are_named_and_the_others_come_in(sit_down: Sit, tmp_path: Path) -> None:
    folder = make_pictures(tmp_path / "p", 2)
    (folder / "broken.png").write_bytes((folder / "picture-1.png").read_bytes()[:200])
    person = sit_down()
    person.drop(folder)
    person.sees(lambda: "broken.png" in person.notice)
    assert len(person.window.workspace.records) == 2


def test_strokes_survive_when_the_disk_is_full_for_a_while(
    sit_down: Sit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from core.errors import ProjectError

    person = sit_down()
    person.drop(make_pictures(tmp_path / "p"))
    person.sees_picture("picture-1.png")
    save = Project.save_edit

    def full(*_: object) -> None:
        raise ProjectError("The disk is full. Make room, then go on.")

    monkeypatch.setattr(Project, "save_edit", full)
    person.paint([(20, 20), (60, 20)])
    person.sees(lambda: "The disk is full" in person.notice)
    person.paint([(20, 60), (60, 60)])
    assert person.saved_mark == "Not saved"
    monkeypatch.setattr(Project, "save_edit", save)
    person.sees_saved()
    assert person.notice == ""
    project, image = person.window.workspace.project, person.window.workspace.image
    assert project is not None and image is not None
    assert np.array_equal(project.load_mask(image.record.id).read(), person.labels)


def test_a_picture_that_moved_is_asked_for_and_found(
    sit_down: Sit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_pictures(tmp_path / "p", 1)
    person = sit_down()
    person.drop(folder)
    person.sees_picture("picture-1.png")
    person.paint([(20, 20), (60, 20)])
    person.sees_saved()
    person.leave()
    moved = tmp_path / "elsewhere.png"
    (folder / "picture-1.png").rename(moved)

    person = sit_down()
    person.drop(folder / "p.maskwright")
    person.sees(lambda: "Where is it now" in person.notice)
    monkeypatch.setattr("app.projects.ask_picture", lambda *_: moved)
    person.click(person.window.rooms.banner.buttons()[0])
    person.sees_picture("elsewhere.png")
    person.sees(lambda: person.notice == "")
    assert (person.labels == 0).any()
