"""What the canvas points at, and how it gets there."""

import numpy as np
from PySide6.QtCore import QPointF
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.canvas.flight import Flight
from app.canvas.pointed import outline, without_holes
from app.canvas.rulers import Ruled
from app.canvas.view import CanvasView
from core.masks.rect import EMPTY, Rect

PLACE = Rect(100, 200, 140, 260)


def view_of(qtbot: QtBot) -> CanvasView:
    view = CanvasView()
    qtbot.addWidget(view)
    view.resize(400, 300)
    view.set_image(np.zeros((800, 1000, 3), np.uint8))
    view.show()
    return view


def test_an_outline_runs_along_the_sides_of_pixels() -> None:
    where = np.array([[1, 1, 0], [1, 0, 0]], np.bool_)
    path = outline(Rect(10, 20, 12, 23), where)
    ends = [(path.elementAt(n).x, path.elementAt(n).y) for n in range(path.elementCount())]
    lines = {frozenset(ends[n : n + 2]) for n in range(0, len(ends), 2)}
    assert lines == {
        frozenset(line)
        for line in (
            ((20, 10), (22, 10)), ((21, 11), (22, 11)), ((20, 12), (21, 12)),
            ((20, 10), (20, 12)), ((21, 11), (21, 12)), ((22, 10), (22, 11)),
        )
    }  # fmt: skip


def test_holes_are_known_from_bays() -> None:
    ring = np.ones((7, 7), np.bool_)
    ring[2:4, 2:4] = False
    assert without_holes(ring).all()
    ring[:3, 2] = False
    assert np.array_equal(without_holes(ring), ring)


def test_the_outline_is_seen_on_any_picture_and_goes_when_it_is_taken_away(qtbot: QtBot) -> None:
    view = view_of(qtbot)
    view.show_rect(PLACE, 4.0)
    before = view.grab().toImage()
    view.point_at(PLACE, np.ones((PLACE.height, PLACE.width), np.bool_))
    edge = view.from_image((PLACE.left, (PLACE.top + PLACE.bottom) / 2)).toPoint()
    row = [view.grab().toImage().pixelColor(x, edge.y()).lightness() for x in range(edge.x() - 3, edge.x() + 4)]
    assert max(row) > 200 and min(row) < 60
    view.point_at(EMPTY)
    assert view.grab().toImage() == before


def test_the_outline_is_seen_beside_the_picture_as_well(qtbot: QtBot) -> None:
    view = CanvasView()
    room = Ruled(view)
    qtbot.addWidget(room)
    room.resize(800, 400)
    view.set_image(np.full((800, 1000, 3), 90, np.uint8))
    room.show()
    view.split.choose("beside")
    beside = view.split.beside
    qtbot.waitUntil(lambda: beside.isVisible() and beside.width() > 300)
    before = beside.grab().toImage()
    view.point_at(PLACE)
    assert beside.grab().toImage() != before
    view.point_at(EMPTY)
    assert beside.grab().toImage() == before


def test_a_flight_ends_where_it_was_to_go_and_a_hand_may_stop_it(qtbot: QtBot) -> None:
    view = view_of(qtbot)
    flight, start = Flight(view), view.zoom
    flight.to(PLACE, 4.0)
    assert view.zoom == start, "it is under way"
    qtbot.waitUntil(lambda: PLACE.holds(view.viewport.center) and view.visible_rect.intersect(PLACE) == PLACE)
    QTest.qWait(1)
    ended = view.view_state()
    flight.to(Rect(700, 900, 720, 920), 4.0)
    view.zoom_by(-4, QPointF(10, 10))
    stopped = view.view_state()
    QTest.qWait(250)
    assert view.view_state() == stopped != ended
