"""The last layer before the first step."""

from pathlib import Path

import keras
import numpy as np

from core.images import read_image
from core.prediction.inference import predict_image
from core.training import course
from core.training.device import find_device
from core.training.head_start import begin_with_labels, discriminants
from core.training.metrics import Confusion
from core.training.settings import TrainingSettings
from tests.core.training.scenes import labelled, scene, scribbles, snapshot


def test_classes_that_spread_alike_get_the_odds_of_their_distributions() -> None:
    rng = np.random.default_rng(0)
    spread = np.array([[1.0, 0.3], [0.3, 0.5]])
    means = np.array([[0.0, 0.0], [2.0, 1.0]])
    labels = np.repeat(np.array([0, 2], np.uint8), [30_000, 10_000])
    values = rng.multivariate_normal((0, 0), spread, len(labels)) + means[labels // 2]
    slopes, offsets = discriminants(values, labels, np.ones(len(labels)), 3)
    at = np.array([[0.0, 0.0], [1.0, 0.5], [2.0, 1.0], [-1.0, 2.0]])
    found = at @ (slopes[2] - slopes[0]) + offsets[2] - offsets[0]
    inverse = np.linalg.inv(spread + 0.3 * np.trace(spread) / 2 * np.eye(2))  # shrunk, as head_start says
    away = at[:, None] - means
    log_density = -np.einsum("nci,ij,ncj->nc", away, inverse, away) / 2
    np.testing.assert_allclose(found, log_density[:, 1] - log_density[:, 0] + np.log(1 / 3), atol=0.1)


def test_a_class_without_a_label_is_unlikely_everywhere() -> None:
    rng = np.random.default_rng(1)
    labels = rng.integers(0, 2, 500).astype(np.uint8)
    values = rng.normal(0, 1, (500, 4)) + labels[:, None]
    slopes, offsets = discriminants(values, labels, np.ones(500), 3)
    scores = values @ slopes.T + offsets
    assert (scores.argmax(1) < 2).all()


def test_before_the_first_step_a_network_that_saw_other_pictures_already_tells_classes_apart(tmp_path: Path) -> None:
    images = [labelled(tmp_path, seed, scribbles(scene(seed)[1], seed)) for seed in (1, 2, 3)]
    ready = course.prepare(snapshot(*images), TrainingSettings(), find_device())
    assert ready.sees
    confusion = Confusion.empty(3)
    for seed, image in zip((1, 2, 3), images, strict=True):
        predicted, _ = predict_image(ready.averaged, read_image(Path(image.path)))
        confusion.add(scene(seed)[1], predicted)
    assert confusion.miou > 0.6


def test_a_last_layer_of_another_kind_stays_as_it_is(tmp_path: Path) -> None:
    data = snapshot(labelled(tmp_path, 1), labelled(tmp_path, 2))
    ready = course.prepare(data, TrainingSettings(network="tiny", patch=64), find_device())
    outputs = keras.layers.Conv2D(3, 1)(ready.network.model.layers[-2].output)
    ready.network.model = keras.Model(ready.network.model.input, outputs)
    before = ready.network.model.get_weights()
    assert not begin_with_labels(ready.network, ready.patches(), ready.guesses, 2)
    assert all(np.array_equal(a, b) for a, b in zip(before, ready.network.model.get_weights(), strict=True))
