"""Starting the window: application, theme, log, and the first project."""

import sys
from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QApplication

from app.crash_report import BugCatcher, start_logging
from app.garbage import GarbageCollector
from app.places import window_settings
from app.portrait import Portrait
from app.theme import Theme
from app.window import MainWindow


def run_window(path: Path | None = None, *, picture: Path | None = None, size: QSize | None = None) -> int:
    """Open the window, on a project or a folder if given, and return its exit status.

    With `picture` the window is saved there as an image of itself, once its prediction is shown, and closes again.
    """
    app = QApplication(sys.argv[:1])
    # Every move of the hand counts: dropping some cuts the corners of a quick stroke. (X11 switches this on at start.)
    QApplication.setAttribute(Qt.ApplicationAttribute.AA_CompressHighFrequencyEvents, False)
    GarbageCollector(app)
    app.setApplicationName("maskwright")
    app.setApplicationDisplayName("Maskwright")
    app.setDesktopFileName("maskwright")
    bugs = BugCatcher(start_logging(), app)
    bugs.install()
    window = MainWindow(Theme(app), window_settings())
    bugs.window = window
    if size is not None:
        window.resize(size)
    window.show()
    if picture is not None:
        portrait = Portrait(window, picture)
        portrait.done.connect(app.exit)
        portrait.begin()
    if path is not None:
        window.open_path(path.absolute())
    return app.exec()
