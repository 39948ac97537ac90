"""The head lab in the window, without the worker: what it would report is handed in."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from app.comparing import Comparing
from app.theme import Theme
from app.workspace import Workspace
from core.classes import load_template
from core.project import Project
from core.training.head_figures import HeadResult, Tally
from core.training.heads import HEADS
from core.training.messages import CompareHeads, Failed, HeadProgress, HeadsCompared, Request, StopTraining

CLASSES = load_template("landcover")


def measured(name: str, skill: float, seeds: int = 2) -> HeadResult:
    """A head that is more or less right, and sure of it."""
    measures = []
    for seed in range(seeds):
        rng = np.random.default_rng(seed)
        truth = rng.integers(0, 7, (60, 80)).astype(np.uint8)
        logits = rng.normal(0, 1, (60, 80, 7)) + skill * np.eye(7)[truth]
        likely = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
        if name == "sigmoid":
            likely = 1 / (1 + np.exp(-logits + 1))
        tally = Tally(7)
        tally.add(truth, likely.astype(np.float32))
        measures.append(tally.measure(seed, 100, 30.0))
    return HeadResult(name, HEADS[name].title, 0.003, ((0.001, 0.2), (0.003, 0.3), (0.01, 0.1)), tuple(measures))


def result(*, stopped: bool = False) -> HeadsCompared:
    heads = tuple(measured(name, 3 + 0.05 * place) for place, name in enumerate(HEADS))
    return HeadsCompared(heads, "validation images", "held-out pixels", 7, 2, 30.0, 400.0, stopped)


class Room:
    """A project that is open, and a lab whose requests are kept instead of sent."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.workspace, self.window = Workspace(), QWidget()
        self.comparing = Comparing(self.workspace, self.window)
        self.dialog = self.comparing.dialog
        self.requests: list[Request] = []
        monkeypatch.setattr(self.comparing._thread, "send", self.requests.append)

    def start(self, qtbot: QtBot) -> CompareHeads:
        self.comparing.show()
        QTest.mouseClick(self.dialog.toggle, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: bool(self.requests))
        request = self.requests[0]
        assert isinstance(request, CompareHeads)
        return request

    def texts(self) -> str:
        return "\n".join(label.text() for label in self.dialog.findChildren(QLabel) if not label.isHidden())


@pytest.fixture
def room(qtbot: QtBot, theme: Theme, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Room]:
    Image.fromarray(np.zeros((40, 60, 3), np.uint8)).save(tmp_path / "a.png")
    with Project.create(tmp_path / "fields.maskwright", CLASSES) as project:
        project.add_image(tmp_path / "a.png", mask=np.zeros((40, 60), np.uint8))
    room = Room(monkeypatch)
    with qtbot.waitSignal(room.workspace.image_opened):
        room.workspace.open_project(tmp_path / "fields.maskwright")
    yield room
    room.workspace.close_project()
    room.comparing.close()
    room.workspace.close()
    room.window.close()


def test_compare_sends_the_labels_with_what_was_chosen(qtbot: QtBot, room: Room) -> None:
    assert not room.dialog.isModal()
    room.dialog.budget.setCurrentText("10 s")
    room.dialog.seeds.setCurrentText("2")
    request = room.start(qtbot)
    assert (request.settings.budget_s, request.seeds) == (10.0, 2)
    assert len(request.snapshot.images) == 1
    assert room.dialog.toggle.text() == "Stop" and not room.dialog.budget.isEnabled()


def test_figures_come_in_one_by_one_and_words_at_the_end(qtbot: QtBot, room: Room) -> None:
    room.start(qtbot)
    one = result().heads[0]
    room.comparing._take(HeadProgress("Depth softmax: training 1 of 2", 0.4, 95.0, (one,)))
    assert room.dialog.progress.value() == 400
    assert "Depth softmax: training 1 of 2 · about 1:35 left" in room.texts()
    assert f"{100 * one.figure('miou').mean:.1f}" in room.texts()
    room.comparing._take(result())
    assert "Softmax with categorical cross-entropy asks for just that" in room.texts()
    assert room.dialog.toggle.text() == "Compare" and room.dialog.budget.isEnabled()
    assert not room.dialog.progress.isVisible()


def test_stop_asks_the_worker_and_shows_the_heads_that_were_through(qtbot: QtBot, room: Room) -> None:
    room.start(qtbot)
    QTest.mouseClick(room.dialog.toggle, Qt.MouseButton.LeftButton)
    assert isinstance(room.requests[-1], StopTraining)
    assert room.dialog.toggle.text() == "Stopping…" and not room.dialog.toggle.isEnabled()
    room.comparing._take(result(stopped=True))
    assert "stopped before its end" in room.texts()
    assert room.comparing.state == "idle"


def test_what_went_wrong_is_said_and_it_can_be_tried_again(qtbot: QtBot, room: Room) -> None:
    room.start(qtbot)
    room.comparing._take(Failed("compare", "Nothing is labelled yet. Paint a little, then train."))
    assert "Nothing is labelled yet" in room.texts()
    room.requests.clear()
    room.start(qtbot)
    assert "Nothing is labelled yet" not in room.texts()


def test_a_result_that_nobody_sees_is_announced(qtbot: QtBot, room: Room) -> None:
    room.start(qtbot)
    room.dialog.close()
    with qtbot.waitSignal(room.workspace.noticed) as told:
        room.comparing._take(result())
    assert "Model › Compare heads" in told.args[0].text
    room.comparing.show()
    assert "Softmax with categorical cross-entropy" in room.texts()


def test_closing_the_project_ends_the_comparison(qtbot: QtBot, room: Room) -> None:
    room.start(qtbot)
    room.workspace.close_project()
    assert room.comparing.state == "idle" and not room.dialog.isVisible()
    room.comparing._take(result())
    assert "Softmax with categorical" not in room.texts()
