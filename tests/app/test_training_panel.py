"""The training panel, its settings and its curves: one click trains, and everything can be looked into."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.curves import Curves
from app.dialogs.curves import NOW
from app.places import window_settings
from app.theme import Theme
from app.training_choice import USUAL, TrainingChoice
from app.window import MainWindow
from core.classes import load_template
from core.project import Project
from core.training.messages import Measured, Request, StepsDone, Train, TrainingStarted
from core.training.settings import TrainingSettings

CLASSES = load_template("landcover")
PATIENCE_MS = 30_000


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A project with a labelled picture and two runs."""
    Image.fromarray(np.zeros((40, 60, 3), np.uint8)).save(tmp_path / "a.png")
    with Project.create(tmp_path / "fields.maskwright", CLASSES) as project:
        project.add_image(tmp_path / "a.png", mask=np.zeros((40, 60), np.uint8))
        for miou in (0.4, 0.6):
            project.add_run(
                seed=0,
                settings=TrainingSettings(patch=192).to_mapping(),
                label_revision=1,
                classes=CLASSES,
                device="CPU",
                seconds=60.0,
                metrics={"miou": miou, "measured_on": "held-out pixels", "iou": {"water": miou, "road": None}},
                curves={
                    "seconds": [1.0, 60.0],
                    "loss": [2.0, 0.5],
                    "learning_rate": [0.003, 0.0],
                    "measured_seconds": [30.0, 60.0],
                    "measured_miou": [0.1, miou],
                    "measured_iou/water": [0.2, miou],
                },
                weights=b"weights",
            )
    return tmp_path / "fields.maskwright"


@pytest.fixture
def window(theme: Theme, qtbot: QtBot, path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MainWindow]:
    """The window on that project; what would go to the worker is kept in `window.requests`."""
    window = MainWindow(theme, window_settings())
    requests: list[Request] = []
    monkeypatch.setattr(window.learning._thread, "send", requests.append)
    window.setProperty("requests", requests)
    window.show()
    try:
        with qtbot.waitSignal(window.workspace.image_opened, timeout=PATIENCE_MS):
            window.open_path(path)
        yield window
    finally:
        window.learning._set_state("idle")
        window.close()
        window.deleteLater()


def begin(window: MainWindow, qtbot: QtBot) -> Train:
    with qtbot.waitSignal(window.learning.sent, timeout=PATIENCE_MS) as sent:
        window.rooms.training.toggle.click()
    request: Train = sent.args[0]
    window.learning._take(TrainingStarted(1, 100, "held-out pixels"))
    return request


def test_one_click_trains_with_what_is_chosen_for_the_person(window: MainWindow, qtbot: QtBot) -> None:
    request = begin(window, qtbot)
    assert request.settings == USUAL
    assert request.start_from is not None and request.start_from.run_id == 2


