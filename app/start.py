"""Starting the window: application, theme, log, and the first project."""

import sys
from pathlib import Path

from PySide6.QtWidgets import QApplication

from app.crash_report import BugCatcher, start_logging
from app.places import window_settings
from app.theme import Theme
from app.window import MainWindow


def run_window(path: Path | None = None) -> int:
    """Open the window, on a project or a folder if given, and return its exit status."""
    app = QApplication(sys.argv[:1])
    app.setApplicationName("maskwright")
    app.setApplicationDisplayName("Maskwright")
    app.setDesktopFileName("maskwright")
    bugs = BugCatcher(start_logging(), app)
    bugs.install()
    window = MainWindow(Theme(app), window_settings())
    bugs.window = window
    window.show()
    if path is not None:
        window.open_path(path.absolute())
    return app.exec()
