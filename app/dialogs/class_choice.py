"""A table: the classes that were found in masks or that a model gives, and what becomes of each in the project."""

from collections.abc import Sequence
from operator import attrgetter

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QComboBox, QGridLayout, QLabel, QScrollArea, QWidget

from app.panels.controls import caption, number_label, swatch
from core.classes import LabelClass
from core.formats.class_table import ClassFound
from core.formats.source import shown

LEFT_OUT = -1
OPEN = -2
HEADS = ("In the masks", "Pixels", "In the project")
MOST_HEIGHT = 220
"""Pixels; more classes scroll."""


class ClassChoice(QScrollArea):
    """A row a class: its name, its pixels, and a box for the project's class or for leaving it out."""

    changed = Signal()
    """A person chose."""

    def __init__(self, parent: QWidget | None = None, *, heads: tuple[str, str, str] = HEADS) -> None:
        super().__init__(parent)
        self._heads = heads
        self._own: dict[str, int | None] = {}
        self._classes: Sequence[LabelClass] = ()
        self.boxes: dict[str, QComboBox] = {}
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hide()

    @property
    def own(self) -> dict[str, int | None]:
        """What a person chose, by the name in the files; None for leaving out."""
        return dict(self._own)

    def forget(self) -> None:
        """Other files: what was chosen for their classes counts no more."""
        self._own = {}
        self.show_found((), self._classes)

    def show_found(self, found: Sequence[ClassFound], classes: Sequence[LabelClass]) -> None:
        """List them, those that somebody must decide on first.

        Args:
            classes: the project's.
        """
        if {one.name for one in found} != set(self.boxes) or classes != self._classes:
            self._build(sorted(found, key=attrgetter("known")), classes)
        ids = {label.name: label.id for label in classes}
        for one in found:
            box = self.boxes[one.name]
            chosen = OPEN if not one.known else LEFT_OUT if one.to is None else ids[one.to]
            if chosen != OPEN and box.findData(OPEN) == 0:
                box.removeItem(0)
            box.setCurrentIndex(box.findData(chosen))
        self.setVisible(bool(found))

    def leave_open_ones_out(self) -> None:
        """Leave out every class that nothing is chosen for."""
        for name, box in self.boxes.items():
            if box.currentData() == OPEN:
                self._own[name] = None
        self.changed.emit()

    def _build(self, found: Sequence[ClassFound], classes: Sequence[LabelClass]) -> None:
        self._classes, self.boxes = classes, {}
        table = QWidget()
        grid = QGridLayout(table)
        grid.setContentsMargins(0, 0, 8, 0)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(0, 1)
        for column, text in enumerate(self._heads):
            head = caption(text)
            grid.addWidget(head, 0, column)
            if column == 1:
                head.setAlignment(Qt.AlignmentFlag.AlignRight)
        for line, one in enumerate(found, 1):
            name = QLabel(shown(one.name))
            name.setTextFormat(Qt.TextFormat.PlainText)
            pixels = number_label("000,000,000")
            pixels.setText(f"{one.pixels:,}")
            box = self.boxes[one.name] = self._box(one.name)
            name.setBuddy(box)
            for column, widget in enumerate((name, pixels, box)):
                grid.addWidget(widget, line, column)
        self.setWidget(table)
        self.setFixedHeight(min(table.sizeHint().height(), MOST_HEIGHT))

    def _box(self, name: str) -> QComboBox:
        box = QComboBox()
        box.setObjectName(name)
        box.setAccessibleName(f"{shown(name)} becomes")
        box.setMinimumWidth(180)
        box.addItem("Choose…", OPEN)
        for label in self._classes:
            box.addItem(swatch(label.color), label.name, label.id)
        box.addItem("Leave out", LEFT_OUT)
        box.activated.connect(self._choose)
        return box

    @Slot()
    def _choose(self) -> None:
        box = self.sender()
        if isinstance(box, QComboBox) and box.currentData() != OPEN:
            chosen = int(box.currentData())
            self._own[box.objectName()] = None if chosen == LEFT_OUT else chosen
            self.changed.emit()
