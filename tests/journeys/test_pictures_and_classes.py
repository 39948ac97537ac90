"""Pictures that change, classes that get new names, and the sample."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.journeys.person import Person, make_pictures

Sit = Callable[[], Person]


def test_the_sample_is_one_click_away(sit_down: Sit) -> None:
    person = sit_down()
    person.click(person.window.rooms.start.open_sample)
    person.sees(lambda: len(person.window.workspace.records) > 10, 60_000)
    person.sees(lambda: person.picture.endswith(".jpg"))
    person.paint([(100, 100), (140, 120)])
    person.sees_saved()


def test_the_classes_of_a_new_project_are_chosen_before_it_begins(sit_down: Sit, tmp_path: Path) -> None:
    person = sit_down()
    person.window.rooms.start.template.combo.setCurrentText("cityscapes")
    person.drop(make_pictures(tmp_path / "p", 1))
    person.sees_picture("picture-1.png")
    names = [row.name.text() for row in person.window.rooms.classes.rows]
    assert names == ["flat", "human", "construction", "vehicle", "object", "nature", "sky"]


def test_a_class_gets_another_name_by_double_click(sit_down: Sit, tmp_path: Path) -> None:
    person = sit_down()
    person.drop(make_pictures(tmp_path / "p", 1))
    person.sees_picture("picture-1.png")
    name = person.window.rooms.classes.rows[1].name
    QTest.mouseDClick(name, Qt.MouseButton.LeftButton)
    QTest.keyClicks(name, "beech 3")  # b and 3 are shortcuts, but not while a name is typed
    QTest.keyClick(name, Qt.Key.Key_Return)
    person.sees(lambda: person.window.workspace.classes[1].name == "beech 3")
    assert person.window.workspace.active_class == 0
    assert person.picture == "picture-1.png"
    person.leave()

    person = sit_down()
    person.drop(tmp_path / "p" / "p.maskwright")
    person.sees_picture("picture-1.png")
    assert person.window.rooms.classes.rows[1].name.text() == "beech 3"


def test_a_name_that_is_taken_is_refused_and_the_old_one_stays(sit_down: Sit, tmp_path: Path) -> None:
    person = sit_down()
    person.drop(make_pictures(tmp_path / "p", 1))
    person.sees_picture("picture-1.png")
    name = person.window.rooms.classes.rows[1].name
    QTest.mouseDClick(name, Qt.MouseButton.LeftButton)
    QTest.keyClicks(name, "water")
    QTest.keyClick(name, Qt.Key.Key_Return)
    person.sees(lambda: "name of its own" in person.notice)
    assert person.window.rooms.classes.rows[1].name.text() == "forest"


def test_a_new_class_can_be_painted_at_once(sit_down: Sit, tmp_path: Path) -> None:
    person = sit_down()
    person.drop(make_pictures(tmp_path / "p", 1))
    person.sees_picture("picture-1.png")
    person.click(person.window.rooms.classes.add)
    person.sees(lambda: len(person.window.rooms.classes.rows) == 8)
    person.press(Qt.Key.Key_8)
    person.paint([(30, 30), (60, 60)])
    person.sees_saved()
    assert (person.labels == 7).any()
    assert person.window.rooms.classes.rows[7].share.text() != ""


def test_x_goes_back_and_forth_between_two_classes(sit_down: Sit, tmp_path: Path) -> None:
    person = sit_down()
    person.drop(make_pictures(tmp_path / "p", 1))
    person.sees_picture("picture-1.png")
    person.press(Qt.Key.Key_5)
    person.press(Qt.Key.Key_3)
    person.press(Qt.Key.Key_X)
    assert person.window.workspace.active_class == 4
    person.press(Qt.Key.Key_X)
    assert person.window.workspace.active_class == 2


def test_the_class_is_chosen_by_arrow_keys(sit_down: Sit, tmp_path: Path) -> None:
    person = sit_down()
    person.drop(make_pictures(tmp_path / "p", 1))
    person.sees_picture("picture-1.png")
    work, rows = person.window.workspace, person.window.rooms.classes.rows
    rows[work.active_class].setFocus()
    for key, expected in ((Qt.Key.Key_Down, 1), (Qt.Key.Key_Down, 2), (Qt.Key.Key_Up, 1), (Qt.Key.Key_End, 6)):
        QTest.keyClick(person.window.focusWidget(), key)
        assert work.active_class == expected and rows[expected].hasFocus()
    QTest.keyClick(person.window.focusWidget(), Qt.Key.Key_F2)
    assert not rows[6].name.isReadOnly()


def test_a_picture_that_changed_keeps_its_labels_if_the_person_says_so(sit_down: Sit, tmp_path: Path) -> None:
    folder = make_pictures(tmp_path / "p", 1)
    person = sit_down()
    person.drop(folder)
    person.sees_picture("picture-1.png")
    person.paint([(20, 20), (60, 20)])
    person.sees_saved()
    painted = person.labels
    person.leave()
    Image.fromarray(np.full((160, 240, 3), 90, np.uint8)).save(folder / "picture-1.png")

    person = sit_down()
    person.drop(folder / "p.maskwright")
    person.sees(lambda: "changed since you labelled it" in person.notice)
    person.click(person.window.rooms.banner.buttons()[0])
    person.sees(lambda: person.notice == "")
    assert np.array_equal(person.labels, painted)
    project = person.window.workspace.project
    assert project is not None and project.file_state(project.images()[0]) == "ok"


def test_leafing_fast_ends_on_the_last_picture_and_strokes_stay_where_they_were_made(
    sit_down: Sit, tmp_path: Path
) -> None:
    person = sit_down()
    person.drop(make_pictures(tmp_path / "p", 3))
    person.sees(lambda: len(person.window.workspace.records) == 3)
    person.sees_picture("picture-1.png")
    person.paint([(20, 20), (60, 20)])
    painted = person.labels
    work = person.window.workspace
    for image_id in [*work.records] * 4:
        work.open_image(image_id)
    person.sees_picture("picture-3.png")
    assert not (person.labels == 0).any()
    person.press(Qt.Key.Key_A)
    person.press(Qt.Key.Key_A)
    person.sees_picture("picture-1.png")
    assert np.array_equal(person.labels, painted)


def test_tab_shows_the_bare_picture_while_it_is_held(sit_down: Sit, tmp_path: Path) -> None:
    person = sit_down()
    person.drop(make_pictures(tmp_path / "p", 1))
    person.sees_picture("picture-1.png")
    canvas = person.window.rooms.canvas
    bare = canvas.grab().toImage()
    person.paint([(100, 60), (140, 60)])
    QTest.mouseMove(canvas, canvas.from_image((5, 150)).toPoint())
    painted = canvas.grab().toImage()
    assert painted != bare
    QTest.keyPress(canvas, Qt.Key.Key_Tab)
    point = canvas.from_image((120, 60)).toPoint()
    assert canvas.grab().toImage().pixelColor(point) == bare.pixelColor(point)
    QTest.keyRelease(canvas, Qt.Key.Key_Tab)
    assert canvas.grab().toImage().pixelColor(point) == painted.pixelColor(point)
