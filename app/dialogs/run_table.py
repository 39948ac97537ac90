"""The table of runs: sorted by any column, one or more chosen, and what keys and clicks ask for."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QModelIndex, QSize, QSortFilterProxyModel, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QLineEdit, QTreeView, QWidget

from app.dialogs.run_model import COLUMNS, NOTE, RUN, STAR, Role, RunModel
from core.records import TrainingRun


class RunTable(QTreeView):
    """Space sets or takes the star, F2 writes the note, Enter asks for the run to predict, Del to delete it."""

    chosen_changed = Signal()
    restore_asked = Signal()
    delete_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.runs = RunModel(self)
        self._choosing = False
        self._sorted = QSortFilterProxyModel(self)
        self._sorted.setSourceModel(self.runs)
        self._sorted.setSortRole(Role.UserRole)
        self._sorted.setSortCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.setModel(self._sorted)
        self.setAccessibleName("Runs")
        self.setToolTip("Ctrl+click: a second run to compare. Space: star. F2: note. Enter: predict. Del: delete")
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        self.setProperty("role", "table")
        self.setIconSize(QSize(16, 16))
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.DoubleClicked)
        self.setSortingEnabled(True)
        self.sortByColumn(RUN, Qt.SortOrder.DescendingOrder)
        self._size_columns()
        self.clicked.connect(self._clicked)
        self.doubleClicked.connect(self._double_clicked)
        self.selectionModel().selectionChanged.connect(self._selection_changed)

    def _size_columns(self) -> None:
        header = self.header()
        header.setMinimumSectionSize(28)
        header.setSectionsMovable(False)
        for place, column in enumerate(COLUMNS):
            header.resizeSection(place, column.width)
        header.setSectionResizeMode(STAR, QHeaderView.ResizeMode.Fixed)
        header.setStretchLastSection(True)

    @property
    def widths(self) -> list[int]:
        """Pixels of each column but the last, which takes what is left."""
        return [self.header().sectionSize(place) for place in range(len(COLUMNS) - 1)]

    def set_widths(self, widths: Sequence[int]) -> None:
        """As they were; those of a table with other columns are not meant."""
        if len(widths) == len(COLUMNS) - 1:
            for place, width in enumerate(widths):
                self.header().resizeSection(place, max(28, width))

    @property
    def chosen(self) -> list[TrainingRun]:
        """The selected runs, oldest first."""
        rows = self.selectionModel().selectedRows()
        return sorted((self._run_at(index) for index in rows), key=_number)

    def show_runs(self, runs: Sequence[TrainingRun], predicting: int) -> None:
        """List these, newest first; what was selected stays so, else the one that predicts is."""
        for editor in self.viewport().findChildren(QLineEdit) if self._writing else ():
            self.commitData(editor)  # the note would be lost with the lines
        before = {run.id for run in self.chosen}
        self.runs.show(runs, predicting)
        there = {run.id for run in runs}
        self.choose(before & there or ({predicting} & there))

    def choose(self, run_ids: set[int]) -> None:
        """Select these runs."""
        flag, self._choosing = self.selectionModel().SelectionFlag, True
        self.selectionModel().clearSelection()
        for line in range(self._sorted.rowCount()):
            index = self._sorted.index(line, 0)
            if self._run_at(index).id in run_ids:
                self.selectionModel().setCurrentIndex(index, flag.Select | flag.Rows)
        self._choosing = False
        self.chosen_changed.emit()

    def place(self, run_id: int, column: int) -> QModelIndex:
        """Where a run's cell is in the table as it is sorted."""
        line = next(n for n, run in enumerate(self.runs.runs) if run.id == run_id)
        return self._sorted.mapFromSource(self.runs.index(line, column))

    def edit_note(self) -> None:
        """Write the note of the run that the keyboard is at."""
        index = self.currentIndex()
        if index.isValid():
            self.edit(index.siblingAtColumn(NOTE))

    @property
    def _writing(self) -> bool:
        """Whether a note is open to be written."""
        return self.state() == QAbstractItemView.State.EditingState

    def _run_at(self, index: QModelIndex) -> TrainingRun:
        return self.runs.runs[self._sorted.mapToSource(index).row()]

    @Slot(QModelIndex)
    def _clicked(self, index: QModelIndex) -> None:
        if index.column() == STAR:
            self.runs.toggle_star(self._run_at(index).id)

    @Slot(QModelIndex)
    def _double_clicked(self, index: QModelIndex) -> None:
        if index.column() not in (STAR, NOTE):
            self.restore_asked.emit()

    @Slot()
    def _selection_changed(self) -> None:
        if not self._choosing:
            self.chosen_changed.emit()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self.runs.redraw_icons()
        super().changeEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._writing:
            super().keyPressEvent(event)  # Enter, which ends a note, comes by here too
            return
        match event.key():
            case Qt.Key.Key_Space if self.currentIndex().isValid():
                self.runs.toggle_star(self._run_at(self.currentIndex()).id)
            case Qt.Key.Key_F2:
                self.edit_note()
            case Qt.Key.Key_Delete:
                self.delete_asked.emit()
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self.restore_asked.emit()
            case _:
                super().keyPressEvent(event)


def _number(run: TrainingRun) -> int:
    return run.id
