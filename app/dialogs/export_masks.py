"""Where masks go, in which format, and which of them. The window behind stays usable."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QCheckBox, QComboBox, QDialog, QGridLayout, QHBoxLayout, QLabel, QLineEdit, QWidget

from app.dialogs.files import ask_folder
from app.dialogs.mask_formats import CHOICES, VALUES, purpose_of, title_of
from app.panels.controls import button, caption, enter_presses, row
from core.formats import MASK_FORMATS
from core.formats.export_masks import WhichMasks
from core.records import Split

WIDTH = 560
SPLITS: Mapping[Split | None, str] = {
    None: "All labelled pictures",
    "train": "Those for training",
    "val": "Those kept aside for validation",
    "test": "Those kept aside for tests",
}


@dataclass(frozen=True, slots=True)
class ExportChoice:
    """What a person chose."""

    folder: Path
    format: str = "png"
    which: WhichMasks = field(default_factory=WhichMasks)
    choices: Mapping[str, str] = field(default_factory=dict)
    """Values for the format's choices."""

    def to_mapping(self) -> dict[str, Any]:
        return {"folder": str(self.folder), "format": self.format, "choices": dict(self.choices), **asdict(self.which)}

    @classmethod
    def from_mapping(cls, stored: Any, folder: Path) -> "ExportChoice":
        """Read what was stored; `folder` and what is usual, where that is not known any more."""
        if not isinstance(stored, Mapping) or stored.get("format") not in MASK_FORMATS:
            return cls(folder)
        split = stored.get("split")
        which = WhichMasks(split if split in SPLITS else None, stored.get("done_only") is True)
        offered, chosen = MASK_FORMATS[stored["format"]].choices, stored.get("choices")
        kept = chosen if isinstance(chosen, Mapping) else {}
        choices = {name: kept[name] for name, values in offered.items() if kept.get(name) in values}
        return cls(Path(str(stored.get("folder", folder))), stored["format"], which, choices)


class ExportMasksDialog(QDialog):
    """Asks; exporting is for others."""

    chosen = Signal(object)
    """An ExportChoice."""

    def __init__(self, before: ExportChoice, parent: QWidget | None = None) -> None:
        """before: what was chosen last time."""
        super().__init__(parent)
        self.setWindowTitle("Export masks")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.format, self.which = _combo("Format"), _combo("Which pictures")
        self.words = caption(wrap=True)
        self.choices: dict[str, QComboBox] = {}
        self.done_only = QCheckBox("Only pictures marked as done")
        self.folder = QLineEdit(str(before.folder))
        self.folder.setAccessibleName("Folder")
        self.browse = button("Choose…")
        self.export_button = button("Export", role="accent")
        self.cancel = button("Cancel")
        self._grid = QGridLayout(self)
        self._fill(before)
        self._lay_out()
        enter_presses(self.export_button)
        self.format.currentIndexChanged.connect(self._show_format)
        self.folder.textChanged.connect(self._check)
        self.browse.clicked.connect(self._browse)
        self.export_button.clicked.connect(self._choose)
        self.cancel.clicked.connect(self.close)
        self._show_format()
        for name, value in before.choices.items():
            self.choices[name].setCurrentIndex(self.choices[name].findData(value))
        self._check()

    def _fill(self, before: ExportChoice) -> None:
        for format in MASK_FORMATS.values():
            self.format.addItem(title_of(format.name), format.name)
        for split, text in SPLITS.items():
            self.which.addItem(text, split)
        self.format.setCurrentIndex(self.format.findData(before.format))
        self.which.setCurrentIndex(list(SPLITS).index(before.which.split))
        self.done_only.setChecked(before.which.done_only)

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addStretch(1)
        buttons.addWidget(self.cancel)
        buttons.addWidget(self.export_button)
        grid = self._grid
        grid.setContentsMargins(24, 24, 24, 24)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(8)
        self._options = QGridLayout()
        self._options.setHorizontalSpacing(16)
        self._options.setVerticalSpacing(8)
        self._options.setColumnStretch(1, 1)
        for line, (text, box) in enumerate((("Format", self.format), ("", self.words))):
            self._add(grid, line, text, box)
        grid.addLayout(self._options, 2, 1)
        self._add(grid, 3, "Pictures", self.which)
        self._add(grid, 4, "", self.done_only)
        label = QLabel("Folder")
        label.setBuddy(self.folder)
        grid.addWidget(label, 5, 0)
        grid.addLayout(row(self.folder, self.browse, stretch=0), 5, 1)
        grid.addLayout(buttons, 6, 0, 1, 2)
        grid.setRowMinimumHeight(6, 48)
        grid.setColumnStretch(1, 1)
        self.setFixedWidth(WIDTH)

    def _add(self, grid: QGridLayout, line: int, text: str, widget: QWidget) -> None:
        if text:
            label = QLabel(text)
            label.setBuddy(widget)
            grid.addWidget(label, line, 0)
        grid.addWidget(widget, line, 1)

    @Slot()
    def _show_format(self) -> None:
        """What the chosen format is, and what can be chosen about it."""
        format = MASK_FORMATS[self.format.currentData()]
        copies = " The pictures are written too." if format.copies_images else ""
        self.words.setText(purpose_of(format.name) + copies)
        self.words.setToolTip(f"{format.name}: {format.words}")
        while item := self._options.takeAt(0):
            if widget := item.widget():
                widget.setParent(None)
                widget.deleteLater()
        self.choices = {}
        for line, (name, values) in enumerate(format.choices.items()):
            title = CHOICES.get(name, name)
            self.choices[name] = _combo(title)
            for value in values:
                self.choices[name].addItem(VALUES.get(value, value), value)
            self._add(self._options, line, title, self.choices[name])
        self.adjustSize()

    @Slot()
    def _check(self) -> None:
        self.export_button.setEnabled(bool(self.folder.text().strip()))

    @Slot()
    def _browse(self) -> None:
        folder = ask_folder(self, "Export masks into a folder", Path(self.folder.text()))
        if folder is not None:
            self.folder.setText(str(folder))

    @Slot()
    def _choose(self) -> None:
        which = WhichMasks(self.which.currentData(), self.done_only.isChecked())
        choices = {name: box.currentData() for name, box in self.choices.items()}
        self.chosen.emit(ExportChoice(Path(self.folder.text().strip()), self.format.currentData(), which, choices))
        self.close()


def _combo(name: str) -> QComboBox:
    box = QComboBox()
    box.setAccessibleName(name)
    return box