def test_what_is_amiss_with_splits_is_said_while_it_trains_beside_the_training_s_own_warnings(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    project, panel = window.workspace.project, window.rooms.training
    assert project is not None
    textured = np.random.default_rng(0).integers(0, 255, (40, 60, 3), np.uint8)
    for name, split in (("b.png", "train"), ("c.png", "val")):
        Image.fromarray(textured).save(tmp_path / name)
        project.add_image(tmp_path / name, split=split, mask=np.zeros((40, 60), np.uint8))  # type: ignore[arg-type]
    with qtbot.waitSignal(window.cautioning.found, timeout=PATIENCE_MS):
        begin(window, qtbot)
    window.learning._take(TrainingStarted(1, 100, "validation images", ("Paint more of it.",)))
    assert panel.warnings.text().startswith("Paint more of it.")
    assert "c.png (kept aside) and b.png (for training)" in panel.warnings.text()
    assert "Too little is labelled" not in panel.warnings.text(), "the training itself says so"
    window.close_project()
    assert panel.warnings.text() == ""


def test_the_panel_says_what_comes_next_and_a_fresh_start_is_one_click_away(window: MainWindow, qtbot: QtBot) -> None:
    panel = window.rooms.training
    assert panel.begins.text() == "Goes on from run 2"
    panel.begin.click()
    assert panel.begins.text() == "Begins afresh"
    assert begin(window, qtbot).start_from is None


def test_half_a_minute_can_be_chosen_for_a_quick_look(window: MainWindow, qtbot: QtBot) -> None:
    budget = window.rooms.training.budget
    budget.setFocus()
    QTest.keyClick(budget, Qt.Key.Key_Home)
    assert budget.currentText() == "30 s"
    assert begin(window, qtbot).settings.budget_s == 30


def test_what_is_set_counts_for_the_next_training_and_stays_with_the_project(
    window: MainWindow, qtbot: QtBot, path: Path
) -> None:
    window.preparing.ask_settings()
    dialog = window.preparing.settings
    assert dialog is not None
    assert "192 px" in dialog.boxes["patch"].itemText(0) or "256 px" in dialog.boxes["patch"].itemText(0)
    for name, value in (("batch", 8), ("head", "sigmoid"), ("budget_s", 300.0), ("accepted_weight", 0.25)):
        box = dialog.boxes[name]
        box.setCurrentIndex(box.findData(value))
        box.activated.emit(box.currentIndex())
    assert window.rooms.training.budget.currentData() == 300.0
    settings = begin(window, qtbot).settings
    assert (settings.batch, settings.head, settings.budget_s) == (8, "sigmoid", 300.0)
    assert settings.learning_rate == USUAL.learning_rate and settings.accepted_weight == 0.25

    window.learning._set_state("idle")
    with qtbot.waitSignal(window.workspace.image_opened, timeout=PATIENCE_MS):
        window.open_path(path)
    assert window.rooms.training.choice.settings() == settings
    window.preparing.ask_settings()
    dialog = window.preparing.settings
    assert dialog is not None
    dialog.all_chosen.click()
    assert window.rooms.training.choice == TrainingChoice()


def test_every_setting_says_what_it_does(window: MainWindow) -> None:
    window.preparing.ask_settings()
    dialog = window.preparing.settings
    assert dialog is not None
    assert all(box.toolTip() and "chosen for you" in box.itemText(0) for box in dialog.boxes.values())


@pytest.mark.parametrize(
    "stored", [None, [], {"values": 3}, {"values": {"patch": "big", "colour": 1, "network": "gone"}}], ids=str
)
def test_settings_that_this_version_does_not_know_are_left_out(stored: object) -> None:
    assert TrainingChoice.from_mapping(stored) == TrainingChoice()


def test_curves_grow_while_it_trains_and_the_last_run_lies_behind(window: MainWindow, qtbot: QtBot) -> None:
    begin(window, qtbot)
    window.preparing.show_curves()
    dialog = window.preparing.curves
    assert dialog is not None and dialog.run.currentData() == NOW
    dialog.beside.setCurrentIndex(dialog.beside.findData(2))
    dialog.beside.activated.emit(dialog.beside.currentIndex())
    for second in (1.0, 2.0):
        window.learning._take(StepsDone(4, second, 60.0 - second, 1.0, 0.003))
    window.learning._take(Measured(2.0, 0.3, 0.5, {"water": 0.3, "road": float("nan")}))
    behind, front = dialog.plot._lines
    assert (behind.samples, behind.behind) == ([(30.0, 0.1), (60.0, 0.6)], True)
    assert (front.samples, front.name) == ([(2.0, 0.3)], "Mean IoU")
    dialog.kind.setCurrentIndex(dialog.kind.findData("iou"))
    dialog.redraw()
    assert {line.name for line in dialog.plot._lines} == {"", "water", "road"}
    dialog.kind.setCurrentIndex(dialog.kind.findData("learning_rate"))
    dialog.redraw()
    assert [len(line.samples) for line in dialog.plot._lines] == [2, 2]


def test_figures_measured_on_other_pixels_are_not_compared_without_a_word(window: MainWindow) -> None:
    run = window.workspace.runs[0]
    metrics = dict(run.metrics)
    metrics["measured_on"] = "validation images"
    object.__setattr__(run, "metrics", metrics)
    window.preparing.show_curves()
    dialog = window.preparing.curves
    assert dialog is not None
    dialog.beside.setCurrentIndex(dialog.beside.findData(1))
    dialog.redraw()
    assert "does not tell which is better" in dialog.note.text()


def test_a_class_without_a_pixel_leaves_a_gap_not_a_zero() -> None:
    curves = Curves()
    curves.add_measured(Measured(1.0, 0.5, 0.5, {"water": 0.5, "road": float("nan")}))
    curves.add_measured(Measured(2.0, 0.5, 0.5, {"water": 0.6, "road": 0.1}))
    assert curves.samples("iou/road") == [(2.0, 0.1)]
    assert curves.samples("iou/water") == [(1.0, 0.5), (2.0, 0.6)]


@pytest.mark.parametrize("measured", [True, False])
def test_the_main_figures_fit_into_a_small_window(window: MainWindow, qtbot: QtBot, measured: bool) -> None:
    window.resize(1280, 800)
    panel = window.rooms.training
    if measured:
        begin(window, qtbot)
        window.learning._take(StepsDone(4, 2.0, 58.0, 1.0, 0.003))
        window.learning._take(Measured(2.0, 0.3, 0.5, {label.name: 0.5 for label in CLASSES}))
    qtbot.waitUntil(lambda: not panel.bars.isHidden())
    qtbot.waitUntil(lambda: panel.bars.visibleRegion().boundingRect().height() == panel.bars.height())
