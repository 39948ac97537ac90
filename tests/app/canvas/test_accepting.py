"""Taking a prediction over by hand, on the canvas: under a brush, region by region, and how it looks afterwards."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.canvas.view import CanvasView
from app.panels.thumbnails import looked_at_from_afar
from core.classes import ACCEPTED, UNLABELED
from core.masks.rect import Rect
from core.masks.tiles import Array
from tests.app.canvas.conftest import HEIGHT, WIDTH, Painter, settle
from tests.app.canvas.test_looking import FOREST as FOREST_COLOR
from tests.app.canvas.test_looking import GREY, blend

FOREST, GRASS = 1, 2
WAY = (60, 40), (60, 250), (340, 250)


def halves() -> tuple[Array, Array]:
    """Forest at the left, grass at the right; of the lowest third the model is less sure."""
    class_map = np.where(np.arange(WIDTH) < WIDTH // 2, np.uint8(FOREST), np.uint8(GRASS))
    confidence = np.where(np.arange(HEIGHT) < 200, np.uint8(230), np.uint8(100))
    return np.tile(class_map, (HEIGHT, 1)), np.tile(confidence[:, None], (1, WIDTH))


@pytest.fixture
def hand(painter: Painter) -> Painter:
    """A hand with a prediction under it, that has drawn a stroke of class 0 across."""
    painter.drag((50, 100), (350, 100))
    painter.edits.clear()
    painter.view.set_prediction(*halves())
    return painter


def drawn(hand: Painter) -> np.ndarray:
    return np.asarray((hand.labels != UNLABELED) & ~hand.editor.mask.accepted())


def ends_flash(view: CanvasView, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: view._overlay.flash is None)


# --- under a brush


def test_the_brush_paints_what_is_predicted_under_it_and_leaves_what_was_drawn(hand: Painter) -> None:
    before, stroke = hand.labels, hand.labels == 0
    hand.view.set_tool("accept-brush")
    hand.drag(*WAY)
    changed = hand.labels != before
    assert [edit.kind for edit in hand.edits] == ["accept"], "one stroke is one edit"
    assert hand.labels[150, 60] == FOREST and hand.labels[250, 330] == GRASS and hand.labels[20, 200] == UNLABELED
    np.testing.assert_array_equal(hand.labels[changed], halves()[0][changed])
    np.testing.assert_array_equal(hand.editor.mask.accepted(), changed)
    assert (hand.labels[stroke] == 0).all() and not hand.editor.mask.accepted()[stroke].any()


def test_the_brush_takes_only_what_is_sure(hand: Painter) -> None:
    hand.view.set_threshold(0.5)
    hand.view.set_tool("accept-brush")
    hand.drag(*WAY)
    accepted = hand.editor.mask.accepted()
    assert accepted[40:200].any() and not accepted[200:].any()


def test_the_brush_goes_over_drawn_labels_if_told_so_but_never_over_locked_ones(hand: Painter) -> None:
    hand.view.set_prediction_over_labels(True)
    hand.view.hand.locked = frozenset({0})
    hand.view.set_tool("accept-brush")
    before = drawn(hand)
    hand.drag((60, 100), (150, 100))
    np.testing.assert_array_equal(drawn(hand), before)
    hand.view.hand.locked = frozenset()
    hand.drag((60, 100), (150, 100))
    assert hand.labels[100, 100] == FOREST and hand.editor.mask.accepted()[100, 100]


def test_shift_held_with_the_key_that_borrows_the_brush_draws_no_line(hand: Painter) -> None:
    assert hand.view.hand.last_end is not None
    hand.view.set_tool("accept-brush")
    hand.drag((60, 250), keys=Qt.KeyboardModifier.ShiftModifier)
    assert hand.labels[250, 60] == FOREST and hand.labels[180, 200] == UNLABELED
    assert not hand.view.pointer.outline()


def test_the_ring_is_crossed_where_there_is_nothing_to_accept(hand: Painter) -> None:
    hand.view.set_threshold(0.5)
    hand.view.set_brush_size(10)
    hand.view.set_tool("accept-brush")
    for place, crossed in (((100, 50), False), ((100, 280), True), ((200, 100), True)):
        hand.move((7, 5), place)
        ring = hand.view.pointer.ring()
        assert ring is not None and ring.crossed == crossed, place


# --- regions


def shows_label(hand: Painter, point: tuple[int, int]) -> bool:
    return bool(np.abs(np.array(hand.color(point)) - blend(GREY, FOREST_COLOR, 0.45)).max() <= 2)


def test_the_region_under_the_pointer_shows_before_it_is_taken(hand: Painter) -> None:
    hand.view.set_tool("accept-region")
    hand.move((90, 20), (100, 30))
    settle(hand.view)
    assert shows_label(hand, (20, 250)), "far from the pointer, but of the same region"
    assert not shows_label(hand, (300, 30)) and hand.edits == []
    hand.move((300, 30))
    settle(hand.view)
    assert not shows_label(hand, (20, 250))


@pytest.mark.parametrize("hovers", [True, False])
def test_a_click_takes_the_region_that_hangs_together(hand: Painter, hovers: bool) -> None:
    class_map, confidence = halves()
    class_map[:, 80:90] = GRASS  # parts the forest
    hand.view.set_prediction(class_map, confidence)
    hand.view.set_tool("accept-region")
    if hovers:
        hand.move((110, 20), (120, 30))
        settle(hand.view)
    hand.drag((120, 30))
    assert [edit.kind for edit in hand.edits] == ["accept"]
    expected = np.zeros((HEIGHT, WIDTH), bool)
    expected[:, 90:200] = True
    np.testing.assert_array_equal(hand.editor.mask.accepted(), expected & (hand.labels != 0))
    hand.editor.undo()
    assert not hand.editor.mask.accepted().any()


def test_a_region_ends_where_the_model_is_not_sure(hand: Painter) -> None:
    hand.view.set_tool("accept-region")
    hand.move((90, 20), (100, 30))
    settle(hand.view)
    hand.view.set_threshold(0.5)  # what was shown is not what would be taken now
    hand.drag((100, 30))
    accepted = hand.editor.mask.accepted()
    assert accepted[:80, :200].all() and not accepted[200:].any() and not accepted[:, 200:].any()
    hand.drag((100, 280))
    assert len(hand.edits) == 1, "nothing sure is predicted there"


def test_a_click_on_what_was_drawn_takes_the_region_around_it(hand: Painter) -> None:
    hand.view.set_tool("accept-region")
    before = drawn(hand)
    hand.drag((100, 100))
    np.testing.assert_array_equal(drawn(hand), before)
    assert hand.editor.mask.accepted()[250, 100]


@pytest.mark.parametrize("tool", ["accept-region", "accept-brush", "accept-lasso"])
def test_without_a_prediction_nothing_is_accepted(hand: Painter, tool: str) -> None:
    hand.view.set_prediction(None)
    hand.view.set_tool(tool)  # type: ignore[arg-type]
    hand.drag(*WAY)
    assert hand.edits == [] and not hand.editor.mask.accepted().any()


def test_an_outline_takes_what_is_inside(hand: Painter) -> None:
    hand.view.set_tool("accept-lasso")
    hand.drag((250, 150), (350, 150), (350, 280), (250, 280))
    accepted = hand.editor.mask.accepted()
    assert accepted[160:270, 260:340].all() and not accepted[:, :240].any()
    assert [edit.kind for edit in hand.edits] == ["accept"]


# --- how it looks


@pytest.mark.parametrize("zoom", [1.0, 0.5, 3.0])
def test_accepted_labels_look_like_drawn_ones(hand: Painter, zoom: float, qtbot: QtBot) -> None:
    hand.view.zoom_to(zoom)
    hand.view.look_at((100.0, 60.0))
    hand.view.set_tool("accept-region")
    hand.drag((100, 60))
    ends_flash(hand.view, qtbot)
    hand.view.set_tool("brush")
    assert shows_label(hand, (120, 70))


def test_only_what_was_accepted_lights_up(hand: Painter, qtbot: QtBot) -> None:
    hand.view.set_tool("accept-region")
    hand.drag((100, 30))
    assert min(hand.color((20, 250))) > 140
    assert min(hand.color((100, 100))) < 100, "the drawn stroke inside it"
    ends_flash(hand.view, qtbot)


def inked(hand: Painter, rect: Rect) -> int:
    """How many colours the screen shows inside a rectangle of image pixels, at life size: dots make it two."""
    screen, corner = hand.screen(), hand.at((rect.left, rect.top))
    cells = [(x, y) for x in range(rect.width) for y in range(rect.height)]
    return len({screen.pixel(corner.x() + x, corner.y() + y) for x, y in cells})


def test_a_view_tells_accepted_labels_from_drawn_ones(hand: Painter, qtbot: QtBot) -> None:
    hand.view.set_tool("accept-region")
    hand.drag((100, 30))
    ends_flash(hand.view, qtbot)
    hand.view.set_tool("brush")
    hand.rest()
    accepted, stroke, predicted = Rect(50, 60, 62, 72), Rect(95, 60, 105, 72), Rect(50, 260, 62, 272)
    assert [inked(hand, part) for part in (accepted, stroke, predicted)] == [1, 1, 1]
    hand.view.set_accepted_marked(True)
    assert [inked(hand, part) for part in (accepted, stroke, predicted)] == [2, 1, 1]
    hand.view.set_active_class(FOREST)
    hand.drag((50, 56), (80, 56))
    hand.rest()
    assert inked(hand, accepted) == 1, "it is drawn by now"


def test_dots_show_on_light_and_on_dark_classes(hand: Painter) -> None:
    table = hand.view._overlay._table
    light, dark = (int(table[code | 192]) & 255 for code in (6, 0))  # bare ground and water
    assert light < 60 and dark > 120


def test_thumbnails_show_accepted_labels_in_the_colour_of_their_class(hand: Painter) -> None:
    hand.view.set_tool("accept-region")
    hand.drag((100, 30))
    assert hand.editor.mask.tile((0, 0))[0, 0] == FOREST | ACCEPTED
    assert set(np.unique(looked_at_from_afar(hand.editor.mask, 30, 40))) == {0, FOREST, UNLABELED}
