"""Brightness, channels, patterns, the map in the corner and the scale: ways of seeing that change no file."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from app.canvas.display import Display
from app.canvas.hatch import ink
from app.canvas.overlay import OUTLINE
from app.canvas.scale import length_text, round_length
from core.classes import MAX_CLASSES, UNLABELED
from core.masks.rect import Rect
from tests.app.canvas.conftest import HEIGHT, WIDTH, Show

GREY = (100, 100, 100)


def flat(*values: int, kind: type = np.uint8) -> np.ndarray:
    return np.full((HEIGHT, WIDTH, len(values)), values, kind)


# --- brightness and channels


@pytest.mark.parametrize("zoom", [0.4, 1.0, 2.0, 8.0])
def test_dark_and_bright_ends_can_be_set(show: Show, zoom: float) -> None:
    painter = show(flat(50, 100, 200), zoom=zoom)
    painter.view.set_display(Display(automatic=False, low=50 / 255, high=150 / 255))
    assert painter.color((200, 150)) == (0, 128, 255)


def test_gamma_brightens_the_middle_and_leaves_the_ends(show: Show) -> None:
    painter = show(flat(0, 100, 255))
    painter.view.set_display(Display(gamma=2.0))
    assert painter.color((200, 150)) == (0, round((100 / 255) ** 0.5 * 255), 255)


def test_automatic_contrast_stretches_an_8_bit_picture_too(show: Show) -> None:
    image = flat(90, 90, 90)
    image[:, 200:] = 110
    painter = show(image)
    painter.view.set_display(Display(automatic=True))
    assert painter.color((100, 100)) == (0, 0, 0) and painter.color((300, 100)) == (255, 255, 255)


@pytest.mark.parametrize("zoom", [0.4, 1.0, 8.0])
def test_one_channel_of_many_is_shown_grey(show: Show, zoom: float) -> None:
    painter = show(flat(10, 20, 30, 40, 50, 60, 70), zoom=zoom)
    assert painter.color((200, 150)) == (10, 20, 30)
    painter.view.set_display(Display(channels=(5,)))
    assert painter.color((200, 150)) == (60, 60, 60)
    painter.view.set_display(Display(channels=(6, 0, 3)))
    assert painter.color((200, 150)) == (70, 10, 40)


def test_a_picture_with_fewer_channels_shows_what_it_has(show: Show) -> None:
    painter = show(flat(77))
    painter.view.set_display(Display(channels=(6, 0, 3)))
    assert painter.color((200, 150)) == (77, 77, 77)


def test_the_next_picture_is_shown_the_same_way(show: Show) -> None:
    painter = show(flat(50, 100, 200))
    painter.view.set_display(Display(channels=(2,)))
    painter.view.set_image(flat(1, 2, 3))
    painter.view.zoom_to(1.0)
    assert painter.color((200, 150)) == (3, 3, 3)


def test_16_bit_windows_are_shares_of_the_whole_range(show: Show) -> None:
    painter = show(flat(6554, kind=np.uint16))
    painter.view.set_display(Display(automatic=False, low=0.0, high=0.2))
    assert painter.color((200, 150)) == (128, 128, 128)


def test_display_settings_come_back_and_odd_ones_do_no_harm() -> None:
    chosen = Display(True, 0.1, 0.7, 1.8, (3, 1, 2))
    assert Display.from_mapping(chosen.to_mapping()) == chosen
    for odd in ({}, {"low": 3}, {**chosen.to_mapping(), "high": 0.05}, {**chosen.to_mapping(), "channels": [1, 2]}):
        assert Display.from_mapping(odd) == Display()


# --- patterns


def test_every_class_has_a_pattern_of_its_own() -> None:
    patterns = {ink(np.full((48, 48), c, np.uint8), (0, 0), 1).tobytes() for c in range(MAX_CLASSES)}
    assert len(patterns) == MAX_CLASSES
    shares = [ink(np.full((48, 48), c, np.uint8), (0, 0), 1).mean() for c in range(8)]
    assert all(0.04 < share < 0.3 for share in shares), "patterns leave most of the picture to see"


def test_patterns_lie_on_labels_only_and_move_with_the_picture(show: Show) -> None:
    painter = show()
    labels = np.full((HEIGHT, WIDTH), UNLABELED, np.uint8)
    labels[50:250, 50:200] = 1
    painter.editor.apply("import", Rect(0, 0, HEIGHT, WIDTH), labels != UNLABELED, labels)
    painter.view.refresh(Rect(0, 0, HEIGHT, WIDTH))
    painter.rest()
    plain = painter.screen()
    painter.view.set_hatch(True)
    hatched = painter.screen()
    assert len({painter.color((100, y)) for y in range(100, 124)}) == 2
    assert painter.color((300, 100)) == GREY
    painter.view.pan(17, 11)
    moved = painter.screen()
    painter.view._frame.expire()
    assert painter.screen() == moved
    painter.view.pan(-17, -11)
    assert painter.screen() == hatched != plain


def test_predicted_classes_have_their_pattern_too_broken_where_the_drawn_one_is_whole(show: Show) -> None:
    painter = show()
    labels = np.full((HEIGHT, WIDTH), UNLABELED, np.uint8)
    labels[50:250, 50:150] = 1
    painter.editor.apply("import", Rect(0, 0, HEIGHT, WIDTH), labels != UNLABELED, labels)
    predicted = np.full((HEIGHT, WIDTH), UNLABELED, np.uint8)
    predicted[50:250, 200:300] = 1
    painter.view.set_prediction(predicted)
    painter.view.set_hatch(True)
    painter.view.refresh(Rect(0, 0, HEIGHT, WIDTH))
    painter.rest()
    overlay, view = painter.view._overlay, painter.view.viewport
    lines = overlay.codes(view, view.image_rect) & OUTLINE != 0
    drawn, told = (view.cover(Rect(60, left, 240, left + 80)).within(view.image_rect) for left in (60, 210))
    assert 0 < lines[told].sum() < 0.7 * lines[drawn].sum()
    painter.view.set_prediction_visible(False)
    assert (overlay.codes(view, view.image_rect)[told] == UNLABELED).all()


# --- the map in the corner


def test_the_map_shows_only_while_something_is_out_of_sight(show: Show) -> None:
    painter = show(zoom=4.0)
    overview = painter.view.overview
    assert not overview.isVisible(), "it is off until someone wants it"
    painter.view.set_overview(True)
    assert overview.isVisible()
    painter.view.fit()
    assert not overview.isVisible()
    painter.view.zoom_to(4.0)
    painter.view.set_image(None)
    assert not overview.isVisible()


def test_a_drag_in_the_map_takes_the_canvas_along(show: Show) -> None:
    painter = show(zoom=4.0)
    painter.view.set_overview(True)
    overview = painter.view.overview
    QTest.mousePress(overview, Qt.MouseButton.LeftButton, pos=QPoint(overview.width() // 4, overview.height() // 4))
    assert painter.view.viewport.center == pytest.approx((WIDTH / 4, HEIGHT / 4), abs=4)
    at = QPoint(overview.width() // 2, overview.height() * 3 // 4)
    QTest.mouseMove(overview, at)
    QTest.mouseRelease(overview, Qt.MouseButton.LeftButton, pos=at)
    assert painter.view.viewport.center == pytest.approx((WIDTH / 2, HEIGHT * 3 / 4), abs=4)
    assert painter.edits == []


# --- the scale


def test_the_scale_is_a_round_length_that_fits(show: Show) -> None:
    painter = show(zoom=2.0)
    bar = painter.view.scale_bar
    assert not bar.isVisible()
    bar.show_for(0.5e-6)
    assert bar.isVisible() and bar.text == "20 µm"
    painter.view.zoom_to(4.0)
    assert bar.text in {"20 µm", "10 µm"}
    painter.view.set_image(flat(1))
    assert not bar.isVisible()


@pytest.mark.parametrize(("limit", "length"), [(1.0, 1.0), (1.9, 1.0), (0.0499, 0.02), (7e-7, 5e-7), (480, 200)])
def test_round_lengths(limit: float, length: float) -> None:
    assert round_length(limit) == pytest.approx(length)


@pytest.mark.parametrize(
    ("metres", "text"), [(2000, "2 km"), (5, "5 m"), (0.2, "20 cm"), (1e-3, "1 mm"), (2e-5, "20 µm"), (5e-10, "0.5 nm")]
)
def test_lengths_have_the_unit_people_use(metres: float, text: str) -> None:
    assert length_text(metres) == text
