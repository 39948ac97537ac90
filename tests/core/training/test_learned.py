"""No figure is measured on a picture that was learned from, whatever is set aside for validation later."""

from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import TrainingError
from core.labels import LabelSnapshot
from core.records import Checkpoint, Split
from core.training import course
from core.training.checkpoint import pack_state, take_state
from core.training.device import find_device
from core.training.fit import train
from core.training.learned import AFRESH
from core.training.messages import Notice, Report, TrainedModel
from core.training.network import pack_weights
from core.training.settings import TrainingSettings
from tests.core.training.scenes import CLASSES, labelled, snapshot

TINY = TrainingSettings(budget_s=600, max_steps=4, network="tiny", patch=64, batch=2, guesses=False)


@pytest.fixture
def data(tmp_path: Path) -> LabelSnapshot:
    return snapshot(*(labelled(tmp_path, seed) for seed in (1, 2)), labelled(tmp_path, 3, split="val"))


def begun(data: LabelSnapshot, start_from: TrainedModel | None = None) -> course.Course:
    return course.prepare(data, TINY, find_device(), start_from=start_from)


def run_of(begun: course.Course, run_id: int) -> TrainedModel:
    weights = pack_weights(begun.averaged.model.get_weights())
    return TrainedModel(run_id, course.settings_of(begun), CLASSES, weights)


def cut_off(begun: course.Course) -> Checkpoint:
    state = pack_state(take_state(begun.network, begun.averaged, begun.step))
    return Checkpoint(course.settings_of(begun), CLASSES, 7, 2, 1.0, {}, state)


def moved(data: LabelSnapshot, *splits: Split) -> LabelSnapshot:
    """The same pictures, set aside for something else."""
    return replace(data, images=tuple(replace(i, split=s) for i, s in zip(data.images, splits, strict=True)))


def notices(data: LabelSnapshot, start_from: TrainedModel) -> list[str]:
    """What is said before the first step, which nobody waits for."""
    reports: list[Report] = []
    with pytest.raises(TrainingError, match="before anything was learned"):
        train(data, TINY, start_from=start_from, report=reports.append, stop=lambda: True)
    return [report.text for report in reports if isinstance(report, Notice)]


def test_a_run_that_knows_a_validation_picture_is_not_gone_on_from(data: LabelSnapshot) -> None:
    first = run_of(begun(data), 4)
    assert notices(data, first) == []
    assert notices(moved(data, "train", "val", "val"), first) == [AFRESH.format(run=4)]


def test_what_the_runs_before_it_learned_from_is_known_as_well(data: LabelSnapshot) -> None:
    first = run_of(begun(data), 4)
    alone = moved(data, "train", "test", "val")
    second = run_of(begun(replace(alone, images=(alone.images[0], alone.images[2])), first), 5)
    assert notices(moved(data, "train", "val", "val"), second) == [AFRESH.format(run=5)]


@pytest.mark.parametrize("splits", [("train", "val", "val"), ("train", "train", "train")])
def test_a_training_does_not_go_on_if_it_learned_from_what_is_measured_on_now(
    tmp_path: Path, splits: tuple[Split, Split, Split]
) -> None:
    """A picture of it became one for validation; or the last of those became one to learn from, and some of what was
    learned from would be held out."""
    many = [labelled(tmp_path, seed) for seed in range(4, 24)]
    images = (labelled(tmp_path, 1), labelled(tmp_path, 2), labelled(tmp_path, 3, split="val"))
    checkpoint = cut_off(begun(snapshot(*images, *many)))
    now = moved(snapshot(*images), *splits)
    with pytest.raises(TrainingError, match="it cannot go on"):
        train(snapshot(*now.images, *many), TINY, resume=checkpoint)


def test_a_run_that_could_not_be_gone_on_from_leaves_nothing_of_its_past(data: LabelSnapshot) -> None:
    first = run_of(begun(data), 4)
    past = {"started_from": 2, "learned_from": ["f" * 12], "inputs": {**first.settings["inputs"], "channels": 1}}
    stranger = replace(first, settings={**first.settings, **past})
    fresh = begun(data, stranger)
    assert fresh.started_from is None and "f" * 12 not in fresh.learned_from
