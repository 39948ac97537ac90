"""A picture of the window, taken when there is something to see on it."""

from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from app.window import MainWindow

PATIENCE_MS = 120_000
"""How long to wait for the prediction; the picture is taken then anyway."""
SETTLE_MS = 1500
"""Time for thumbnails, curves and fading notices, after what was waited for is there."""


class Portrait(QObject):
    """Waits for the open image and, where there is a run, for its prediction; then saves the window as a PNG."""

    done = Signal(int)
    """The exit status: 0, or 1 if the file could not be written."""

    def __init__(self, window: MainWindow, path: Path) -> None:
        super().__init__(window)
        self._window = window
        self._path = path
        self._settling = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._patience = QTimer(self, singleShot=True, interval=PATIENCE_MS)

    def begin(self) -> None:
        self._settling.timeout.connect(self._take)
        self._patience.timeout.connect(self._take)
        self._window.workspace.image_opened.connect(self._image_opened)
        self._window.learning.predicting.predicted.connect(self._settling.start)
        self._window.learning.failed.connect(self._settling.start)
        self._patience.start()

    @Slot()
    def _image_opened(self) -> None:
        if self._window.workspace.run is None:
            self._settling.start()
        else:
            self._settling.stop()

    @Slot()
    def _take(self) -> None:
        saved = self._window.grab().save(str(self._path), "PNG")
        self._window.close()
        self.done.emit(0 if saved else 1)
