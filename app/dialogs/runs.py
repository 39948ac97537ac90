"""The runs of a project: what each was, side by side with another, and what becomes of it."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QLabel, QPushButton, QSplitter, QVBoxLayout, QWidget

from app.dialogs.run_figures import RunFigures
from app.dialogs.run_table import RunTable
from app.panels.controls import button, caption, row
from app.run_texts import megabytes
from core.classes import LabelClass
from core.project_runs import STARRED
from core.records import FileRoom, TrainingRun
from core.run_labels import SeenLabels

SIZE = QSize(1080, 720)


class RunsDialog(QDialog):
    """It blocks nothing: paint on while it is open."""

    restore_asked = Signal(int)
    noted = Signal(int, str)
    starred = Signal(int, bool)
    delete_asked = Signal(list)
    """The numbers of the runs that shall go; it was asked whether they should."""
    labels_asked = Signal(int)
    """To see in the open picture what labels a run learned from."""
    difference_asked = Signal(int, int)
    """To find what two runs predict differently in the open picture."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Runs")
        self._predicting = 0
        self._classes: Sequence[LabelClass] = ()
        self._leaving: list[int] = []
        self.table = RunTable()
        self.restore = button("Predict with this run", role="accent", tip="Use its model for predictions (Enter)")
        self.labels = button("Show its labels", tip="See in the open picture what it learned from; nothing is changed")
        self.delete = button("Delete…", tip="Delete the selected runs (Del)")
        self.room = caption()
        self.problem = QLabel()
        self.problem.setProperty("role", "problem")
        self.problem.setWordWrap(True)
        self.question = DeleteQuestion()
        self.figures = RunFigures()
        self._lay_out()
        self._connect_signals()
        for each in self.findChildren(QPushButton):
            each.setAutoDefault(False)  # Enter in the table means the run, not a button
        self.show_problem("")
        self._choice_changed()
        self.resize(SIZE)

    def _lay_out(self) -> None:
        above = QWidget()
        upper = QVBoxLayout(above)
        upper.setContentsMargins(0, 0, 0, 0)
        upper.setSpacing(8)
        upper.addWidget(self.table, 1)
        upper.addLayout(row(self.restore, self.labels, self.delete, QWidget(), self.room, stretch=3))
        upper.addWidget(self.question)
        upper.addWidget(self.problem)
        both = QSplitter(Qt.Orientation.Vertical)
        both.setChildrenCollapsible(False)
        both.setHandleWidth(16)
        both.addWidget(above)
        both.addWidget(self.figures)
        both.setSizes([SIZE.height() * 2 // 5, SIZE.height() * 3 // 5])
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.addWidget(both)

    def _connect_signals(self) -> None:
        self.table.chosen_changed.connect(self._choice_changed)
        self.table.restore_asked.connect(self._ask_restore)
        self.table.delete_asked.connect(self._ask_delete)
        self.table.runs.noted.connect(self.noted)
        self.table.runs.starred.connect(self.starred)
        self.restore.clicked.connect(self._ask_restore)
        self.labels.clicked.connect(self._ask_labels)
        self.delete.clicked.connect(self._ask_delete)
        self.question.yes.clicked.connect(self._delete)
        self.question.no.clicked.connect(self.question.hide)
        self.figures.difference_asked.connect(self._ask_difference)

    # --- what there is

    def show_runs(self, runs: Sequence[TrainingRun], predicting: int, classes: Sequence[LabelClass]) -> None:
        """All runs, newest first.

        Args:
            predicting: the run that does; 0 for none.
            classes: the project's, of now.
        """
        self._predicting, self._classes = predicting, classes
        self.table.show_runs(runs, predicting)

    def show_run(self, run: TrainingRun) -> None:
        """A run has another note or star."""
        self.table.runs.update(run)

    def show_labels(self, seen: SeenLabels) -> None:
        """What labels a run saw."""
        self.table.runs.tell_labels(seen)
        if any(run.id == seen.run_id for run in self.table.chosen):
            self._show_figures()

    def show_room(self, room: FileRoom) -> None:
        free = f", {megabytes(room.free)} of it free" if room.free > 50_000 else ""
        self.room.setText(f"The project file takes {megabytes(room.size)}{free}")

    def show_problem(self, sentence: str) -> None:
        self.problem.setText(sentence)
        self.problem.setVisible(bool(sentence))

    # --- what is chosen

    @Slot()
    def _choice_changed(self) -> None:
        chosen = self.table.chosen
        alone = chosen[0].id if len(chosen) == 1 else 0
        self.restore.setEnabled(alone not in (0, self._predicting))
        self.labels.setEnabled(bool(alone) and not chosen[0].imported)
        self.delete.setEnabled(bool(chosen))
        self.question.hide()
        self.show_problem("")
        self._show_figures()

    def _show_figures(self) -> None:
        self.figures.show_runs(self.table.chosen, self._classes, self.table.runs.seen)

    @Slot()
    def _ask_restore(self) -> None:
        if self.restore.isEnabled():
            self.show_problem("")
            self.restore_asked.emit(self.table.chosen[0].id)

    @Slot()
    def _ask_labels(self) -> None:
        self.labels_asked.emit(self.table.chosen[0].id)

    @Slot()
    def _ask_difference(self) -> None:
        chosen = self.table.chosen
        if len(chosen) == 2:
            self.difference_asked.emit(chosen[0].id, chosen[1].id)

    @Slot()
    def _ask_delete(self) -> None:
        """A starred run stays; anything else is asked for once."""
        chosen = self.table.chosen
        kept = next((run for run in chosen if run.starred), None)
        self.show_problem("" if kept is None else STARRED.format(run=kept.id))
        self._leaving = [run.id for run in chosen] if kept is None else []
        if self._leaving:
            self.question.ask(chosen)

    @Slot()
    def _delete(self) -> None:
        self.question.hide()
        self.delete_asked.emit(self._leaving)


class DeleteQuestion(QFrame):
    """Whether runs shall go, and what that frees."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("banner")
        self.text = QLabel()
        self.text.setWordWrap(True)
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.yes = button("Delete")
        self.no = button("Keep")
        line = QHBoxLayout(self)
        line.setContentsMargins(12, 8, 8, 8)
        line.setSpacing(8)
        line.addWidget(self.text, 1)
        line.addWidget(self.yes)
        line.addWidget(self.no)
        self.hide()

    def ask(self, runs: Sequence[TrainingRun]) -> None:
        which = f"run {runs[0].id}" if len(runs) == 1 else f"{len(runs)} runs"
        size = megabytes(sum(run.weight_bytes for run in runs))
        noted = next((run for run in runs if run.note), None)
        note = f' Its note says "{noted.note}".' if noted is not None and len(runs) == 1 else ""
        self.text.setText(
            f"Delete {which} with its weights, for good?{note} {size} in the project file become free for what comes "
            "next; the file itself stays as large as it is."
        )
        self.yes.setText(f"Delete {which}")
        self.show()
        self.no.setFocus()
