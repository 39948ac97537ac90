"""Where next, by keyboard alone: from region to region over all pictures, with an answer for each key."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from sqlalchemy import delete

from app.visiting import CLOSEST
from core.classes import UNLABELED, LabelClass
from core.masks.rect import EMPTY, Rect
from core.prediction.regions import find_regions
from core.project import Project
from core.regions import Region, table_of
from core.store.tables import WeightsRow
from tests.journeys.model import Model, Sure, add_run, make_project
from tests.journeys.person import Person, let_go_on, make_pictures

Sit = Callable[[], Person]
Key = Qt.Key
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
HEIGHT, WIDTH = 160, 240
WATER, FOREST, CROP, ROAD = 0, 1, 3, 4
SQUARE = Rect(20, 20, 60, 60)


def sees(image_id: int) -> Sure:
    """Water at the left, forest at the right, surely; and what might be crop, in the first picture with most doubt."""
    said = np.ones((HEIGHT, WIDTH), np.uint8) * (np.arange(WIDTH) >= WIDTH // 2).astype(np.uint8)
    sure = np.full_like(said, 230)
    said[SQUARE.slices], sure[SQUARE.slices] = CROP, 80 + 20 * image_id
    return said, sure


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Three pictures; what is worth a look is known already of the second and third."""
    make_pictures(tmp_path / "p", 3)
    path = make_project(tmp_path / "p", 3)
    with Project.open(path) as made:
        for record in made.images()[1:]:
            made.keep_regions(record, 1, find_regions(*sees(record.id), made.load_mask(record.id).read()))
    return path


@pytest.fixture
def person(sit_down: Sit, project: Path, monkeypatch: pytest.MonkeyPatch) -> Person:
    """Someone before the first picture and what the model says of it."""
    person = sit_down()
    Model(person, monkeypatch, sees)
    person.drop(project)
    person.sees_picture("picture-1.png")
    person.sees(lambda: person.window.asking.gathering.queue.run_of(1))
    return person


def is_asked(person: Person, question: str, picture: str) -> bool:
    """Whether the question can be answered, with its region outlined on screen."""
    strip, canvas = person.window.rooms.check_strip, person.window.rooms.canvas
    if strip.text.text() != question or not person.window.asking.ready or person.picture != picture:
        return False
    return canvas.pointed.rect == asked(person).rect


def asked(person: Person) -> Region:
    region = person.window.asking._region
    assert region is not None
    return region


def sees_question(person: Person, question: str, picture: str) -> None:
    person.sees(lambda: is_asked(person, question, picture))


def accepted(person: Person) -> npt.NDArray[np.bool_]:
    image = person.window.workspace.image
    assert image is not None
    return image.editor.mask.accepted()


def test_a_keyboard_is_enough_to_answer_to_skip_and_to_take_back(person: Person, project: Path) -> None:
    strip, canvas = person.window.rooms.check_strip, person.window.rooms.canvas
    person.press(Key.Key_V)
    sees_question(person, "Is this crop?", "picture-1.png")
    assert strip.sure.text() == "39 % sure" and strip.left.text().startswith("9 left, ")
    person.sees(lambda: canvas.zoom == CLOSEST and SQUARE.intersect(canvas.visible_rect) == SQUARE)

    person.press(Key.Key_Return)
    sees_question(person, "Is this crop?", "picture-2.png")
    person.press(Key.Key_5)
    sees_question(person, "Is this crop?", "picture-3.png")
    drawn = np.full((HEIGHT, WIDTH), UNLABELED)
    person.press(Key.Key_Tab)
    person.sees(lambda: asked(person).class_id != CROP)
    assert strip.left.text().startswith("7 left"), "what was skipped is left"

    person.press(Key.Key_Z, CTRL)
    sees_question(person, "Is this crop?", "picture-2.png")
    assert (person.labels == UNLABELED).all()
    person.press(Key.Key_Z, CTRL)
    sees_question(person, "Is this crop?", "picture-1.png")
    assert (person.labels == UNLABELED).all()
    person.press(Key.Key_Return)
    sees_question(person, "Is this crop?", "picture-2.png")
    person.press(Key.Key_5)
    person.sees(lambda: asked(person).class_id != CROP)
    person.press(Key.Key_Escape)
    assert not strip.isVisible() and canvas.pointed.rect == EMPTY
    person.press(Key.Key_3)
    assert person.window.workspace.active_class == 2, "the keys choose classes again"
    person.sees_saved()
    person.leave()
    with Project.open(project) as again:
        for image_id, value in ((1, CROP), (2, ROAD)):
            drawn[SQUARE.slices] = value
            mask = again.load_mask(image_id)
            assert np.array_equal(mask.read(), drawn)
            assert mask.accepted().any() == (value == CROP), "a class key labels as the hand does"
        assert again.load_mask(3).read().min() == UNLABELED


