"""A new project beside a folder of pictures. The window behind it stays usable."""

from pathlib import Path

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.dialogs.files import ask_folder
from app.panels.controls import button, caption, enter_presses
from app.panels.template_choice import TemplateChoice


class NewProjectDialog(QDialog):
    """Asks which folder and which classes."""

    chosen = Signal(object, str)
    """The folder's Path and the template's name."""

    def __init__(self, start: Path | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("New project")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._start = start
        self._folder: Path | None = None
        self.place = QLabel("No folder yet")
        self.place.setTextFormat(Qt.TextFormat.PlainText)
        self.browse = button("Choose a folder…")
        self.template = TemplateChoice()
        self.create_button = button("Create", role="accent")
        self.cancel = button("Cancel")
        self.create_button.setEnabled(False)
        self._lay_out()
        enter_presses(self.create_button)
        self.browse.clicked.connect(self._ask_folder)
        self.create_button.clicked.connect(self._create)
        self.cancel.clicked.connect(self.close)

    def _lay_out(self) -> None:
        folder = QHBoxLayout()
        folder.setSpacing(8)
        folder.addWidget(self.place, 1)
        folder.addWidget(self.browse)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addStretch(1)
        buttons.addWidget(self.cancel)
        buttons.addWidget(self.create_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(16)
        column.addLayout(folder)
        column.addWidget(self.template)
        column.addWidget(caption("The project file goes into the folder; the pictures stay as they are."))
        column.addLayout(buttons)

    @Slot()
    def _ask_folder(self) -> None:
        folder = ask_folder(self, "Folder of pictures", self._start)
        if folder is not None:
            self._folder = folder
            self.place.setText(self.place.fontMetrics().elidedText(str(folder), Qt.TextElideMode.ElideMiddle, 280))
            self.place.setToolTip(str(folder))
            self.create_button.setEnabled(True)

    @Slot()
    def _create(self) -> None:
        if self._folder is not None:
            self.chosen.emit(self._folder, self.template.name)
            self.close()
