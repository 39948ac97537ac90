"""The program is killed in the middle of painting. What it showed as saved is there."""

import hashlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PySide6.QtCore import Qt

from tests.journeys.person import Person, make_pictures

STROKES = 6


def test_strokes_shown_as_saved_survive_a_kill(sit_down: Callable[[], Person], tmp_path: Path) -> None:
    folder = make_pictures(tmp_path / "p", 1)
    painter = subprocess.Popen(
        [sys.executable, "-m", "tests.journeys.painter", str(folder)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "MASKWRIGHT_HOME": str(tmp_path / "other home")},
    )
    assert painter.stdout is not None
    saved = [painter.stdout.readline().strip() for _ in range(STROKES)]
    painter.send_signal(signal.SIGKILL)
    saved += painter.stdout.read().split()
    painter.wait()

    person = sit_down()
    person.drop(folder / "p.maskwright")
    person.sees_picture("picture-1.png")
    found = hashlib.sha256(person.labels.tobytes()).hexdigest()
    if found != saved[-1]:  # a stroke more may have reached the disk than was told
        person.press(Qt.Key.Key_Z)
        assert hashlib.sha256(person.labels.tobytes()).hexdigest() == saved[-1]
    project = person.window.workspace.project
    assert project is not None and project.faults() == []
    before = person.labels
    person.press(Qt.Key.Key_Z)
    assert not np.array_equal(person.labels, before), "undo reaches back to before the kill"
