"""A person at the window: real mouse and key events, and eyes for what it shows."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from time import monotonic, sleep

import numpy as np
from PIL import Image
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from app.places import window_settings
from app.theme import Theme
from app.window import MainWindow
from core.masks.tiles import Array

PATIENCE_MS = 10_000
LEFT = Qt.MouseButton.LeftButton


def let_go_on(milliseconds: int) -> None:
    """Handle events for a moment. QTest.qWait would keep other threads from running Python meanwhile."""
    QApplication.processEvents()
    sleep(milliseconds / 1000)
    QApplication.processEvents()


class Person:
    """Works with one window."""

    def __init__(self, theme: Theme, size: tuple[int, int] = (1280, 800)) -> None:
        self.window = MainWindow(theme, window_settings())
        self.window.resize(*size)
        self.window.show()
        assert QTest.qWaitForWindowExposed(self.window)

    # --- eyes

    @property
    def saved_mark(self) -> str:
        return self.window.rooms.status.saved.text()

    @property
    def notice(self) -> str:
        banner = self.window.rooms.banner
        return banner.text.text() if banner.isVisible() else ""

    @property
    def picture(self) -> str:
        image = self.window.workspace.image
        return "" if image is None else image.record.name

    @property
    def labels(self) -> Array:
        """The mask on screen, (height, width)."""
        image = self.window.workspace.image
        assert image is not None
        return image.editor.mask.read()

    def sees(self, condition: Callable[[], object], timeout_ms: int = PATIENCE_MS) -> None:
        """Wait until something is so; fail with what is on screen if it never is."""
        end = monotonic() + timeout_ms / 1000
        while not condition():
            if monotonic() < end:
                let_go_on(5)
                continue
            raise AssertionError(f"still not so; saved: {self.saved_mark!r}, notice: {self.notice!r}")

    def sees_picture(self, name: str) -> None:
        self.sees(lambda: self.picture == name)

    def sees_saved(self) -> None:
        self.sees(lambda: self.saved_mark == "Saved ✓")

    # --- hands

    def drop(self, *paths: Path) -> None:
        """Drag files onto the window."""
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
        place, copy, none = QPointF(200, 200), Qt.DropAction.CopyAction, Qt.KeyboardModifier.NoModifier
        QApplication.sendEvent(self.window, QDragEnterEvent(place.toPoint(), copy, data, LEFT, none))
        event = QDropEvent(place, copy, data, LEFT, none)
        QApplication.sendEvent(self.window, event)

    def paint(self, points: Sequence[tuple[float, float]]) -> None:
        """Drag the brush, or whatever tool is in hand, through (x, y) points of the picture."""
        canvas = self.window.rooms.canvas
        places = [canvas.from_image(point).toPoint() for point in points]
        QTest.mousePress(canvas, LEFT, Qt.KeyboardModifier.NoModifier, places[0])
        for start, end in pairwise(places):
            for step in range(1, 5):
                QTest.mouseMove(canvas, start + (end - start) * (step / 4))
                let_go_on(2)
        QTest.mouseRelease(canvas, LEFT, Qt.KeyboardModifier.NoModifier, places[-1])

    def press(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(self.window.rooms.canvas, key, modifiers)

    def click(self, widget: QWidget, at: QPoint | None = None) -> None:
        place = widget.rect().center() if at is None else at
        QTest.mouseClick(widget, LEFT, Qt.KeyboardModifier.NoModifier, place)

    def leave(self) -> None:
        """Close the window."""
        self.window.close()


def make_pictures(folder: Path, count: int = 3, size: tuple[int, int] = (240, 160)) -> Path:
    """A folder of small pictures: dark left, light right, with some noise."""
    folder.mkdir(parents=True, exist_ok=True)
    width, height = size
    for number in range(count):
        rng = np.random.default_rng(number)
        pixels = rng.integers(0, 40, (height, width, 3), np.uint8)
        pixels[:, width // 2 :] += 180
        Image.fromarray(pixels).save(folder / f"picture-{number + 1}.png")
    return folder
