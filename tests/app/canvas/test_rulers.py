"""Rulers: round steps at every zoom, the right unit, and the pointer's place on both."""

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QRect
from pytestqt.qtbot import QtBot

from app.canvas.rulers import APART, LEAST_GAP, THICK, Ruled, Scale, round_step
from app.canvas.view import CanvasView


@pytest.mark.parametrize(("least", "step"), [(0.7, 1), (1, 1), (1.1, 2), (3, 5), (51, 100), (0.02, 0.02), (9e-7, 1e-6)])
def test_steps_are_one_two_or_five(least: float, step: float) -> None:
    assert round_step(least)[0] == pytest.approx(step)


@given(
    start=st.floats(-5000, 500), pixel=st.floats(1 / 64, 64), pixels=st.integers(1, 40_000),
    metres=st.none() | st.floats(1e-9, 1e3), shown=st.integers(50, 4000),
)  # fmt: skip
def test_ticks_are_on_the_picture_and_neither_crowded_nor_many(
    start: float, pixel: float, pixels: int, metres: float | None, shown: int
) -> None:
    scale = Scale(start, pixel, pixels, metres, shown)
    ticks = list(scale.ticks())
    places = np.array([at for at, _ in ticks])
    labels = np.array([at for at, text in ticks if text])
    assert np.all((places >= start - 1e-6) & (places <= min(shown, start + pixels * pixel) + 1e-3))
    assert np.all(np.diff(places) >= min(LEAST_GAP, pixel) - 1e-6) and np.all(np.diff(labels) >= APART - 1e-6)
    for at, text in ticks:
        if text:
            per_pixel = scale.steps()[1] / scale.steps()[0]
            assert at == pytest.approx(start + float(text) / per_pixel * pixel, rel=1e-6, abs=1e-2)


def test_pixels_are_never_cut_in_parts() -> None:
    near = Scale(0, 64, 100, None, 500)
    assert [text for _, text in near.ticks()][:4] == ["0", "", "2", ""]


def test_a_known_pixel_size_gives_metres() -> None:
    scale = Scale(10, 2, 1000, 0.5e-6, 400)
    assert scale.steps()[:2] == pytest.approx((40, 20)) and scale.steps()[2] == "µm"
    assert [text for _, text in scale.ticks() if text][:3] == ["0", "20", "40"]


@pytest.fixture
def ruled(qtbot: QtBot) -> Iterator[Ruled]:
    view = CanvasView()
    view.set_image(np.zeros((100, 200, 3), np.uint8))
    ruled = Ruled(view)
    qtbot.addWidget(ruled)
    ruled.resize(420, 320)
    ruled.set_shown(True)
    ruled.show()
    yield ruled


def test_rulers_lie_beside_the_picture_and_can_be_put_away(ruled: Ruled, qtbot: QtBot) -> None:
    view = ruled.findChild(CanvasView)
    assert isinstance(view, CanvasView)
    assert view.geometry() == QRect(THICK, THICK, 400, 300)
    ruled.set_shown(False)
    qtbot.waitUntil(lambda: view.geometry() == QRect(0, 0, 420, 320))


def test_the_pointer_is_marked_on_both(ruled: Ruled) -> None:
    view = ruled.findChild(CanvasView)
    assert isinstance(view, CanvasView)
    view.zoom_to(4.0)
    view.viewport.x = view.viewport.y = 0
    view.hovered.emit(7, 3, 255)
    assert ruled.top._place() == QRect(28, 0, 4, THICK) and ruled.side._place() == QRect(0, 12, THICK, 4)
    view.left.emit()
    assert ruled.top._place().isEmpty() and ruled.side._place().isEmpty()


def test_the_unit_is_said(ruled: Ruled) -> None:
    view = ruled.findChild(CanvasView)
    assert isinstance(view, CanvasView)
    assert ruled.unit.text() == "px" and "px" in ruled.top.accessibleName()
    view.scale_bar.show_for(0.5e-6)
    ruled.follow()
    assert ruled.unit.text() == "µm" and "µm" in ruled.side.accessibleName()


def test_a_ruler_is_drawn_anew_only_when_the_view_moves(ruled: Ruled, monkeypatch: pytest.MonkeyPatch) -> None:
    view = ruled.findChild(CanvasView)
    assert isinstance(view, CanvasView)
    ruled.grab()
    drawn: list[Scale] = []
    monkeypatch.setattr(ruled.top, "_draw", drawn.append)
    view.hovered.emit(7, 3, 255)
    ruled.grab()
    assert drawn == []
    view.zoom_to(3.0)
    ruled.grab()
    assert len(drawn) == 1
