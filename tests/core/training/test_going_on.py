"""Trainings that begin where another one stood: after a crash, or with more labels."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.classes import LabelClass
from core.errors import TrainingError
from core.labels import LabelSnapshot
from core.records import Checkpoint
from core.training import course
from core.training.checkpoint import pack_state, restore_state, take_state, unpack_state
from core.training.device import find_device
from core.training.fit import train
from core.training.messages import CheckpointReached, Notice, Report, TrainedModel, TrainingEnded
from core.training.network import Network, network_from
from core.training.settings import TrainingSettings
from tests.core.training.scenes import CLASSES, labelled, scene, scribbles, snapshot

TINY = TrainingSettings(budget_s=600, max_steps=40, network="tiny", patch=64, batch=4)


@pytest.fixture
def data(tmp_path: Path) -> LabelSnapshot:
    return snapshot(*(labelled(tmp_path, seed, scribbles(scene(seed)[1], seed)) for seed in (1, 2, 3)))


def model_of(ended: TrainingEnded, run_id: int = 4) -> TrainedModel:
    return TrainedModel(run_id, ended.settings, ended.classes, ended.weights)


def weights(network: Network) -> list[np.ndarray[tuple[int, ...], np.dtype[np.float32]]]:
    return list(network.model.get_weights())


def cut_off(data: LabelSnapshot, settings: TrainingSettings = TINY, *, after: int = 20) -> Checkpoint:
    """Where a training stood that a crash ended after so many steps."""
    found: list[Checkpoint] = []
    steps = 0

    def count(_: Network) -> None:
        nonlocal steps
        steps += 1

    def note(report: Report) -> None:
        if isinstance(report, CheckpointReached):
            found.append(report.checkpoint)

    train(data, settings, report=note, stop=lambda: steps >= after, between=count, checkpoint_s=0)
    return found[-1]


def course_of(data: LabelSnapshot, resume: Checkpoint | None = None, **more: TrainedModel) -> course.Course:
    return course.prepare(data, TINY, find_device(), resume=resume, start_from=more.get("start_from"))


def test_a_checkpoint_holds_all_that_the_next_step_depends_on(data: LabelSnapshot) -> None:
    first = course_of(data)
    batches = [first.patches().batch(4, number) for number in range(3)]
    for batch in batches[:2]:
        first.step(batch, 1e-2, 0.1)
    state = pack_state(take_state(first.network, first.averaged, first.step))
    first.step(batches[2], 1e-2, 0.1)
    second = course_of(data)
    restore_state(state, second.network, second.averaged, second.step)
    second.step(batches[2], 1e-2, 0.1)
    for ours, theirs in zip(weights(first.network), weights(second.network), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-6)
    for ours, theirs in zip(weights(first.averaged), weights(second.averaged), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-6)


@pytest.mark.slow
def test_a_training_that_was_cut_off_goes_on_with_its_schedule_where_it_was(data: LabelSnapshot) -> None:
    checkpoint = cut_off(data)
    assert 0 < checkpoint.step <= 20 and checkpoint.settings["patch"] == 64
    steps = 0

    def count(_: Network) -> None:
        nonlocal steps
        steps += 1

    ended = train(data, TrainingSettings(seed=9), resume=checkpoint, between=count)
    looks_ahead = 1  # what it knew before the first step
    assert steps == 40 - checkpoint.step + looks_ahead and ended.metrics["steps"] == 40 and ended.seed == 0
    assert ended.seconds > checkpoint.seconds
    rates, when = ended.curves["learning_rate"], ended.curves["step"]
    assert when == sorted(when)
    fresh = train(data, TINY)
    assert rates[-1] == pytest.approx(fresh.curves["learning_rate"][-1], abs=2e-3)
    for name in checkpoint.curves:
        assert ended.curves[name][: len(checkpoint.curves[name])] == checkpoint.curves[name]


@pytest.mark.parametrize("harm", ["cut", "flipped", "other", "empty", "text"])
def test_a_damaged_checkpoint_is_a_sentence(data: LabelSnapshot, harm: str) -> None:
    where = course_of(data)
    good = pack_state(take_state(where.network, where.averaged, where.step))
    middle = len(good) // 2
    state = {
        "cut": good[:middle],
        "flipped": good[:middle] + bytes([good[middle] ^ 255]) + good[middle + 1 :],
        "other": pack_state(unpack_state(good) | {"averaged": [np.zeros(3, np.float32)]}),
        "empty": b"",
        "text": b"no archive at all",
    }[harm]
    damaged = Checkpoint(course.settings_of(where), CLASSES, 7, 5, 2.0, {}, state)
    with pytest.raises(TrainingError, match=r"damaged.*train anew|does not fit"):
        course_of(data, damaged)


def test_other_classes_than_at_the_crash_are_a_sentence(data: LabelSnapshot) -> None:
    where = course_of(data)
    state = pack_state(take_state(where.network, where.averaged, where.step))
    checkpoint = Checkpoint(course.settings_of(where), CLASSES[:2], 7, 5, 2.0, {}, state)
    with pytest.raises(TrainingError, match="other classes now"):
        course_of(data, checkpoint)


@pytest.mark.slow
def test_a_run_goes_on_from_another_and_says_so(data: LabelSnapshot) -> None:
    first = train(data, replace(TINY, learning_rate=1e-2))
    notices: list[Report] = []
    begun = course_of(data, start_from=model_of(first))
    assert begun.started_from == 4
    for ours, theirs in zip(weights(begun.network), weights(network_from(model_of(first))), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    second = train(data, replace(TINY, max_steps=2), start_from=model_of(first), report=notices.append)
    assert second.settings["started_from"] == 4
    assert first.settings["started_from"] is None
    assert not [r for r in notices if isinstance(r, Notice)]


@pytest.mark.slow
def test_a_class_that_was_added_since_begins_afresh_and_the_others_go_on(data: LabelSnapshot) -> None:
    first = model_of(train(data, replace(TINY, max_steps=5)))
    grown = replace(data, classes=(*CLASSES, LabelClass(3, "sand", "#ddcc88")))
    begun = course_of(grown, start_from=first)
    kernel, bias = weights(begun.network)[-2:]
    old_kernel, old_bias = weights(network_from(first))[-2:]
    assert kernel.shape[2] == 4
    np.testing.assert_array_equal(kernel[:, :, :3], old_kernel)
    np.testing.assert_array_equal(bias[:3], old_bias)
    assert kernel[:, :, 3].std() > 0


@pytest.mark.slow
def test_height_in_the_picture_as_a_new_input_changes_nothing_at_first(data: LabelSnapshot) -> None:
    first = model_of(train(data, replace(TINY, max_steps=5, scene="any")))
    begun = course.prepare(data, replace(TINY, scene="upright"), find_device(), start_from=first)
    assert begun.network.inputs.rows and begun.started_from == 4
    kernel, old = weights(begun.network)[0], weights(network_from(first))[0]
    np.testing.assert_array_equal(kernel[:, :, :3], old)
    assert (kernel[:, :, 3] == 0).all()


@pytest.mark.slow
@pytest.mark.parametrize("other", [{"network": "quick"}, {"scene": "upright"}])
def test_what_does_not_fit_begins_afresh_with_a_notice(data: LabelSnapshot, other: dict[str, str]) -> None:
    first = model_of(train(data, replace(TINY, max_steps=2, **other)))  # type: ignore[arg-type]
    notices: list[Report] = []
    ended = course.prepare(data, replace(TINY, scene="any"), find_device(), start_from=first, report=notices.append)
    assert [r.text for r in notices if isinstance(r, Notice)] == [course.OTHER_NETWORK.format(run=4)]
    assert ended.started_from is None


@pytest.mark.slow
def test_no_figure_is_measured_on_what_an_earlier_run_learned_from(tmp_path: Path) -> None:
    images = [labelled(tmp_path, seed) for seed in range(1, 25)]
    own = snapshot(*images[:-1], labelled(tmp_path, 24, split="val"))
    first = model_of(train(own, replace(TINY, max_steps=2)))
    assert first.settings["taught"] is None
    notices: list[Report] = []
    begun = course.prepare(snapshot(*images), TINY, find_device(), start_from=first, report=notices.append)
    assert begun.started_from is None and "kept for measuring" in str(notices)


def test_damaged_weights_to_begin_with_are_a_sentence(data: LabelSnapshot) -> None:
    begun = course_of(data)
    broken = TrainedModel(4, course.settings_of(begun), CLASSES, b"nothing")
    with pytest.raises(TrainingError, match="weights are damaged"):
        course_of(data, start_from=broken)
