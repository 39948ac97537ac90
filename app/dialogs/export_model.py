"""Which run's model leaves, in which format, and where it goes. The window behind stays usable."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from app.dialogs.files import ask_folder
from app.dialogs.model_formats import purpose_of, title_of
from app.panels.controls import button, caption, enter_presses, row
from app.terminal import percent
from core.model_formats import MODEL_FORMATS
from core.records import TrainingRun

WIDTH = 600
INDENT = 24
"""Of the words below a format: they begin where its title does."""
NO_LICENCE = "Not chosen yet. For instance CC-BY-4.0"
LICENCE_WORDS = "Goes into the model's card, for those you hand it on to."
FULL = "This folder is not empty. Choose one that is, or a new name."
LINE = 28
"""Pixels: the height of a control."""


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """What a person chose."""

    run_id: int
    format: str
    folder: Path
    licence: str = ""


@dataclass(frozen=True, slots=True)
class Habits:
    """What is chosen again the next time."""

    place: Path
    """The folder in which the folders of models are made."""
    format: str = "keras"
    licence: str = ""

    @classmethod
    def from_mapping(cls, stored: Any, place: Path, project: Path) -> "Habits":
        """Read what was stored; `place` and what is usual, where it is not known any more or of another project."""
        if not isinstance(stored, Mapping) or stored.get("format") not in MODEL_FORMATS:
            return cls(place)
        if stored.get("project") == str(project):
            place = Path(str(stored.get("place", place)))
        return cls(place, stored["format"], str(stored.get("licence", "")))


class ExportModelDialog(QDialog):
    """Asks; exporting is for others."""

    chosen = Signal(object)
    """A ModelChoice."""

    def __init__(self, runs: Sequence[TrainingRun], run_id: int, before: Habits, parent: QWidget | None = None) -> None:
        """
        Args:
            run_id: of the run that is offered first.
            before: what was chosen last time.
        """
        super().__init__(parent)
        self.setWindowTitle("Export a model")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._place = before.place
        self.run = QComboBox()
        self.run.setAccessibleName("Run")
        for run in runs:
            self.run.addItem(_title(run), run.id)
        self.run.setCurrentIndex(self.run.findData(run_id))
        self.formats: dict[str, QRadioButton] = {}
        self._group = QButtonGroup(self)
        self.licence, self.folder = _field("Licence", before.licence), _field("Folder", "")
        self.licence.setPlaceholderText(NO_LICENCE)
        self.problem = caption()
        self.problem.setProperty("role", "problem")
        self.browse = button("Choose…")
        self.export_button = button("Export", role="accent")
        self.cancel = button("Cancel")
        self._lay_out(self._list_formats(before.format))
        enter_presses(self.export_button)
        self.run.currentIndexChanged.connect(self._offer_folder)
        self.folder.textChanged.connect(self._check)
        self.browse.clicked.connect(self._browse)
        self.export_button.clicked.connect(self._choose)
        self.cancel.clicked.connect(self.close)
        self._offer_folder()

    def _list_formats(self, before: str) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(0)
        for format in MODEL_FORMATS.values():
            choice, lacking = QRadioButton(title_of(format.name)), format.lacking()
            words = caption(" ".join(filter(None, (purpose_of(format.name), lacking))), wrap=True)
            words.setContentsMargins(INDENT, 0, 0, 4)
            words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            choice.setToolTip(f"{format.name}: {format.words}")
            choice.setAccessibleDescription(words.text())
            choice.setEnabled(not lacking)
            self.formats[format.name] = choice
            self._group.addButton(choice)
            column.addWidget(choice, 0, Qt.AlignmentFlag.AlignLeft)
            column.addWidget(words)
        able = [choice for choice in self.formats.values() if choice.isEnabled()]
        (self.formats[before] if self.formats[before] in able else able[0]).setChecked(True)
        return column

    def _lay_out(self, formats: QVBoxLayout) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addStretch(1)
        buttons.addWidget(self.cancel)
        buttons.addWidget(self.export_button)
        grid = QGridLayout(self)
        grid.setContentsMargins(24, 24, 24, 24)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(8)
        for line, text, box in ((0, "Run", self.run), (2, "Licence", self.licence), (4, "Folder", self.folder)):
            label = QLabel(text)
            label.setBuddy(box)
            grid.addWidget(label, line, 0)
        label = QLabel("Format")
        label.setFixedHeight(LINE)
        grid.addWidget(label, 1, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(self.run, 0, 1)
        grid.addLayout(formats, 1, 1)
        grid.addWidget(self.licence, 2, 1)
        grid.addWidget(caption(LICENCE_WORDS), 3, 1)
        grid.addLayout(row(self.folder, self.browse, stretch=0), 4, 1)
        grid.addWidget(self.problem, 5, 1)
        grid.addLayout(buttons, 6, 0, 1, 2)
        grid.setRowMinimumHeight(6, 48)
        grid.setColumnStretch(1, 1)
        self.setFixedWidth(WIDTH)
        self.resize(WIDTH, grid.totalHeightForWidth(WIDTH))

    @property
    def format(self) -> str:
        return next(name for name, choice in self.formats.items() if choice.isChecked())

    @Slot()
    def _offer_folder(self) -> None:
        self.folder.setText(str(_free_folder(self._place / f"model of run {self.run.currentData()}")))

    @Slot()
    def _check(self) -> None:
        text = self.folder.text().strip()
        full = bool(text) and _holds_something(Path(text))
        self.problem.setText(FULL if full else "")
        self.export_button.setEnabled(bool(text) and not full)

    @Slot()
    def _browse(self) -> None:
        place = ask_folder(self, "Export the model into a folder", self._place)
        if place is not None:
            self._place = place
            self._offer_folder()

    @Slot()
    def _choose(self) -> None:
        folder = Path(self.folder.text().strip())
        self.chosen.emit(ModelChoice(self.run.currentData(), self.format, folder, self.licence.text().strip()))
        self.close()


def _field(name: str, text: str) -> QLineEdit:
    field = QLineEdit(text)
    field.setAccessibleName(name)
    return field


def _title(run: TrainingRun) -> str:
    parts = [f"Run {run.id}{' ★' if run.starred else ''}", f"{run.created_at.astimezone():%Y-%m-%d %H:%M}"]
    miou = run.metrics.get("miou")
    parts += [f"mIoU {percent(miou)}"] if isinstance(miou, float) else []
    return " · ".join([*parts, *([run.note] if run.note else [])])


def _free_folder(wanted: Path) -> Path:
    """`wanted`, or the first with a number behind it that does not exist yet."""
    numbered = (wanted.with_name(f"{wanted.name} {number}") for number in count(2))
    return next(folder for folder in chain([wanted], numbered) if not folder.exists())


def _holds_something(path: Path) -> bool:
    try:
        return path.is_file() or (path.is_dir() and any(path.iterdir()))
    except OSError:
        return False  # whether it can be written, the export tells
