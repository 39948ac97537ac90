"""Masks leave the project by the window: in a format that is chosen, in the background, and it can be stopped."""

from collections.abc import Callable
from pathlib import Path
from threading import Event, Timer, current_thread
from time import sleep

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt

from core.masks.editor import MaskEdit
from core.project import Project
from core.records import ImageRecord
from tests.journeys.person import Person, make_pictures

Sit = Callable[[], Person]
Key = Qt.Key


@pytest.fixture
def painted(sit_down: Sit, tmp_path: Path) -> Person:
    person = sit_down()
    person.drop(make_pictures(tmp_path / "p", 2))
    person.sees_picture("picture-1.png")
    person.press(Key.Key_B)
    person.paint([(60, 60), (120, 90)])
    person.sees_saved()
    return person


def test_masks_go_out_as_polygons_that_tell_what_they_lost(painted: Person, tmp_path: Path) -> None:
    painted.window.actions_["export-masks"].trigger()
    dialog = painted.window.exporting.dialog
    assert dialog is not None
    dialog.format.setCurrentIndex(dialog.format.findData("labelme"))
    dialog.folder.setText(str(tmp_path / "out"))
    painted.click(dialog.export_button)
    painted.sees(lambda: "1 mask is in" in painted.notice)
    assert list((tmp_path / "out").rglob("*.json"))
    painted.sees(lambda: painted.window.exporting.dialog is None)
    painted.window.actions_["export-masks"].trigger()
    again = painted.window.exporting.dialog
    assert again is not None and again.format.currentData() == "labelme"


@pytest.mark.parametrize("how", ["stop", "close the project", "close the window"])
def test_an_export_can_be_stopped_and_leaves_nothing(
    painted: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    exporting, window = painted.window.exporting, painted.window
    load, reads, stopped = Project.load_mask, Event(), Event()

    def stop_while_it_reads(project: Project, image_id: int) -> object:
        if current_thread().name.startswith("export"):
            reads.set()
            assert stopped.wait(10)
        return load(project, image_id)

    monkeypatch.setattr(Project, "load_mask", stop_while_it_reads)
    painted.press(Key.Key_PageDown)
    painted.sees_picture("picture-2.png")
    painted.paint([(60, 60), (120, 90)])
    painted.sees_saved()
    painted.window.actions_["export-masks"].trigger()
    assert exporting.dialog is not None
    exporting.dialog.folder.setText(str(tmp_path / "out"))
    painted.click(exporting.dialog.export_button)
    painted.sees(reads.is_set)
    match how:
        case "stop":
            exporting._stop_masks()
        case "close the project":
            window.actions_["close-project"].trigger()
        case _:
            Timer(0.3, stopped.set).start()  # the window waits for the export's thread
            window.close()
    stopped.set()
    if how != "close the window":
        painted.sees(lambda: "The export was stopped" in painted.notice)
    assert not (tmp_path / "out").exists()


def test_the_masks_are_those_that_were_painted(painted: Person, tmp_path: Path) -> None:
    labels = painted.labels
    painted.window.actions_["export-masks"].trigger()
    dialog = painted.window.exporting.dialog
    assert dialog is not None
    assert dialog.folder.text().endswith(" masks")
    dialog.folder.setText(str(tmp_path / "out"))
    painted.click(dialog.export_button)
    painted.sees(lambda: "1 mask is in" in painted.notice)
    with Image.open(tmp_path / "out" / "picture-1.png") as mask:
        assert np.array_equal(np.asarray(mask), labels)


def test_another_project_is_not_exported_over_the_masks_of_the_last_one(painted: Person, tmp_path: Path) -> None:
    painted.window.actions_["export-masks"].trigger()
    dialog = painted.window.exporting.dialog
    assert dialog is not None
    dialog.format.setCurrentIndex(dialog.format.findData("grey-png"))
    dialog.folder.setText(str(tmp_path / "out"))
    painted.click(dialog.export_button)
    painted.sees(lambda: "1 mask is in" in painted.notice)
    painted.sees(lambda: painted.window.exporting.dialog is None)
    painted.window.close_project()
    painted.drop(make_pictures(tmp_path / "q", 1))
    painted.sees_picture("picture-1.png")
    painted.window.actions_["export-masks"].trigger()
    other = painted.window.exporting.dialog
    assert other is not None and other.format.currentData() == "grey-png"
    assert Path(other.folder.text()).is_relative_to(tmp_path / "q")


def test_a_stroke_that_is_still_on_its_way_to_the_disk_goes_out_too(
    painted: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save = Project.save_edit

    def save_slowly(project: Project, image_id: int, edit: MaskEdit) -> ImageRecord:
        sleep(1)
        return save(project, image_id, edit)

    monkeypatch.setattr(Project, "save_edit", save_slowly)
    painted.window.actions_["export-masks"].trigger()
    dialog = painted.window.exporting.dialog
    assert dialog is not None
    dialog.folder.setText(str(tmp_path / "out"))
    before = painted.labels
    painted.paint([(60, 120), (160, 120)])
    assert painted.window.workspace.saves.state == "saving"
    dialog.export_button.click()
    painted.sees(lambda: "1 mask is in" in painted.notice)
    with Image.open(tmp_path / "out" / "picture-1.png") as mask:
        assert np.array_equal(np.asarray(mask), painted.labels) and not np.array_equal(before, painted.labels)
