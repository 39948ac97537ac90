"""Looking at what a model says in every way there is: shades, differences, the curtain, side by side. Real keys."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtTest import QTest

from core.project import Project
from core.training.messages import LoadModel, Predict, PredictionReady, Request
from tests.journeys.model import add_run, make_project
from tests.journeys.person import Person, let_go_on, make_pictures

Sit = Callable[[], Person]
SHIFT = Qt.KeyboardModifier.ShiftModifier
HEIGHT, WIDTH = 160, 240
FOREST, GRASS = 1, 2
SHOWS = ("classes", "confidence", "entropy", "labels", "run")


class Worker:
    """Answers for the models: run 1 sees forest, run 2 grass at the right; both are unsure in the lower half."""

    def __init__(self, person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
        self.learning = person.window.learning
        self.loaded = 0
        monkeypatch.setattr(self.learning._thread, "send", self.answer)
        monkeypatch.setattr(self.learning._thread, "start", lambda *_: None)

    def answer(self, request: Request) -> None:
        if isinstance(request, LoadModel):
            self.loaded = request.model.run_id
        elif isinstance(request, Predict):
            said = np.full((HEIGHT, WIDTH), FOREST, np.uint8)
            said[:, WIDTH // 2 :] = FOREST if self.loaded == 1 else GRASS
            sure = np.full((HEIGHT, WIDTH), 255, np.uint8)
            sure[HEIGHT // 2 :] = 100
            doubt = np.where(sure == 255, np.uint8(0), np.uint8(200))
            report = PredictionReady(request.image_id, self.loaded, said, sure, request.region, doubt)
            QTimer.singleShot(0, self.learning, lambda: self.learning._take(report))


@pytest.fixture
def person(sit_down: Sit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Person:
    """Someone before what run 2 says of the first of two pictures, with nothing labelled."""
    path = make_project(make_pictures(tmp_path / "p", 2), 2)
    with Project.open(path) as project:
        add_run(project)
    person = sit_down()
    Worker(person, monkeypatch)
    person.window.open_path(path)
    person.sees_picture("picture-1.png")
    person.sees(lambda: person.window.editing.prediction is not None)
    panel = person.window.rooms.prediction
    for show in ("confidence", "classes"):
        panel.choice.choose(show)
        panel.opacity.setValue(100)
    person.window.rooms.canvas.set_outline(False)
    return person


def color(person: Person, point: tuple[int, int]) -> str:
    """The commonest colour around an image point, as it is on screen."""
    canvas = person.window.rooms.canvas
    at, screen = canvas.from_image(point).toPoint(), canvas.grab().toImage()
    around = [screen.pixelColor(at + QPoint(x, y)).name() for x in range(9) for y in range(9)]
    return max(set(around), key=around.count)


def way(person: Person) -> str:
    return person.window.rooms.canvas.split.way


def show_now(person: Person) -> str:
    return person.window.rooms.prediction.choice.show_now


def test_a_key_walks_through_what_can_be_shown(person: Person) -> None:
    seen = {}
    for show in SHOWS:
        assert show_now(person) == show
        let_go_on(5)
        seen[show] = color(person, (60, 120)), color(person, (200, 120))
        person.press(Qt.Key.Key_P, SHIFT)
    assert show_now(person) == "classes"
    assert seen["classes"][0] != seen["classes"][1]
    assert seen["confidence"][0] == seen["confidence"][1] != seen["entropy"][0]
    assert len(set(seen["labels"])) == 2, "the bare picture: nothing is labelled"


def test_without_another_run_there_is_no_difference_to_walk_to(person: Person) -> None:
    person.window.workspace.forget_runs([1])
    for show in (*SHOWS[:4], "classes"):
        assert show_now(person) == show
        person.press(Qt.Key.Key_P, SHIFT)


def test_what_the_model_says_under_the_pointer_is_told(person: Person) -> None:
    canvas, status = person.window.rooms.canvas, person.window.rooms.status
    canvas.tell_pixel((60, 120))
    assert status.said.text() == "Model: forest, 39 %"
    canvas.tell_pixel((200, 20))
    assert status.said.text() == "Model: grass, 100 %"
    person.press(Qt.Key.Key_P)
    canvas.tell_pixel((60, 120))
    assert not status.said.text()


def test_shades_and_classes_keep_an_opacity_of_their_own(person: Person) -> None:
    panel = person.window.rooms.prediction
    panel.opacity.setValue(20)
    person.press(Qt.Key.Key_P, SHIFT)
    assert panel.opacity.value() == 100
    panel.opacity.setValue(80)
    panel.restore(panel.state())
    assert panel.opacity.value() == 80
    panel.choice.choose("labels")
    assert panel.opacity.value() == 20


def test_what_two_runs_say_differently_is_shown_from_picture_to_picture(person: Person) -> None:
    window = person.window
    plain = color(person, (200, 40))
    person.press(Qt.Key.Key_P)
    bare = [color(person, at) for at in ((60, 40), (200, 40))]
    assert plain != bare[1]
    window.overlays.show_difference(2, 1)
    person.sees(lambda: color(person, (200, 40)) == plain)
    assert color(person, (60, 40)) == bare[0], "both say forest"
    assert window.actions_["show-run-difference"].isChecked() and window.rooms.prediction.choice.other == 1
    window.overlays.show_difference(1, 2)
    person.sees(lambda: color(person, (200, 40)) not in (plain, bare[1]))
    assert window.workspace.run is not None and window.workspace.run.id == 1
    person.press(Qt.Key.Key_D)
    person.sees_picture("picture-2.png")
    person.sees(lambda: window.rooms.canvas._overlay.other is not None)


def test_enter_accepts_nothing_that_does_not_show(person: Person) -> None:
    person.window.actions_["show-difference"].trigger()
    person.press(Qt.Key.Key_Return)
    person.sees_picture("picture-2.png")
    assert person.window.workspace.records[1].labelled == 0


def test_the_threshold_means_what_is_shown_and_all_comes_back_with_the_project(person: Person) -> None:
    panel = person.window.rooms.prediction
    panel.threshold.setValue(30)
    person.window.actions_["show-entropy"].trigger()
    assert panel.threshold_name.text() == "Doubt above" and panel.threshold.value() == 0
    panel.threshold.setValue(50)
    assert color(person, (60, 40)) != color(person, (60, 120))
    person.window.actions_["show-confidence"].trigger()
    assert panel.threshold_name.text() == "Sure above" and panel.threshold.value() == 30
    person.window.actions_["show-entropy"].trigger()
    state = panel.state()
    panel.restore({})
    assert show_now(person) == "classes" and panel.threshold.value() == 0
    panel.restore(state)
    assert show_now(person) == "entropy" and panel.threshold.value() == 50 and panel.state() == state


def test_curtain_and_two_pictures_come_and_go_with_their_keys_and_esc(person: Person) -> None:
    window, split = person.window, person.window.rooms.canvas.split
    person.press(Qt.Key.Key_T)
    assert way(person) == "curtain" and split.curtain.isVisible()
    assert [chip.text for chip in split.curtain.chips] == ["Labels", "Prediction"]
    person.press(Qt.Key.Key_O)
    assert split.curtain.chips[0].text == "Picture", "labels are hidden"
    person.press(Qt.Key.Key_O)
    person.press(Qt.Key.Key_T, SHIFT)
    assert way(person) == "beside" and split.beside.isVisible() and not split.curtain.isVisible()
    person.press(Qt.Key.Key_P, SHIFT)
    assert split.beside.chips[1].text == "Confidence"
    person.press(Qt.Key.Key_Escape)
    assert way(person) == "" and not split.beside.isVisible() and not window.actions_["beside"].isChecked()
    person.press(Qt.Key.Key_T)
    person.press(Qt.Key.Key_T)
    assert way(person) == "" and not split.curtain.isVisible()


def test_esc_gives_an_outline_up_before_it_leaves_the_curtain(person: Person) -> None:
    canvas = person.window.rooms.canvas
    person.press(Qt.Key.Key_T)
    person.press(Qt.Key.Key_G)
    for point in ((20, 20), (60, 20), (60, 60)):
        QTest.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=canvas.from_image(point).toPoint())
    assert canvas.busy
    person.press(Qt.Key.Key_Escape)
    assert not canvas.waits and way(person) == "curtain"
    person.press(Qt.Key.Key_Escape)
    assert way(person) == ""


def test_a_closed_project_leaves_one_picture(person: Person) -> None:
    person.press(Qt.Key.Key_T, SHIFT)
    person.window.close_project()
    assert way(person) == "" and not person.window.actions_["beside"].isEnabled()
