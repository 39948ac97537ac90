"""Predictions of the open picture: what is seen first, then the rest, and nothing mixed up."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pytestqt.qtbot import QtBot
from sqlalchemy import delete

from app.parts import PART, ROUGH_PIXELS, Parts, step_for
from app.predicting import FIRST_PREVIEW_S, PREVIEW_PARTS, PREVIEW_RUN, Predicting
from app.training_thread import TrainingThread
from app.workspace import Workspace
from core.classes import UNLABELED, load_template
from core.masks.rect import Rect
from core.project import Project
from core.records import TrainingRun
from core.store.tables import WeightsRow
from core.training.messages import LoadModel, Predict, PredictionReady, ReadPicture, Request

CLASSES = load_template("landcover")
SIZE = (2 * PART + 100, 2 * PART + 100)
CORNER = Rect(SIZE[0] - 200, SIZE[1] - 300, SIZE[0], SIZE[1])


def answer(request: Predict, class_id: int = 1) -> PredictionReady:
    part = request.region
    assert part is not None
    values = np.full((part.height, part.width), class_id, np.uint8)
    return PredictionReady(request.image_id, 0 if request.preview else 1, values, values, part, values)


def test_what_is_seen_comes_first_then_what_lies_around_it() -> None:
    parts = Parts(1, 1, SIZE)
    parts.begin_round()
    assert parts.next(CORNER) == CORNER
    assert parts.next(CORNER) == Rect(2 * PART, 2 * PART, *SIZE)
    asked = [parts.next(CORNER)]
    while not parts.complete:
        asked.append(parts.next(CORNER))
    assert asked[-1] == Rect(0, 0, PART, PART), "the farthest comes last"
    assert len(asked) == 8


def test_a_large_picture_seen_from_afar_is_first_looked_at_roughly_then_part_by_part() -> None:
    parts, whole = Parts(1, 1, SIZE), Rect(0, 0, *SIZE)
    parts.begin_round()
    assert parts.next(whole) == whole
    step = step_for(whole)
    assert whole.height * whole.width <= ROUGH_PIXELS * step**2
    rough = np.full((-(-SIZE[0] // step), -(-SIZE[1] // step)), 4, np.uint8)
    rough[0, 0] = 5
    so_far = parts.add(PredictionReady(1, 1, rough, rough, whole, step=step))
    assert (so_far.class_map[:step, :step] == 5).all() and (so_far.class_map[step:] == 4).all()
    part = parts.next(whole)
    assert part != whole and step_for(part) == 1 and not parts.complete


def test_a_small_picture_is_one_part() -> None:
    parts = Parts(1, 1, (300, 400))
    parts.begin_round()
    assert parts.next(Rect(10, 10, 20, 20)) == Rect(0, 0, 300, 400)
    assert parts.complete


def test_what_has_not_been_predicted_is_unlabelled() -> None:
    parts = Parts(1, 1, (300, 400))
    part = Rect(0, 0, 100, 100)
    so_far = parts.add(PredictionReady(1, 1, np.ones((100, 100), np.uint8), np.ones((100, 100), np.uint8), part))
    assert (so_far.class_map[part.slices] == 1).all()
    assert (so_far.class_map == UNLABELED).sum() == 300 * 400 - 100 * 100


def add_run(project: Project) -> TrainingRun:
    return project.add_run(
        seed=0,
        settings={},
        label_revision=0,
        classes=CLASSES,
        device="CPU",
        seconds=1.0,
        metrics={},
        curves={},
        weights=b"",
    )


class Room:
    """A large and a small picture; requests to the worker are kept instead of sent."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.workspace = Workspace()
        thread = TrainingThread(self.workspace)
        self.predicting = Predicting(self.workspace, thread, self.workspace)
        self.predicting.look_with(lambda: CORNER)
        self.requests: list[Request] = []
        self.shown: list[PredictionReady] = []
        self.predicting.predicted.connect(self.shown.append)
        self.compared: list[PredictionReady] = []
        self.predicting.compared.connect(self.compared.append)
        monkeypatch.setattr(thread, "send", self.requests.append)

    def asked(self) -> list[Predict]:
        return [request for request in self.requests if isinstance(request, Predict)]

    def last(self) -> Predict:
        return self.asked()[-1]


