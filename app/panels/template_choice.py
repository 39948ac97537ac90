"""Choosing the classes that a new project starts from, with their colours to see."""

from PySide6.QtCore import QSize, Slot
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.panels.controls import caption, swatch
from core.classes import load_template, template_names

FIRST = "landcover"
WIDTH = 440


class TemplateChoice(QWidget):
    """A template's name, its colours, and what its classes are called."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedWidth(WIDTH)
        self.combo = QComboBox()
        self.combo.addItems([FIRST, *(name for name in template_names() if name != FIRST)])
        self.combo.setAccessibleName("Classes of a new project")
        self.combo.setToolTip("What the classes of a new project are; you can change them later")
        self.combo.setFixedWidth(160)
        self._names = caption(wrap=True)
        self._swatches = QHBoxLayout()
        self._swatches.setSpacing(0)
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(QLabel("Classes to paint"))
        line.addWidget(self.combo)
        line.addLayout(self._swatches)
        line.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(line)
        column.addWidget(self._names)
        self.combo.currentTextChanged.connect(self._show)
        self._show(self.combo.currentText())

    @property
    def name(self) -> str:
        return self.combo.currentText()

    @Slot(str)
    def _show(self, name: str) -> None:
        while item := self._swatches.takeAt(0):
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        classes = load_template(name)
        for label in classes:
            patch = QLabel()
            patch.setPixmap(swatch(label.color, str(label.id + 1)).pixmap(QSize(20, 20)))
            patch.setToolTip(label.name)
            self._swatches.addWidget(patch)
        names = ", ".join(f"{label.id + 1} {label.name}" for label in classes)
        self._names.setText(f"{names}. You can rename and add classes later.")
        keep_height(self._names)


def keep_height(label: QLabel) -> None:
    """Give a wrapped label the height that its text takes: a centred column does not ask for it."""
    label.setFixedHeight(label.heightForWidth(WIDTH))
