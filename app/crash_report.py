"""What happens when the program has a bug: a log that says so, and a report that can be copied. Work goes on."""

import faulthandler
import logging
import platform
import sys
import threading
import traceback
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType
from typing import TextIO

from PySide6 import __version__ as pyside_version
from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPlainTextEdit, QVBoxLayout, QWidget

from app.panels.controls import button, enter_presses
from app.places import log_folder

log = logging.getLogger("maskwright")

LOG_BYTES, LOG_FILES = 1_000_000, 3
_abort_file: TextIO | None = None


def start_logging() -> Path:
    """Log to a rotating file; aborts inside libraries leave their traces beside it. Returns the log's path."""
    global _abort_file  # noqa: PLW0603 - faulthandler needs the file open as long as the program runs
    folder = log_folder()
    path = folder / "maskwright.log"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handler = RotatingFileHandler(path, maxBytes=LOG_BYTES, backupCount=LOG_FILES, encoding="utf-8")
        _abort_file = (folder / "abort.log").open("a", encoding="utf-8")
    except OSError:
        return path  # no log is no reason not to start
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.getLogger().addHandler(handler)
    logging.getLogger().setLevel(logging.INFO)
    faulthandler.enable(_abort_file)
    return path


def report_text(trace: str, log_path: Path) -> str:
    """What somebody needs who is to mend the bug; no names of pictures beyond those in the trace."""
    system = f"Python {platform.python_version()}, PySide6 {pyside_version}, {platform.platform()}"
    return f"Maskwright stumbled\n{system}\nLog: {log_path}\n\n{trace}"


class CrashReport(QDialog):
    """Shows one report. Its window blocks nothing."""

    def __init__(self, trace: str, log_path: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Something went wrong")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(False)
        self.resize(640, 400)
        words = QLabel(
            "That was a mistake in the program, not yours. What was saved is safe, and you can go on. "
            "To have it mended, send this report."
        )
        words.setWordWrap(True)
        self.text = QPlainTextEdit(report_text(trace, log_path))
        self.text.setReadOnly(True)
        self.text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.copy = button("Copy the report")
        self.go_on = button("Go on", role="accent")
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self.copy)
        buttons.addWidget(self.go_on)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        column.addWidget(words)
        column.addWidget(self.text, 1)
        column.addLayout(buttons)
        enter_presses(self.go_on)
        self.copy.clicked.connect(self._copy)
        self.go_on.clicked.connect(self.close)

    @Slot()
    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text.toPlainText())
        self.copy.setText("Copied")


class BugCatcher(QObject):
    """Takes every unhandled exception of any thread to the log and, once for each place, to the screen."""

    _caught = Signal(str)

    def __init__(self, log_path: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._log_path = log_path
        self._seen: set[str] = set()
        self.window: QWidget | None = None
        self._last: CrashReport | None = None
        self._caught.connect(self.show_report, Qt.ConnectionType.QueuedConnection)

    def install(self) -> None:
        sys.excepthook = self.catch
        threading.excepthook = self._catch_in_thread

    def catch(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
            return
        log.error("unhandled", exc_info=(kind, error, trace))
        text = "".join(traceback.format_exception(kind, error, trace))
        sys.stderr.write(text)
        self._caught.emit(text)

    def _catch_in_thread(self, hook: threading.ExceptHookArgs) -> None:
        if hook.exc_value is not None:
            self.catch(hook.exc_type, hook.exc_value, hook.exc_traceback)

    @Slot(str)
    def show_report(self, trace: str) -> None:
        """Show a report, unless the same one was shown before: a bug in a paint event would open hundreds."""
        if trace in self._seen:
            return
        self._seen.add(trace)
        self._last = CrashReport(trace, self._log_path, self.window)  # kept, or Python would take it away at once
        self._last.show()
