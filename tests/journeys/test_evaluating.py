"""From a figure to the pixels behind it: measure, click a cell, look at the worst place first, mend its label."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest

from core.classes import load_template
from core.evaluation import measure
from core.masks.rect import EMPTY, Rect
from core.masks.tiles import Array
from core.project import Project
from core.training.messages import ImageMeasured, MeasureImage, Request
from core.training.settings import TrainingSettings
from tests.journeys.person import Person, make_pictures

Sit = Callable[[], Person]
WATER, FOREST = 0, 1
LARGE, SMALL = Rect(90, 20, 130, 60), Rect(20, 60, 40, 90)
"""Where water is labelled as forest: in the third picture, and in the second."""


def halves(height: int = 160, width: int = 240) -> Array:
    """Water at the left, forest at the right, as the pictures are."""
    return np.ones((height, width), np.uint8) * (np.arange(width) >= width // 2).astype(np.uint8)


def labelled(wrong: Rect = EMPTY) -> Array:
    mask = halves()
    mask[wrong.slices] = FOREST
    return mask


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Three pictures, two of them kept aside and labelled with a mistake each, and a run."""
    make_pictures(tmp_path / "p")
    path = tmp_path / "p" / "p.maskwright"
    with Project.create(path, load_template("landcover")) as made:
        for number, wrong in enumerate((EMPTY, SMALL, LARGE), 1):
            picture = tmp_path / "p" / f"picture-{number}.png"
            made.add_image(picture, split="train" if number == 1 else "val", mask=labelled(wrong))
        made.add_run(
            seed=0,
            settings=TrainingSettings().to_mapping(),
            label_revision=1,
            classes=made.classes,
            device="CPU",
            seconds=60.0,
            metrics={},
            curves={},
            weights=b"none",
        )
    return path


