import numpy as np
import pytest

from core.classes import UNLABELED
from core.errors import TrainingError
from core.training.heads import HEADS, head_named

LOGITS = np.random.default_rng(0).normal(0, 3, (2, 5, 6, 7)).astype(np.float32)
LABELS = np.random.default_rng(1).integers(0, 7, (2, 5, 6)).astype(np.uint8)


def loss(name: str, logits: np.ndarray = LOGITS, labels: np.ndarray = LABELS) -> float:
    return float(head_named(name).loss(logits, labels, np.ones(labels.shape, np.float32)))


def test_flattened_softmax_is_the_same_as_softmax() -> None:
    assert abs(loss("softmax") - loss("softmax-flat")) < 1e-6


def test_softmax_loss_is_minus_the_log_of_the_true_class() -> None:
    likely = np.asarray(HEADS["softmax"].probabilities(LOGITS))
    expected = -np.log(np.take_along_axis(likely, LABELS[..., None], -1)).mean()
    assert loss("softmax") == pytest.approx(expected, rel=1e-5)


def test_sigmoid_loss_is_binary_cross_entropy() -> None:
    likely = np.asarray(HEADS["sigmoid"].probabilities(LOGITS)).astype(np.float64)
    truth = np.eye(7)[LABELS]
    expected = -(truth * np.log(likely) + (1 - truth) * np.log(1 - likely)).mean()
    assert loss("sigmoid") == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("name", HEADS)
def test_unlabelled_pixels_neither_cost_nor_teach(name: str) -> None:
    labels = LABELS.copy()
    labels[:, 2:] = UNLABELED
    assert loss(name, labels=labels) == pytest.approx(loss(name, LOGITS[:, :2], LABELS[:, :2]), rel=1e-5)
    other = LOGITS.copy()
    other[:, 2:] += 5
    assert loss(name, other, labels) == pytest.approx(loss(name, LOGITS, labels), rel=1e-6)


@pytest.mark.parametrize("name", HEADS)
def test_nothing_labelled_costs_nothing(name: str) -> None:
    assert loss(name, labels=np.full_like(LABELS, UNLABELED)) == 0


@pytest.mark.parametrize("name", ["softmax", "softmax-flat", "normalised-sigmoid"])
def test_probabilities_sum_to_one(name: str) -> None:
    np.testing.assert_allclose(np.asarray(HEADS[name].probabilities(LOGITS)).sum(-1), 1, rtol=1e-5)


def test_normalised_sigmoid_is_what_its_name_says() -> None:
    sigmoid = 1 / (1 + np.exp(-LOGITS.astype(np.float64)))
    likely = np.asarray(HEADS["normalised-sigmoid"].probabilities(LOGITS))
    np.testing.assert_allclose(likely, sigmoid / sigmoid.sum(-1, keepdims=True), rtol=1e-4)


@pytest.mark.parametrize("name", HEADS)
def test_a_sure_mistake_still_has_a_finite_loss_and_a_gradient(name: str) -> None:
    import tensorflow as tf

    logits = tf.constant([[[[60.0, -60.0]]]])
    with tf.GradientTape() as tape:
        tape.watch(logits)
        cost = head_named(name).loss(logits, np.ones((1, 1, 1), np.uint8), np.ones((1, 1, 1), np.float32))
    gradient = tape.gradient(cost, logits).numpy()
    assert np.isfinite(cost.numpy()) and cost.numpy() > 20
    assert np.abs(gradient).max() > 0.1


def test_a_pixel_of_no_weight_counts_for_nothing() -> None:
    weights = np.zeros(LABELS.shape, np.float32)
    weights[:, :2] = 0.3
    half = float(head_named("softmax").loss(LOGITS, LABELS, weights))
    assert half == pytest.approx(loss("softmax", LOGITS[:, :2], LABELS[:, :2]), rel=1e-5)


def test_an_unknown_head_is_a_sentence() -> None:
    with pytest.raises(TrainingError, match='no head "hard"'):
        head_named("hard")
