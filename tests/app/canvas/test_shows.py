"""What of a prediction is shown, and against what: shades, differences, the curtain and the picture beside."""

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.canvas.rulers import Ruled
from app.canvas.shows import STOPS, Show
from app.canvas.split import Beside
from core.classes import UNLABELED, load_template
from core.colors import SIGHTS, lab_under
from tests.app.canvas.conftest import HEIGHT, WIDTH, Left, Painter, Plain

GREY = (100, 100, 100)
WATER, FOREST, CROP = (load_template("landcover")[number].rgb for number in (0, 1, 3))
CALM, BRIGHT = ((0x12, 0x29, 0x4F), (0xF7, 0xE4, 0x5C))
Color = tuple[int, int, int]
LABELLED, AGREES, FREE = (100, 40), (100, 140), (300, 140)
"""Points: labelled water and predicted forest, labelled water and predicted water, predicted forest only."""


@pytest.fixture
def compared(painter: Painter) -> Painter:
    """Water is labelled at the left; forest is predicted above and at the right, sure above and unsure below."""
    painter.editor.fill_polygon([(0, 0), (200, 0), (200, HEIGHT), (0, HEIGHT)], 0)
    said = np.ones((HEIGHT, WIDTH), np.uint8)
    said[100:, :200] = 0
    sure = np.full((HEIGHT, WIDTH), 255, np.uint8)
    sure[100:] = 0
    painter.view.set_prediction(said, sure, 255 - sure)
    painter.view.set_prediction_opacity(1.0)
    painter.view.set_outline(False)
    painter.view.refresh(painter.editor.mask.bounds)
    return painter


def over(color: Color, opacity: float, under: Color = GREY) -> object:
    blended = np.array(under) * (1 - opacity) + np.array(color) * opacity
    return pytest.approx(tuple(blended), abs=2)


def pixel(screen: QImage, x: int, y: int) -> Color:
    color = screen.pixelColor(x, y)
    return color.red(), color.green(), color.blue()


def away_from_stripes(painter: Painter, point: tuple[int, int]) -> Color:
    """The commonest colour around a point."""
    screen, at = painter.screen(), painter.at(point)
    around = [pixel(screen, at.x() + x, at.y() + y) for x in range(9) for y in range(9)]
    return max(set(around), key=around.count)


# --- shades


@pytest.mark.parametrize("sight", SIGHTS)
def test_shades_get_lighter_step_by_step_to_every_eye(sight: str) -> None:
    light = lab_under(STOPS, SIGHTS[sight])[:, 0]
    steps = np.diff(light)
    assert steps.min() > 12 and steps.max() < 1.6 * steps.min()


@pytest.mark.parametrize(("shown", "above", "below"), [("confidence", CALM, BRIGHT), ("entropy", CALM, BRIGHT)])
def test_confidence_and_entropy_are_bright_where_the_model_is_unsure(
    compared: Painter, shown: Show, above: Color, below: Color
) -> None:
    compared.view.set_show(shown)
    assert compared.color((300, 40)) == above and compared.color(FREE) == below
    assert compared.color(LABELLED) == over(WATER, 0.45), "what I drew stays"
    compared.view.set_prediction_over_labels(True)
    assert compared.color(LABELLED) == above and compared.color(AGREES) == below
    compared.view.set_prediction_opacity(0.5)
    assert compared.color(FREE) == over(below, 0.5)


def test_each_shade_has_its_own_threshold(compared: Painter) -> None:
    view = compared.view
    view.set_threshold(0.5)
    view.set_show("confidence")
    assert compared.color((300, 40)) == CALM and compared.color(FREE) == GREY
    view.set_show("entropy")
    assert compared.color(FREE) == BRIGHT, "the threshold was about confidence"
    view.set_least_entropy(0.5)
    assert compared.color((300, 40)) == GREY and compared.color(FREE) == BRIGHT
    assert view.hand.said is not None and view.hand.said.read()[140, 300] == UNLABELED, "accepting asks for confidence"


def test_a_class_that_is_hidden_has_no_shade_and_outlines_show_the_class(compared: Painter) -> None:
    view = compared.view
    view.set_show("confidence")
    view.set_hidden_classes(frozenset({1}))
    assert compared.color((300, 40)) == GREY
    view.set_hidden_classes(frozenset())
    view.set_prediction_over_labels(True)
    view.set_outline(True)
    screen, row = compared.screen(), compared.at((100, 99)).y()
    line = {pixel(screen, x, row) for x in range(compared.at((50, 0)).x(), compared.at((150, 0)).x())}
    assert len(line) == 2 and CALM in line, "dashes along the border of two predicted classes"


