"""How the canvas benchmarks set the table: a large picture, labels and a prediction in a window of 1500 × 900."""

import os
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QEvent, QEventLoop, QObject, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from app.canvas.view import CanvasView
from core.classes import UNLABELED, load_template
from core.masks.editor import MaskEditor
from core.masks.tiles import Array, Mask

WIDTH, HEIGHT = 1500, 900


@dataclass
class Table:
    """A canvas on show, and its editor."""

    app: QApplication
    view: CanvasView
    editor: MaskEditor
    paints: "PaintCounter"

    def frame(self, action: Callable[[], object]) -> "Frame":
        """How long it takes from `action` to the end of the frame that shows it."""
        seen, start, busy = self.paints.count, time.perf_counter(), time.process_time()
        action()
        while self.paints.count == seen:
            self.app.processEvents()
        self.app.processEvents()
        return Frame((time.perf_counter() - start) * 1e3, (time.process_time() - busy) * 1e3)

    def mouse(self, kind: QEvent.Type, x: float, y: float, *, held: bool = True) -> None:
        """Send a mouse event, by default with the left button held, at widget coordinates."""
        at, left, none = QPointF(x, y), Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
        button = none if kind == QEvent.Type.MouseMove else left
        buttons = left if held and kind != QEvent.Type.MouseButtonRelease else none
        event = QMouseEvent(kind, at, self.view.mapToGlobal(at), button, buttons, Qt.KeyboardModifier.NoModifier)
        self.app.sendEvent(self.view, event)


class Frame(NamedTuple):
    """What one frame cost."""

    ms: float
    cpu_ms: float
    """The process's own time: what is left of `ms` where other programs do not compete."""


class PaintCounter(QObject):
    """Counts the paint events of a widget."""

    count = 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.count += event.type() == QEvent.Type.Paint
        return False


def set_table(size: int, *, labels: bool = True) -> Table:
    """A `size` × `size` RGB picture with blocks of labels and a prediction over all of it."""
    found = QApplication.instance()
    app = found if isinstance(found, QApplication) else QApplication(sys.argv[:1])
    rng = np.random.default_rng(0)
    view = CanvasView()
    view.resize(WIDTH, HEIGHT)
    view.set_image(rng.integers(0, 255, (size, size, 3), np.uint8))
    view.set_classes(load_template("landcover"))
    editor = MaskEditor(_blocks(rng, size) if labels else Mask(size, size))
    view.set_editor(editor)
    view.set_prediction(_coarse(rng, size, 7, 64), _coarse(rng, size, 256, 32))
    view.set_threshold(0.3)
    view.set_active_class(3)
    view.show()
    paints = PaintCounter(view)
    view.installEventFilter(paints)
    table = Table(app, view, editor, paints)
    for _ in range(20):
        app.processEvents()
        time.sleep(0.01)
    return table


def _coarse(rng: np.random.Generator, size: int, values: int, block: int) -> Array:
    small = rng.integers(0, values, (-(-size // block), -(-size // block)), np.uint8)
    return np.repeat(np.repeat(small, block, 0), block, 1)[:size, :size]


def _blocks(rng: np.random.Generator, size: int) -> Mask:
    """A mask whose blocks of 96 pixels are a class or nothing: nearly every tile holds several."""
    labels = _coarse(rng, size, 12, 96)
    labels[labels > 6] = UNLABELED
    return Mask.from_array(labels)


def spread(frames: list[Frame]) -> dict[str, float]:
    wall, cpu = np.array(frames).T
    return {
        "p50_ms": round(float(np.percentile(wall, 50)), 2),
        "p99_ms": round(float(np.percentile(wall, 99)), 2),
        "max_ms": round(float(wall.max()), 2),
        "cpu_p50_ms": round(float(np.percentile(cpu, 50)), 2),
        "cpu_p99_ms": round(float(np.percentile(cpu, 99)), 2),
    }


def wait_until(ready: Callable[[], bool]) -> None:
    """Handle events as they come, without keeping the processor busy in between."""
    while not ready():
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)


def peak_mb() -> int:
    """The most memory this process has held; the kernel's other figure counts its parent's too."""
    status = Path("/proc/self/status")
    if status.exists():
        return int(status.read_text().partition("VmHWM:")[2].split()[0]) // 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def platform() -> str:
    return os.environ.get("QT_QPA_PLATFORM") or QApplication.platformName()
