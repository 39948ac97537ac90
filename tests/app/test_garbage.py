"""What a closed window leaves behind is destroyed in the window's thread, whoever makes garbage."""

import gc
import threading

from PySide6.QtCore import QThread
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.garbage import GarbageCollector


class Knot:
    """Holds a widget, and itself."""

    def __init__(self, died_in: list[QThread]) -> None:
        self.me = self
        self.widget = QWidget()
        self.died_in = died_in

    def __del__(self) -> None:
        self.died_in.append(QThread.currentThread())


def make_garbage() -> None:
    for _ in range(50_000):
        knot: list[object] = []
        knot.append(knot)


def test_a_widget_in_a_cycle_dies_in_the_windows_thread(qtbot: QtBot) -> None:
    died_in: list[QThread] = []
    collector = GarbageCollector()
    try:
        Knot(died_in)
        worker = threading.Thread(target=make_garbage)
        worker.start()
        worker.join()
        assert died_in == []
        qtbot.waitUntil(lambda: bool(died_in))
        assert died_in == [collector.thread()]
    finally:
        gc.unfreeze()
