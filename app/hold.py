"""Hands off for a moment."""

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication

PRESSES = frozenset(
    {
        QEvent.Type.MouseButtonPress,
        QEvent.Type.MouseButtonDblClick,
        QEvent.Type.TabletPress,
        QEvent.Type.KeyPress,
        QEvent.Type.Shortcut,
    }
)


class Hold(QObject):
    """While masks are taken in, for a moment, no press reaches a picture whose labels are being changed."""

    def begin(self) -> None:
        application = QApplication.instance()
        if application is not None:
            application.installEventFilter(self)

    def end(self) -> None:
        application = QApplication.instance()
        if application is not None:
            application.removeEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        return event.type() in PRESSES
