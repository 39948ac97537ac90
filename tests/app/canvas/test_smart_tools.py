"""Line, steady hand, square tip, mending, edge lasso, cutting out, superpixels: with real mouse, key and pen events."""

from itertools import pairwise
from threading import Event

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QPointingDevice
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.canvas.shapes import round_way, square_way
from app.canvas.tools import String
from core.classes import UNLABELED
from core.masks.change import Change
from core.masks.editor import MaskEditor
from core.masks.geometry import Point
from core.masks.rect import Rect
from core.masks.smart import Part, Superpixels
from core.masks.tiles import Array, Mask
from tests.app.canvas.conftest import HEIGHT, WIDTH, Left, Painter, Plain, Right, Show, settle
from tests.app.canvas.test_every_tool import scene
from tests.app.canvas.test_painting import pen

SHIFT = Qt.KeyboardModifier.ShiftModifier
y, x = np.mgrid[:HEIGHT, :WIDTH] + 0.5
DISC, BLOCK = np.hypot(x - 120.5, y - 150.5) < 70, (x > 250) & (x < 350) & (y > 80) & (y < 220)
places = st.tuples(st.floats(-50, 50), st.floats(-50, 50))


@pytest.fixture
def seen(show: Show) -> Painter:
    return show(scene())


def share(found: np.ndarray, wanted: np.ndarray) -> float:
    return float((found & wanted).sum() / (found | wanted).sum())


# --- line, tips, steady hand


@pytest.mark.parametrize("square", [False, True])
def test_a_line_paints_what_it_showed(painter: Painter, square: bool) -> None:
    painter.view.set_option("square", square)
    painter.view.set_tool("line")
    painter.press((60, 200))
    painter.move((200, 30), (300, 90))
    assert painter.edits == [] and (painter.labels == UNLABELED).all()
    shown = np.array(painter.view.pointer.outline())
    painter.release((300, 90))
    expected = MaskEditor(Mask(HEIGHT, WIDTH))
    expected.begin_stroke(0, 10, square=square)
    expected.extend_stroke([painter.exactly((60, 200)), painter.exactly((300, 90))])
    expected.end_stroke()
    np.testing.assert_array_equal(painter.labels, expected.mask.read())
    painted = np.argwhere(painter.labels == 0)[:, ::-1] + 0.5
    np.testing.assert_allclose(painted.min(0), shown.min(0), atol=1)
    np.testing.assert_allclose(painted.max(0), shown.max(0), atol=1)
    assert [edit.kind for edit in painter.edits] == ["stroke"]


def away(point: Point, start: Point, end: Point, square: bool) -> float:
    """How far a brush must reach to cover a point on its way, by trying."""
    t = np.linspace(0, 1, 2001)
    gaps = np.abs(np.array(point)[:, None] - np.array(start)[:, None] - np.subtract(end, start)[:, None] * t)
    return float((gaps.max(0) if square else np.hypot(*gaps)).min())


@given(places, places, st.floats(1, 20))
@settings(deadline=None)
def test_the_outline_of_a_way_lies_a_radius_from_it(start: Point, end: Point, radius: float) -> None:
    for outline, square in ((round_way, False), (square_way, True)):
        for point in outline(start, end, radius):
            assert away(point, start, end, square) == pytest.approx(radius, abs=0.1)


def test_shift_turns_a_line_in_steps(painter: Painter) -> None:
    painter.view.set_tool("line")
    painter.drag((60, 150), (300, 158), keys=SHIFT)
    rows = np.flatnonzero((painter.labels == 0).any(1))
    assert len(rows) <= 21 and (painter.labels[150, 60:299] == 0).all()


def test_a_square_tip_paints_squares(painter: Painter) -> None:
    painter.view.set_option("square", True)
    painter.drag((200, 150))
    painted = np.argwhere(painter.labels == 0)
    assert (np.ptp(painted, 0) + 1 >= 20).all() and len(painted) == np.prod(np.ptp(painted, 0) + 1)


@given(st.lists(places, min_size=1, max_size=20), st.floats(0, 30))
@settings(deadline=None)
def test_the_brush_never_hangs_further_behind_than_its_string(way: list[Point], length: float) -> None:
    string = String(length)
    tips = [string.pull(point) for point in way]
    for point, tip in zip(way, tips, strict=True):
        assert np.hypot(point[0] - tip[0], point[1] - tip[1]) <= length + 1e-6
    for (before, after), (old, new) in zip(pairwise(way), pairwise(tips), strict=True):
        step = np.hypot(after[0] - before[0], after[1] - before[1])
        assert np.hypot(new[0] - old[0], new[1] - old[1]) <= step + 1e-6, "it is pulled, it does not jump"


