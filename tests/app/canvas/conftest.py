"""A canvas on show with a small picture, and a hand that works on it with real mouse events."""

from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic, sleep

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.canvas.view import CanvasView
from core.classes import load_template
from core.masks.editor import MaskEdit, MaskEditor
from core.masks.geometry import Point
from core.masks.tiles import Array, Mask

HEIGHT, WIDTH = 300, 400
Left, Right, Middle = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton, Qt.MouseButton.MiddleButton
Plain = Qt.KeyboardModifier.NoModifier


@dataclass
class Painter:
    """A canvas and the hand on it. Points are image points unless they are QPoints."""

    view: CanvasView
    editor: MaskEditor
    edits: list[MaskEdit] = field(default_factory=list)

    def at(self, point: Point) -> QPoint:
        """The widget pixel that shows the middle of an image pixel."""
        shown = self.view.from_image((point[0] + 0.5, point[1] + 0.5))
        return QPoint(int(shown.x()), int(shown.y()))

    def exactly(self, point: Point) -> Point:
        """The image point that the mouse really is at when it is sent to `point`."""
        return self.view.to_image(QPointF(self.at(point)))

    def press(self, point: Point, button: Qt.MouseButton = Left, keys: Qt.KeyboardModifier = Plain) -> None:
        QTest.mousePress(self.view, button, keys, self.at(point))

    def move(self, *points: Point) -> None:
        for point in points:
            QTest.mouseMove(self.view, self.at(point))
            QApplication.processEvents()

    def rest(self) -> None:
        """Move the hand out of the way. A pointer that hovers is moved only by a way that it did not come."""
        self.move((7, 5), (5, 5))

    def release(self, point: Point, button: Qt.MouseButton = Left, keys: Qt.KeyboardModifier = Plain) -> None:
        QTest.mouseRelease(self.view, button, keys, self.at(point))

    def drag(self, *points: Point, button: Qt.MouseButton = Left, keys: Qt.KeyboardModifier = Plain) -> None:
        self.press(points[0], button, keys)
        self.move(*points[1:])
        self.release(points[-1], button, keys)

    @property
    def labels(self) -> Array:
        return self.editor.mask.read()

    def screen(self) -> QImage:
        return self.view.grab().toImage()

    def color(self, point: Point) -> tuple[int, int, int]:
        """What the screen shows in the middle of an image pixel."""
        color = self.screen().pixelColor(self.at(point))
        return color.red(), color.green(), color.blue()


Show = Callable[..., Painter]


def settle(view: CanvasView) -> None:
    """Wait for what the tools work out aside; it comes in order."""
    done: list[object] = []
    view.gesturing.desk.work(int, done=done.append)
    end = monotonic() + 20
    while not done:
        QApplication.processEvents()
        sleep(0.002)
        assert monotonic() < end


@pytest.fixture
def show(qtbot: QtBot) -> Show:
    """Show an image, mid grey by default, with an empty mask, at 100 %."""

    def start(image: np.ndarray | None = None, *, zoom: float = 1.0, size: tuple[int, int] = (480, 360)) -> Painter:
        view = CanvasView()
        qtbot.addWidget(view)
        view.resize(*size)
        image = np.full((HEIGHT, WIDTH, 3), 100, np.uint8) if image is None else image
        view.set_image(image)
        view.set_classes(load_template("landcover"))
        editor = MaskEditor(Mask(*image.shape[:2]))
        view.set_editor(editor)
        view.set_brush_size(20)
        view.show()
        qtbot.waitExposed(view)
        view.setFocus()
        view.zoom_to(zoom)
        painter = Painter(view, editor)
        view.edit_made.connect(painter.edits.append)
        return painter

    return start


@pytest.fixture
def painter(show: Show) -> Painter:
    return show()