class Model:
    """Stands in for the worker: sees what is right, and is sure of it."""

    def __init__(self, person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
        self._evaluating = person.window.evaluating
        monkeypatch.setattr(measure, "predict_image", self.predict)
        monkeypatch.setattr(self._evaluating._thread, "send", self.answer)
        for name in ("send", "start"):
            monkeypatch.setattr(person.window.learning._thread, name, lambda *_: None)

    def predict(self, network: object, picture: Array, *, region: Rect, stop: object) -> tuple[Array, Array]:
        said = halves(*picture.shape[:2])[region.slices]
        return said, np.full_like(said, 230)

    def answer(self, request: Request) -> None:
        if isinstance(request, MeasureImage):
            figures = measure.measure_image(None, request.cells)  # type: ignore[arg-type]
            report = ImageMeasured(request.cells.image.image_id, figures)
            QTimer.singleShot(0, self._evaluating, lambda: self._evaluating._take(report))


@pytest.fixture
def person(sit_down: Sit, project: Path, monkeypatch: pytest.MonkeyPatch) -> Person:
    """Someone before the project, with the figures in sight."""
    person = sit_down()
    Model(person, monkeypatch)
    person.drop(project)
    person.sees_picture("picture-1.png")
    return person


def measures(person: Person) -> None:
    """Find the evaluation by what people call it, and press Measure."""
    dialog, finder = person.window.evaluating.dialog, person.window.commanding.finder
    person.press(Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(finder.field, "confusion")
    assert [command.text for command in finder.shown] == ["Evaluation"]
    QTest.keyClick(finder.field, Qt.Key.Key_Return)
    person.sees(dialog.isVisible)
    person.click(dialog.toggle)
    person.sees(lambda: dialog.evaluation is not None)


def chooses(person: Person, label: int, said: int) -> None:
    matrix = person.window.evaluating.dialog.matrix
    person.click(matrix, matrix.cell_rect(label, said).center())


def looks_at(person: Person, rect: Rect) -> bool:
    """Whether all of it is on screen, framed, and larger than life."""
    canvas = person.window.rooms.canvas
    return canvas.pointed.rect == rect and canvas.visible_rect.intersect(rect) == rect and canvas.zoom > 1


def test_a_click_on_a_cell_leads_to_its_places_worst_first(person: Person) -> None:
    dialog = person.window.evaluating.dialog
    measures(person)
    assert "2 validation images" in dialog.title.text()
    chooses(person, FOREST, WATER)
    person.sees_picture("picture-3.png")
    person.sees(lambda: looks_at(person, LARGE))
    assert dialog.strip.line.text() == "1 of 2: labelled forest, model says water, 1,600 pixels, 90 % sure"
    assert not dialog.matrix.isVisible(), "the dialog is out of the way"
    assert not dialog.strip.previous.isEnabled()
    person.click(dialog.strip.next)
    person.sees_picture("picture-2.png")
    person.sees(lambda: looks_at(person, SMALL))
    assert dialog.strip.line.text().startswith("2 of 2: ") and not dialog.strip.next.isEnabled()
    person.press(Qt.Key.Key_F8, Qt.KeyboardModifier.ShiftModifier)
    person.sees_picture("picture-3.png")
    person.sees(lambda: looks_at(person, LARGE))
    person.click(dialog.strip.back)
    person.sees(dialog.matrix.isVisible)
    assert person.window.rooms.canvas.pointed.rect == EMPTY


def test_the_place_in_the_open_picture_is_shown_at_once_and_a_mended_label_calls_for_measuring_again(
    person: Person,
) -> None:
    dialog = person.window.evaluating.dialog
    measures(person)
    chooses(person, FOREST, WATER)
    person.sees(lambda: looks_at(person, LARGE))
    person.window.rooms.canvas.fit()
    dialog.unfold()
    chooses(person, FOREST, WATER)
    person.sees(lambda: looks_at(person, LARGE))
    person.press(Qt.Key.Key_1)
    person.paint([(25, 95), (55, 125)])
    person.sees_saved()
    person.click(dialog.strip.back)
    person.sees(lambda: "Labels changed since" in dialog.status.text())
    before = dialog.evaluation
    person.click(dialog.toggle)
    person.sees(lambda: dialog.evaluation is not before)
    assert before is not None and dialog.evaluation is not None
    assert dialog.evaluation.confusion.matrix[FOREST, WATER] < before.confusion.matrix[FOREST, WATER]


def test_cells_without_errors_lead_nowhere_and_keys_do_what_the_mouse_does(person: Person) -> None:
    dialog = person.window.evaluating.dialog
    measures(person)
    chooses(person, WATER, WATER)
    chooses(person, WATER, FOREST)
    assert not dialog.looking
    QTest.keyClick(dialog.matrix, Qt.Key.Key_Down)
    QTest.keyClick(dialog.matrix, Qt.Key.Key_Left)
    QTest.keyClick(dialog.matrix, Qt.Key.Key_Return)
    person.sees_picture("picture-3.png")


def test_what_the_model_says_can_be_laid_over_the_labels_from_the_strip(person: Person) -> None:
    measures(person)
    chooses(person, FOREST, WATER)
    over = person.window.rooms.prediction.over_labels
    person.click(person.window.evaluating.dialog.strip.answer)
    assert over.isChecked()
    over.setChecked(False)
    assert not person.window.evaluating.dialog.strip.answer.isChecked()


def test_a_picture_that_changed_is_left_out_and_named_beside_the_figures(person: Person, project: Path) -> None:
    Image.new("RGB", (240, 160), "red").save(project.parent / "picture-3.png")
    measures(person)
    evaluation = person.window.evaluating.dialog.evaluation
    assert evaluation is not None and evaluation.images == 1
    assert "picture-3.png is changed, so it was left out" in evaluation.notes[0]


def test_the_report_is_written_where_it_is_wanted(
    person: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    measures(person)
    monkeypatch.setattr("app.evaluating.ask_folder", lambda *_: tmp_path / "report")
    person.click(person.window.evaluating.dialog.save)
    person.sees(lambda: "The report is" in person.notice)
    assert {path.name for path in (tmp_path / "report").iterdir()} == {"report.html", "per-class.csv", "confusion.csv"}


def test_closing_the_project_takes_the_figures_along(person: Person) -> None:
    dialog = person.window.evaluating.dialog
    measures(person)
    chooses(person, FOREST, WATER)
    person.sees(lambda: looks_at(person, LARGE))
    person.sees(person.window.isActiveWindow)
    person.press(Qt.Key.Key_W, Qt.KeyboardModifier.ControlModifier)
    person.sees(lambda: person.window.workspace.project is None)
    assert dialog.evaluation is None and not dialog.isVisible()
