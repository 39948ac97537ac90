"""The dialog that asks which model leaves, how and where to."""

import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.dialogs.export_model import ExportModelDialog, Habits, ModelChoice
from core.classes import load_template
from core.model_formats import MODEL_FORMATS
from core.model_formats.model_format import ModelFormat
from core.records import TrainingRun
from core.training.settings import TrainingSettings

Open = Callable[[Habits], ExportModelDialog]

RUN = TrainingRun(
    id=1,
    created_at=datetime(2026, 5, 1, 12, tzinfo=UTC),
    seed=0,
    settings=TrainingSettings().to_mapping(),
    label_revision=1,
    classes=load_template("landcover"),
    device="CPU",
    seconds=60.0,
    metrics={"miou": 0.712},
    curves={},
)
RUNS = [replace(RUN, id=2, metrics={}, note="more water"), RUN]


@pytest.fixture
def opened(qtbot: QtBot) -> Open:
    def open_dialog(before: Habits) -> ExportModelDialog:
        dialog = ExportModelDialog(RUNS, 2, before)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
        qtbot.addWidget(dialog)
        dialog.show()
        return dialog

    return open_dialog


@pytest.fixture
def all_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules[ModelFormat.__module__], "find_spec", lambda name: object())


def chosen(dialog: ExportModelDialog, qtbot: QtBot) -> ModelChoice:
    with qtbot.waitSignal(dialog.chosen) as signal:
        QTest.keyClick(dialog, Qt.Key.Key_Return)
    assert isinstance(signal.args, list) and isinstance(signal.args[0], ModelChoice)
    return signal.args[0]


def test_enter_exports_the_run_that_predicts_as_keras_beside_the_project(
    opened: Open, qtbot: QtBot, tmp_path: Path
) -> None:
    dialog = opened(Habits(tmp_path))
    assert chosen(dialog, qtbot) == ModelChoice(2, "keras", tmp_path / "model of run 2")
    assert not dialog.isVisible()


def test_another_run_has_another_folder_and_none_that_is_taken(opened: Open, tmp_path: Path) -> None:
    (tmp_path / "model of run 1").mkdir()
    dialog = opened(Habits(tmp_path))
    assert dialog.run.itemText(0).endswith("more water") and "mIoU 71.2 %" in dialog.run.itemText(1)
    dialog.run.setCurrentIndex(1)
    assert Path(dialog.folder.text()) == tmp_path / "model of run 1 2"


@pytest.mark.usefixtures("all_installed")
def test_every_format_says_what_it_is_for(opened: Open, qtbot: QtBot, tmp_path: Path) -> None:
    dialog = opened(Habits(tmp_path, "onnx", "MIT"))
    assert list(dialog.formats) == list(MODEL_FORMATS)
    told = {choice.accessibleDescription() for choice in dialog.formats.values()}
    assert len(told) == len(MODEL_FORMATS) and "" not in told
    assert not {choice.text() for choice in dialog.formats.values()} & set(MODEL_FORMATS)
    assert dialog.format == "onnx"
    QTest.mouseClick(dialog.formats["litert"], Qt.MouseButton.LeftButton)
    QTest.keyClicks(dialog.licence, ", and a word of thanks")
    choice = chosen(dialog, qtbot)
    assert (choice.format, choice.licence) == ("litert", "MIT, and a word of thanks")


def test_a_format_that_lacks_a_package_says_how_to_get_it(
    opened: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:

    def without_onnx(name: str) -> object:
        return None if "onnx" in name else object()

    monkeypatch.setattr(sys.modules[ModelFormat.__module__], "find_spec", without_onnx)
    dialog = opened(Habits(tmp_path, "onnx"))
    assert dialog.format == "keras", "what cannot be is not chosen"
    assert not dialog.formats["onnx"].isEnabled() and dialog.formats["litert"].isEnabled()
    assert "needs onnx and onnxruntime. Install Maskwright" in dialog.formats["onnx"].accessibleDescription()


def test_nothing_is_exported_into_a_folder_that_holds_something(opened: Open, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    dialog = opened(Habits(tmp_path))
    dialog.folder.setText(str(tmp_path))
    assert "This folder is not empty" in dialog.problem.text() and not dialog.export_button.isEnabled()
    dialog.folder.setText(" ")
    assert not dialog.problem.text() and not dialog.export_button.isEnabled()
    dialog.folder.setText(str(tmp_path / "new"))
    assert dialog.export_button.isEnabled()


@pytest.mark.parametrize("stored", [None, [], {}, {"format": "crayon"}, {"format": 3, "place": 4}])
def test_what_was_stored_by_another_version_is_no_hindrance(stored: object) -> None:
    assert Habits.from_mapping(stored, Path("x"), Path("p")) == Habits(Path("x"))


def test_the_place_is_offered_again_only_to_the_same_project() -> None:
    stored = {"format": "litert", "licence": "MIT", "place": "there", "project": "p"}
    assert Habits.from_mapping(stored, Path("x"), Path("p")) == Habits(Path("there"), "litert", "MIT")
    assert Habits.from_mapping(stored, Path("x"), Path("q")) == Habits(Path("x"), "litert", "MIT")
