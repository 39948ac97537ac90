"""A picture changes while the hand is still down on the one before."""

from pathlib import Path

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from core.classes import UNLABELED, load_template
from core.project import Project
from tests.journeys.conftest import Sit
from tests.journeys.person import LEFT, make_pictures


def test_a_stroke_under_way_stays_with_its_picture_when_another_one_opens(tmp_path: Path, sit_down: Sit) -> None:
    pictures = sorted(make_pictures(tmp_path / "pictures", 2).iterdir())
    with Project.create(tmp_path / "p.maskwright", load_template("landcover")) as project:
        first, second = (project.add_image(path).id for path in pictures)
    person = sit_down()
    person.window.open_path(tmp_path / "p.maskwright")
    person.sees_picture("picture-1.png")
    canvas = person.window.rooms.canvas
    start = canvas.from_image((60, 60)).toPoint()

    QTest.mousePress(canvas, LEFT, Qt.KeyboardModifier.NoModifier, start)
    QTest.mouseMove(canvas, start + QPoint(30, 10))
    person.window.workspace.open_image(second)
    person.sees_picture("picture-2.png")
    QTest.mouseRelease(canvas, LEFT, Qt.KeyboardModifier.NoModifier, start + QPoint(30, 10))
    assert (person.labels == UNLABELED).all()
    person.sees_saved()
    person.leave()

    with Project.open(tmp_path / "p.maskwright") as project:
        assert project.image(first).labelled > 0
        assert project.image(second).labelled == 0