def test_what_is_not_known_is_not_shown(compared: Painter) -> None:
    compared.view.set_prediction(np.ones((HEIGHT, WIDTH), np.uint8))
    shades: tuple[Show, ...] = ("confidence", "entropy")
    for show in shades:
        compared.view.set_show(show)
        assert compared.color(FREE) == GREY


# --- differences


def test_only_what_differs_from_the_labels_is_shown(compared: Painter) -> None:
    compared.view.set_prediction_opacity(0.6)
    compared.view.set_show("labels")
    assert away_from_stripes(compared, LABELLED) == over(FOREST, 0.6)
    assert compared.color(AGREES) == GREY and compared.color(FREE) == GREY
    compared.view.set_active_class(1)
    compared.drag((80, 40), (120, 40))
    assert compared.color((100, 40)) == GREY, "now the labels say so too"
    compared.view.set_threshold(0.5)
    assert away_from_stripes(compared, (60, 80)) == over(FOREST, 0.6)


def test_a_difference_is_striped(compared: Painter) -> None:
    compared.view.set_prediction_opacity(0.3)
    compared.view.set_show("labels")
    screen, at = compared.screen(), compared.at(LABELLED)
    line = [pixel(screen, at.x() + x, at.y()) for x in range(16)]
    dark = [x for x, color in enumerate(line) if color == over(FOREST, 0.95)]
    assert len(dark) == 2 and dark[1] - dark[0] == 8


def test_the_difference_to_another_run_waits_for_what_that_one_says(compared: Painter) -> None:
    view = compared.view
    view.set_show("run")
    assert compared.color(FREE) == GREY
    other = np.full((HEIGHT, WIDTH), 3, np.uint8)
    other[:, :200] = 1
    other[:20] = UNLABELED  # not predicted yet
    view.set_other(other)
    assert away_from_stripes(compared, FREE) == FOREST
    assert compared.color(LABELLED) == GREY, "both say forest"
    assert compared.color((300, 10)) == GREY
    view.set_image(np.full((HEIGHT, WIDTH, 3), 100, np.uint8))
    view.set_prediction(np.ones((HEIGHT, WIDTH), np.uint8))
    assert compared.color(FREE) == GREY, "another picture"


@pytest.mark.parametrize("shown", ["confidence", "labels"])
def test_panning_shows_what_a_fresh_look_shows(compared: Painter, shown: Show) -> None:
    compared.view.set_show(shown)
    compared.view.split.choose("curtain")
    compared.screen()
    compared.view.pan(37, 21)
    panned = compared.screen()
    compared.view._frame.expire()
    assert compared.screen() == panned


# --- the curtain


def drag(widget: QWidget, start: QPoint, end: QPoint, button: Qt.MouseButton = Left) -> None:
    QTest.mousePress(widget, button, Plain, start)
    QTest.mouseMove(widget, (start + end) / 2)
    QTest.mouseMove(widget, end)
    QTest.mouseRelease(widget, button, Plain, end)
    QApplication.processEvents()


def pull(painter: Painter, by: int) -> None:
    """Drag the curtain; it moves under the hand, so that the hand stays where it is on it."""
    curtain = painter.view.split.curtain
    at = QPoint(8, 100)
    QTest.mousePress(curtain, Left, Plain, at)
    QTest.mouseMove(curtain, at + QPoint(by, 0))
    QTest.mouseRelease(curtain, Left, Plain, at)
    QApplication.processEvents()


def test_the_curtain_parts_labels_from_the_prediction(compared: Painter) -> None:
    compared.view.split.choose("curtain")
    middle = round(compared.view.to_image(compared.view.rect().center().toPointF())[0])
    left, right = (middle - 40, 40), (middle + 40, 40)
    assert compared.color(left) == over(WATER, 0.45) or left[0] >= 200
    assert compared.color(right) == FOREST
    pull(compared, 80)
    assert compared.color(right) == (over(WATER, 0.45) if right[0] < 200 else GREY)
    pull(compared, -200)
    assert compared.color((middle - 100, 40)) == FOREST, "the prediction shows over labels too"
    compared.view.split.choose("")
    assert compared.color(LABELLED) == over(WATER, 0.45) and compared.color((300, 40)) == FOREST