def test_everything_can_be_answered_and_that_is_said(person: Person) -> None:
    strip = person.window.rooms.check_strip
    person.press(Key.Key_V)
    for left in range(9, 0, -1):
        person.sees(lambda: person.window.asking.ready)
        assert strip.left.text().startswith(f"{left} left")
        person.press(Key.Key_Return)
    person.sees(lambda: "Nothing is left" in strip.text.text())
    assert (person.labels != UNLABELED).all() and accepted(person).all()
    person.press(Key.Key_Return)
    assert not person.window.workspace.records[1].done, "no key means what it means elsewhere"
    person.window.asking.gathering.put(3, 1, table_of([Region(3, SQUARE, (30, 30), ROAD, 1600, 0.3)]))
    assert "Is this road?" in strip.text.text(), "whoever waits is asked as soon as there is something to ask"
    person.sees(lambda: "Nothing is left" in strip.text.text())  # it is labelled by now


def test_what_is_painted_by_hand_on_the_way_stays(person: Person) -> None:
    person.window.rooms.options.show_brush_size(8)
    person.press(Key.Key_V)
    sees_question(person, "Is this crop?", "picture-1.png")
    person.sees(lambda: person.window.rooms.canvas.zoom == CLOSEST)
    person.paint([(25, 40), (55, 40)])  # water, through the middle of it
    person.press(Key.Key_G)  # a polygon, which needs Enter for itself
    canvas = person.window.rooms.canvas
    for point in ((22, 22), (30, 22), (30, 28)):
        person.click(canvas, canvas.from_image(point).toPoint())
    person.press(Key.Key_Return)
    assert asked(person).image_id == 1
    water = person.labels == WATER
    assert water[40, 40] and water[24, 28]
    person.press(Key.Key_Return)
    sees_question(person, "Is this crop?", "picture-2.png")
    person.press(Key.Key_A)
    person.sees_picture("picture-1.png")
    labels = person.labels[SQUARE.slices]
    assert np.array_equal(labels == WATER, water[SQUARE.slices]) and (labels[~water[SQUARE.slices]] == CROP).all()
    person.sees(lambda: not person.window.asking.on)  # a picture that one chooses oneself ends the questions


def test_a_region_that_was_labelled_meanwhile_is_not_asked(person: Person) -> None:
    person.press(Key.Key_PageDown)
    person.sees_picture("picture-2.png")
    person.window.rooms.options.show_brush_size(80)
    person.paint([(40, 40), (42, 40)])
    person.press(Key.Key_V)
    sees_question(person, "Is this crop?", "picture-1.png")
    person.press(Key.Key_Return)
    sees_question(person, "Is this crop?", "picture-3.png")


def test_a_picture_that_changed_is_passed_over_with_a_sentence(person: Person, project: Path) -> None:
    Image.new("RGB", (WIDTH, HEIGHT), "red").save(project.parent / "picture-2.png")
    (project.parent / "picture-3.png").unlink()
    person.press(Key.Key_V)
    sees_question(person, "Is this crop?", "picture-1.png")
    person.press(Key.Key_Return)
    person.sees(lambda: "is missing, so nothing is asked about it" in person.notice)
    person.sees(lambda: is_asked(person, "Is this forest?", "picture-1.png"))
    assert accepted(person)[SQUARE.slices].all()


def test_classes_that_mean_something_else_now_are_not_asked_about(person: Person) -> None:
    classes = person.window.workspace.classes
    renamed = tuple(LabelClass(c.id, "vineyard" if c.id == CROP else c.name, c.color) for c in classes)
    person.window.workspace.set_classes(renamed)
    person.sees(lambda: person.window.workspace.classes == renamed)
    person.press(Key.Key_V)
    person.sees(lambda: person.window.asking.ready)
    assert asked(person).class_id in (WATER, FOREST)
    assert person.notice == "Run 1 learned classes that are others now: crop. Train again to be asked about them."


