"""Pictures that nobody has painted on are learned from as well, where the network is sure of them."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.classes import UNLABELED
from core.errors import TrainingError
from core.labels import LabelledImage
from core.training import unlabelled as unlabelled_module
from core.training.augmentation import Augmentation, warp_labels
from core.training.dataset import Pictures, make_dataset
from core.training.fit import train
from core.training.guesses import Guesses
from core.training.inputs import Inputs, Picture
from core.training.network import Network
from core.training.patches import Patches
from core.training.settings import TrainingSettings
from core.training.unlabelled import FIRST_STEP, LAG, MOST, Unlabelled
from tests.core.training.scenes import labelled, scene, scribbles, snapshot

NOBODY: Network = None  # type: ignore[assignment]
"""These tests say themselves what the network says."""
SIZE = 96 * 120


@pytest.fixture
def oracle(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A network that is sure of the upper half of scenes 2 and 3, and right; the scenes that it was asked about."""
    asked: list[int] = []

    def predict(_: Network, picture: Picture, **__: object) -> tuple[np.ndarray, np.ndarray]:
        seed = next(seed for seed in (2, 3) if np.array_equal(scene(seed)[0], picture))
        asked.append(seed)
        sure = np.zeros((96, 120), np.uint8)
        sure[:48] = 250
        return scene(seed)[1].copy(), sure

    monkeypatch.setattr(unlabelled_module, "predict_image", predict)
    monkeypatch.setattr(unlabelled_module, "PIXELS_A_STEP", SIZE)
    return asked


def blank(folder: Path, seed: int) -> LabelledImage:
    return labelled(folder, seed, np.full((96, 120), UNLABELED, np.uint8))


def test_they_are_looked_at_one_after_another_and_then_again(tmp_path: Path, oracle: list[int]) -> None:
    unlabelled = Unlabelled([blank(tmp_path, 2), blank(tmp_path, 3)], Pictures(), 1)
    for step in range(FIRST_STEP + 6):
        unlabelled.look(NOBODY, step)
    assert oracle == [2, 3, 2, 3, 2]
    found = unlabelled.class_map(2)
    assert found is not None
    np.testing.assert_array_equal(found[:48], scene(2)[1][:48])
    assert (found[48:] == UNLABELED).all()


def test_patches_are_drawn_from_them_once_they_are_known_and_never_most(tmp_path: Path, oracle: list[int]) -> None:
    data, pictures = make_dataset(snapshot(labelled(tmp_path, 1, scribbles(scene(1)[1])))), Pictures()
    unlabelled = Unlabelled([blank(tmp_path, 2), blank(tmp_path, 3)], pictures, len(data.training))
    guesses = Guesses(data, pictures, unlabelled)
    patches = Patches(
        data, pictures, Inputs(3), Augmentation(False), side=64, multiple=16, seed=0, unlabelled=unlabelled
    )
    for step in range(FIRST_STEP + 3):
        unlabelled.look(NOBODY, step)
    early = patches.batch(8, FIRST_STEP + 3)
    assert {source.image.image_id for source in early.sources} == {1}
    late = patches.batch(16, FIRST_STEP + 3 + LAG)
    drawn = np.array([source.image.image_id for source in late.sources])
    assert set(drawn.tolist()) == {1, 2, 3}
    assert (drawn != 1).mean() == MOST
    assert (late.labels[drawn != 1] == UNLABELED).all()
    complete = guesses.complete(late)
    for source, ours in zip(late.sources, complete.labels, strict=True):
        if source.image.image_id != 1:
            truth = np.where(np.arange(96)[:, None] < 48, scene(source.image.image_id)[1], UNLABELED).astype(np.uint8)
            placed = warp_labels(np.ascontiguousarray(truth[source.inside.slices]), source.placement, 64)
            np.testing.assert_array_equal(ours, placed)


def test_one_that_is_gone_is_done_without(tmp_path: Path, oracle: list[int]) -> None:
    gone = replace(blank(tmp_path, 3), path=str(tmp_path / "gone.png"))
    unlabelled = Unlabelled([blank(tmp_path, 2), gone], Pictures(), 1)
    for step in range(FIRST_STEP + 3):
        unlabelled.look(NOBODY, step)
    assert [image.image_id for image in unlabelled.known(FIRST_STEP + 3 + LAG)] == [2]


def test_what_is_too_large_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unlabelled_module, "PIXELS", SIZE)
    unlabelled = Unlabelled([blank(tmp_path, 2), blank(tmp_path, 3)], Pictures(), 1)
    assert [image.image_id for image in unlabelled.known(10**6)] == [2]


def test_a_real_training_learns_from_them_and_repeats_with_its_seed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unlabelled_module, "FIRST_STEP", 2)
    monkeypatch.setattr(unlabelled_module, "LAG", 4)
    monkeypatch.setattr(unlabelled_module, "SURE", 0.4)
    labels = snapshot(labelled(tmp_path, 1, scribbles(scene(1)[1])))
    others = replace(labels, unlabelled=(blank(tmp_path, 2), blank(tmp_path, 3)))
    settings = TrainingSettings(network="tiny", budget_s=1000, max_steps=9, patch=64, batch=4)
    one, again, without = (train(what, settings) for what in (others, others, labels))
    assert one.weights == again.weights
    assert one.weights != without.weights


def test_with_enough_labels_they_are_not_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise TrainingError("asked")

    monkeypatch.setattr(unlabelled_module.Unlabelled, "look", refuse)
    labels = replace(snapshot(labelled(tmp_path, 1)), unlabelled=(blank(tmp_path, 2),))
    train(labels, TrainingSettings(network="tiny", budget_s=1000, max_steps=2, patch=64, batch=2))
