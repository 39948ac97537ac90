"""The best weights of before a crash count again when the training goes on."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from core.errors import TrainingError
from core.labels import LabelSnapshot
from core.masks.tiles import Mask
from core.records import Checkpoint
from core.training.best import Best
from core.training.checkpoint import pack_state, take_state
from core.training.course import Course, prepare, settings_of
from core.training.device import find_device
from core.training.fit import train
from core.training.measuring import Glance
from core.training.messages import TrainingEnded
from core.training.metrics import Confusion
from core.training.network import unpack_weights
from core.training.settings import TrainingSettings
from tests.core.training.scenes import CLASSES, labelled, snapshot

LAST_STEP = TrainingSettings(budget_s=600, max_steps=40, network="tiny", patch=64, batch=2, guesses=False)
GROUND, LEAF = 0, 2
Arrays = list[npt.NDArray[np.float32]]


@pytest.fixture
def data(tmp_path: Path) -> LabelSnapshot:
    return snapshot(labelled(tmp_path, 1), labelled(tmp_path, 2, split="val"))


def sees_only(course: Course, class_id: int) -> Arrays:
    """Weights with which the network sees one class everywhere."""
    weights = [np.zeros_like(values) for values in course.averaged.model.get_weights()]
    weights[-1][class_id] = 9.0
    return weights


def crashed(course: Course, best: Best) -> Checkpoint:
    """A training that was one step from its end, and saw a leaf everywhere by then."""
    for network in (course.network, course.averaged):
        network.model.set_weights(sees_only(course, LEAF))
    state = take_state(course.network, course.averaged, course.step) | best.to_state()
    return Checkpoint(settings_of(course), CLASSES, 7, 39, 5.0, {}, pack_state(state))


def perfect(course: Course) -> Glance:
    """A glance at a network that gets everything right."""
    seen = course.measuring.glance(course.averaged)
    return Glance(tuple(Confusion(np.diag(part.matrix.sum(1))) for part in seen.parts))


def goes_on(data: LabelSnapshot, checkpoint: Checkpoint) -> TrainingEnded:
    """Gone on with, and stopped at once: that spares a step, and compares with the best as an end does."""
    return train(data, TrainingSettings(), resume=checkpoint, stop=lambda: True)


def ends_with(ended: TrainingEnded, weights: Arrays) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(unpack_weights(ended.weights), weights, strict=True))


def test_a_training_whose_best_was_before_the_crash_ends_with_that_best(data: LabelSnapshot) -> None:
    course = prepare(data, LAST_STEP, find_device())
    best = Best(perfect(course), sees_only(course, GROUND), 3.0)
    ended = train(data, TrainingSettings(), resume=crashed(course, best))
    assert ended.metrics["steps"] == 40
    assert (ended.metrics["miou"], ended.metrics["best_at_s"]) == (1.0, 3.0)
    assert ends_with(ended, best.weights)


@pytest.mark.parametrize(("painted", "best_counts"), [(GROUND, True), (LEAF, False)])
def test_with_other_labels_to_measure_on_the_best_has_to_prove_itself_again(
    data: LabelSnapshot, painted: int, best_counts: bool
) -> None:
    """What was measured before the crash says nothing about the labels of now."""
    course = prepare(data, LAST_STEP, find_device())
    checkpoint = crashed(course, Best(perfect(course), sees_only(course, GROUND), 3.0))
    now = Mask.from_array(np.full((96, 120), painted, np.uint8))
    changed = replace(data, images=(data.images[0], replace(data.images[1], mask=now)))
    ended = goes_on(changed, checkpoint)
    assert ("best_at_s" in ended.metrics) == best_counts
    assert ends_with(ended, sees_only(course, GROUND)) == best_counts


def test_a_checkpoint_of_an_earlier_version_has_no_best_and_goes_on(data: LabelSnapshot) -> None:
    course = prepare(data, LAST_STEP, find_device())
    ended = goes_on(data, crashed(course, Best()))
    assert ended.stopped and "best_at_s" not in ended.metrics


def test_where_figures_are_of_training_pixels_now_no_best_counts(data: LabelSnapshot) -> None:
    course = prepare(data, LAST_STEP, find_device())
    checkpoint = crashed(course, Best(perfect(course), sees_only(course, GROUND), 3.0))
    alone = replace(data, images=data.images[:1])
    assert "best_at_s" not in goes_on(alone, checkpoint).metrics


def test_best_weights_of_another_network_are_a_sentence(data: LabelSnapshot) -> None:
    course = prepare(data, LAST_STEP, find_device())
    checkpoint = crashed(course, Best(perfect(course), [np.zeros(3, np.float32)], 3.0))
    with pytest.raises(TrainingError, match=r"damaged.*train anew"):
        goes_on(data, checkpoint)
