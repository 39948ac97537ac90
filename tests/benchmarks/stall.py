"""How long the window's event loop stands still while a real training runs and somebody paints."""

import argparse
import multiprocessing
import os
import tempfile
import time
from pathlib import Path

import numpy as np

from core.sample import make_sample

BEAT_MS = 4
ASK_MS = 20
STROKE_EVERY_MS = 500
BUDGET_S = 30.0
SHORT_S = 5.0
"""Training time of those that are only there for memory."""
PAUSE_S = 4.0
"""Between trainings, as somebody looks at what came out."""
LONGEST_S = 600.0


def options(parser: argparse.ArgumentParser) -> None:
    text = "trainings in one sitting, to see whether memory stays level; gaps are of the first one"
    parser.add_argument("--runs", type=int, default=1, help=text)


def run(args: argparse.Namespace) -> dict[str, object]:
    """Train in the window on the labelled sample, from pressing Train until the prediction is on screen.

    A timer ticks every few milliseconds meanwhile; a gap between two ticks is time the window could not react. With
    --runs, memory_mb is what window and worker hold after each training, in MB, where the system tells.
    """
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    memory: list[list[int]] = []
    with tempfile.TemporaryDirectory() as folder:
        os.environ["MASKWRIGHT_HOME"] = folder
        project = make_sample(Path(folder) / "sample", masks=True)
        ticks, strokes = _train_and_paint(project, args.runs, memory)
    gaps = np.diff(ticks) * 1e3
    return {
        "memory_mb": memory,
        "gaps_over_50_ms": int((gaps > 50).sum()),
        "longest_ms": round(float(gaps.max()), 1),
        "p99_ms": round(float(np.percentile(gaps, 99)), 1),
        "seconds": round(ticks[-1] - ticks[0], 1),
        "strokes": strokes,
    }


def _train_and_paint(project: Path, runs: int, memory: list[list[int]]) -> tuple[list[float], int]:
    """The times of the ticks, and how many strokes were painted. Then trains again, and adds to `memory`."""
    from PySide6.QtCore import QCoreApplication, QPoint, Qt, QTimer
    from PySide6.QtTest import QTest

    from app.places import window_settings
    from app.theme import Theme
    from app.window import MainWindow
    from core.training.settings import TrainingSettings
    from tests.benchmarks.application import application

    window = MainWindow(Theme(application()), window_settings())
    window.show()
    window.open_path(project)
    _wait(lambda: window.workspace.image is not None)
    _wait(lambda: window.learning.device is not None)  # the worker is warm, as after a minute of painting
    canvas, painted = window.rooms.canvas, 0
    rng = np.random.default_rng(0)

    def paint() -> None:
        nonlocal painted
        start = QPoint(*(int(v) for v in rng.integers(200, 500, 2)))
        QTest.mousePress(canvas, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, start)
        for step in range(1, 9):
            QTest.mouseMove(canvas, start + QPoint(step * 8, step * 4))
        QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, start + QPoint(64, 32))
        painted += 1

    ticks: list[float] = []
    beat, hand = QTimer(), QTimer()
    beat.setTimerType(Qt.TimerType.PreciseTimer)
    beat.timeout.connect(lambda: ticks.append(time.perf_counter()))
    hand.timeout.connect(paint)
    beat.start(BEAT_MS)
    hand.start(STROKE_EVERY_MS)
    window.learning.train(TrainingSettings(budget_s=BUDGET_S))
    _wait(lambda: bool(window.workspace.runs))
    _wait(lambda: window.editing.prediction is not None)
    beat.stop()
    hand.stop()
    memory.append(_held())
    for count in range(2, runs + 1):
        later = time.monotonic() + PAUSE_S
        _wait(lambda later=later: time.monotonic() > later)
        window.learning.train(TrainingSettings(budget_s=SHORT_S))
        _wait(lambda count=count: len(window.workspace.runs) == count and window.learning.state == "idle")
        memory.append(_held())
    window.close()
    QCoreApplication.processEvents()
    return ticks, painted


def _held() -> list[int]:
    """Resident memory of this process and of its children, MB each; empty where the system does not tell."""
    processes = [os.getpid(), *(child.pid for child in multiprocessing.active_children())]
    try:
        pages = [int(Path(f"/proc/{number}/statm").read_text(encoding="ascii").split()[1]) for number in processes]
    except OSError:
        return []
    return [round(count * os.sysconf("SC_PAGE_SIZE") / 1e6) for count in pages]


def _wait(condition: object) -> None:
    """Let events come, asleep between them, until `condition` holds; TimeoutError after LONGEST_S."""
    from PySide6.QtCore import QEventLoop, QTimer

    assert callable(condition)
    loop, asking, end = QEventLoop(), QTimer(), time.monotonic() + LONGEST_S
    asking.timeout.connect(lambda: loop.quit() if condition() or time.monotonic() > end else None)
    asking.start(ASK_MS)
    loop.exec()
    if not condition():
        raise TimeoutError("the window did not get there; see the training panel")
