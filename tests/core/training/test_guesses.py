from pathlib import Path

import numpy as np
import pytest

from core.classes import UNLABELED
from core.masks.tiles import Array
from core.training import guesses as guesses_module
from core.training.augmentation import Augmentation, warp_labels
from core.training.dataset import Dataset, Pictures, make_dataset
from core.training.guesses import Guesses
from core.training.inputs import Inputs
from core.training.patches import Patches
from tests.core.training.scenes import labelled, scene, scribbles, snapshot


def oracle(monkeypatch: pytest.MonkeyPatch, sure: Array) -> None:
    """A network that knows the truth of scene 1, and is as sure of it as told."""
    monkeypatch.setattr(guesses_module, "predict_image", lambda *_: (scene(1)[1].copy(), sure))


def scribbled(folder: Path) -> Dataset:
    return make_dataset(snapshot(labelled(folder, 1, scribbles(scene(1)[1]))))


def drawn(data: Dataset) -> Patches:
    return Patches(data, Pictures(), Inputs(3), Augmentation(False), side=64, multiple=16, seed=0)


def test_guesses_fill_what_is_unlabelled_and_lie_where_the_labels_lie(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = make_dataset(snapshot(labelled(tmp_path, 1)))
    data = scribbled(tmp_path)
    oracle(monkeypatch, np.full((96, 120), 255, np.uint8))
    guesses = Guesses(data, Pictures())
    batch = drawn(data).batch(8)
    assert guesses.complete(batch) is batch
    guesses.renew(None)  # type: ignore[arg-type]
    complete = guesses.complete(batch)
    labels = batch.labels != UNLABELED
    np.testing.assert_array_equal(complete.labels[labels], batch.labels[labels])
    np.testing.assert_array_equal(complete.weights[labels], batch.weights[labels])
    assert (complete.labels != UNLABELED).mean() > 0.9
    for source, ours in zip(batch.sources, complete.labels, strict=True):
        truth = whole.training[0].image.mask.read()[source.inside.slices]
        placed = warp_labels(np.ascontiguousarray(truth), source.placement, 64)
        np.testing.assert_array_equal(ours, placed)


def test_guesses_weigh_no_more_than_all_labels_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = scribbled(tmp_path)
    oracle(monkeypatch, np.full((96, 120), 255, np.uint8))
    guesses = Guesses(data, Pictures())
    guesses.renew(None)  # type: ignore[arg-type]
    batch = drawn(data).batch(8)
    complete = guesses.complete(batch)
    labels = batch.labels != UNLABELED
    guessed = ~labels & (complete.labels != UNLABELED)
    assert complete.weights[guessed].sum() <= guesses_module.SHARE * batch.weights[labels].sum() * 1.001


def test_what_the_network_is_not_sure_of_stays_unlabelled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = scribbled(tmp_path)
    oracle(monkeypatch, np.full((96, 120), 100, np.uint8))
    guesses = Guesses(data, Pictures())
    guesses.renew(None)  # type: ignore[arg-type]
    batch = drawn(data).batch(4)
    np.testing.assert_array_equal(guesses.complete(batch).labels, batch.labels)


def test_pictures_labelled_whole_are_not_guessed_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = make_dataset(snapshot(labelled(tmp_path, 1)))
    oracle(monkeypatch, np.full((96, 120), 255, np.uint8))
    guesses = Guesses(data, Pictures())
    guesses.renew(None)  # type: ignore[arg-type]
    batch = drawn(data).batch(2)
    assert guesses.complete(batch) is batch
