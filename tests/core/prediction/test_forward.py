import keras
import numpy as np
import pytest

from core.classes import load_template
from core.prediction import forward as forward_module
from core.prediction.forward import decide, forward_of
from core.training.heads import HEADS, head_named
from core.training.inputs import Floats, Inputs
from core.training.network import Network, new_network
from core.training.unet import shape_named

RNG = np.random.default_rng(0)


def network(shape: str, head: str = "softmax") -> Network:
    """One whose normalisation is not what it begins with."""
    keras.utils.set_random_seed(1)
    made = new_network(shape_named(shape), Inputs(3), head_named(head), load_template("cityscapes"))
    disturb(made)
    return made


def disturb(made: Network) -> None:
    for layer in made.model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.set_weights([RNG.uniform(0.5, 2, weights.shape) for weights in layer.get_weights()])


def picture(height: int = 64, width: int = 96) -> Floats:
    return RNG.uniform(-1, 1, (1, height, width, 3)).astype(np.float32)


def by_layers(made: Network, pixels: Floats) -> Floats:
    return np.asarray(made.head.probabilities(made.model(pixels, training=False)))


@pytest.mark.parametrize("shape", ["quick", "quality", "tiny"])
def test_normalisation_folded_into_the_convolutions_gives_the_same_probabilities(shape: str) -> None:
    made, pixels = network(shape), picture()
    expected = by_layers(made, pixels)
    assert expected.std() > 0.001
    np.testing.assert_allclose(np.asarray(forward_of(made).likely(pixels)), expected, atol=1e-5)


def test_it_follows_the_weights_of_a_network_that_goes_on_learning() -> None:
    made, pixels = network("tiny"), picture()
    before = np.asarray(forward_of(made).likely(pixels))
    made.model.set_weights([weights * 1.5 for weights in made.model.get_weights()])
    disturb(made)
    after = np.asarray(forward_of(made).likely(pixels))
    np.testing.assert_allclose(after, by_layers(made, pixels), atol=1e-5)
    assert np.abs(after - before).max() > 0.001


@pytest.mark.parametrize("head", HEADS)
def test_class_confidence_and_entropy_are_those_of_the_probabilities(
    head: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forward_module, "BLOCK", 4096)  # 6144 pixels: one block, and a part of another
    forward_module._decided_block.cache_clear()
    made, pixels = network("tiny", head), picture()
    likely = by_layers(made, pixels).astype(np.float64)
    ids, sure, doubt = (np.asarray(plane) for plane in forward_of(made)(pixels))
    clear = np.diff(np.sort(likely, axis=-1)[..., -2:])[..., 0] > 1e-5
    np.testing.assert_array_equal(ids[clear], likely.argmax(-1)[clear])
    np.testing.assert_allclose(sure, likely.max(-1) * 255, atol=0.51)
    entropy = -(likely * np.log(likely)).sum(-1) / np.log(7)
    np.testing.assert_allclose(doubt, entropy.clip(0, 1) * 255, atol=0.51)
    forward_module._decided_block.cache_clear()


def test_of_equally_likely_classes_the_first_is_taken() -> None:
    ids, sure, doubt = decide(np.array([[0.25, 0.25, 0.25, 0.25], [0.0, 0.5, 0.5, 0.0]], np.float32))
    assert np.asarray(ids).tolist() == [0, 1]
    assert np.asarray(sure).tolist() == [64, 128]
    assert np.asarray(doubt).tolist() == [255, 128]
