"""A bug is logged, shown once with all that is needed to mend it, and the work goes on."""

import logging
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.crash_report import BugCatcher, CrashReport, start_logging


@pytest.fixture
def catcher(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, own_home: Path) -> Iterator[BugCatcher]:
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    handlers = list(logging.getLogger().handlers)
    catcher = BugCatcher(start_logging())
    catcher.install()
    yield catcher
    for handler in [h for h in logging.getLogger().handlers if h not in handlers]:
        logging.getLogger().removeHandler(handler)
        handler.close()
    for report in reports():
        report.close()


def reports() -> list[CrashReport]:
    return [w for w in QApplication.topLevelWidgets() if isinstance(w, CrashReport) and w.isVisible()]


def stumble() -> None:
    raise ValueError("a stone in the way")


def raise_unhandled() -> None:
    try:
        stumble()
    except ValueError as error:
        sys.excepthook(type(error), error, error.__traceback__)


def test_a_bug_is_shown_with_the_log_and_can_be_copied(catcher: BugCatcher, qtbot: QtBot, own_home: Path) -> None:
    raise_unhandled()
    qtbot.waitUntil(lambda: len(reports()) == 1)
    report = reports()[0]
    assert not report.isModal(), "work goes on"
    report.copy.click()
    copied = QGuiApplication.clipboard().text()
    log = own_home / "log" / "maskwright.log"
    assert "a stone in the way" in copied and "in stumble" in copied and str(log) in copied
    assert "a stone in the way" in log.read_text(encoding="utf-8")


def test_the_same_bug_again_opens_no_second_report(catcher: BugCatcher, qtbot: QtBot) -> None:
    for _ in range(3):
        raise_unhandled()
    qtbot.wait(50)
    assert len(reports()) == 1


def test_a_bug_in_another_thread_is_shown_too(catcher: BugCatcher, qtbot: QtBot) -> None:
    thread = threading.Thread(target=stumble)
    thread.start()
    thread.join()
    qtbot.waitUntil(lambda: len(reports()) == 1)
