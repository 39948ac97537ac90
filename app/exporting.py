"""Taking masks and models out of a project, with progress and the place where they went."""

import json
from collections.abc import Callable
from dataclasses import replace
from itertools import chain, count
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QUrl, Signal, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QWidget

from app.dialogs.files import ask_folder
from app.job import JobQueue
from app.learning import Learning
from app.notices import Choice, Notice
from app.places import window_settings
from app.terminal import percent
from app.workspace import Workspace
from core.errors import ExportError
from core.project import Project

if TYPE_CHECKING:
    from app.dialogs.export_masks import ExportChoice, ExportMasksDialog
    from core.formats.export_masks import MasksWritten

TOPIC = "export"
TELL_S = 0.3
LAST = "export/masks"
"""What was chosen last time, in the window's settings."""
SAVE_WAIT_S = 5.0
UNSAVED = "Not all strokes are saved yet, so masks would go out without them. Export again when they are."
STOPPED = "The export was stopped. Nothing was written."


class Exporting(QObject):
    """Asks for a folder, exports in the background, says where the files are."""

    _progressed = Signal(int, int)

    def __init__(self, workspace: Workspace, learning: Learning, window: QWidget) -> None:
        super().__init__(window)
        self._workspace = workspace
        self._learning = learning
        self._window = window
        self._jobs = JobQueue("export", self)
        self._told = 0.0
        self._stop = False
        self.dialog: ExportMasksDialog | None = None
        self._jobs.trouble.connect(self._tell_failed)
        self._progressed.connect(self._show_progress, Qt.ConnectionType.QueuedConnection)
        learning.exported.connect(self._model_exported)
        learning.export_failed.connect(self._tell_failed)

    def close(self) -> None:
        self._jobs.close()

    @Slot()
    def ask_masks(self) -> None:
        # Imported late: exporting is rare and opening the window is not.
        from app.dialogs.export_masks import ExportChoice, ExportMasksDialog

        if self._workspace.project is None or self.dialog is not None:
            return
        path = self._workspace.project.path
        usual = path.parent / f"{path.stem} masks"
        stored = _stored()
        before = ExportChoice.from_mapping(stored, usual)
        if not isinstance(stored, dict) or stored.get("project") != str(path):
            before = replace(before, folder=usual)  # in the last one lie the masks of another project
        self.dialog = ExportMasksDialog(before, self._window)
        self.dialog.chosen.connect(self.export_masks)
        self.dialog.destroyed.connect(self._dialog_gone)
        self.dialog.show()

    @Slot()
    def _dialog_gone(self) -> None:
        self.dialog = None

    @Slot(object)
    def export_masks(self, choice: "ExportChoice") -> None:
        if self._workspace.project is None:
            return
        if not self._workspace.saves.wait(SAVE_WAIT_S):
            self._tell_failed(UNSAVED)
            return
        values = {**choice.to_mapping(), "project": str(self._workspace.project.path)}
        window_settings().setValue(LAST, json.dumps(values))
        self._stop = False
        self._tell_going_on("Exporting masks…")
        self._jobs.run(_export, self._workspace.project, choice, self._report, done=self._masks_exported)

    def _stop_masks(self) -> None:
        self._stop = True

    @Slot()
    def ask_model(self) -> None:
        run = self._workspace.run
        place = None if run is None else self._ask("Export the model into a folder")
        if place is not None and run is not None:
            folder = free_folder(place / f"model of run {run.id}")
            self._workspace.tell_quietly(f"Exporting the model of run {run.id}…", TOPIC)
            self._learning.export_model(run, "keras", str(folder))

    def _ask(self, title: str) -> Path | None:
        if self._workspace.project is None:
            return None
        return ask_folder(self._window, title, self._workspace.project.path.parent)

    def _report(self, written: int, total: int) -> None:
        # Called from the export's thread.
        if self._stop:
            raise ExportError(STOPPED)
        if monotonic() - self._told > TELL_S:
            self._told = monotonic()
            self._progressed.emit(written, total)

    @Slot(int, int)
    def _show_progress(self, written: int, total: int) -> None:
        if not self._stop:
            self._tell_going_on(f"Exporting masks: {written} of {total}…")

    def _tell_going_on(self, text: str) -> None:
        choices = (Choice("Stop", self._stop_masks),)
        self._workspace.noticed.emit(Notice(text, choices, topic=TOPIC, problem=False))

    def _masks_exported(self, exported: "tuple[Path, MasksWritten]") -> None:
        folder, written = exported
        text = f"{'1 mask is' if written.images == 1 else f'{written.images:,} masks are'} in {folder}."
        if written.worst_iou is not None:
            text += f" Outlines agree with the masks to {percent(written.worst_iou)} or better (IoU)."
        self._tell_done(" ".join([text, *written.notes]), folder)

    @Slot(str)
    def _model_exported(self, folder: str) -> None:
        self._tell_done(f"The model is in {folder}, with its card, and predict.py to run it.", Path(folder))

    def _tell_done(self, text: str, folder: Path) -> None:
        choice = Choice("Open the folder", _OpenFolder(folder))
        self._workspace.noticed.emit(Notice(text, (choice,), topic=TOPIC, problem=False))

    @Slot(str)
    def _tell_failed(self, sentence: str) -> None:
        self._workspace.noticed.emit(Notice(sentence, topic=TOPIC))


def free_folder(wanted: Path) -> Path:
    """`wanted`, or the first with a number behind it that does not exist yet."""
    numbered = (wanted.with_name(f"{wanted.name} {number}") for number in count(2))
    return next(folder for folder in chain([wanted], numbered) if not folder.exists())


class _OpenFolder:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __call__(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._folder)))


def _export(
    project: Project, choice: "ExportChoice", report: Callable[[int, int], None]
) -> "tuple[Path, MasksWritten]":
    from core.formats import mask_format
    from core.formats.export_masks import export_masks

    format = mask_format(choice.format)
    return choice.folder, export_masks(
        project, choice.folder, format, report, which=choice.which, choices=choice.choices
    )


def _stored() -> object:
    try:
        return json.loads(str(window_settings().value(LAST, "null")))
    except ValueError:
        return None
