"""Which weights a training ends with, and that nobody waits for figures after pressing Stop."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from core.labels import LabelSnapshot
from core.training import course, measuring
from core.training.fit import train
from core.training.measuring import Glance, Measuring
from core.training.messages import Alive, Measured, Report
from core.training.metrics import Confusion
from core.training.network import Network, unpack_weights
from core.training.settings import TrainingSettings
from core.training.step import Step
from tests.core.training.scenes import labelled, snapshot

Arrays = list[npt.NDArray[Any]]
TEN = TrainingSettings(budget_s=600, max_steps=10, network="tiny", patch=64, batch=2, guesses=False)


def drifting(_: Network, averaged: Network, weight_decay: float) -> Step:
    """Steps that compile nothing, and change one weight."""
    import keras

    last = averaged.model.weights[-1]

    def run(*_: object) -> float:
        last.assign_add(np.ones(last.shape))
        return 0.5

    return Step(run, keras.optimizers.SGD())


@pytest.fixture(autouse=True)
def quick_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(course, "make_step", drifting)


@pytest.fixture
def data(tmp_path: Path) -> LabelSnapshot:
    return snapshot(labelled(tmp_path, 1), *(labelled(tmp_path, seed, split="val") for seed in (2, 3)))


def best_at_first(monkeypatch: pytest.MonkeyPatch) -> list[Arrays]:
    """Every look finds the network worse than the one before. Returns the weights that were looked at."""
    seen: list[Arrays] = []

    def glance(self: Measuring, network: Network, *_: object) -> Glance:
        seen.append(network.model.get_weights())
        hits = 1000 // len(seen)
        part = np.zeros((3, 3), np.int64)
        part[:2, :2] = [[hits, 1000 - hits], [1000 - hits, hits]]
        return Glance((Confusion(part), Confusion(part)))

    monkeypatch.setattr(Measuring, "glance", glance)
    monkeypatch.setattr(Measuring, "is_all", lambda *_: True)
    return seen


@pytest.mark.parametrize("stopped", [False, True])
def test_a_training_that_got_worse_ends_with_its_best_weights(
    data: LabelSnapshot, monkeypatch: pytest.MonkeyPatch, stopped: bool
) -> None:
    """Whether it comes to its end or somebody presses Stop."""
    seen = best_at_first(monkeypatch)
    ended = train(data, TEN, stop=lambda: stopped and len(seen) >= 3)
    assert ended.stopped == stopped and len(seen) >= 3
    assert ended.metrics["miou"] == 1.0 and 0 < ended.metrics["best_at_s"] < ended.seconds
    assert all(np.array_equal(a, b) for a, b in zip(unpack_weights(ended.weights), seen[0], strict=True))


def test_figures_on_training_pixels_choose_no_weights(data: LabelSnapshot, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = best_at_first(monkeypatch)
    ended = train(replace(data, images=data.images[:1]), replace(TEN, max_steps=3))
    assert ended.metrics["measured_on"] == "training pixels" and "best_at_s" not in ended.metrics
    assert all(np.array_equal(a, b) for a, b in zip(unpack_weights(ended.weights), seen[-1], strict=True))


def test_stop_ends_the_measuring_after_the_last_step_too(data: LabelSnapshot, monkeypatch: pytest.MonkeyPatch) -> None:
    """With thousands of validation pictures that may take minutes."""
    monkeypatch.setattr(measuring, "GLANCE_PIXELS", 1)
    reports: list[Report] = []
    ended = train(
        data,
        replace(TEN, max_steps=1),
        report=reports.append,
        stop=lambda: any(isinstance(report, Alive) for report in reports),
    )
    assert sum(isinstance(report, Alive) for report in reports) == 1, "it went on to the next picture"
    assert ended.metrics["pixels"] == 96 * 120 and not ended.stopped
    assert isinstance(reports[-1], Measured) and reports[-1].miou == pytest.approx(ended.metrics["miou"], abs=1e-6)


def test_the_curve_ends_at_the_figure_of_the_run_though_looks_on_the_way_saw_less(
    data: LabelSnapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(measuring, "GLANCE_PIXELS", 1)  # one of two pictures
    ended = train(data, TEN)
    measured = [values for name, values in ended.curves.items() if name.startswith("measured_")]
    assert len({len(values) for values in measured}) == 1
    assert ended.metrics["pixels"] == 2 * 96 * 120
    assert ended.curves["measured_miou"][-1] == pytest.approx(ended.metrics["miou"], abs=1e-6)
    assert ended.curves["measured_seconds"][-1] == pytest.approx(ended.seconds, abs=0.01)


def test_the_curve_ends_at_the_best_weights_where_a_training_goes_back_to_them(
    data: LabelSnapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    best_at_first(monkeypatch)
    ended = train(data, TEN)
    assert ended.curves["measured_miou"][0] == ended.curves["measured_miou"][-1] == ended.metrics["miou"] == 1.0
    assert min(ended.curves["measured_miou"]) < 1