def test_a_steady_hand_smooths_a_tremble_and_still_reaches_the_end(painter: Painter) -> None:
    way: list[Point] = [(40 + 4 * k, 150 + (6 if k % 2 else -6)) for k in range(75)]
    painter.view.set_brush_size(6)
    painter.drag(*way)
    shaky = np.flatnonzero((painter.labels == 0).any(1))
    painter.editor.undo()
    painter.view.set_option("steady", 40.0)
    painter.drag(*way)
    steady = painter.labels == 0
    assert np.ptp(np.flatnonzero(steady[:, 100:280].any(1))) < 0.7 * np.ptp(shaky)
    assert steady[int(way[-1][1]), int(way[-1][0])] and steady[int(way[0][1]), int(way[0][0])]
    assert steady[:, 42:334].any(0).all(), "no gaps"


@pytest.mark.parametrize("steady", [0.0, 30.0])
def test_a_hand_of_any_speed_leaves_no_gaps(painter: Painter, steady: float) -> None:
    painter.view.set_option("steady", steady)
    painter.view.set_brush_size(3)
    painter.drag((10, 40), (390, 60), (15, 280))
    covered = (painter.labels == 0).astype(np.uint8)
    import cv2

    assert cv2.connectedComponents(covered, connectivity=8)[0] == 2, "the ground and one stroke"


def test_a_pen_that_is_pressed_harder_draws_a_line_that_widens(painter: Painter) -> None:
    painter.view.set_pressure(True)
    painter.view.set_brush_size(40)
    tip = QPointingDevice.PointerType.Pen
    pen(painter, QEvent.Type.TabletPress, (50, 150), tip, pressure=0.1)
    pen(painter, QEvent.Type.TabletMove, (350, 150), tip, pressure=1.0)
    pen(painter, QEvent.Type.TabletRelease, (350, 150), tip, pressure=0.0)
    widths = (painter.labels == 0).sum(0)[60:340]
    assert widths[0] < 10 and widths[-1] > 34 and np.diff(widths).min() >= -1


def test_the_eraser_end_of_a_pen_shows_the_erasers_ring_before_it_touches(painter: Painter) -> None:
    painter.view.hand.eraser_size = 60
    for kind in (QPointingDevice.PointerType.Pen, QPointingDevice.PointerType.Eraser):
        pen(painter, QEvent.Type.TabletMove, (200, 150), kind)
        ring = painter.view.pointer.ring()
        assert ring is not None and ring.radius == (30 if kind == QPointingDevice.PointerType.Eraser else 10)


def test_fill_takes_all_of_a_class_where_that_is_chosen(painter: Painter) -> None:
    for place in ((60, 60), (300, 200)):
        painter.drag(place)
    painter.view.set_tool("fill")
    painter.view.set_active_class(4)
    painter.view.set_option("fill_all", True)
    blobs = painter.labels == 0
    painter.press((60, 60))
    assert (painter.labels[blobs] == 4).all() and len(painter.edits) == 2, "shown, not yet done"
    painter.release((60, 60))
    assert (painter.labels[~blobs] == UNLABELED).all() and len(painter.edits) == 3


# --- mending


@pytest.fixture
def lake(painter: Painter) -> Painter:
    labels: Array = np.full((HEIGHT, WIDTH), UNLABELED, np.uint8)
    labels[50:150, 50:150] = labels[200:240, 300:340] = 1
    labels[90:95, 90:95] = UNLABELED
    edit = painter.editor.apply("import", Rect(0, 0, HEIGHT, WIDTH), labels != UNLABELED, labels)
    assert edit is not None
    painter.view.refresh(edit.rect)
    painter.view.set_tool("mend")
    return painter


def test_mending_is_shown_and_asked_before_it_is_done(lake: Painter, qtbot: QtBot) -> None:
    lake.view.set_option("operation", "fill-holes")
    lake.rest()
    before = lake.screen()
    with qtbot.waitSignal(lake.view.asked, check_params_cb=lambda text, ready: ready) as asked:
        lake.drag((60, 60))
    assert asked.args is not None and asked.args[0] == "Fill holes in forest"
    lake.rest()
    assert lake.screen() != before and lake.labels[92, 92] == UNLABELED and lake.edits == []
    QTest.keyClick(lake.view, Qt.Key.Key_Return)
    assert lake.labels[92, 92] == 1 and [edit.kind for edit in lake.edits] == ["mend"]


