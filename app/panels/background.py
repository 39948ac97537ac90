"""What goes on in the background, in the status line: how far it is, how long it takes, and a button to hold it."""

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtWidgets import QLabel, QWidget

from app.figures import clock
from app.icons import icon
from app.panels.controls import row, tool_button
from app.progress import Progress

WIDEST = "Predicting 00,000 of 00,000 · 000:00 left"


class BackgroundLine(QWidget):
    """Predicting all pictures, or accepting in many; empty while neither goes on."""

    pause_asked = Signal()
    """Pause predicting, or go on."""
    stop_asked = Signal()
    """Accept no more."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.text = QLabel()
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.text.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.text.setMinimumWidth(self.text.fontMetrics().horizontalAdvance(WIDEST))
        self.button = tool_button("pause", "Pause")
        self.button.setFixedSize(20, 20)
        self.button.setIconSize(QSize(14, 14))
        self.button.setProperty("role", "small")
        self.setLayout(row(self.text, self.button, spacing=4))
        self._predicting: Progress | None = None
        self._accepting: Progress | None = None
        self.button.clicked.connect(self._pressed)
        self._show()

    @Slot(object)
    def show_predicting(self, progress: Progress | None) -> None:
        self._predicting = progress
        self._show()

    @Slot(object)
    def show_accepting(self, progress: Progress | None) -> None:
        self._accepting = progress
        self._show()

    @Slot()
    def redraw_icons(self) -> None:
        self._show()

    def _show(self) -> None:
        progress = self._accepting or self._predicting
        self.text.setVisible(progress is not None)
        self.button.setVisible(progress is not None)
        if progress is None:
            return
        left = progress.seconds_left
        after = " · paused" if progress.paused else "" if left is None else f" · {clock(left)} left"
        self.text.setText(f"{progress.doing} {progress.done:,} of {progress.total:,}{after}")
        if self._accepting is not None:
            name, tip = "stop", "Accept no more; what was accepted stays"
        elif progress.paused:
            name, tip = "train", "Go on predicting all pictures"
        else:
            name, tip = "pause", "Pause predicting all pictures"
        if self.button.toolTip() != tip:
            self.button.setToolTip(tip)
            self.button.setAccessibleName(tip)
        self.button.setIcon(icon(name))

    @Slot()
    def _pressed(self) -> None:
        (self.pause_asked if self._accepting is None else self.stop_asked).emit()
