"""The process that `crash` kills: it paints, trains and tells after each save what is on disk now."""

import hashlib
import json
import sys
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from core.classes import UNLABELED
from core.masks.editor import MaskEdit, MaskEditor
from core.masks.geometry import Point
from core.masks.tiles import Mask
from core.project import Project
from core.records import ImageRecord

if TYPE_CHECKING:
    from tests.journeys.person import Person

WEIGHTS = 1_500_000
"""Bytes of a run's weights, about as many as a real one has."""


def digest(mask: Mask) -> str:
    return hashlib.sha256(mask.read().tobytes()).hexdigest()


def tell(**values: object) -> None:
    print(json.dumps(values), flush=True)


def random_points(rng: np.random.Generator, width: int, height: int) -> list[Point]:
    start = rng.uniform((0, 0), (width, height))
    steps = np.cumsum(rng.normal(0, 25, (6, 2)), axis=0)
    return [(float(x), float(y)) for x, y in np.clip(start + steps, 0, (width - 1, height - 1))]


# --- without a window


def paint_and_store(path: Path, rng: np.random.Generator) -> None:
    """Strokes, fills, undo and redo through MaskEditor and save_edit, and a run now and then; never ends."""
    with Project.open(path) as project:
        editors = {record.id: project.open_editor(record.id) for record in project.images()}
        tell(ready=True)
        while True:
            image = int(rng.choice(list(editors)))
            edit = _random_edit(editors[image], rng)
            if edit is not None:
                record = project.save_edit(image, edit)
                editors[image].saved(edit, record.revision)
                tell(image=image, revision=record.revision, digest=digest(editors[image].mask))
            if rng.random() < 0.05:
                _store_run(project, rng)


def _random_edit(editor: MaskEditor, rng: np.random.Generator) -> MaskEdit | None:
    width, height = editor.mask.width, editor.mask.height
    match rng.choice(["stroke", "erase", "fill", "undo", "redo"], p=[0.6, 0.1, 0.05, 0.17, 0.08]):
        case "undo":
            return editor.undo()
        case "redo":
            return editor.redo()
        case "fill":
            return editor.fill_polygon(random_points(rng, width, height), int(rng.integers(7)))
        case kind:
            editor.begin_stroke(UNLABELED if kind == "erase" else int(rng.integers(7)), float(rng.uniform(2, 60)))
            editor.extend_stroke(random_points(rng, width, height))
            return editor.end_stroke()


def _store_run(project: Project, rng: np.random.Generator) -> None:
    weights = rng.bytes(WEIGHTS)
    run = project.add_run(
        seed=1,
        settings={"budget_s": 1.0},
        label_revision=project.revision,
        classes=project.classes,
        device="none",
        seconds=1.0,
        metrics={"miou": 0.5},
        curves={"loss": [1.0] * 200},
        weights=weights,
    )
    tell(run=run.id, digest=hashlib.sha256(weights).hexdigest())


# --- in the real window


def paint_in_window(path: Path, rng: np.random.Generator, *, training: bool) -> None:
    """Mouse strokes and Ctrl+Z in the window, while it trains if so wished; never ends."""
    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest
    from PySide6.QtWidgets import QApplication

    from app.theme import Theme
    from core.training.settings import TrainingSettings
    from tests.journeys.person import Person

    app = QApplication(sys.argv[:1])
    person = Person(Theme(app))
    work = person.window.workspace
    _tell_what_is_saved(person)
    person.window.open_path(path)
    person.sees(lambda: work.image is not None)
    if training:
        person.window.learning.train(TrainingSettings(budget_s=4.0))
        person.sees(lambda: person.window.learning.state == "training", 60_000)
    tell(ready=True)
    while True:
        if work.image is None:
            QTest.qWait(10)
            continue
        work.choose_class(int(rng.integers(7)))
        record = work.image.record
        person.paint(random_points(rng, record.width, record.height)[:3])
        if rng.random() < 0.2:
            person.press(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
        if rng.random() < 0.1:
            work.open_image(int(rng.choice(list(work.records))))
            QTest.qWait(50)
        if training and person.window.learning.state == "idle":
            person.window.learning.train(TrainingSettings(budget_s=4.0))


def _tell_what_is_saved(person: "Person") -> None:
    """Tell of an edit when the window counts it as saved, with the mask as it was right after that edit."""
    saves = person.window.workspace.saves
    masks: deque[str] = deque()
    add = saves.add

    def adding(project: Project, image_id: int, edit: MaskEdit, editor: MaskEditor) -> None:
        masks.append(digest(editor.mask))
        add(project, image_id, edit, editor)

    def saved(record: ImageRecord) -> None:
        tell(image=record.id, revision=record.revision, digest=masks.popleft())

    saves.add = adding  # type: ignore[method-assign]
    saves.saved.connect(saved)


def main(mode: str, path: Path, seed: int) -> None:
    rng = np.random.default_rng(seed)
    if mode == "store":
        paint_and_store(path, rng)
    else:
        paint_in_window(path, rng, training=mode == "training")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
