"""What the table of runs holds: a star and a note can be set in it, everything else is told."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QWidget

from app.figures import clock
from app.icons import icon
from app.run_texts import megabytes
from app.terminal import percent
from core.records import TrainingRun
from core.run_labels import SeenLabels

Index = QModelIndex | QPersistentModelIndex
Role = Qt.ItemDataRole


@dataclass(frozen=True, slots=True)
class Column:
    title: str
    width: int
    tip: str
    right: bool = False
    """Numbers stand at the right."""


COLUMNS = (
    Column("", 32, "A starred run is not deleted"),
    Column("Run", 60, "The eye stands beside the run that predicts", right=True),
    Column("When", 140, "When it was trained"),
    Column("Learned from", 176, "Pictures and labelled pixels that it learned from"),
    Column("Network", 120, "Its network and its last step"),
    Column("Time", 52, "Minutes and seconds of training", right=True),
    Column("Mean IoU", 76, "Overlap of what is predicted and what is right, mean over the classes", right=True),
    Column("Measured on", 136, "What the mean IoU was measured on"),
    Column("Size", 68, "What its weights take in the project file", right=True),
    Column("Note", 160, "Your own words; double-click or F2 to write"),
)
STAR, RUN, WHEN, LEARNED, NETWORK, TIME, MIOU, MEASURED, SIZE, NOTE = range(len(COLUMNS))


class RunModel(QAbstractTableModel):
    """The runs, newest first."""

    noted = Signal(int, str)
    starred = Signal(int, bool)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.runs: list[TrainingRun] = []
        self.seen: dict[int, SeenLabels] = {}
        self._predicting = 0
        self._icons: dict[str, QIcon] = {}

    def redraw_icons(self) -> None:
        """They follow the colour of text."""
        self._icons.clear()

    def show(self, runs: Sequence[TrainingRun], predicting: int) -> None:
        """predicting: the run that does; 0 for none."""
        self.beginResetModel()
        self.runs, self._predicting = list(runs), predicting
        self.endResetModel()

    def update(self, run: TrainingRun) -> None:
        """A run has another note or star."""
        for line, known in enumerate(self.runs):
            if known.id == run.id:
                self.runs[line] = run
                self._changed(line)

    def tell_labels(self, seen: SeenLabels) -> None:
        """What labels a run saw is known now."""
        self.seen[seen.run_id] = seen
        for line, run in enumerate(self.runs):
            if run.id == seen.run_id:
                self._changed(line)

    def _changed(self, line: int) -> None:
        self.dataChanged.emit(self.index(line, 0), self.index(line, NOTE))

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's own signature)
        return 0 if parent.isValid() else len(self.runs)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Role.DisplayRole) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Role.DisplayRole:
            return COLUMNS[section].title
        if role == Role.TextAlignmentRole:
            return _side(section)
        return COLUMNS[section].tip if role in (Role.ToolTipRole, Role.AccessibleTextRole) else None

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = super().flags(index)
        return flags | Qt.ItemFlag.ItemIsEditable if index.column() == NOTE else flags

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:
        run, column = self.runs[index.row()], index.column()
        match role:
            case Role.DisplayRole | Role.EditRole:
                told: Any = self._text(run, column)
            case Role.UserRole:
                told = self._rank(run, column)
            case Role.DecorationRole:
                told = self._mark(run, column)
            case Role.TextAlignmentRole:
                told = _side(column)
            case Role.AccessibleTextRole:
                told = self._words(run, column)
            case Role.ToolTipRole:
                told = run.note if column == NOTE and run.note else COLUMNS[column].tip
            case _:
                told = None
        return told

    def setData(self, index: Index, value: Any, role: int = Role.EditRole) -> bool:
        run, note = self.runs[index.row()], str(value).strip()
        if role != Role.EditRole or index.column() != NOTE or note == run.note:
            return False
        self.update(replace(run, note=note))
        self.noted.emit(run.id, note)
        return True

    def toggle_star(self, run_id: int) -> None:
        for run in self.runs:
            if run.id == run_id:
                self.update(replace(run, starred=not run.starred))
                self.starred.emit(run_id, not run.starred)
                return

    def _text(self, run: TrainingRun, column: int) -> str:
        settings, metrics = run.settings, run.metrics
        texts = {
            RUN: str(run.id),
            WHEN: f"{run.created_at.astimezone():%Y-%m-%d %H:%M}",
            LEARNED: self._learned(run),
            NETWORK: ", ".join(str(settings[name]) for name in ("network", "head") if settings.get(name)) or "–",
            TIME: "–" if run.imported else clock(run.seconds),
            MIOU: percent(metrics.get("miou")),
            MEASURED: str(metrics.get("measured_on", "–")),
            SIZE: megabytes(run.weight_bytes),
            NOTE: run.note,
        }
        return texts.get(column, "")

    def _learned(self, run: TrainingRun) -> str:
        if run.imported:
            return "made elsewhere"
        seen = self.seen.get(run.id)
        if seen is None:
            return "…"
        count = len(seen.learned)
        return f"{count} picture{'' if count == 1 else 's'} · {seen.pixels:,} px"

    def _rank(self, run: TrainingRun, column: int) -> Any:
        """What a column is sorted by."""
        seen, miou = self.seen.get(run.id), run.metrics.get("miou")
        ranks = {
            STAR: int(run.starred),
            RUN: run.id,
            WHEN: run.created_at.timestamp(),
            LEARNED: seen.pixels if seen is not None else -1,
            TIME: run.seconds,
            MIOU: miou if isinstance(miou, float) else -1.0,
            SIZE: run.weight_bytes,
        }
        return ranks.get(column, self._text(run, column))

    def _mark(self, run: TrainingRun, column: int) -> Any:
        if column == STAR:
            return self._icon("star-on" if run.starred else "star")
        return self._icon("eye") if column == RUN and run.id == self._predicting else None

    def _icon(self, name: str) -> QIcon:
        if name not in self._icons:
            self._icons[name] = icon(name)
        return self._icons[name]

    def _words(self, run: TrainingRun, column: int) -> str:
        if column == STAR:
            return "starred" if run.starred else "not starred"
        return f"{run.id}, predicts" if column == RUN and run.id == self._predicting else self._text(run, column)


def _side(column: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if COLUMNS[column].right else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter
