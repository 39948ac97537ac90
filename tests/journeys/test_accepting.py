"""Taking a prediction over in the window, in every way there is, with real keys and mouse; reviewing it afterwards."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolButton

from core.classes import UNLABELED
from core.project import Project
from core.training.messages import PredictionReady
from tests.journeys.model import Model, make_project
from tests.journeys.person import Person, make_pictures

Sit = Callable[[], Person]
SHIFT = Qt.KeyboardModifier.ShiftModifier
NONE = Qt.KeyboardModifier.NoModifier
HEIGHT, WIDTH = 160, 240
FOREST, GRASS = 1, 2


def predict(person: Person, class_map: np.ndarray | None = None) -> None:
    """What a model says of the open picture: forest at the left, grass at the right, less sure at the bottom."""
    halves = np.where(np.arange(WIDTH) < WIDTH // 2, np.uint8(FOREST), np.uint8(GRASS))
    sure = np.where(np.arange(HEIGHT) < 120, np.uint8(230), np.uint8(100))
    image = person.window.workspace.image
    assert image is not None
    shape = np.ones((HEIGHT, WIDTH), np.uint8)
    said = shape * halves if class_map is None else class_map
    person.window.showing.show_prediction(PredictionReady(image.record.id, 1, said, shape * sure[:, None]))


@pytest.fixture
def person(sit_down: Sit, tmp_path: Path) -> Person:
    """Someone with a prediction before them, who has drawn a stroke of class 0 across both halves."""
    person = sit_down()
    person.drop(make_pictures(tmp_path / "p"))
    person.sees_picture("picture-1.png")
    person.sees(lambda: len(person.window.workspace.records) == 3)
    person.window.rooms.options.show_brush_size(16)
    person.paint([(30, 60), (210, 60)])
    predict(person)
    return person


def accepted(person: Person) -> np.ndarray:
    image = person.window.workspace.image
    assert image is not None
    return image.editor.mask.accepted()


def all_by_enter(person: Person) -> None:
    person.press(Qt.Key.Key_Return)


def all_by_button(person: Person) -> None:
    person.click(person.window.rooms.prediction.accept)


def forest_by_key(person: Person) -> None:
    person.press(Qt.Key.Key_2)
    person.press(Qt.Key.Key_Return, SHIFT)


def forest_by_button(person: Person) -> None:
    person.press(Qt.Key.Key_2)
    person.click(person.window.rooms.prediction.accept_class)


def forest_by_click(person: Person) -> None:
    person.press(Qt.Key.Key_F, SHIFT)
    person.paint([(30, 20)])


def corner_by_outline(person: Person) -> None:
    person.press(Qt.Key.Key_L, SHIFT)
    person.paint([(10, 10), (90, 10), (90, 110), (10, 110)])


def line_by_brush(person: Person) -> None:
    person.press(Qt.Key.Key_B, SHIFT)
    person.paint([(40, 20), (40, 110)])


WAYS = [all_by_enter, all_by_button, forest_by_key, forest_by_button, forest_by_click, corner_by_outline, line_by_brush]


def test_a_drawn_stroke_is_never_changed_by_accepting_and_undo_takes_all_of_it_back(person: Person) -> None:
    before = person.labels
    stroke = before == 0
    assert stroke.sum() > 2000
    for way in WAYS:
        way(person)
        name = way.__name__
        assert (person.labels[stroke] == 0).all() and not accepted(person)[stroke].any(), name
        np.testing.assert_array_equal(accepted(person), person.labels != before, name)
        assert person.labels[100, 40] == FOREST, name
        assert (person.labels[100, 200] == GRASS) == name.startswith("all"), name
        person.press(Qt.Key.Key_Z)
        np.testing.assert_array_equal(person.labels, before, name)
    person.sees_saved()


def test_only_what_the_model_is_sure_of_is_accepted(person: Person) -> None:
    person.window.rooms.prediction.threshold.setValue(50)
    for way in WAYS:
        way(person)
        assert accepted(person)[:120].any() and not accepted(person)[120:].any(), way.__name__
        person.press(Qt.Key.Key_Z)


def test_told_to_accept_also_over_what_was_drawn_locks_still_hold(person: Person) -> None:
    person.click(person.window.rooms.prediction.over_labels, QPoint(8, 8))
    before = person.labels == 0
    for way in WAYS:
        person.click(person.window.rooms.classes.rows[0].locked)
        way(person)
        np.testing.assert_array_equal(person.labels == 0, before, way.__name__)
        person.press(Qt.Key.Key_Z)
        person.click(person.window.rooms.classes.rows[0].locked)
        way(person)
        assert person.labels[60, 40] == FOREST and accepted(person)[60, 40], way.__name__
        person.press(Qt.Key.Key_Z)


def test_what_was_accepted_is_still_told_from_strokes_the_next_day(
    person: Person, sit_down: Sit, tmp_path: Path
) -> None:
    forest_by_click(person)
    line_by_brush(person)
    marks, labels = accepted(person), person.labels
    person.press(Qt.Key.Key_A, SHIFT)
    person.leave()
    with Project.open(tmp_path / "p" / "p.maskwright") as project:
        kinds = [revision.kind for revision in project.revisions(1)]
    assert kinds == ["accept", "stroke"], "the brush found nothing more to take under it"
    again = sit_down()
    again.drop(tmp_path / "p" / "p.maskwright")
    again.sees_picture("picture-1.png")
    np.testing.assert_array_equal(again.labels, labels)
    np.testing.assert_array_equal(accepted(again), marks)
    assert again.window.actions_["mark-accepted"].isChecked()
    again.press(Qt.Key.Key_Z)
    assert not accepted(again).any() and (again.labels == 0).any()


def test_the_view_marks_what_was_accepted_and_the_status_line_says_so(person: Person) -> None:
    forest_by_click(person)
    canvas = person.window.rooms.canvas
    person.press(Qt.Key.Key_B)
    person.sees(lambda: canvas._overlay.flash is None)
    plain = canvas.grab().toImage()
    person.press(Qt.Key.Key_A, SHIFT)
    assert canvas.grab().toImage() != plain
    person.press(Qt.Key.Key_A, SHIFT)
    assert canvas.grab().toImage() == plain
    pointer = person.window.rooms.status.pointer
    for point, words in (
        ((40.0, 100.0), "forest, accepted"),
        ((40.0, 60.0), "water ·"),
        ((200.0, 100.0), "unlabelled"),
    ):
        QTest.mouseMove(canvas, canvas.from_image(point).toPoint() + QPoint(3, 3))
        QTest.mouseMove(canvas, canvas.from_image(point).toPoint())
        assert words in pointer.text()


def test_the_panel_offers_the_tools_and_the_class_in_hand_and_the_finder_finds_all(person: Person) -> None:
    panel = person.window.rooms.prediction
    *tools, _ = panel.by_hand.findChildren(QToolButton)
    for button in tools:
        person.click(button)
        assert person.window.rooms.canvas.tool == button.defaultAction().objectName()
    person.press(Qt.Key.Key_3)
    assert panel.accept_class.accessibleName() == "Accept only grass"
    person.click(panel.accept_class)
    assert set(np.unique(person.labels)) == {0, GRASS, UNLABELED}
    found = {command.text for command in person.window.commanding.commands()}
    wanted = {"Accept a region", "Accept under a brush", "Accept inside an outline", "Accept only the class in hand"}
    assert wanted | {"Accept the prediction", "Mark what was accepted"} <= found


def test_the_brush_is_borrowed_while_its_key_is_held(person: Person) -> None:
    canvas = person.window.rooms.canvas
    person.press(Qt.Key.Key_B)
    QTest.keyPress(canvas, Qt.Key.Key_B, SHIFT)
    assert canvas.tool == "accept-brush"
    person.paint([(40, 20), (40, 110)])
    QTest.keyRelease(canvas, Qt.Key.Key_B, NONE)
    person.sees(lambda: canvas.tool == "brush")
    assert accepted(person)[100, 40] and not accepted(person)[100, 100]


def test_someone_without_a_model_is_told_to_train_and_the_words_go_when_a_prediction_comes(
    sit_down: Sit, tmp_path: Path
) -> None:
    person = sit_down()
    person.drop(make_pictures(tmp_path / "p", 1))
    person.sees_picture("picture-1.png")
    person.press(Qt.Key.Key_F, SHIFT)
    assert "Train, then accept" in person.notice
    person.paint([(30, 20)])
    assert (person.labels == UNLABELED).all()
    predict(person)
    assert person.notice == ""


def test_drawing_over_what_was_accepted_makes_it_ones_own(person: Person) -> None:
    forest_by_click(person)
    person.press(Qt.Key.Key_B)
    person.press(Qt.Key.Key_2)
    person.paint([(30, 100), (60, 100)])
    assert not accepted(person)[100, 40] and person.labels[100, 40] == FOREST
    assert accepted(person)[30, 40]
    person.sees_saved()
    image = person.window.workspace.image
    assert image is not None
    assert person.window.workspace.records[image.record.id].class_pixels[FOREST] == (person.labels == FOREST).sum()


def test_a_prediction_is_there_again_when_its_picture_is_opened_again(
    sit_down: Sit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_pictures(tmp_path, 2)
    Image.new("RGB", (300, 100)).save(tmp_path / "picture-2.png")  # of another size
    shapes = {1: (160, 240), 2: (100, 300)}
    person = sit_down()
    model = Model(person, monkeypatch, lambda image_id: (np.ones(shapes[image_id], np.uint8),) * 2)
    person.drop(make_project(tmp_path, 2))
    for number, key in ((1, None), (2, Qt.Key.Key_PageDown), (1, Qt.Key.Key_PageUp)):
        if key is not None:
            person.press(key)
        person.sees_picture(f"picture-{number}.png")
        person.sees(lambda: person.window.editing.prediction is not None)
    assert model.asked == [1, 2], "the worker is not asked twice"
    person.press(Qt.Key.Key_Return)
    assert (person.labels == 1).all()
