"""Measuring in the window, without the worker: what it would report is handed in."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from app.cautioning import Cautioning
from app.evaluating import Evaluating
from app.theme import Theme
from app.workspace import Workspace
from core.classes import load_template
from core.findings import ImageFigures, Place
from core.masks.rect import Rect
from core.project import Project
from core.training.messages import Failed, ImageMeasured, LoadModel, MeasureImage, Request
from core.training.settings import TrainingSettings

CLASSES = load_template("landcover")


def figures(image_id: int) -> ImageFigures:
    """All right but ten pixels of water that are taken for forest."""
    confusion = np.zeros((7, 7), np.int64)
    confusion[0, 0], confusion[0, 1] = 2390, 10
    levels = np.zeros((2, 256), np.int64)
    levels[:, 204] = 2400, 2390
    place = Place(image_id, Rect(0, 0, 2, 5), 10, 0.8)
    return ImageFigures(confusion, levels, np.zeros((7, 4), np.int64), {(0, 1): (place,)})


class Room:
    """A project that is open, and an evaluation whose requests are kept instead of sent."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.workspace, self.window = Workspace(), QWidget()
        self.cautioning = Cautioning(self.workspace)
        self.evaluating = Evaluating(self.workspace, self.cautioning, self.window)
        self.dialog = self.evaluating.dialog
        self.requests: list[Request] = []
        monkeypatch.setattr(self.evaluating._thread, "send", self.requests.append)

    def press_measure(self, qtbot: QtBot) -> None:
        self.evaluating.show()
        QTest.mouseClick(self.dialog.toggle, Qt.MouseButton.LeftButton)

    def asked(self, qtbot: QtBot, count: int) -> int:
        """Wait until so many images were asked for; the id of the last."""
        qtbot.waitUntil(lambda: len(self._images()) == count)
        return self._images()[-1]

    def _images(self) -> list[int]:
        return [r.cells.image.image_id for r in self.requests if isinstance(r, MeasureImage)]

    def answer(self, image_id: int) -> None:
        self.evaluating._take(ImageMeasured(image_id, figures(image_id)))

    def texts(self) -> str:
        return "\n".join(label.text() for label in self.dialog.findChildren(QLabel) if not label.isHidden())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    with Project.create(tmp_path / "fields.maskwright", CLASSES) as project:
        for number in range(3):
            noise = np.random.default_rng(number).integers(0, 255, (40, 60, 3), np.uint8)
            Image.fromarray(noise).save(tmp_path / f"{number}.png")
            split = "val" if number else "train"
            project.add_image(tmp_path / f"{number}.png", split=split, mask=np.zeros((40, 60), np.uint8))  # type: ignore[arg-type]
        project.add_run(
            seed=0,
            settings=TrainingSettings().to_mapping(),
            label_revision=1,
            classes=CLASSES,
            device="CPU",
            seconds=60.0,
            metrics={},
            curves={},
            weights=b"none",
        )
    return tmp_path / "fields.maskwright"


@pytest.fixture
def room(qtbot: QtBot, theme: Theme, monkeypatch: pytest.MonkeyPatch, path: Path) -> Iterator[Room]:
    room = Room(monkeypatch)
    with qtbot.waitSignal(room.workspace.image_opened):
        room.workspace.open_project(path)
    yield room
    room.workspace.close_project()
    room.evaluating.close()
    room.cautioning.close()
    room.workspace.close()
    room.window.close()


def test_images_are_asked_for_one_by_one_and_figures_come_at_the_end(qtbot: QtBot, room: Room) -> None:
    assert not room.dialog.isModal()
    room.press_measure(qtbot)
    first = room.asked(qtbot, 1)
    assert isinstance(room.requests[0], LoadModel) and room.requests[0].model.run_id == 1
    assert room.dialog.toggle.text() == "Stop" and not room.dialog.on.isEnabled()
    room.answer(first)
    second = room.asked(qtbot, 2)
    assert "Measured 1 of 2 images" in room.texts() and room.dialog.progress.value() == 500
    room.answer(second)
    assert "Run 1 on 2 validation images, 4,800 labelled pixels" in room.texts()
    assert "right pixels 99.6 %" in room.texts()
    assert room.dialog.toggle.text() == "Measure" and room.dialog.save.isEnabled()


