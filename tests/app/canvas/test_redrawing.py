"""Whatever was shifted, patched or kept: the screen shows what a picture drawn from nothing would show."""

import random

import numpy as np
import pytest
from PySide6.QtCore import QPointF

from tests.app.canvas.conftest import HEIGHT, WIDTH, Painter, Show

STEPS = 40


def pan(painter: Painter, choose: random.Random) -> None:
    painter.view.pan(choose.uniform(-90, 90), choose.uniform(-90, 90))


def zoom(painter: Painter, choose: random.Random) -> None:
    painter.view.zoom_by(choose.choice((-3, -1, 1, 2)), QPointF(choose.uniform(0, 480), choose.uniform(0, 360)))


def stroke(painter: Painter, choose: random.Random) -> None:
    """A stroke straight into the editor, with only its rectangles told to the canvas."""
    editor, view = painter.editor, painter.view
    editor.begin_stroke(choose.choice((0, 1, 5, 255)), choose.choice((2, 9, 40)))
    for _ in range(3):
        points = [(choose.uniform(-20, WIDTH + 20), choose.uniform(-20, HEIGHT + 20)) for _ in range(2)]
        view.refresh(editor.extend_stroke(points))
        if choose.random() < 0.3:
            pan(painter, choose)
    if choose.random() < 0.2:
        view.refresh(editor.cancel_stroke())
    else:
        editor.end_stroke()


def fill(painter: Painter, choose: random.Random) -> None:
    edit = painter.editor.fill((choose.randrange(WIDTH), choose.randrange(HEIGHT)), choose.randrange(7))
    if edit is not None:
        painter.view.refresh(edit.rect)


def undo(painter: Painter, choose: random.Random) -> None:
    edit = painter.editor.undo() if choose.random() < 0.6 else painter.editor.redo()
    if edit is not None:
        painter.view.refresh(edit.rect)


def resize(painter: Painter, choose: random.Random) -> None:
    painter.view.resize(choose.randrange(200, 500), choose.randrange(150, 400))


@pytest.mark.parametrize("seed", range(6))
def test_a_patched_screen_looks_like_a_fresh_one(show: Show, seed: int) -> None:
    choose, rng = random.Random(seed), np.random.default_rng(seed)
    painter = show(np.full((HEIGHT, WIDTH, 3), 100, np.uint8))
    coarse = rng.integers(0, 7, (HEIGHT // 20, WIDTH // 20), np.uint8)
    painter.view.set_prediction(np.kron(coarse, np.ones((20, 20), np.uint8)), rng.random((HEIGHT, WIDTH), np.float32))
    painter.view.set_threshold(0.2)
    for step in range(STEPS):
        action = choose.choice((pan, zoom, stroke, stroke, fill, undo, resize))
        action(painter, choose)
        if choose.random() < 0.4:
            continue  # several actions may fall into one frame
        shown = painter.screen()
        painter.view._frame.expire()
        assert painter.screen() == shown, f"step {step}: {action.__name__}"