def test_the_amount_can_be_changed_while_it_is_shown(lake: Painter) -> None:
    lake.view.set_option("operation", "grow")
    lake.view.set_option("distance", 3)
    lake.drag((60, 60))
    settle(lake.view)
    lake.view.set_option("distance", 20)
    settle(lake.view)
    QTest.keyClick(lake.view, Qt.Key.Key_Return)
    assert lake.labels[31, 100] == 1 and lake.labels[29, 100] == UNLABELED
    assert lake.labels[185, 320] == UNLABELED, "another region of the class"


def test_a_whole_class_is_mended_where_that_is_chosen(lake: Painter) -> None:
    lake.view.set_option("operation", "shrink")
    lake.view.set_option("distance", 5)
    lake.view.set_option("whole_class", True)
    lake.drag((60, 60))
    settle(lake.view)
    QTest.keyClick(lake.view, Qt.Key.Key_Return)
    assert lake.labels[52, 100] == UNLABELED == lake.labels[202, 320] and lake.labels[220, 320] == 1


def test_a_yes_before_the_answer_is_there_does_nothing(lake: Painter) -> None:
    lake.view.set_option("operation", "grow")
    lake.drag((60, 60))
    QTest.keyClick(lake.view, Qt.Key.Key_Return)
    assert lake.edits == [] and lake.view.waits
    settle(lake.view)
    QTest.keyClick(lake.view, Qt.Key.Key_Return)
    assert len(lake.edits) == 1


@pytest.mark.parametrize("how", ["another tool", "another picture"])
def test_what_was_asked_and_not_answered_is_not_done(lake: Painter, how: str) -> None:
    before = lake.labels
    lake.drag((60, 60))
    settle(lake.view)
    if how == "another tool":
        lake.view.set_tool("brush")
    else:
        lake.view.finish_gesture()
    assert lake.edits == [] and not lake.view.waits
    np.testing.assert_array_equal(lake.labels, before)


def test_an_answer_that_comes_after_escape_shows_nothing(lake: Painter) -> None:
    lake.rest()
    before = lake.screen()
    lake.drag((60, 60))
    QTest.keyClick(lake.view, Qt.Key.Key_Escape)
    settle(lake.view)
    lake.rest()
    assert lake.screen() == before


# --- tools that look


@pytest.mark.parametrize("close", ["first point", "double click", "enter"])
def test_the_edge_lasso_follows_the_edge_and_closes_as_a_polygon_does(seen: Painter, close: str) -> None:
    seen.view.set_tool("edge-lasso")
    around: list[Point] = [(120, 80), (190, 150), (120, 220), (50, 150)]
    for point in around:
        seen.drag(point)
        settle(seen.view)
    if close == "first point":
        seen.drag((121, 81))
    elif close == "double click":
        QTest.mouseDClick(seen.view, Left, Plain, seen.at(around[-1]))
    else:
        QTest.keyClick(seen.view, Qt.Key.Key_Return)
    assert len(seen.edits) == 1
    assert share(seen.labels == 0, DISC) > 0.93


def test_the_way_ahead_is_shown_and_backspace_takes_an_anchor_back(seen: Painter) -> None:
    seen.view.set_tool("edge-lasso")
    for point in ((120, 80), (190, 150)):
        seen.drag(point)
        settle(seen.view)
    seen.move((125, 220), (120, 220))
    ahead = np.array(seen.view.pointer.outline())
    reached = ahead[np.abs(np.hypot(ahead[:, 0] - 120.5, ahead[:, 1] - 150.5) - 70) < 5]
    assert len(reached) > 150, "half of the disc's edge"
    QTest.keyClick(seen.view, Qt.Key.Key_Backspace)
    settle(seen.view)
    assert len(seen.view.pointer.outline()) < len(ahead)
    QTest.keyClick(seen.view, Qt.Key.Key_Backspace)
    assert not seen.view.waits


def test_a_box_cuts_a_thing_out_and_strokes_correct_it(seen: Painter) -> None:
    seen.view.set_tool("cut-out")
    seen.drag((240, 60), (370, 240))
    settle(seen.view)
    seen.drag((255, 210), (345, 210), button=Right)
    settle(seen.view)
    assert seen.edits == [] and seen.view.waits
    QTest.keyClick(seen.view, Qt.Key.Key_Backspace)
    settle(seen.view)
    assert seen.view.waits, "only the stroke is taken back"
    QTest.keyClick(seen.view, Qt.Key.Key_Return)
    assert len(seen.edits) == 1 and share(seen.labels == 0, BLOCK) > 0.95


def test_a_click_is_no_box(seen: Painter) -> None:
    seen.view.set_tool("cut-out")
    seen.drag((240, 60))
    assert not seen.view.waits