def test_one_paints_where_labels_show_and_nowhere_else(compared: Painter) -> None:
    compared.view.split.choose("curtain")
    compared.view.set_active_class(3)
    compared.move((320, 40), (321, 41))
    ring = compared.view.pointer.ring()
    assert ring is not None and ring.crossed
    compared.drag((320, 200), (360, 200))
    assert compared.edits == []
    compared.drag((100, 200), (140, 200))
    assert len(compared.edits) == 1 and compared.labels[200, 120] == 3
    assert compared.color((120, 200)) == over(CROP, 0.45)
    compared.view.set_tool("accept-brush")
    compared.drag((320, 40), (360, 40))
    assert compared.labels[40, 340] == 1, "what is predicted can be accepted there"


def test_the_curtain_keeps_its_share_when_the_window_grows(compared: Painter) -> None:
    compared.view.split.choose("curtain")
    pull(compared, -120)
    before = compared.view.split.curtain.geometry().center().x() / compared.view.width()
    compared.view.resize(900, 500)
    QApplication.processEvents()
    after = compared.view.split.curtain.geometry()
    assert after.center().x() / 900 == pytest.approx(before, abs=0.01) and after.height() == 500
    pull(compared, -5000)
    assert compared.view.split.curtain.geometry().center().x() <= 8, "it stays in reach"


# --- side by side


@pytest.fixture
def twin(compared: Painter, qtbot: QtBot) -> Iterator[Beside]:
    ruled = Ruled(compared.view)
    qtbot.addWidget(ruled)
    ruled.resize(800, 360)
    ruled.show()
    compared.view.split.choose("beside")
    qtbot.waitUntil(lambda: compared.view.split.beside.isVisible() and compared.view.width() <= 401)
    compared.view.zoom_to(2.0)
    yield compared.view.split.beside
    compared.view.setParent(None)


def color_in(twin: Beside, point: tuple[int, int]) -> Color:
    at = twin.from_image((point[0] + 0.5, point[1] + 0.5))
    return pixel(twin.grab().toImage(), int(at.x()), int(at.y()))


def test_labels_stay_in_the_picture_and_the_prediction_lies_beside_it(compared: Painter, twin: Beside) -> None:
    assert abs(twin.width() - compared.view.width()) <= 1 and twin.height() == compared.view.height()
    compared.view.look_at((200, 100))
    assert compared.color((190, 80)) == over(WATER, 0.45) and compared.color((230, 80)) == GREY
    assert color_in(twin, (190, 80)) == FOREST and color_in(twin, (190, 130)) == WATER
    compared.view.split.choose("")
    assert not twin.isVisible() and compared.color((230, 80)) == FOREST


def test_both_move_as_one(compared: Painter, twin: Beside) -> None:
    compared.view.look_at((200, 100))
    before = compared.view.from_image((200, 100))
    drag(twin, QPoint(200, 200), QPoint(170, 180))
    assert compared.view.from_image((200, 100)) - before == QPoint(-30, -20).toPointF()
    assert twin.from_image((200, 100)) == compared.view.from_image((200, 100))
    assert compared.edits == []


def test_a_stroke_in_the_picture_changes_what_differs_beside_it(compared: Painter, twin: Beside) -> None:
    compared.view.set_show("labels")
    compared.view.look_at((100, 60))
    assert color_in(twin, (100, 51)) == pytest.approx(FOREST, abs=8), "or one of its stripes"
    compared.view.set_active_class(1)
    compared.drag((90, 50), (110, 50))
    assert color_in(twin, (100, 51)) == GREY


def test_the_pointer_shows_in_both(compared: Painter, twin: Beside) -> None:
    compared.view.look_at((200, 100))
    before = twin.grab().toImage()
    compared.move((210, 80), (211, 81))
    assert twin.grab().toImage() != before
    told: list[tuple[int, int]] = []
    compared.view.hovered.connect(lambda x, y, value: told.append((x, y)))
    QTest.mouseMove(twin, QPoint(50, 60))
    assert told[-1] == tuple(int(part) for part in compared.view.to_image(QPoint(50, 60).toPointF()))
