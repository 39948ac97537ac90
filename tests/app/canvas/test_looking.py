"""Looking at a picture: zoom, pan, and what the screen shows of picture, mask and prediction."""

from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QPalette, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.canvas.view import CanvasView
from core.classes import UNLABELED, load_template
from core.masks.editor import MaskEditor
from core.masks.predicted import Predicted
from core.masks.rect import Rect
from core.masks.tiles import Mask
from tests.app.canvas.conftest import HEIGHT, WIDTH, Middle, Painter, Plain, Show

GREY = (100, 100, 100)
Color = tuple[int, int, int]
WATER, FOREST = load_template("landcover")[0].rgb, load_template("landcover")[1].rgb


def blend(under: Color, over: Color, opacity: float) -> np.ndarray:
    return np.array(under) * (1 - opacity) + np.array(over) * opacity


def levels(painter: Painter) -> np.ndarray:
    """(h, w, 4) what the screen shows."""
    screen = painter.screen()
    return np.frombuffer(screen.constBits(), np.uint8).reshape(screen.height(), -1, 4).astype(np.int16)


def wheel(painter: Painter, point: QPointF, notches: float, keys: Qt.KeyboardModifier = Plain) -> None:
    event = QWheelEvent(
        point,
        painter.view.mapToGlobal(point),
        QPoint(),
        QPoint(0, round(120 * notches)),
        Qt.MouseButton.NoButton,
        keys,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(painter.view, event)


# --- zoom and pan


def test_the_wheel_keeps_what_is_under_the_pointer(painter: Painter) -> None:
    at = QPointF(170, 140)
    before = painter.view.to_image(at)
    for notches in (1, 1, 1, 5, -2, -9, 4, -1, -1, 1, 1):
        wheel(painter, at, notches)
        x, y = painter.view.to_image(at)
        slack = 0.51 / painter.view.zoom  # the picture lies on whole screen pixels
        assert abs(x - before[0]) <= slack and abs(y - before[1]) <= slack


def test_the_wheel_climbs_in_steps_that_pass_through_life_size(painter: Painter) -> None:
    painter.view.zoom_to(0.93)
    wheel(painter, QPointF(100, 100), 1)
    assert painter.view.zoom == pytest.approx(1.0)


def test_ctrl_and_wheel_change_the_brush(painter: Painter, qtbot: QtBot) -> None:
    with qtbot.waitSignal(painter.view.brush_size_changed) as changed:
        wheel(painter, QPointF(100, 100), 1, Qt.KeyboardModifier.ControlModifier)
    assert changed.args == [23.0] and painter.view.hand.brush_size == 23 and painter.view.zoom == 1.0
    wheel(painter, QPointF(100, 100), -1, Qt.KeyboardModifier.ControlModifier)
    assert painter.view.hand.brush_size == 20


@pytest.mark.parametrize("how", ["space", "middle button", "tool"])
def test_dragging_pans(painter: Painter, how: str) -> None:
    painter.view.zoom_to(4.0)
    if how == "space":
        QTest.keyPress(painter.view, Qt.Key.Key_Space)
    if how == "tool":
        painter.view.set_tool("pan")
    button = Middle if how == "middle button" else Qt.MouseButton.LeftButton
    before = painter.view.from_image((200, 150))
    start = QPoint(200, 150)
    QTest.mousePress(painter.view, button, Qt.KeyboardModifier.NoModifier, start)
    for k in range(1, 4):
        QTest.mouseMove(painter.view, start + QPoint(10 * k, -7 * k))
    QTest.mouseRelease(painter.view, button, Qt.KeyboardModifier.NoModifier, start + QPoint(30, -21))
    QTest.keyRelease(painter.view, Qt.Key.Key_Space)
    assert painter.view.from_image((200, 150)) - before == QPointF(30, -21)
    assert painter.edits == []


def test_panning_shows_what_a_fresh_look_shows(show: Show) -> None:
    rng = np.random.default_rng(0)
    painter = show(rng.integers(0, 255, (HEIGHT, WIDTH, 3), np.uint8))
    painter.drag((60, 60), (330, 240))
    painter.view.set_prediction(rng.integers(0, 7, (HEIGHT, WIDTH), np.uint8))
    painter.view.set_tool("pan")
    for zoom in (1.0, 2.83, 14.0):
        painter.view.zoom_to(zoom)
        painter.screen()
        for dx, dy in ((13, 0), (-40, 25), (3, -60), (500, 20), (-400, 0)):
            painter.view.pan(dx, dy)
            moved = levels(painter)
            painter.view._frame.expire()
            assert np.abs(levels(painter) - moved).max() <= 1, "one level of rounding where pixels melt together"


def test_what_is_painted_between_a_pan_and_its_frame_shows(painter: Painter) -> None:
    painter.view.zoom_to(2.0)
    painter.screen()
    edit = painter.editor.fill_polygon([(150, 100), (250, 100), (250, 200), (150, 200)], 0)
    assert edit is not None
    painter.view.pan(30, 20)
    painter.view.refresh(edit.rect)
    painter.view.pan(-50, 10)
    shown = painter.screen()
    painter.view._frame.expire()
    assert painter.screen() == shown


def test_the_picture_cannot_be_lost_out_of_sight(painter: Painter) -> None:
    for push in (5000, -5000):
        painter.view.pan(push, push)
        assert not painter.view.viewport.image_rect.empty


def test_a_picture_fits_and_keeps_fitting_until_someone_zooms(painter: Painter) -> None:
    painter.view.fit()
    painter.view.resize(300, 400)
    assert painter.view.zoom == pytest.approx((300 - 32) / WIDTH)
    painter.view.actual_size()
    painter.view.resize(500, 400)
    assert painter.view.zoom == 1.0


def test_a_small_picture_is_enlarged_to_fit(painter: Painter) -> None:
    painter.view.resize(940, 590)
    painter.view.fit()
    assert painter.view.zoom == pytest.approx((590 - 32) / HEIGHT)
    assert painter.view.viewport.image_rect.height == 590 - 32


def test_a_view_comes_back_as_it_was(painter: Painter, show: Show) -> None:
    painter.view.zoom_to(3.0, QPointF(100, 80))
    state = painter.view.view_state()
    again = show()
    again.view.restore_view(state)
    assert again.view.view_state() == pytest.approx(state)


def test_a_region_worth_a_look_comes_into_the_middle(painter: Painter) -> None:
    painter.view.show_rect(Rect(140, 180, 160, 240), 4.0)
    assert painter.view.viewport.center == pytest.approx((210, 150), abs=0.5)


def test_a_region_at_the_edge_is_shown_with_picture_around_it_and_not_with_emptiness(painter: Painter) -> None:
    view = painter.view
    view.fit()
    fitted = view.view_state()
    view.show_rect(Rect(0, 0, 380, 300), 4.0)
    assert view.zoom == fitted["zoom"]  # it does not go farther away than the whole picture
    assert view.viewport.center == pytest.approx((fitted["x"], fitted["y"]), abs=1)
    view.show_rect(Rect(0, 0, 10, 10), 4.0)
    assert view.viewport.top == view.viewport.left == 16


# --- what is shown


def test_the_mask_lies_over_the_picture(painter: Painter) -> None:
    painter.view.set_brush_size(60)
    painter.drag((200, 150))
    painter.rest()
    np.testing.assert_allclose(painter.color((200, 150)), blend(GREY, WATER, 0.45), atol=2)
    assert painter.color((100, 100)) == GREY
    painter.view.set_mask_opacity(0.8)
    np.testing.assert_allclose(painter.color((200, 150)), blend(GREY, WATER, 0.8), atol=2)
    painter.view.set_mask_visible(False)
    assert painter.color((200, 150)) == GREY


def test_a_peek_shows_the_bare_picture(painter: Painter) -> None:
    painter.view.set_prediction(np.ones((HEIGHT, WIDTH), np.uint8))
    painter.drag((200, 150))
    painter.rest()
    painter.view.peek(True)
    assert painter.color((200, 150)) == painter.color((100, 100)) == GREY
    painter.view.peek(False)
    assert painter.color((200, 150)) != GREY != painter.color((100, 100))


@pytest.mark.parametrize("zoom", [0.4, 1.0, 6.0])
def test_an_outline_is_one_screen_pixel_at_every_zoom(painter: Painter, zoom: float) -> None:
    painter.view.zoom_to(zoom)
    labels = np.full((HEIGHT, WIDTH), UNLABELED, np.uint8)
    labels[130:170, 180:220] = 1
    painter.editor.apply("import", Rect(0, 0, HEIGHT, WIDTH), labels != UNLABELED, labels)
    painter.view.refresh(Rect(0, 0, HEIGHT, WIDTH))
    screen = painter.screen()
    row = painter.at((200, 150)).y()
    full = [x for x in range(screen.width()) if screen.pixelColor(x, row) == QColor(*FOREST)]
    assert len(full) == 2, "one on each side"


def test_a_prediction_shows_where_nothing_is_labelled(painter: Painter) -> None:
    painter.view.set_brush_size(60)
    painter.drag((200, 150))
    painter.rest()
    painter.view.set_prediction(np.ones((HEIGHT, WIDTH), np.uint8))
    np.testing.assert_allclose(painter.color((100, 100)), blend(GREY, FOREST, 0.25), atol=2)
    np.testing.assert_allclose(painter.color((200, 150)), blend(GREY, WATER, 0.45), atol=2)
    painter.view.set_prediction_over_labels(True)
    np.testing.assert_allclose(painter.color((200, 150)), blend(GREY, FOREST, 0.25), atol=2)
    painter.view.set_prediction_visible(False)
    assert painter.color((100, 100)) == GREY


@pytest.mark.parametrize("kind", [np.float32, np.uint8])
def test_a_prediction_shows_only_where_the_model_is_sure(painter: Painter, kind: type) -> None:
    confidence = np.full((HEIGHT, WIDTH), 0.5, np.float32)
    confidence[:, 200:] = 0.9
    sure = confidence if kind is np.float32 else (confidence * 255).astype(np.uint8)
    painter.view.set_prediction(np.ones((HEIGHT, WIDTH), np.uint8), sure)
    assert painter.color((100, 100)) != GREY != painter.color((300, 100))
    painter.view.set_threshold(0.8)
    assert painter.color((100, 100)) == GREY != painter.color((300, 100))


def test_a_predicted_outline_is_dashed(painter: Painter) -> None:
    predicted = np.full((HEIGHT, WIDTH), UNLABELED, np.uint8)
    predicted[100:200, 100:300] = 1
    painter.view.set_prediction(predicted)
    screen, row = painter.screen(), painter.at((100, 100)).y()
    left, right = painter.at((100, 100)).x(), painter.at((299, 100)).x()
    strong = [screen.pixelColor(x, row).green() > 140 for x in range(left, right)]
    changes = sum(a != b for a, b in pairwise(strong))
    assert 30 <= changes <= 50 and 0.4 < np.mean(strong) < 0.6


def test_accepted_pixels_flash_and_then_look_drawn(painter: Painter, qtbot: QtBot) -> None:
    painter.rest()
    edit = painter.editor.accept(Predicted(np.ones((HEIGHT, WIDTH), np.uint8)))
    assert edit is not None
    painter.view.flash(edit)
    lit = painter.color((200, 150))
    assert min(lit) > 140
    drawn = blend(GREY, FOREST, 0.45)
    qtbot.waitUntil(lambda: bool(np.abs(np.array(painter.color((200, 150))) - drawn).max() <= 2), timeout=2000)


def test_a_grey_picture_is_grey(show: Show) -> None:
    painter = show(np.full((HEIGHT, WIDTH, 1), 77, np.uint8))
    for zoom in (0.5, 1.0, 3.0):
        painter.view.zoom_to(zoom)
        assert painter.color((200, 150)) == (77, 77, 77)


@pytest.mark.parametrize("channels", [1, 3])
def test_a_16_bit_picture_uses_the_whole_range_of_the_screen(show: Show, channels: int) -> None:
    image = np.full((HEIGHT, WIDTH, channels), 1000, np.uint16)
    image[:, 200:] = 1400
    image[0, 0] = 65535  # one hot pixel must not darken the rest
    painter = show(image)
    assert painter.color((100, 100)) == (0, 0, 0) and painter.color((300, 100)) == (255, 255, 255)


def test_shrinking_and_enlarging_a_little_is_smooth_and_enlarging_more_is_not(show: Show) -> None:
    board = (np.indices((HEIGHT, WIDTH)).sum(0) % 2 * 255).astype(np.uint8)
    painter = show(np.repeat(board[..., None], 3, 2))
    painter.view.zoom_to(0.25)
    assert all(110 < value < 145 for value in painter.color((200, 150)))
    painter.view.zoom_to(1.5)
    assert len(np.unique(levels(painter)[100:200, 100:200, 0])) > 3
    painter.view.zoom_to(8.0)
    assert painter.color((200, 150)) == (0, 0, 0) and painter.color((201, 150)) == (255, 255, 255)


@pytest.mark.parametrize(("zoom", "lines"), [(8.0, False), (16.0, True)])
def test_lines_part_the_pixels_when_they_are_large(painter: Painter, zoom: float, lines: bool) -> None:
    painter.view.zoom_to(zoom)
    screen, row = painter.screen(), painter.at((200, 150)).y()
    assert (len({screen.pixel(x, row) for x in range(100, 300)}) > 1) == lines


def test_the_surround_follows_the_palette(painter: Painter) -> None:
    for window, surround in (("#242424", "#1b1b1b"), ("#f2f2f2", "#c9c9c9")):
        palette = painter.view.palette()
        palette.setColor(QPalette.ColorRole.Window, QColor(window))
        painter.view.setPalette(palette)
        assert painter.screen().pixelColor(2, 2).name() == surround


def test_the_ring_follows_the_hand_and_leaves_no_trace(painter: Painter) -> None:
    painter.rest()
    before = painter.screen()
    painter.move((200, 150))
    assert painter.screen() != before
    painter.view.set_brush_size(500)
    painter.view.set_brush_size(20)
    painter.rest()
    assert painter.screen() == before
    QApplication.sendEvent(painter.view, QEvent(QEvent.Type.Leave))
    assert painter.screen().pixelColor(painter.at((5, 5))) == QColor(*GREY)


def test_hovering_tells_where_and_what(painter: Painter, qtbot: QtBot) -> None:
    painter.view.set_active_class(6)
    painter.drag((200, 150))
    with qtbot.waitSignal(painter.view.hovered) as hovered:
        painter.move((202, 151))
    assert hovered.args == [202, 151, 6]
    with qtbot.waitSignal(painter.view.left):
        painter.move((-20, -10))


def test_a_mask_of_another_size_is_refused(painter: Painter) -> None:
    with pytest.raises(ValueError, match="a mask of 10 × 20"):
        painter.view.set_editor(MaskEditor(Mask(20, 10)))
    with pytest.raises(ValueError, match="a prediction of shape"):
        painter.view.set_prediction(np.zeros((5, 5), np.uint8))


def test_an_empty_canvas_takes_any_gesture(qtbot: QtBot) -> None:
    view = CanvasView()
    qtbot.addWidget(view)
    view.show()
    qtbot.waitExposed(view)
    QTest.mouseClick(view, Qt.MouseButton.LeftButton)
    QTest.keyClick(view, Qt.Key.Key_Return)
    view.zoom_to(2.0)
    view.fit()
    view.refresh(Rect(0, 0, 5, 5))
    view.grab()


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 900, 1), (3, 2, 3), (257, 255, 1)])
def test_odd_sizes_can_be_looked_at_from_anywhere(show: Show, shape: tuple[int, int, int]) -> None:
    painter = show(np.full(shape, 50, np.uint8))
    for zoom in (64.0, 1.0, 0.3, 0.02):
        painter.view.zoom_to(zoom)
        painter.view.pan(3, -5)
        painter.screen()
        painter.drag((0, 0))
    assert painter.labels[0, 0] == 0
