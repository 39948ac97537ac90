from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from core.classes import UNLABELED
from core.errors import TrainingError
from core.training.heads import HEADS, Axis, head_named
from core.training.one_hot import ids_of, one_hot_of

Floats = npt.NDArray[np.float32]

LOGITS = np.random.default_rng(0).normal(0, 3, (2, 5, 6, 7)).astype(np.float32)
LABELS = np.random.default_rng(1).integers(0, 7, (2, 5, 6)).astype(np.uint8)
LABELS[1, :2] = UNLABELED
AXES: tuple[Axis, ...] = (-1, 1)


def loss(name: str, logits: Floats = LOGITS, labels: npt.ArrayLike = LABELS, axis: Axis = -1) -> float:
    return float(head_named(name).loss(logits, np.asarray(labels), axis=axis))


def first(array: Floats) -> Floats:
    """(N, H, W, C) as (N, C, H, W)."""
    return np.ascontiguousarray(np.moveaxis(array, -1, 1))


def value_and_gradient(cost: Callable[[Any], Any], logits: Floats) -> tuple[float, Floats]:
    """A scalar and its gradient, on whichever backend Keras runs."""
    import keras

    if keras.backend.backend() == "jax":
        import jax

        value, gradient = jax.value_and_grad(cost)(jax.numpy.asarray(logits))
        return float(value), np.asarray(gradient)
    import tensorflow as tf

    given = tf.constant(logits)
    with tf.GradientTape() as tape:
        tape.watch(given)
        value = cost(given)
    return float(value), tape.gradient(value, given).numpy()


# --- what each is


def test_softmax_loss_is_minus_the_log_of_the_true_class() -> None:
    known = LABELS != UNLABELED
    likely = np.asarray(HEADS["softmax"].probabilities(LOGITS))[known]
    expected = -np.log(np.take_along_axis(likely, LABELS[known][:, None], -1)).mean()
    assert loss("softmax") == pytest.approx(expected, rel=1e-5)


def test_sigmoid_loss_is_binary_cross_entropy() -> None:
    known = LABELS != UNLABELED
    likely = np.asarray(HEADS["sigmoid"].probabilities(LOGITS))[known].astype(np.float64)
    truth = np.eye(7)[LABELS[known]]
    expected = -(truth * np.log(likely) + (1 - truth) * np.log(1 - likely)).mean()
    assert loss("sigmoid") == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("axis", AXES)
def test_depth_softmax_is_the_sigmoid_divided_by_its_sum_over_the_classes(axis: Axis) -> None:
    logits = LOGITS if axis == -1 else first(LOGITS)
    sigmoid = 1 / (1 + np.exp(-logits.astype(np.float64)))
    likely = np.asarray(HEADS["normalised-sigmoid"].probabilities(logits, axis=axis))
    np.testing.assert_allclose(likely, sigmoid / sigmoid.sum(axis, keepdims=True), rtol=1e-4)


@pytest.mark.parametrize("axis", AXES)
def test_softmax_by_rows_agrees_with_softmax_in_loss_and_gradient(axis: Axis) -> None:
    logits = LOGITS if axis == -1 else first(LOGITS)
    results = [
        value_and_gradient(lambda z, name=name: HEADS[name].loss(z, LABELS, axis=axis), logits)  # type: ignore[misc]
        for name in ("softmax", "softmax-flat")
    ]
    (one, one_gradient), (other, other_gradient) = results
    assert abs(one - other) < 1e-6
    assert np.abs(one_gradient).max() > 1e-3
    np.testing.assert_allclose(one_gradient, other_gradient, rtol=0, atol=1e-6)


# --- layouts and labels


@pytest.mark.parametrize("name", HEADS)
def test_channels_first_is_channels_last_seen_from_the_side(name: str) -> None:
    head = HEADS[name]
    last, last_gradient = value_and_gradient(lambda z: head.loss(z, LABELS), LOGITS)
    front, front_gradient = value_and_gradient(lambda z: head.loss(z, LABELS, axis=1), first(LOGITS))
    assert front == pytest.approx(last, abs=1e-6)
    np.testing.assert_allclose(front_gradient, first(last_gradient), rtol=0, atol=1e-6)
    likely = np.asarray(head.probabilities(first(LOGITS), axis=1))
    np.testing.assert_allclose(likely, first(np.asarray(head.probabilities(LOGITS))), rtol=1e-5)


@pytest.mark.parametrize("axis", AXES)
@pytest.mark.parametrize("name", HEADS)
def test_one_hot_labels_in_the_layout_of_the_logits_mean_the_same(name: str, axis: Axis) -> None:
    """Labels (7, rows, columns) for each picture of the batch, or (rows, columns, 7)."""
    logits = LOGITS if axis == -1 else first(LOGITS)
    marks = np.stack([one_hot_of(ids, 7, axis=0 if axis == 1 else -1) for ids in LABELS])
    assert marks.shape == logits.shape
    assert loss(name, logits, marks, axis) == pytest.approx(loss(name), abs=1e-6)


@pytest.mark.parametrize("axis", [0, -1])
def test_one_hot_to_ids_and_back(axis: int) -> None:
    ids = LABELS[1]
    marks = one_hot_of(ids, 7, axis=axis)
    assert marks.shape == ((7, 5, 6) if axis == 0 else (5, 6, 7))
    assert marks.sum() == (ids != UNLABELED).sum()
    np.testing.assert_array_equal(ids_of(marks, axis=axis), ids)


@pytest.mark.parametrize("marks", [[[0.5, 0.5]], [[1, 1]], [[2, 0]]])
def test_labels_that_are_not_one_hot_are_refused(marks: list[list[float]]) -> None:
    with pytest.raises(TrainingError, match="not one-hot"):
        ids_of(marks, axis=-1)


# --- what counts


@pytest.mark.parametrize("name", HEADS)
def test_unlabelled_pixels_neither_cost_nor_teach(name: str) -> None:
    labels = LABELS.copy()
    labels[:, 2:] = UNLABELED
    cost, gradient = value_and_gradient(lambda z: head_named(name).loss(z, labels), LOGITS)
    assert cost == pytest.approx(loss(name, LOGITS[:, :2], LABELS[:, :2]), rel=1e-5)
    assert not gradient[labels == UNLABELED].any()
    assert gradient[labels != UNLABELED].any()


@pytest.mark.parametrize("name", HEADS)
def test_nothing_labelled_costs_nothing(name: str) -> None:
    assert loss(name, labels=np.full_like(LABELS, UNLABELED)) == 0
    assert loss(name, labels=np.zeros_like(LOGITS)) == 0


@pytest.mark.parametrize("name", HEADS)
def test_a_sure_mistake_still_has_a_finite_loss_and_a_gradient(name: str) -> None:
    logits = np.array([[[[60.0, -60.0]]]], np.float32)
    cost, gradient = value_and_gradient(lambda z: head_named(name).loss(z, np.ones((1, 1, 1), np.uint8)), logits)
    assert np.isfinite(cost) and cost > 20
    assert np.abs(gradient).max() > 0.1


def test_a_pixel_of_no_weight_counts_for_nothing() -> None:
    weights = np.zeros(LABELS.shape, np.float32)
    weights[:, :2] = 0.3
    half = float(head_named("softmax").loss(LOGITS, LABELS, weights))
    assert half == pytest.approx(loss("softmax", LOGITS[:, :2], LABELS[:, :2]), rel=1e-5)


def test_an_unknown_head_is_a_sentence() -> None:
    with pytest.raises(TrainingError, match='no head "hard"'):
        head_named("hard")
