"""What came of a run, or of two beside each other: curves, figures of each class, pixels that changed."""

from collections.abc import Mapping, Sequence
from typing import cast

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from app.dialogs.curve_lines import KINDS, SHARES, lines_of, run_curves
from app.dialogs.plot import PlotView
from app.figures import clock, points
from app.panels.controls import button, caption, color_mark, row
from app.run_texts import seen_line
from app.terminal import percent
from core.classes import LabelClass
from core.records import TrainingRun
from core.run_comparison import (
    changed_classes,
    difference,
    different_settings,
    iou_of,
    iou_pairs,
    remarks,
)
from core.run_labels import SeenLabels

NOTHING = "Choose a run to see what came of it, or two to compare them."
IMPORTED = "Nothing is known of its training. Model › Evaluation tells how good it is here."
MANY = "Choose two runs to compare them, or one to see what came of it."
TOTALS = (("miou", "mean IoU"), ("accuracy", "right pixels"))
TABLE_WIDTH = 320


class RunFigures(QWidget):
    difference_asked = Signal()
    """To find the pixels of the open picture that the two runs predict differently."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._classes: Sequence[LabelClass] = ()
        self._shown: Sequence[TrainingRun] = ()
        self.title = QLabel()
        self.notes = caption(wrap=True)
        self.kind = QComboBox()
        self.kind.setAccessibleName("Which curves are shown")
        self.kind.setToolTip("Which curves are shown")
        for name, text in KINDS:
            self.kind.addItem(text, name)
        self.plot = PlotView()
        self.plot.setMinimumSize(360, 180)
        self.table = FigureTable()
        self.compare = button("Show what changed", tip="See in the open picture what the newer run says otherwise")
        self.changed = caption(wrap=True)
        self._lay_out()
        self.kind.activated.connect(self.redraw)
        self.compare.clicked.connect(self.difference_asked)
        self.compare.setAutoDefault(False)
        self.show_runs((), (), {})

    def _lay_out(self) -> None:
        for label in (self.title, self.changed):
            label.setTextFormat(Qt.TextFormat.PlainText)
        self._curves = QWidget()
        left = QVBoxLayout(self._curves)
        left.setContentsMargins(0, 0, 0, 0)
        left.setSpacing(4)
        left.addLayout(row(self.kind, QWidget(), stretch=1))
        left.addWidget(self.plot, 1)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setWidget(self.table)
        self._scroll.setFixedWidth(TABLE_WIDTH)
        both = QHBoxLayout()
        both.setSpacing(16)
        both.addWidget(self._curves, 1)
        both.addWidget(self._scroll)
        self._below = QWidget()
        self._below.setLayout(row(self.compare, self.changed, stretch=1))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.title)
        column.addWidget(self.notes)
        column.addLayout(both, 1)
        column.addWidget(self._below)

    def show_runs(
        self, runs: Sequence[TrainingRun], classes: Sequence[LabelClass], seen: Mapping[int, SeenLabels]
    ) -> None:
        """One run, two from the older to the newer, or none.

        Args:
            classes: the project's, of now.
            seen: what labels runs saw, as far as that is known.
        """
        few = 1 <= len(runs) <= 2
        if [run.id for run in runs] != [run.id for run in self._shown]:
            self.show_changed("")
        self._shown, self._classes = runs if few else (), classes
        self.title.setText(_title(runs))
        self.notes.setText("\n".join(_notes(self._shown, classes, seen)))
        self.table.show_runs(self._shown, classes, seen)
        self.notes.setVisible(bool(self.notes.text()))
        trained = few and not all(run.imported for run in runs)
        for widget in (self._curves, self._scroll):
            widget.setVisible(trained)
        self._below.setVisible(len(self._shown) == 2)
        self.redraw()

    @Slot()
    def redraw(self) -> None:
        """Draw the curves: the newer run in front, the older one dashed."""
        kind, colors = str(self.kind.currentData()), {label.name: label.color for label in self._classes}
        lines = [
            line
            for run in self._shown
            for line in lines_of(run_curves(run), kind, colors, name=f"run {run.id}", behind=run is not self._shown[-1])
        ]
        self.plot.show_lines(lines, shares=kind in SHARES)

    def show_changed(self, text: str) -> None:
        """What is known of the pixels that changed."""
        self.changed.setText(text)


class FigureTable(QWidget):
    """A row for each class."""

    def __init__(self) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 8, 0)
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(1, 1)
        self._shown: list[QWidget] = []

    def show_runs(
        self, runs: Sequence[TrainingRun], classes: Sequence[LabelClass], seen: Mapping[int, SeenLabels]
    ) -> None:
        for widget in self._shown:
            self._grid.removeWidget(widget)
            widget.hide()
            widget.deleteLater()
        self._shown = []
        if not runs:
            return
        heads = ("Labelled", "IoU") if len(runs) == 1 else (*(f"Run {run.id}" for run in runs), "Change")
        for place, text in enumerate(heads, 2):
            self._add(caption(text), 0, place)
        rows = _one(runs[0], seen.get(runs[0].id)) if len(runs) == 1 else _two(*runs)
        colors = {label.name: label.color for run in runs for label in run.classes}
        colors |= {label.name: label.color for label in classes}
        for line, (name, *cells) in enumerate(rows, 1):
            if name in colors:
                self._add(color_mark(colors[name]), line, 0)
            for place, text in enumerate((name, *cells), 1):
                label = QLabel(text)
                label.setTextFormat(Qt.TextFormat.PlainText)
                self._add(label, line, place)
        self._grid.setRowStretch(self._grid.rowCount(), 1)

    @property
    def rows(self) -> list[str]:
        """What it shows, a line for each row."""
        lines: dict[int, list[str]] = {}
        for widget in self._shown:
            place = cast(tuple[int, int, int, int], self._grid.getItemPosition(self._grid.indexOf(widget)))
            if isinstance(widget, QLabel) and widget.text():
                lines.setdefault(place[0], []).append(widget.text())
        return [" ".join(words) for _, words in sorted(lines.items())]

    def _add(self, widget: QWidget, line: int, place: int) -> None:
        side = Qt.AlignmentFlag.AlignRight if place > 1 else Qt.AlignmentFlag.AlignLeft
        self._grid.addWidget(widget, line, place, side | Qt.AlignmentFlag.AlignVCenter)
        self._shown.append(widget)


def _one(run: TrainingRun, seen: SeenLabels | None) -> list[tuple[str, ...]]:
    """Class, pixels learned from, IoU."""
    pixels = None if seen is None else seen.class_pixels
    known = {label.name: label.id for label in run.classes}
    rows: list[tuple[str, ...]] = [(text, "", percent(run.metrics.get(name))) for name, text in TOTALS]
    for name in dict.fromkeys((*known, *iou_of(run))):
        count = "…" if pixels is None else f"{pixels.get(known.get(name, -1), 0):,}"
        rows.append((name, count, percent(iou_of(run).get(name))))
    return rows


def _two(a: TrainingRun, b: TrainingRun) -> list[tuple[str, ...]]:
    """Class, IoU of each run, how much more the newer one has."""
    pairs = [(text, (a.metrics.get(name), b.metrics.get(name))) for name, text in TOTALS]
    pairs += list(iou_pairs(a, b).items())
    return [(name, *(percent(value) for value in pair), points(difference(*pair))) for name, pair in pairs]


def _title(runs: Sequence[TrainingRun]) -> str:
    if len(runs) == 2:
        return f"Run {runs[0].id} (dashed) and run {runs[1].id}"
    if len(runs) != 1:
        return MANY if runs else NOTHING
    run = runs[0]
    if run.imported:
        return f"Run {run.id} · a model from elsewhere"
    begun = run.settings.get("started_from")
    told = (f"Run {run.id}", f"from run {begun}" if begun else "afresh", f"{clock(run.seconds)} on {run.device}")
    return " · ".join(told)


def _notes(runs: Sequence[TrainingRun], classes: Sequence[LabelClass], seen: Mapping[int, SeenLabels]) -> list[str]:
    """What a reader should know, a line each."""
    notes = []
    if len(runs) == 1 and runs[0].imported:
        notes.append(IMPORTED)
    elif len(runs) == 1:
        labels, measured = seen.get(runs[0].id), runs[0].metrics.get("measured_on")
        told = f"labels of revision {runs[0].label_revision}" if labels is None else seen_line(labels)
        notes.append(f"Learned from {told}" + (f" · measured on {measured}" if measured else ""))
    if len(runs) == 2:
        notes += remarks(*runs)
    if len(runs) == 2 and not any(run.imported for run in runs):
        settings = [
            f"{name.replace('_', ' ')} {_told(name, x)} → {_told(name, y)}"
            for name, (x, y) in different_settings(*runs).items()
            if isinstance(x, str | float | int | None) and isinstance(y, str | float | int | None)
        ]
        notes.append(f"Settings that differ: {', '.join(settings)}" if settings else "The settings are the same.")
    return notes + [note for run in runs for note in changed_classes(run, classes)]


def _told(name: str, value: object) -> str:
    """A setting's value in words."""
    if name == "started_from":
        return f"run {value}" if value else "nothing"
    return "none" if value is None else str(value)