def test_a_run_whose_weights_are_gone_asks_nothing_and_says_why(
    sit_down: Sit, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Project.open(project) as made, made._transaction() as session:
        session.execute(delete(WeightsRow))
    person = sit_down()
    for name in ("send", "start"):
        monkeypatch.setattr(person.window.learning._thread, name, lambda *_: None)
    person.drop(project)
    person.sees_picture("picture-1.png")
    person.press(Key.Key_V)
    person.sees(lambda: "The weights of run 1 are gone" in person.notice)
    person.sees(lambda: not person.window.asking.on)
    assert not person.window.rooms.check_strip.isVisible()


def test_a_newer_run_is_asked_with_and_what_an_older_one_proposed_is_asked_after_it(person: Person) -> None:
    project = person.window.workspace.project
    assert project is not None
    person.press(Key.Key_V)
    sees_question(person, "Is this crop?", "picture-1.png")
    person.window.workspace.add_run(project.run(add_run(project)))
    person.sees(lambda: person.window.asking.gathering.queue.run_of(1) == 2)
    assert person.window.asking.gathering.queue.left == 9
    person.press(Key.Key_Return)
    person.sees(lambda: is_asked(person, "Is this crop?", "picture-2.png"))


def test_the_picture_stays_where_it_is_when_the_strip_comes_and_looks_as_before_when_it_goes(person: Person) -> None:
    strip, canvas = person.window.rooms.check_strip, person.window.rooms.canvas
    person.press(Key.Key_Plus)
    canvas.pan(31, -17)
    before, corner = canvas.view_state(), canvas.from_image((0, 0))
    for image_id in (1, 2, 3):
        person.window.asking.gathering.queue.drop(image_id)
    person.press(Key.Key_V)
    let_go_on(30)
    assert strip.isVisible() and "Nothing is left" in strip.text.text()
    moved = canvas.from_image((0, 0)) - corner
    assert abs(moved.x()) <= 1 and abs(moved.y()) <= 1
    person.press(Key.Key_Escape)
    let_go_on(30)
    assert canvas.view_state() == pytest.approx(before, abs=1)


@pytest.mark.parametrize("fitted", [True, False])
def test_after_the_questions_the_view_is_the_one_of_before(person: Person, fitted: bool) -> None:
    canvas = person.window.rooms.canvas
    if not fitted:
        person.press(Key.Key_Minus)
        canvas.pan(40, 10)
    before, corner = canvas.view_state(), canvas.from_image((0, 0))
    person.press(Key.Key_V)
    sees_question(person, "Is this crop?", "picture-1.png")
    person.sees(lambda: canvas.zoom == CLOSEST)
    person.press(Key.Key_T, SHIFT)  # beside it, which comes and goes meanwhile
    person.press(Key.Key_Escape)
    assert canvas.zoom == CLOSEST
    person.press(Key.Key_Escape)
    let_go_on(30)
    after = canvas.view_state()
    assert after["fitted"] == fitted and after["zoom"] == before["zoom"]
    moved = canvas.from_image((0, 0)) - corner
    assert abs(moved.x()) <= 1 and abs(moved.y()) <= 1


def test_after_side_by_side_the_view_is_the_one_of_before(person: Person) -> None:
    canvas = person.window.rooms.canvas
    before = canvas.view_state()
    person.press(Key.Key_T, SHIFT)
    let_go_on(30)
    person.press(Key.Key_Plus)
    assert not canvas.view_state()["fitted"]
    person.press(Key.Key_T, SHIFT)
    let_go_on(30)
    assert canvas.view_state() == before


def test_a_picture_that_was_opened_meanwhile_is_seen_as_a_whole(person: Person) -> None:
    canvas = person.window.rooms.canvas
    person.press(Key.Key_Plus)
    person.press(Key.Key_V)
    sees_question(person, "Is this crop?", "picture-1.png")
    person.press(Key.Key_Return)
    sees_question(person, "Is this crop?", "picture-2.png")
    person.press(Key.Key_Escape)
    assert canvas.view_state()["fitted"] and canvas.visible_rect == canvas.image_rect


def test_esc_leaves_the_curtain_first_and_then_the_questions(person: Person) -> None:
    strip, canvas = person.window.rooms.check_strip, person.window.rooms.canvas
    person.press(Key.Key_V)
    sees_question(person, "Is this crop?", "picture-1.png")
    person.press(Key.Key_T)
    assert canvas.split.way == "curtain"
    person.press(Key.Key_Escape)
    person.sees(lambda: not canvas.split.way and strip.isVisible())
    person.press(Key.Key_Return)
    sees_question(person, "Is this crop?", "picture-2.png")
    person.press(Key.Key_Escape)
    assert not strip.isVisible()


def test_a_class_without_a_key_of_its_own_is_found_by_its_name(person: Person) -> None:
    work, strip, finder = person.window.workspace, person.window.rooms.check_strip, person.window.commanding.finder
    person.press(Key.Key_V)
    sees_question(person, "Is this crop?", "picture-1.png")
    assert strip.mend.text() == "1 to 7: another class"
    work.set_classes((*work.classes, *(LabelClass(n, f"kind {n}", f"#{n:02d}4080") for n in range(7, 12))))
    person.sees(lambda: strip.mend.text() == "1 to 9, 0 for all: another class")
    sees_question(person, "Is this crop?", "picture-1.png")
    person.press(Key.Key_0)
    assert finder.isVisible() and len(finder.shown) == 12
    QTest.keyClicks(finder.field, "kind 11")
    QTest.keyClick(finder.field, Key.Key_Return)
    assert not finder.isVisible() and person.window.rooms.canvas.hasFocus()
    sees_question(person, "Is this crop?", "picture-2.png")
    person.press(Key.Key_Escape)
    person.press(Key.Key_PageUp)
    person.sees_picture("picture-1.png")
    assert (person.labels[SQUARE.slices] == 11).all() and not accepted(person).any()
