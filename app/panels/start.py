"""The empty window: what this is for, one button to begin, and where one was before."""

from pathlib import Path

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.icons import icon
from app.panels.controls import button, caption
from app.panels.template_choice import WIDTH, TemplateChoice, keep_height


class StartPage(QWidget):
    """Shown while no project is open."""

    folder_asked = Signal()
    project_asked = Signal()
    sample_asked = Signal()
    recent_chosen = Signal(object)
    """The Path of a project."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("start")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        title = QLabel("Paint a little, train, correct")
        title.setProperty("role", "title")
        lead = QLabel(
            "Open a folder of pictures and paint what you see in them. "
            "Train a model on your strokes, and it paints the rest for you to accept or correct."
        )
        lead.setWordWrap(True)
        self.open_folder = button("Open a folder of pictures", role="accent", icon_name="folder")
        self.open_project = button("Open a project", icon_name="project")
        self.open_sample = button("Try the sample", icon_name="sample")
        self.template = TemplateChoice()
        self._recent = QVBoxLayout()
        self._recent.setSpacing(0)
        self.recent_heading = QLabel("Recent projects")
        self.recent_heading.setProperty("role", "heading")
        self._lay_out(title, lead)
        keep_height(lead)
        self._connect_signals()
        self.redraw_icons()

    def _lay_out(self, title: QLabel, lead: QLabel) -> None:
        others = QHBoxLayout()
        others.setSpacing(8)
        others.addWidget(self.open_project, 1)
        others.addWidget(self.open_sample, 1)
        inner = QWidget()
        inner.setFixedWidth(WIDTH)
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(title)
        column.addWidget(lead)
        column.addSpacing(16)
        column.addWidget(self.template)
        column.addSpacing(8)
        column.addWidget(self.open_folder)
        column.addLayout(others)
        column.addWidget(caption("Or drop pictures, a folder or a project anywhere in this window."))
        column.addSpacing(16)
        column.addWidget(self.recent_heading)
        column.addLayout(self._recent)
        outer = QVBoxLayout(self)
        outer.addStretch(2)
        outer.addWidget(inner, 0, Qt.AlignmentFlag.AlignHCenter)
        outer.addStretch(3)

    def _connect_signals(self) -> None:
        self.open_folder.clicked.connect(self.folder_asked)
        self.open_project.clicked.connect(self.project_asked)
        self.open_sample.clicked.connect(self.sample_asked)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.open_folder.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_recent(self, paths: list[Path]) -> None:
        while item := self._recent.takeAt(0):
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        for path in paths[:5]:
            entry = button(path.stem, role="flat", icon_name="project", tip=str(path))
            entry.clicked.connect(_Open(self, path))
            self._recent.addWidget(entry)
        self.recent_heading.setVisible(bool(paths))

    def recent_buttons(self) -> list[QPushButton]:
        items = [self._recent.itemAt(index) for index in range(self._recent.count())]
        widgets = [item.widget() for item in items if item is not None]
        return [widget for widget in widgets if isinstance(widget, QPushButton)]

    @Slot()
    def redraw_icons(self) -> None:
        self.open_folder.setIcon(icon("folder", self.palette().ColorRole.BrightText))
        self.open_project.setIcon(icon("project"))
        self.open_sample.setIcon(icon("sample"))


class _Open:
    def __init__(self, page: StartPage, path: Path) -> None:
        self._page, self._path = page, path

    def __call__(self, checked: bool = False) -> None:
        self._page.recent_chosen.emit(self._path)
