"""The small bar over the picture where a tool shows what it would do: Apply or Cancel. It blocks nothing."""

from PySide6.QtCore import QEvent, QObject, QTimer, Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QWidget

from app.panels.controls import button

MARGIN = 16
PATIENCE_MS = 250
"""Work that is done by then is not worth a word."""


class QuestionBar(QFrame):
    """Lies at the bottom of `over`."""

    applied = Signal()
    cancelled = Signal()

    def __init__(self, over: QWidget) -> None:
        super().__init__(over)
        self._over = over
        self.setObjectName("banner")
        self.text = QLabel()
        self.apply = button("Apply", role="accent", tip="Do it (Enter)")
        self.cancel = button("Cancel", tip="Leave it as it was (Esc)")
        line = QHBoxLayout(self)
        line.setContentsMargins(16, 8, 8, 8)
        line.setSpacing(8)
        for widget in (self.text, self.apply, self.cancel):
            line.addWidget(widget)
        self._late = QTimer(self)
        self._late.setSingleShot(True)
        self._late.setInterval(PATIENCE_MS)
        self._late.timeout.connect(self._appear)
        self.apply.clicked.connect(self.applied)
        self.cancel.clicked.connect(self.cancelled)
        over.installEventFilter(self)
        self.hide()

    @Slot(str, bool)
    def ask(self, question: str, ready: bool) -> None:
        """Show a question, or what is being done; "" hides the bar."""
        self._late.stop()
        if not question:
            self.hide()
            return
        self.text.setText(question)
        self.apply.setVisible(ready or self.isVisible())
        self.apply.setEnabled(ready)
        if ready or self.isVisible():
            self._appear()
        else:
            self._late.start()

    @Slot()
    def _appear(self) -> None:
        self.show()
        self._place()
        self.raise_()

    def _place(self) -> None:
        self.adjustSize()
        self.move((self._over.width() - self.width()) // 2, self._over.height() - self.height() - MARGIN)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return False
