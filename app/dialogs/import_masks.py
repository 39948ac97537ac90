"""Which masks come in, what they would change, and what becomes of their classes. The window behind stays usable."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Literal

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QComboBox, QDialog, QGridLayout, QLabel, QLineEdit, QPlainTextEdit, QProgressBar, QWidget

from app.dialogs.class_choice import ClassChoice
from app.dialogs.files import ask_folder, ask_masks
from app.panels.controls import button, caption, enter_presses, row, set_role
from core.classes import LabelClass
from core.formats import MASK_FORMATS
from core.formats.import_masks import ImportPlan

WIDTH = 600
Rule = Literal["replace", "listed", "unlabelled"]
RULES: Mapping[Rule, str] = {
    "replace": "Replace all labels of these pictures",
    "listed": "Replace only where the masks have a class below",
    "unlabelled": "Keep all labels, fill what is unlabelled",
}
EMPTY = "Choose a file or a folder with masks. Its format is found by itself."


@dataclass(frozen=True, slots=True)
class ImportChoice:
    """What a person chose so far."""

    path: Path
    format: str | None = None
    """None to find it."""
    rule: Rule = "replace"
    own: Mapping[str, int | None] | None = None
    """What becomes of classes of the files: a class id of the project, None for leaving out."""


class ImportMasksDialog(QDialog):
    """Asks and shows; looking and importing are for others."""

    look_asked = Signal(object)
    """An ImportChoice, to find out what it would change."""
    import_asked = Signal()
    stop_asked = Signal()

    def __init__(self, classes: Sequence[LabelClass], start: Path, parent: QWidget | None = None) -> None:
        """start: the folder in which files are looked for first."""
        super().__init__(parent)
        self.setWindowTitle("Import masks")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._start = start
        self._label_classes = classes
        self._looked_at = ""
        self.busy = False
        self.path = QLineEdit()
        self.path.setAccessibleName("Masks")
        self.path.setPlaceholderText("A file, a folder or a zip archive")
        self.file, self.folder = button("File…"), button("Folder…")
        self.format, self.rule = _combo("Format"), _combo("Labels that are there")
        self.words = caption(wrap=True)
        self.words.hide()
        self.classes = ClassChoice()
        self.leave_rest_out = button("Leave the others out", role="link")
        self.leave_rest_out.hide()
        self.text = QLabel(EMPTY)
        self.text.setWordWrap(True)
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.left_out = QPlainTextEdit()
        self.left_out.setReadOnly(True)
        self.left_out.setTabChangesFocus(True)
        self.left_out.setAccessibleName("Masks that are left out, and why")
        self.left_out.setFixedHeight(72)
        self.left_out.hide()
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.import_button = button("Import", role="accent")
        self.cancel = button("Cancel")
        self._fill()
        self._lay_out()
        self._connect()

    def _fill(self) -> None:
        self.format.addItem("Find it", None)
        for format in MASK_FORMATS.values():
            self.format.addItem(f"{format.name}  –  {format.words.partition(':')[0]}", format.name)
        for rule, text in RULES.items():
            self.rule.addItem(text, rule)
        self.import_button.setEnabled(False)
        policy = self.bar.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.bar.setSizePolicy(policy)
        self.bar.hide()

    def _connect(self) -> None:
        enter_presses(self.import_button)
        self.path.editingFinished.connect(self._typed)
        self.file.clicked.connect(self._ask_file)
        self.folder.clicked.connect(self._ask_folder)
        self.format.activated.connect(self._look_anew)
        self.rule.activated.connect(self._look)
        self.classes.changed.connect(self._look)
        self.leave_rest_out.clicked.connect(self.classes.leave_open_ones_out)
        self.import_button.clicked.connect(self.import_asked)
        self.cancel.clicked.connect(self.reject)

    def _lay_out(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(24, 24, 24, 24)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(1, 1)
        _name(grid, 0, "Masks", self.path)
        grid.addLayout(row(self.path, self.file, self.folder, stretch=0), 0, 1)
        _name(grid, 1, "Format", self.format)
        grid.addWidget(self.format, 1, 1)
        grid.addWidget(self.words, 2, 1)
        _name(grid, 3, "Labels", self.rule)
        grid.addWidget(self.rule, 3, 1)
        grid.addWidget(self.classes, 4, 0, 1, 2)
        grid.addWidget(self.leave_rest_out, 5, 0, 1, 2, Qt.AlignmentFlag.AlignRight)
        grid.addWidget(self.text, 6, 0, 1, 2)
        grid.addWidget(self.left_out, 7, 0, 1, 2)
        grid.addWidget(self.bar, 8, 0, 1, 2)
        buttons = row(QWidget(), self.cancel, self.import_button, stretch=0)
        grid.addLayout(buttons, 9, 0, 1, 2)
        self.setFixedWidth(WIDTH)

    # --- what a person chooses

    @property
    def choice(self) -> ImportChoice | None:
        text = self.path.text().strip()
        if not text:
            return None
        return ImportChoice(Path(text), self.format.currentData(), self.rule.currentData(), self.classes.own)

    def open_path(self, path: Path) -> None:
        """Look at other masks."""
        self.path.setText(str(path))
        self.format.setCurrentIndex(0)
        self._look_anew()

    def set_classes(self, classes: Sequence[LabelClass]) -> None:
        """The project has other classes now."""
        self._label_classes = classes
        if not self.busy:
            self._look_anew()

    @Slot()
    def _typed(self) -> None:
        if self.path.text().strip() != self._looked_at:
            self.format.setCurrentIndex(0)
            self._look_anew()

    @Slot()
    def _ask_file(self) -> None:
        path = ask_masks(self, self._start)
        if path is not None:
            self.open_path(path)

    @Slot()
    def _ask_folder(self) -> None:
        path = ask_folder(self, "Folder with masks", self._start)
        if path is not None:
            self.open_path(path)

    @Slot()
    def _look_anew(self) -> None:
        """Files or format are others: what was chosen for their classes counts no more."""
        self.classes.forget()
        self._look()

    @Slot()
    def _look(self) -> None:
        choice = self.choice
        self._looked_at = self.path.text().strip()
        self._show_result(EMPTY, (), ready=False)
        if choice is not None:
            self.show_looking(0)
            self.look_asked.emit(choice)

    def reject(self) -> None:
        """Esc and Cancel: stop what is going on, or else close."""
        if self.busy:
            self.stop_asked.emit()
        else:
            super().reject()

    def finish(self) -> None:
        """There is nothing more to ask."""
        self.busy = False
        self.accept()

    # --- what it shows

    def show_looking(self, count: int) -> None:
        self.text.setText(f"Looking at masks: {count:,}…" if count else "Looking at the masks…")
        self._show_bar(0, 0)

    def show_plan(self, format: str, plan: ImportPlan) -> None:
        """What would be imported."""
        words = MASK_FORMATS[format].words
        self.words.show()
        self.words.setText(f"{'Found: ' if self.format.currentData() is None else ''}{format}, {words}.")
        self.classes.show_found(plan.classes, self._label_classes)
        self._order_tabs()
        self.leave_rest_out.setVisible(len(plan.unknown) > 0)
        self._show_result(_told(plan), plan.left_out, ready=bool(plan.images) and not plan.unknown)

    def _order_tabs(self) -> None:
        above = (self.path, self.file, self.folder, self.format, self.rule, *self.classes.boxes.values())
        for before, after in pairwise((*above, self.leave_rest_out, self.left_out, self.cancel, self.import_button)):
            QWidget.setTabOrder(before, after)

    def show_problem(self, sentence: str) -> None:
        """It cannot be imported so."""
        self._show_result(sentence, (), ready=False)
        set_role(self.text, "problem")

    def show_importing(self, text: str, done: int, total: int) -> None:
        """total: 0 where nobody knows."""
        self._set_busy(True)
        self.text.setText(text)
        self._show_bar(done, total)

    def show_stopped(self, sentence: str, *, ready: bool) -> None:
        """The import came to nothing; it can be changed and tried again."""
        self._set_busy(False)
        self.text.setText(sentence)
        self.bar.hide()
        self.import_button.setEnabled(ready)

    def _show_result(self, text: str, left_out: Sequence[str], *, ready: bool) -> None:
        set_role(self.text, "")
        self.text.setText(text)
        self.left_out.setPlainText("\n".join(left_out))
        self.left_out.setVisible(bool(left_out))
        self.bar.hide()
        self.import_button.setEnabled(ready)
        self.adjustSize()

    def _show_bar(self, done: int, total: int) -> None:
        self.bar.setRange(0, total)
        self.bar.setValue(done)
        self.bar.show()

    def _set_busy(self, busy: bool) -> None:
        if busy != self.busy:
            self.busy = busy
            chosen = (self.path, self.file, self.folder, self.format, self.rule, self.classes, self.leave_rest_out)
            for widget in (*chosen, self.import_button):
                widget.setEnabled(not busy)
            self.cancel.setText("Stop" if busy else "Cancel")


def _told(plan: ImportPlan) -> str:
    if not plan.images:
        return "None of the masks belongs to a picture of the project."
    there = f"{len(plan.images):,} of {len(plan.images) + len(plan.left_out):,} masks belong to a picture."
    if plan.unknown:
        many = len(plan.unknown) > 1
        names = f"{len(plan.unknown)} classes are" if many else "1 class is"
        return f"{there} {names} not in the project: choose what becomes of {'each' if many else 'it'}."
    if not plan.changed:
        return f"{there} They would change nothing."
    over = f", {plan.overwritten:,} of them labelled now" if plan.overwritten else ""
    return f"{there} They would change {plan.changed:,} pixels{over}."


def _combo(name: str) -> QComboBox:
    box = QComboBox()
    box.setAccessibleName(name)
    return box


def _name(grid: QGridLayout, line: int, text: str, widget: QWidget) -> None:
    label = QLabel(text)
    label.setBuddy(widget)
    grid.addWidget(label, line, 0)
