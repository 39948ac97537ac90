from pathlib import Path

import numpy as np
import pytest

from core.classes import UNLABELED
from core.labels import LabelledImage
from core.masks.rect import Rect
from core.prediction.tiling import Tile
from core.training import guesses as guesses_module
from core.training.augmentation import Augmentation, warp_labels
from core.training.dataset import Dataset, Pictures, make_dataset
from core.training.guesses import Guesses, few_labels
from core.training.inputs import Inputs
from core.training.patches import Patches
from core.training.spreading import Spread
from core.training.unlabelled import Unlabelled
from tests.core.training.scenes import labelled, scene, scribbles, snapshot


def oracle(monkeypatch: pytest.MonkeyPatch, sure: float) -> None:
    """A network that knows the truth of scene 1, and is as sure of it as told; the picture alone says nothing."""
    likely = np.full((96, 120, 3), (1 - sure) / 2, np.float32)
    np.put_along_axis(likely, scene(1)[1][..., None].astype(np.intp), sure, axis=2)
    whole = Tile(Rect(0, 0, 96, 120), Rect(0, 0, 96, 120))
    monkeypatch.setattr(guesses_module, "probabilities", lambda *_: iter([(whole, likely)]))
    nothing = Spread(np.zeros((1, 1), np.int32), np.full((1, 3), 1 / 3, np.float32), 96, 120)
    monkeypatch.setattr(guesses_module, "spread_labels", lambda *_: nothing)


def scribbled(folder: Path) -> Dataset:
    return make_dataset(snapshot(labelled(folder, 1, scribbles(scene(1)[1]))))


def drawn(data: Dataset) -> Patches:
    return Patches(data, Pictures(), Inputs(3), Augmentation(False), side=64, multiple=16, seed=0)


def guessing(data: Dataset, *others: LabelledImage) -> Guesses:
    pictures = Pictures()
    return Guesses(data, pictures, Unlabelled(others, pictures, len(data.training)))


def test_guesses_fill_what_is_unlabelled_and_lie_where_the_labels_lie(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = make_dataset(snapshot(labelled(tmp_path, 1)))
    data = scribbled(tmp_path)
    oracle(monkeypatch, 0.99)
    guesses = guessing(data)
    batch = drawn(data).batch(8, 0)
    np.testing.assert_array_equal(guesses.complete(batch).labels, batch.labels)
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
    oracle(monkeypatch, 0.99)
    guesses = guessing(data)
    guesses.renew(None)  # type: ignore[arg-type]
    batch = drawn(data).batch(8, 0)
    complete = guesses.complete(batch)
    labels = batch.labels != UNLABELED
    guessed = ~labels & (complete.labels != UNLABELED)
    assert complete.weights[guessed].sum() <= guesses_module.SHARE * batch.weights[labels].sum() * 1.001


def test_before_the_network_knows_anything_the_picture_tells_what_lies_around_a_stroke(tmp_path: Path) -> None:
    data = scribbled(tmp_path)
    batch = drawn(data).batch(8, 0)
    complete = guessing(data).complete(batch)
    guessed = (batch.labels == UNLABELED) & (complete.labels != UNLABELED)
    assert guessed.mean() > 0.2
    truth = make_dataset(snapshot(labelled(tmp_path, 1))).training[0].image.mask.read()
    right = [
        (ours == warp_labels(np.ascontiguousarray(truth[source.inside.slices]), source.placement, 64))[where]
        for source, ours, where in zip(batch.sources, complete.labels, guessed, strict=True)
    ]
    assert np.concatenate(right).mean() > 0.9


def test_what_the_network_is_not_sure_of_stays_unlabelled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = scribbled(tmp_path)
    oracle(monkeypatch, 0.5)
    guesses = guessing(data)
    guesses.renew(None)  # type: ignore[arg-type]
    batch = drawn(data).batch(4, 0)
    np.testing.assert_array_equal(guesses.complete(batch).labels, batch.labels)


def test_pictures_labelled_whole_leave_nothing_to_guess(tmp_path: Path) -> None:
    assert few_labels(scribbled(tmp_path))
    assert not few_labels(make_dataset(snapshot(labelled(tmp_path, 1))))


def test_stop_leaves_the_guesses_of_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also in the middle of a picture: large ones take seconds."""
    data = scribbled(tmp_path)
    oracle(monkeypatch, 0.99)
    guesses = guessing(data)
    guesses.renew(None)  # type: ignore[arg-type]
    before = guesses.complete(drawn(data).batch(8, 0))
    halves = [Tile(rect, rect) for rect in (Rect(0, 0, 48, 120), Rect(48, 0, 96, 120))]
    leaf = np.eye(3, dtype=np.float32)[np.full((48, 120), 2)]
    monkeypatch.setattr(guesses_module, "probabilities", lambda *_: ((half, leaf) for half in halves))
    asked = iter([False, True])
    guesses.renew(None, stop=lambda: next(asked))  # type: ignore[arg-type]
    np.testing.assert_array_equal(guesses.complete(drawn(data).batch(8, 0)).labels, before.labels)