def test_stop_keeps_the_figures_of_the_images_that_were_through(qtbot: QtBot, room: Room) -> None:
    room.press_measure(qtbot)
    room.answer(room.asked(qtbot, 1))
    last = room.asked(qtbot, 2)
    QTest.mouseClick(room.dialog.toggle, Qt.MouseButton.LeftButton)
    assert "1 validation image, 2,400 labelled pixels" in room.texts() and "stopped before the end" in room.texts()
    room.answer(last)  # comes too late
    assert "2,400" in room.texts()


def test_stopped_before_the_first_image_leaves_what_was_there(qtbot: QtBot, room: Room) -> None:
    room.press_measure(qtbot)
    room.asked(qtbot, 1)
    QTest.mouseClick(room.dialog.toggle, Qt.MouseButton.LeftButton)
    assert room.evaluating.state == "idle" and room.dialog.evaluation is None


def test_an_image_that_cannot_be_measured_is_named_and_the_others_go_on(qtbot: QtBot, room: Room) -> None:
    room.press_measure(qtbot)
    room.evaluating._take(
        ImageMeasured(room.asked(qtbot, 1), None, "A picture has 4 channels where the model takes 3.")
    )
    room.answer(room.asked(qtbot, 2))
    assert "1.png was left out. A picture has 4 channels" in room.texts()


def test_what_went_wrong_is_said_and_it_can_be_tried_again(qtbot: QtBot, room: Room) -> None:
    room.press_measure(qtbot)
    room.asked(qtbot, 1)
    room.evaluating._take(Failed("measure", "This run's weights do not fit its settings. Train again."))
    assert "do not fit" in room.texts() and room.evaluating.state == "idle"
    room.requests.clear()
    QTest.mouseClick(room.dialog.toggle, Qt.MouseButton.LeftButton)
    room.asked(qtbot, 1)
    assert "do not fit" not in room.texts()


def test_nothing_to_measure_on_is_said_in_the_dialog(qtbot: QtBot, room: Room) -> None:
    room.dialog.on.setCurrentIndex(room.dialog.on.findData("test"))
    room.press_measure(qtbot)
    qtbot.waitUntil(lambda: 'No image in "test" is labelled' in room.texts())
    assert room.dialog.toggle.text() == "Measure"


def test_cautions_stand_with_the_figures_and_show_the_picture(qtbot: QtBot, room: Room, path: Path) -> None:
    project = room.workspace.project
    assert project is not None
    first, second = project.images()[:2]
    project.image_path(second).write_bytes(project.image_path(first).read_bytes())
    room.workspace.update_record(project.adopt_changed_image(second.id))
    with qtbot.waitSignal(room.cautioning.found):
        room.press_measure(qtbot)
    assert "1.png (kept aside) and 0.png (for training)" in room.texts()
    buttons = [line.show_button for line in room.dialog.findChildren(QWidget) if hasattr(line, "show_button")]
    shown = next(button for button in buttons if not button.isHidden())
    with qtbot.waitSignal(room.workspace.image_opened):
        QTest.mouseClick(shown, Qt.MouseButton.LeftButton)
    assert room.workspace.image is not None and room.workspace.image.record.id == second.id


def test_a_result_that_nobody_sees_is_announced(qtbot: QtBot, room: Room) -> None:
    room.press_measure(qtbot)
    room.answer(room.asked(qtbot, 1))
    last = room.asked(qtbot, 2)
    room.dialog.close()
    with qtbot.waitSignal(room.workspace.noticed) as told:
        room.answer(last)
    assert "Model › Evaluation" in told.args[0].text


def test_closing_the_project_ends_the_measuring(qtbot: QtBot, room: Room) -> None:
    room.press_measure(qtbot)
    last = room.asked(qtbot, 1)
    room.workspace.close_project()
    assert room.evaluating.state == "idle" and not room.dialog.isVisible()
    room.answer(last)
    assert room.dialog.evaluation is None