def test_a_superpixel_shows_under_the_pointer_and_a_drag_takes_all_it_passes(seen: Painter) -> None:
    seen.rest()
    bare = seen.screen()
    seen.view.set_tool("superpixels")
    seen.move((120, 150), (121, 150))
    settle(seen.view)
    seen.move((122, 150))
    assert seen.screen() != bare and (seen.labels == UNLABELED).all()
    seen.drag((60, 150), (180, 150))
    assert (seen.labels[150, 62:178] == 0).all() and len(seen.edits) == 1
    assert (seen.labels[~DISC] == 0).sum() < 0.02 * DISC.sum(), "superpixels keep to the edge"


def test_larger_superpixels_take_more(seen: Painter) -> None:
    seen.view.set_tool("superpixels")
    taken = []
    for size in (16.0, 60.0):
        seen.view.set_option("piece_size", size)
        seen.rest()
        settle(seen.view)
        seen.drag((120, 150))
        taken.append((seen.labels == 0).sum())
        seen.editor.undo()
    assert taken[1] > 3 * taken[0] > 0


def test_superpixels_are_those_of_the_picture_in_sight(seen: Painter) -> None:
    seen.view.set_tool("superpixels")
    seen.rest()
    settle(seen.view)
    seen.view.set_image(np.ascontiguousarray(scene()[::-1, ::-1]))
    seen.editor = MaskEditor(Mask(HEIGHT, WIDTH))
    seen.view.set_editor(seen.editor)
    seen.view.zoom_to(1.0)
    seen.rest()
    settle(seen.view)
    seen.drag((220, 150), (340, 150))
    assert (seen.labels[150, 222:338] == 0).all()
    assert (seen.labels[~DISC[::-1, ::-1]] == 0).sum() < 0.02 * DISC.sum()


def test_a_hand_that_moves_on_is_not_kept_waiting_for_superpixels_out_of_sight(seen: Painter) -> None:
    seen.view.zoom_to(4.0)
    seen.view.set_tool("superpixels")
    made: list[float] = []

    def make(part: Part, side: float) -> Superpixels:
        made.append(side)
        return Superpixels(part, side)

    busy = Event()
    seen.view.gesturing.desk.work(busy.wait, done=lambda _: None)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("app.canvas.pieces.Superpixels", make)
        for k in range(8):
            seen.view.pan(-15, -10)
            QTest.mouseMove(seen.view, QPoint(200 + 3 * k, 200))
        busy.set()
        settle(seen.view)
    assert len(made) == 1, "only those of the last place"
    place = seen.view.to_image(QPointF(221, 200))
    assert seen.view._overlay.proposal is not None and seen.view._overlay.proposal.rect.holds(place)


def test_the_tolerance_is_live_and_stays_where_a_drag_left_it(seen: Painter, qtbot: QtBot) -> None:
    seen.view.set_tool("wand")
    seen.press((120, 150))
    with qtbot.waitSignal(seen.view.option_changed) as told:
        seen.move((180, 150))
    seen.release((180, 150))
    assert told.args is not None and told.args[0] == "tolerance"
    assert seen.view.hand.tolerance == pytest.approx(50, abs=2)


def test_a_change_from_elsewhere_is_asked_about_too(painter: Painter) -> None:
    rect = Rect(10, 10, 60, 60)
    change = Change(rect, np.ones((50, 50), bool), 2)
    painter.view.ask_first("import", "Copy the labels of a.png", lambda: change)
    settle(painter.view)
    assert painter.edits == [] and painter.view.waits
    painter.view.confirm()
    assert (painter.labels[rect.slices] == 2).all() and painter.edits[0].kind == "import"
    painter.view.ask_first("import", "Copy", lambda: change)
    settle(painter.view)
    painter.view.confirm()
    assert len(painter.edits) == 1 and painter.view.waits, "there is nothing to do, so nothing is done"


def test_painting_goes_on_after_the_mask_changed_under_a_question(lake: Painter) -> None:
    lake.drag((60, 60))
    settle(lake.view)
    lake.view.drop_question()
    lake.view.set_tool("brush")
    lake.drag((200, 150))
    expected = MaskEditor(Mask(HEIGHT, WIDTH))
    expected.begin_stroke(0, 10)
    expected.extend_stroke([lake.exactly((200, 150))])
    expected.end_stroke()
    assert ((lake.labels == 0) == (expected.mask.read() == 0)).all()


def test_a_class_chosen_after_the_box_is_what_the_thing_becomes(seen: Painter) -> None:
    seen.view.set_tool("cut-out")
    seen.drag((40, 70), (200, 230))
    settle(seen.view)
    seen.view.set_active_class(4)
    settle(seen.view)
    QTest.keyClick(seen.view, Qt.Key.Key_Return)
    assert set(np.unique(seen.labels)) == {4, UNLABELED}
