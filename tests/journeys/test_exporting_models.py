"""A model leaves the project by the window: in a format that is chosen, told of on the way, and it can be stopped."""

import multiprocessing
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.dialogs.export_model import ExportModelDialog
from core.model_formats.check import CHECKING
from core.project import Project
from core.records import ExportFigures
from core.training.inputs import Inputs
from core.training.messages import ExportModel, ExportProgress, Failed, ModelExported, Request, StopExport
from tests.core.model_formats.models import trained
from tests.journeys.model import make_project
from tests.journeys.person import LEFT, Person, make_pictures

Sit = Callable[[], Person]
WORKER_MS = 120_000


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return make_project(make_pictures(tmp_path / "p", 2), 2)


def sits_before(person: Person, project: Path) -> Person:
    person.drop(project)
    person.sees_picture("picture-1.png")
    return person


def asks(person: Person) -> ExportModelDialog:
    person.sees(lambda: person.window.model_exporting.dialog is None)
    person.window.actions_["export-model"].trigger()
    dialog = person.window.model_exporting.dialog
    assert dialog is not None
    return dialog


def exports(person: Person, folder: Path, format: str = "keras") -> None:
    dialog = asks(person)
    person.click(dialog.formats[format])
    dialog.folder.setText(str(folder))
    person.click(dialog.export_button)


def presses(person: Person, text: str) -> None:
    person.click(next(each for each in person.window.rooms.banner.buttons() if each.text() == text))


# --- with somebody who answers for the worker


@pytest.fixture
def person(sit_down: Sit, project: Path, monkeypatch: pytest.MonkeyPatch) -> Person:
    person = sit_down()
    monkeypatch.setattr(person.window.learning._thread, "start", lambda *_: None)
    return sits_before(person, project)


@pytest.fixture
def sent(person: Person, monkeypatch: pytest.MonkeyPatch) -> list[Request]:
    """What the worker is asked for."""
    requests: list[Request] = []
    monkeypatch.setattr(person.window.learning._thread, "send", requests.append)
    return requests


def test_what_is_done_is_told_and_can_be_stopped(person: Person, sent: list[Request], tmp_path: Path) -> None:
    exports(person, tmp_path / "out")
    person.sees(lambda: any(isinstance(request, ExportModel) for request in sent))
    person.window.learning._take(ExportProgress("writing the model"))
    assert person.notice == "Exporting the model of run 1: writing the model…"
    person.window.actions_["export-model"].trigger()
    assert person.window.model_exporting.dialog is None, "one at a time"
    stop = person.window.rooms.banner.buttons()[0]
    QTest.mousePress(stop, LEFT)
    person.window.learning._take(ExportProgress("checking"))  # what is done changes while the button is held
    QTest.mouseRelease(stop, LEFT)
    assert isinstance(sent[-1], StopExport) and person.notice == "Stopping the export of the model of run 1…"
    person.window.learning._take(Failed("export", "The export was stopped. Nothing was written."))
    person.sees(lambda: "Nothing was written" in person.notice)
    assert asks(person).formats["keras"].isChecked()


def test_what_was_measured_of_an_inexact_model_is_told(person: Person, sent: list[Request], tmp_path: Path) -> None:
    exports(person, tmp_path / "out", "litert-int8")
    person.sees(lambda: any(isinstance(request, ExportModel) for request in sent))
    figures = ExportFigures(70.5, 870_000, 0.98, 1000, (0.766, 0.7661), 100)
    person.window.learning._take(ModelExported(str(tmp_path / "out"), figures))
    assert f"{tmp_path / 'out'}, 0.9 MB." in person.notice
    assert "agree with the app's to 98.0 % (mean IoU)" in person.notice
    assert "it reaches 76.6 % mIoU, in the app 76.6 %" in person.notice


def test_licence_format_and_place_are_known_the_next_time(person: Person, sent: list[Request], tmp_path: Path) -> None:
    dialog = asks(person)
    dialog.licence.setText("MIT")
    person.click(dialog.formats["savedmodel"])
    dialog.folder.setText(str(tmp_path / "there" / "out"))
    person.click(dialog.export_button)
    person.sees(lambda: any(isinstance(request, ExportModel) for request in sent))
    request = next(request for request in sent if isinstance(request, ExportModel))
    assert (request.format, request.origin.licence, request.folder) == (
        "savedmodel",
        "MIT",
        str(tmp_path / "there/out"),
    )
    person.window.learning._take(Failed("export", "The disk is full. Make room."))
    person.sees(lambda: person.notice == "The disk is full. Make room.")
    again = asks(person)
    assert again.format == "savedmodel" and again.licence.text() == "MIT"
    assert Path(again.folder.text()) == tmp_path / "there" / "model of run 1"


def test_esc_leaves_the_dialog_and_nothing_is_exported(person: Person, sent: list[Request]) -> None:
    dialog = asks(person)
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert asks(person).isVisible() and person.notice == ""
    assert not any(isinstance(request, ExportModel) for request in sent)


def test_an_export_waits_for_a_training_and_says_so(person: Person, sent: list[Request], tmp_path: Path) -> None:
    person.window.learning.state = "training"
    exports(person, tmp_path / "out")
    assert "it waits for the training to end" in person.notice
    person.window.learning.state = "idle"


# --- with the worker


@pytest.fixture
def real(sit_down: Sit, project: Path) -> Person:
    """Somebody whose project has a run with a network that can be built."""
    model = trained(Inputs(3))
    with Project.open(project) as opened:
        run = opened.run()
        opened.add_run(
            seed=0,
            settings=dict(model.settings),
            label_revision=0,
            classes=model.classes,
            device=run.device,
            seconds=run.seconds,
            metrics={},
            curves={},
            weights=model.weights,
        )
    return sits_before(sit_down(), project)


@pytest.mark.slow
def test_a_model_leaves_and_one_that_is_stopped_leaves_nothing(real: Person, tmp_path: Path) -> None:
    place = tmp_path / "models"
    exports(real, place / "stopped")
    real.sees(lambda: CHECKING in real.notice, WORKER_MS)
    presses(real, "Stop")
    real.sees(lambda: "The export was stopped" in real.notice, WORKER_MS)
    assert list(place.iterdir()) == []
    exports(real, place / "out", "savedmodel")
    real.sees(lambda: CHECKING in real.notice, WORKER_MS)
    real.sees(lambda: "The model is in" in real.notice, WORKER_MS)
    assert [path.name for path in place.iterdir()] == ["out"]
    assert (place / "out" / "saved_model" / "saved_model.pb").exists()
    assert "run 2" in (place / "out" / "model-card.md").read_text()


@pytest.mark.slow
def test_a_worker_that_dies_leaves_nothing_half_written(real: Person, tmp_path: Path) -> None:
    place = tmp_path / "models"
    exports(real, place / "out")
    real.sees(lambda: CHECKING in real.notice, WORKER_MS)
    assert [path.name for path in place.iterdir()] == [".export-out"]
    for process in multiprocessing.active_children():
        process.kill()
    real.sees(lambda: "ended unexpectedly" in real.notice)
    real.sees(lambda: list(place.iterdir()) == [])


@pytest.mark.slow
def test_a_window_that_is_closed_leaves_nothing_half_written(real: Person, tmp_path: Path) -> None:
    place = tmp_path / "models"
    exports(real, place / "out")
    real.sees(lambda: CHECKING in real.notice, WORKER_MS)
    real.leave()
    assert list(place.iterdir()) == []
