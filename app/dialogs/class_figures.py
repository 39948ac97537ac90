"""How well a run does, class by class."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from app.panels.controls import caption, color_mark
from core.evaluation.figures import Evaluation
from core.evaluation.words import percent

COLUMNS = (
    ("Labelled", "Pixels with this label"),
    ("IoU", "Overlap of what is labelled and what is predicted"),
    ("Precision", "How much of what the model calls so is so"),
    ("Recall", "How much of it the model finds"),
    (
        "Boundary F",
        "How well its outline is hit, within 0.75 % of the picture's diagonal, where nothing is unlabelled so close",
    ),
)
NAMES = 108
"""Pixels for names, at least."""


class ClassFigures(QWidget):
    """A row for each class."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(len(COLUMNS) + 2, 1)  # what is left over goes beside the figures
        self._shown: list[QWidget] = []

    def show_evaluation(self, evaluation: Evaluation | None) -> None:
        for widget in self._shown:
            self._grid.removeWidget(widget)
            widget.deleteLater()
        self._shown = []
        if evaluation is None:
            return
        for place, (text, tip) in enumerate(COLUMNS, 2):
            heading = caption(text)
            heading.setToolTip(tip)
            self._add(heading, 0, place)
        for row, label in enumerate(evaluation.subject.classes, 1):
            self._add(color_mark(label.color), row, 0)
            name = QLabel(label.name)
            name.setTextFormat(Qt.TextFormat.PlainText)
            name.setMinimumWidth(NAMES)
            self._add(name, row, 1)
            for place, text in enumerate(_texts(evaluation, label.id), 2):
                self._add(QLabel(text), row, place)

    def _add(self, widget: QWidget, row: int, column: int) -> None:
        side = Qt.AlignmentFlag.AlignRight if column > 1 else Qt.AlignmentFlag.AlignLeft
        self._grid.addWidget(widget, row, column, side | Qt.AlignmentFlag.AlignVCenter)
        self._shown.append(widget)


def _texts(evaluation: Evaluation, class_id: int) -> list[str]:
    confusion = evaluation.confusion
    figures = (confusion.iou, confusion.precision, confusion.recall, evaluation.boundary_f)
    return [f"{confusion.matrix[class_id].sum():,}", *(percent(float(values[class_id])) for values in figures)]
