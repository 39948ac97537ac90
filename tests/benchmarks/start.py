"""How long the window takes to appear, from the start of a fresh process to its first painted frame."""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from core.sample import make_sample

STARTS = 5
WATCH = """
import json, sys, time
from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication, QMainWindow

class Eye(QObject):
    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint and isinstance(watched, QMainWindow) and not self.seen:
            self.seen = True
            QTimer.singleShot(0, self.tell)
        return False

    def tell(self):
        heavy = [name for name in ("tensorflow", "keras", "alembic") if name in sys.modules]
        print(json.dumps({"at": time.time(), "heavy": heavy}), flush=True)
        QApplication.instance().closeAllWindows()

from app.start import run_window
from pathlib import Path
eye, make = Eye(), QMainWindow.__init__
eye.seen = False

def watched_init(self, *args, **kwargs):
    make(self, *args, **kwargs)
    self.installEventFilter(eye)

QMainWindow.__init__ = watched_init
run_window(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
"""


def run(args: argparse.Namespace) -> dict[str, object]:
    """Start the window several times, empty and on a project; the first start warms the disk's cache."""
    with tempfile.TemporaryDirectory() as folder:
        project = make_sample(Path(folder) / "sample")
        _start(folder)
        empty = [_start(folder) for _ in range(STARTS)]
        opened = [_start(folder, str(project)) for _ in range(STARTS)]
    return {
        "first_window_s": round(statistics.median(seconds for seconds, _ in empty), 2),
        "slowest_s": round(max(seconds for seconds, _ in empty), 2),
        "with_a_project_s": round(statistics.median(seconds for seconds, _ in opened), 2),
        "tensorflow_imported": any("tensorflow" in heavy for _, heavy in empty),
        "imported_too_early": sorted({name for _, heavy in empty for name in heavy}),
    }


def _start(home: str, *words: str) -> tuple[float, list[str]]:
    """Seconds from before the process starts until its first frame, and the heavy modules it had imported."""
    environment = {"QT_QPA_PLATFORM": "offscreen", **os.environ, "MASKWRIGHT_HOME": home}
    began = time.time()
    done = subprocess.run(
        [sys.executable, "-c", WATCH, *words], env=environment, capture_output=True, text=True, check=True, timeout=60
    )
    seen = json.loads(done.stdout.splitlines()[0])
    return seen["at"] - began, seen["heavy"]