@pytest.fixture
def room(tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[Room]:
    for name, size in (("large", SIZE), ("small", (40, 60))):
        Image.fromarray(np.zeros((*size, 3), np.uint8)).save(tmp_path / f"{name}.png", compress_level=1)
    with Project.create(tmp_path / "p.maskwright", CLASSES) as project:
        for name in ("large", "small"):
            project.add_image(tmp_path / f"{name}.png")
        add_run(project)
    room = Room(monkeypatch)
    with qtbot.waitSignal(room.workspace.image_opened, timeout=30_000):
        room.workspace.open_project(tmp_path / "p.maskwright")
    yield room
    room.workspace.close_project()
    room.workspace.close()


def test_a_large_picture_is_shown_while_it_is_still_being_predicted(room: Room, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: bool(room.asked()))
    assert room.last().region == CORNER
    room.predicting.take(answer(room.last()))
    assert (room.shown[-1].class_map != UNLABELED).sum() == 200 * 300
    while len(room.asked()) > len(room.shown):
        room.predicting.take(answer(room.last()))
    assert (room.shown[-1].class_map == 1).all()
    before = len(room.asked())
    room.predicting.predict_open_image()
    assert len(room.asked()) == before, "it is kept"


def test_what_is_kept_of_a_picture_does_not_stand_for_another_file_in_its_place(room: Room, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: bool(room.asked()))
    small = next(record for record in room.workspace.records.values() if record.name == "small.png")
    project = room.workspace.project
    assert project is not None

    def opened(count: int) -> None:
        with qtbot.waitSignal(room.workspace.image_opened, timeout=30_000):
            room.workspace.open_image(small.id)
        qtbot.waitUntil(lambda: sum(request.image_id == small.id for request in room.asked()) == count)

    def answered() -> None:
        room.predicting._asked.clear()
        room.predicting._asked.append(room.predicting._awaited)  # type: ignore[arg-type]
        room.predicting.take(answer(room.last()))

    opened(1)
    answered()
    opened(1)  # it is kept
    Image.fromarray(np.ones((40, 60, 3), np.uint8)).save(project.image_path(small))
    opened(2)
    answered()
    with qtbot.waitSignal(room.workspace.image_opened, timeout=30_000):
        room.workspace.adopt(small.id)
    qtbot.waitUntil(lambda: sum(request.image_id == small.id for request in room.asked()) == 3)


def test_going_on_to_another_picture_leaves_the_rest_of_a_large_one(room: Room, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: bool(room.asked()))
    room.predicting.take(answer(room.last()))
    under_way, shown = room.last(), len(room.shown)
    small = next(record.id for record in room.workspace.records.values() if record.name == "small.png")
    with qtbot.waitSignal(room.workspace.image_opened, timeout=30_000):
        room.workspace.open_image(small)
    qtbot.waitUntil(lambda: room.last().image_id == small)
    assert under_way.region == Rect(2 * PART, 2 * PART, *SIZE), "no more than one part stands before it"
    room.predicting.take(answer(under_way))
    assert room.last().image_id == small
    assert len(room.shown) == shown
    room.predicting.take(answer(room.last()))
    assert room.shown[-1].image_id == small


def test_a_large_picture_is_read_by_the_worker_while_the_window_reads_it(room: Room, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: bool(room.asked()))
    ids = {record.name: record.id for record in room.workspace.records.values()}
    with qtbot.waitSignal(room.workspace.image_opened, timeout=30_000):
        room.workspace.open_image(ids["small.png"])
    assert not any(isinstance(request, ReadPicture) for request in room.requests)
    with qtbot.waitSignal(room.workspace.image_opened, timeout=30_000):
        room.workspace.open_image(ids["large.png"])
    read = next(request for request in room.requests if isinstance(request, ReadPicture))
    assert read.path.endswith("large.png")


def test_a_preview_comes_early_and_looks_at_a_few_parts_only(room: Room, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: bool(room.asked()))
    while len(room.asked()) > len(room.shown):
        room.predicting.take(answer(room.last()))
    before = len(room.asked())
    room.predicting.restart_previews()
    room.predicting.preview(FIRST_PREVIEW_S / 2)
    assert len(room.asked()) == before
    room.predicting.preview(FIRST_PREVIEW_S)
    assert room.last().preview and room.last().region == CORNER
    room.predicting.preview(FIRST_PREVIEW_S + 10)
    assert len(room.asked()) == before + 1, "one at a time"
    for _ in range(PREVIEW_PARTS):
        room.predicting.take(answer(room.last(), 2))
    assert len(room.asked()) == before + PREVIEW_PARTS
    assert room.shown[-1].run_id == PREVIEW_RUN
    assert (room.shown[-1].class_map[CORNER.slices] == 2).all()
    room.predicting.preview(FIRST_PREVIEW_S + 20)
    room.predicting.take(answer(room.last(), 3))
    assert {2, 3} < set(np.unique(room.shown[-1].class_map)), "what was seen before stays until it is looked at again"


def test_a_run_without_weights_is_said_and_no_other_model_answers_for_it(room: Room, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: bool(room.asked()))
    project, before = room.workspace.project, len(room.requests)
    assert project is not None
    bare = project.add_run(
        seed=0,
        settings={},
        label_revision=0,
        classes=CLASSES,
        device="CPU",
        seconds=1.0,
        metrics={},
        curves={},
        weights=b"",
    )
    with project._transaction() as session:
        session.execute(delete(WeightsRow).where(WeightsRow.run_id == bare.id))
    busy: list[bool] = []
    room.predicting.busy_changed.connect(busy.append)
    with qtbot.waitSignal(room.workspace.noticed) as told:
        room.workspace.add_run(bare)
    assert "weights of run 2 are gone" in told.args[0].text
    qtbot.waitUntil(lambda: busy[-1:] == [False])
    assert len(room.requests) == before
    room.workspace.choose_run(1)
    qtbot.waitUntil(lambda: len(room.requests) == before + 2)


def test_a_picture_that_cannot_be_predicted_is_said_once(room: Room, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: bool(room.asked()))
    with qtbot.waitSignal(room.workspace.noticed):
        room.predicting.fail("It is gone.")
    before = len(room.asked())
    room.predicting.predict_open_image()
    qtbot.waitUntil(lambda: len(room.asked()) == before + 1)


# --- another run, for the difference


def small_picture_and_another_run(room: Room, qtbot: QtBot) -> TrainingRun:
    """The small picture is open and predicted by the first run; there is a second one."""
    project = room.workspace.project
    assert project is not None
    qtbot.waitUntil(lambda: bool(room.asked()))
    small = next(record.id for record in room.workspace.records.values() if record.name == "small.png")
    with qtbot.waitSignal(room.workspace.image_opened, timeout=30_000):
        room.workspace.open_image(small)
    other = add_run(project)
    room.workspace.runs.append(other)
    qtbot.waitUntil(lambda: room.last().image_id == small)
    room.predicting.take(answer(room.asked()[0]))  # of the large picture, which is left
    return other


def test_the_other_run_comes_after_the_chosen_one_with_a_model_of_its_own(room: Room, qtbot: QtBot) -> None:
    other = small_picture_and_another_run(room, qtbot)
    room.predicting.compare_with(other.id)
    before = len(room.asked())
    room.predicting.take(answer(room.last(), 1))
    qtbot.waitUntil(lambda: len(room.asked()) == before + 1)
    assert [r.model.run_id for r in room.requests if isinstance(r, LoadModel)][-1] == other.id
    assert isinstance(room.requests[-2], LoadModel) and isinstance(room.requests[-1], Predict)
    room.predicting.take(answer(room.last(), 2))
    assert room.compared[-1].run_id == other.id and (room.compared[-1].class_map == 2).all()
    assert (room.shown[-1].class_map == 1).all() and len(room.compared) == 1
    room.predicting.predict_open_image()
    assert len(room.compared) == 2 and len(room.asked()) == before + 1, "both are kept"


def test_another_choice_while_a_run_predicts_is_not_forgotten(room: Room, qtbot: QtBot) -> None:
    other = small_picture_and_another_run(room, qtbot)
    project = room.workspace.project
    assert project is not None
    third = add_run(project)
    room.workspace.runs.append(third)
    room.predicting.take(answer(room.last()))
    before = len(room.asked())
    room.predicting.compare_with(other.id)
    qtbot.waitUntil(lambda: len(room.asked()) == before + 1)
    room.predicting.compare_with(third.id)
    room.predicting.take(answer(room.last(), 2))
    assert room.compared == [], "nobody wants it any more"
    qtbot.waitUntil(lambda: len(room.asked()) == before + 2)
    room.predicting.take(answer(room.last(), 3))
    assert room.compared[-1].run_id == third.id


def test_a_run_that_cannot_predict_is_not_asked_for_ever(room: Room, qtbot: QtBot) -> None:
    other = small_picture_and_another_run(room, qtbot)
    room.predicting.take(answer(room.last()))
    before = len(room.asked())
    room.predicting.compare_with(other.id)
    qtbot.waitUntil(lambda: len(room.asked()) == before + 1)
    with qtbot.waitSignal(room.workspace.noticed):
        room.predicting.fail("It is gone.")
    qtbot.wait(50)
    assert len(room.asked()) == before + 1


def test_entropy_is_put_together_like_confidence() -> None:
    parts = Parts(1, 1, (300, 400))
    part, ones = Rect(0, 0, 100, 100), np.ones((100, 100), np.uint8)
    assert parts.add(PredictionReady(1, 1, ones, ones, part)).entropy is None
    so_far = parts.add(PredictionReady(1, 1, ones, ones, part, 7 * ones))
    assert so_far.entropy is not None and so_far.entropy.sum() == 7 * 100 * 100
