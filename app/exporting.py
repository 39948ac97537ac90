"""Taking masks out of a project, with progress and the place where they went."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtWidgets import QWidget

from app.dialogs.files import OpenPath
from app.job import JobQueue
from app.notices import Choice, Notice
from app.places import window_settings
from app.terminal import at_least_percent
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

    def __init__(self, workspace: Workspace, window: QWidget) -> None:
        super().__init__(window)
        self._workspace = workspace
        self._window = window
        self._jobs = JobQueue("export", self)
        self._told = 0.0
        self._stop = False
        self.dialog: ExportMasksDialog | None = None
        self._jobs.trouble.connect(self._tell_failed)
        workspace.project_closed.connect(self._stop_masks)
        self._progressed.connect(self._show_progress, Qt.ConnectionType.QueuedConnection)

    def close(self) -> None:
        self._stop_masks()
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
        self._stop = False
        if not self._workspace.saves.wait(SAVE_WAIT_S):
            self._tell_failed(UNSAVED)
            return
        values = {**choice.to_mapping(), "project": str(self._workspace.project.path)}
        window_settings().setValue(LAST, json.dumps(values))
        self._tell_going_on("Exporting masks…")
        self._jobs.run(_export, self._workspace.project, choice, self._report, done=self._masks_exported)

    @Slot()
    def _stop_masks(self) -> None:
        self._stop = True

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
            text += f" Outlines agree with the masks to {at_least_percent(written.worst_iou)} or better (IoU)."
        choices = (Choice("Open the folder", OpenPath(folder)),)
        self._workspace.noticed.emit(Notice(" ".join([text, *written.notes]), choices, topic=TOPIC, problem=False))

    @Slot(str)
    def _tell_failed(self, sentence: str) -> None:
        # A project that was closed meanwhile says so in words of its own.
        self._workspace.noticed.emit(Notice(STOPPED if self._stop else sentence, topic=TOPIC))


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
