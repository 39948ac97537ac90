"""Which model comes in, by whose consent, and what becomes of its channels. The window behind stays usable."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QCheckBox, QComboBox, QDialog, QGridLayout, QLabel, QLineEdit, QProgressBar, QWidget

from app.dialogs.class_choice import ClassChoice
from app.dialogs.files import ask_model
from app.panels.controls import button, caption, enter_presses, row, set_role
from core.classes import LabelClass
from core.foreign.facts import SCALES
from core.foreign.import_model import CONSENT
from core.foreign.recognise import Recognised
from core.formats.class_table import ClassFound

WIDTH = 600
EMPTY = "Choose a .keras or an .onnx file: a model that tells the class of every pixel."
NOT_AGREED = "If you trust it, say so above. Then it is tried on a picture of the project, and nothing is kept yet."
TRYING = "Trying the model on a picture, in a process of its own…"
KEEPING = "Copying the model into the project…"
HEADS = ("What it gives", "Pixels", "In the project")
OPEN = "Choose what becomes of each channel that the project does not know."


@dataclass(frozen=True, slots=True)
class ModelAsked:
    path: Path
    scale: str
    """One of SCALES; empty: found out."""


class ImportModelDialog(QDialog):
    """Asks and shows; trying and keeping are for others."""

    try_asked = Signal(object)
    """A ModelAsked; the person has agreed."""
    forgotten = Signal()
    """What was asked for is not wanted any more."""
    import_asked = Signal(object)
    """What becomes of the channels: class ids of the project by name, None for none."""

    def __init__(self, classes: Sequence[LabelClass], start: Path, parent: QWidget | None = None) -> None:
        """start: the folder in which files are looked for first."""
        super().__init__(parent)
        self.setWindowTitle("Import a model")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._start, self._label_classes = start, classes
        self._found: Recognised | None = None
        self._asked = ""
        self.busy = False
        self.path = QLineEdit()
        self.path.setAccessibleName("Model")
        self.path.setPlaceholderText("A .keras or .onnx file, or a folder that was exported here")
        self.file = button("File…")
        self.consent = caption(CONSENT, wrap=True)
        self.agreed = QCheckBox("I trust where this model comes from")
        self.agreed.setEnabled(False)
        self.scale = QComboBox()
        self.scale.setAccessibleName("Pixels go in as")
        self.scale.addItem("Find out", "")
        for name, scale in SCALES.items():
            self.scale.addItem(scale.words.partition(" by ")[0], name)
        self.scale.setToolTip("For models that take numbers. If a model predicts nonsense, this may be why.")
        self.channels = ClassChoice(heads=HEADS)
        self.text = QLabel(EMPTY)
        self.text.setWordWrap(True)
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setRange(0, 0)
        self.import_button = button("Import", role="accent")
        self.import_button.setEnabled(False)
        self.cancel = button("Cancel")
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        policy = self.bar.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.bar.setSizePolicy(policy)
        self.bar.hide()
        grid = QGridLayout(self)
        grid.setContentsMargins(24, 24, 24, 24)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(1, 1)
        for line, text, box in ((0, "Model", self.path), (3, "Pixels go in as", self.scale)):
            label = QLabel(text)
            label.setBuddy(box)
            grid.addWidget(label, line, 0)
        grid.addLayout(row(self.path, self.file, stretch=0), 0, 1)
        grid.addWidget(self.consent, 1, 1)
        grid.addWidget(self.agreed, 2, 1)
        grid.addWidget(self.scale, 3, 1)
        grid.addWidget(self.channels, 4, 0, 1, 2)
        grid.addWidget(self.text, 5, 0, 1, 2)
        grid.addWidget(self.bar, 6, 0, 1, 2)
        grid.addLayout(row(QWidget(), self.cancel, self.import_button, stretch=0), 7, 0, 1, 2)
        self.setFixedWidth(WIDTH)

    def _connect(self) -> None:
        enter_presses(self.import_button)
        self.path.editingFinished.connect(self._typed)
        self.file.clicked.connect(self._ask_file)
        self.agreed.toggled.connect(self._try)
        self.scale.activated.connect(self._try)
        self.channels.changed.connect(self._show_channels)
        self.import_button.clicked.connect(self._import)
        self.cancel.clicked.connect(self.reject)

    # --- what a person chooses

    def open_path(self, path: Path) -> None:
        """Ask about another model: whether it is trusted is asked anew."""
        self.path.setText(str(path))
        self._asked = str(path)
        self.agreed.setEnabled(bool(str(path)))
        self.agreed.setChecked(False)
        self._try()

    def set_classes(self, classes: Sequence[LabelClass]) -> None:
        """The project has other classes now."""
        self._label_classes = classes
        if not self.busy:
            self._try()

    @Slot()
    def _typed(self) -> None:
        text = self.path.text().strip()
        if text != self._asked:
            self.open_path(Path(text))

    @Slot()
    def _ask_file(self) -> None:
        path = ask_model(self, self._start)
        if path is not None:
            self.open_path(path)

    @Slot()
    def _try(self) -> None:
        self._found = None
        self.channels.forget()
        self.import_button.setEnabled(False)
        self.bar.setVisible(self.agreed.isChecked())
        if not self.agreed.isChecked():
            self.forgotten.emit()
            self._say(NOT_AGREED if self._asked else EMPTY)
        else:
            self._say(TRYING)
            self.try_asked.emit(ModelAsked(Path(self._asked), self.scale.currentData()))

    @Slot()
    def _import(self) -> None:
        ids = {label.name: label.id for label in self._label_classes}
        self.import_asked.emit({one.name: None if one.to is None else ids[one.to] for one in self._chosen})

    def reject(self) -> None:
        """Esc and Cancel, but not while the model is being kept: that takes a moment."""
        if not self.busy:
            super().reject()

    def finish(self) -> None:
        """There is nothing more to ask."""
        self.busy = False
        self.accept()

    # --- what it shows

    def show_found(self, found: Recognised) -> None:
        """The model can be used; what becomes of its channels may still be open."""
        self._found = found
        self.bar.hide()
        self._show_channels()

    @Slot()
    def _show_channels(self) -> None:
        if self._found is None:
            return
        chosen = self._chosen
        self.channels.show_found(chosen, self._label_classes)
        settled = all(one.known for one in chosen)
        self._say("\n".join([*self._found.notes, *(() if settled else (OPEN,))]))
        self.import_button.setEnabled(settled and any(one.to for one in chosen))

    @property
    def _chosen(self) -> list[ClassFound]:
        """The channels with what becomes of them by now."""
        names: dict[int | None, str] = {label.id: label.name for label in self._label_classes}
        own = self.channels.own
        found = () if self._found is None else self._found.channels
        return [replace(one, to=names.get(own[one.name]), known=True) if one.name in own else one for one in found]

    def show_problem(self, sentence: str) -> None:
        """It cannot be used so."""
        self._set_busy(False)
        self.bar.hide()
        self.import_button.setEnabled(False)
        self._say(sentence)
        set_role(self.text, "problem")

    def show_keeping(self) -> None:
        self._set_busy(True)
        self._say(KEEPING)
        self.bar.show()

    def _say(self, text: str) -> None:
        set_role(self.text, "")
        self.text.setText(text)
        self.adjustSize()

    def _set_busy(self, busy: bool) -> None:
        self.busy = busy
        for widget in (self.path, self.file, self.agreed, self.scale, self.channels, self.import_button, self.cancel):
            widget.setEnabled(not busy)
