"""The application that benchmarks of the window run in."""

import sys

from PySide6.QtWidgets import QApplication

from app.garbage import GarbageCollector


def application() -> QApplication:
    """The one that is there, or a new one that collects its garbage as Maskwright does."""
    found = QApplication.instance()
    if isinstance(found, QApplication):
        return found
    app = QApplication(sys.argv[:1])
    GarbageCollector(app)
    return app
