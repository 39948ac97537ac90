"""What all tests share. A warning from Qt is a mistake of ours: it fails the test in which it appears."""

import gc
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

if "PYTEST_XDIST_WORKER" in os.environ:  # one of several processes: a core for each, also in what it starts
    os.environ |= dict.fromkeys(("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS"), "1")

gc.disable()  # see app.garbage: a widget that another thread collects would hang the tests

HARMLESS = ("This plugin does not support",)
"""What the offscreen platform says of itself."""


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Settings and logs of a person's own stay out of the tests, and the tests out of them."""
    home = tmp_path / "home"
    monkeypatch.setenv("MASKWRIGHT_HOME", str(home))
    return home


@pytest.fixture(autouse=True)
def qt_messages(request: pytest.FixtureRequest) -> Iterator[list[str]]:
    """Every message Qt gives during the test; warnings and worse make it fail."""
    messages: list[str] = []
    if not {"app", "journeys"} & set(request.path.parts):
        yield messages  # other tests know no Qt
        return
    from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler

    def keep(kind: QtMsgType, context: QMessageLogContext, text: str) -> None:
        if kind == QtMsgType.QtFatalMsg:
            print(text, file=sys.__stderr__, flush=True)  # the last that is heard of this process
        if kind not in (QtMsgType.QtDebugMsg, QtMsgType.QtInfoMsg) and not text.startswith(HARMLESS):
            messages.append(text)

    before = qInstallMessageHandler(keep)
    yield messages
    qInstallMessageHandler(before)
    assert not messages, "Qt warned: " + "; ".join(messages)


def pytest_runtest_teardown() -> None:
    gc.collect(2 if gc.get_count()[2] > 30 else 1)
