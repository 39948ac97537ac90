"""Garbage is collected in the window's thread alone.

Python collects cycles in whichever thread happens to allocate. If a closed window or dialog is among them, Qt destroys
it there, and that hangs or aborts the program.
"""

import gc

from PySide6.QtCore import QObject, QTimer, Slot

EVERY_MS = 1000


class GarbageCollector(QObject):
    """Collects at Python's own thresholds, while the event loop of its thread runs."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        gc.disable()
        gc.freeze()  # what was imported stays: no need to look through it
        self._timer = QTimer(self)
        self._timer.setInterval(EVERY_MS)
        self._timer.timeout.connect(self.collect)
        self._timer.start()

    @Slot()
    def collect(self) -> None:
        full = [
            n for n, (count, most) in enumerate(zip(gc.get_count(), gc.get_threshold(), strict=True)) if count > most
        ]
        if full:
            gc.collect(full[-1])
