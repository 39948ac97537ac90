"""A pen at the whole window: tablet events as the window system delivers them, to the window and not to the canvas."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QPointingDevice, QTabletEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.tool_keys import REPEAT_MS
from core.classes import UNLABELED
from tests.journeys.person import Person, let_go_on, make_pictures

Sit = Callable[[], Person]
Place = tuple[float, float]
Kind, Tip, Button = QEvent.Type, QPointingDevice.PointerType, Qt.MouseButton
WAY: list[Place] = [(20, 80), (80, 80), (160, 80), (220, 80)]


class Pen:
    """One stylus with two ends over the window."""

    def __init__(self, person: Person) -> None:
        self._canvas = person.window.rooms.canvas
        self._window = person.window.windowHandle()
        pressure, stylus = QPointingDevice.Capability.Pressure, QPointingDevice.DeviceType.Stylus
        self._ends = {tip: QPointingDevice("pen", 77, stylus, tip, pressure, 1, 3) for tip in (Tip.Pen, Tip.Eraser)}

    def hover(self, place: Place, tip: QPointingDevice.PointerType = Tip.Pen) -> None:
        self._send(Kind.TabletMove, place, tip, 0.0, (Button.NoButton, Button.NoButton))

    def stroke(
        self,
        way: Sequence[Place],
        pressures: Sequence[float] = (0.5,),
        tip: QPointingDevice.PointerType = Tip.Pen,
        button: Qt.MouseButton = Button.LeftButton,
    ) -> None:
        first, last = pressures[0], pressures[-1]
        self._send(Kind.TabletPress, way[0], tip, first, (button, button))
        for k, place in enumerate(way[1:], 1):
            pressure = pressures[min(k, len(pressures) - 1)]
            self._send(Kind.TabletMove, place, tip, pressure, (Button.NoButton, button))
        self._send(Kind.TabletRelease, way[-1], tip, last, (button, Button.NoButton))

    def _send(
        self,
        kind: QEvent.Type,
        place: Place,
        tip: QPointingDevice.PointerType,
        pressure: float,
        buttons: tuple[Qt.MouseButton, Qt.MouseButton],
    ) -> None:
        at = self._canvas.from_image(place)
        inside = at + self._canvas.mapTo(self._canvas.window(), QPoint(0, 0))
        event = QTabletEvent(
            kind,
            self._ends[tip],
            inside,
            self._canvas.mapToGlobal(at),
            pressure,
            *(0.0,) * 4,
            0.0,
            Qt.KeyboardModifier.NoModifier,
            *buttons,
        )
        QApplication.sendEvent(self._window, event)
        let_go_on(1)


@pytest.fixture
def person(sit_down: Sit, tmp_path: Path) -> Person:
    person = sit_down()
    person.drop(make_pictures(tmp_path / "p", 1))
    person.sees_picture("picture-1.png")
    person.press(Qt.Key.Key_B)
    return person


@pytest.fixture
def pen(person: Person) -> Pen:
    return Pen(person)


def width_at(person: Person, x: int) -> int:
    return int((person.labels[:, x] != UNLABELED).sum())


@pytest.mark.parametrize("counts", [True, False])
def test_pressure_sets_the_width_where_it_counts(person: Person, pen: Pen, counts: bool) -> None:
    button = person.window.rooms.options.tool.pressure
    if button.isChecked() != counts:
        person.click(button)
    pen.stroke(WAY, (0.1, 0.2, 0.8, 1.0))
    if counts:
        assert width_at(person, 30) < 12 and width_at(person, 190) > 25
    else:
        assert {width_at(person, x) for x in (30, 100, 190)} == {40}


def test_a_pens_stroke_is_one_edit_saved_and_taken_back(person: Person, pen: Pen) -> None:
    person.press(Qt.Key.Key_3)
    pen.stroke(WAY, (0.3, 0.9, 0.4, 0.7))
    person.sees_saved()
    drawn = person.labels
    assert (drawn[80, 25:215] == 2).all()
    person.press(Qt.Key.Key_Z)
    assert (person.labels == UNLABELED).all() and not person.window.editing.can_undo
    person.press(Qt.Key.Key_Z, Qt.KeyboardModifier.ShiftModifier)
    np.testing.assert_array_equal(person.labels, drawn)


def test_the_other_end_erases_and_the_tip_paints_again(person: Person, pen: Pen) -> None:
    pen.stroke(WAY, (1.0,))
    pen.stroke([(120, 80), (121, 80)], (1.0,), Tip.Eraser)
    assert person.labels[80, 120] == UNLABELED and person.labels[80, 30] == 0
    assert person.window.rooms.canvas.tool == "brush"
    pen.stroke([(120, 80), (121, 80)], (1.0,))
    assert person.labels[80, 120] == 0


def test_the_pens_second_button_erases_too(person: Person, pen: Pen) -> None:
    pen.stroke(WAY, (1.0,))
    pen.stroke([(120, 80)], (1.0,), button=Button.RightButton)
    assert person.labels[80, 120] == UNLABELED


def test_a_pen_that_hovers_shows_the_ring_of_its_end(person: Person, pen: Pen) -> None:
    canvas = person.window.rooms.canvas
    person.window.rooms.options.brush_size.setValue(30)
    canvas.set_eraser_size(60)
    rings = {}
    for tip in (Tip.Pen, Tip.Eraser):
        pen.hover((100, 80), tip)
        rings[tip] = canvas.pointer.ring()
    tip_ring, eraser_ring = rings[Tip.Pen], rings[Tip.Eraser]
    assert tip_ring is not None and eraser_ring is not None
    zoom = canvas.zoom / canvas.devicePixelRatioF()
    assert tip_ring.radius == pytest.approx(15 * zoom)
    assert eraser_ring.radius == pytest.approx(30 * zoom)
    assert tip_ring.color == canvas.class_color(0) != eraser_ring.color
    assert (person.labels == UNLABELED).all(), "hovering paints nothing"


def test_a_held_key_and_a_pen_go_together(person: Person, pen: Pen) -> None:
    pen.stroke(WAY, (1.0,))
    canvas = person.window.rooms.canvas
    QTest.keyPress(canvas, Qt.Key.Key_E)
    pen.stroke([(120, 80)], (1.0,))
    QTest.keyRelease(canvas, Qt.Key.Key_E)
    let_go_on(REPEAT_MS + 20)
    assert person.labels[80, 120] == UNLABELED and canvas.tool == "brush"
    QTest.keyPress(canvas, Qt.Key.Key_Space)
    before = canvas.viewport.center
    pen.stroke([(100, 80), (130, 90)])
    QTest.keyRelease(canvas, Qt.Key.Key_Space)
    assert canvas.viewport.center != before and person.labels[85, 120] == UNLABELED


def test_a_pen_draws_an_outline_point_by_point(person: Person, pen: Pen) -> None:
    person.press(Qt.Key.Key_G)
    for corner in ((40, 30), (200, 30), (200, 130), (40, 130), (40, 30)):
        pen.stroke([corner])
    assert (person.labels[35:125, 45:195] == 0).all() and not person.window.rooms.canvas.waits
