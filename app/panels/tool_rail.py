"""The rail of tools at the left. Tools that are alike share a button: a long press or a right click shows them all."""

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QPointF, QSize, Qt, Slot
from PySide6.QtGui import QAction, QContextMenuEvent, QPainter, QPaintEvent, QPalette, QPolygonF
from PySide6.QtWidgets import QMenu, QToolBar, QToolButton, QWidget

from app.icons import SIDE

CORNER = 4.0
"""Side of the small triangle that says there is more."""


class ToolRail(QToolBar):
    def __init__(
        self, groups: Sequence[Sequence[QAction]], below: Sequence[QAction], parent: QWidget | None = None
    ) -> None:
        """groups: the tools, those that share a button together; below: what else is on the rail."""
        super().__init__("Tools", parent)
        self.setObjectName("tools")
        self.setMovable(False)
        self.setOrientation(Qt.Orientation.Vertical)
        self.setIconSize(QSize(SIDE, SIDE))
        self.buttons = [GroupButton(group) for group in groups]
        for button in self.buttons:
            self.addWidget(button)
        self.addSeparator()
        self.addActions(list(below))
        for child in self.findChildren(QToolButton, options=Qt.FindChildOption.FindDirectChildrenOnly):
            child.setFocusPolicy(Qt.FocusPolicy.TabFocus)


class GroupButton(QToolButton):
    """Stands for the last used of its tools."""

    def __init__(self, group: Sequence[QAction], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setIconSize(QSize(SIDE, SIDE))
        self._several = len(group) > 1
        self.setDefaultAction(group[0])
        if self._several:
            menu = QMenu(self)
            menu.addActions(list(group))
            self.setMenu(menu)
            self.setPopupMode(QToolButton.ToolButtonPopupMode.DelayedPopup)
            for action in group:
                action.toggled.connect(self._stand_for)

    @Slot(bool)
    def _stand_for(self, checked: bool) -> None:
        action = self.sender()
        if checked and isinstance(action, QAction):
            self.setDefaultAction(action)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if self._several:
            self.menu().popup(self.mapToGlobal(QPoint(self.width(), 0)))

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._several:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.palette().color(QPalette.ColorRole.WindowText))
        right, bottom = self.width() - 3.0, self.height() - 3.0
        corner = [QPointF(right, bottom), QPointF(right - CORNER, bottom), QPointF(right, bottom - CORNER)]
        painter.drawPolygon(QPolygonF(corner))
        painter.end()
