import keras
import numpy as np
import pytest

from core.training.heads import head_named
from core.training.inputs import Inputs
from core.training.network import Network, new_network
from core.training.pretrained import begin_pretrained
from core.training.unet import SHAPES
from tests.core.training.scenes import CLASSES


def fresh(shape: str, inputs: Inputs) -> Network:
    keras.utils.set_random_seed(0)
    return new_network(SHAPES[shape], inputs, head_named("softmax"), CLASSES)


def test_all_but_the_last_layer_begins_with_what_was_learned() -> None:
    network = fresh("quick", Inputs(3, rows=True))
    chance = network.model.get_weights()
    assert begin_pretrained(network)
    now = network.model.get_weights()
    same = [np.array_equal(a, b) for a, b in zip(chance, now, strict=True)]
    assert same[-2:] == [True, True]
    assert not any(same[:-2])
    assert all(np.isfinite(values).all() for values in now)


@pytest.mark.parametrize("rows", [False, True])
@pytest.mark.parametrize("channels", [1, 2, 3, 5])
def test_pictures_of_any_channels_look_as_bright_to_the_first_layer(channels: int, rows: bool) -> None:
    grey, color = fresh("quick", Inputs(channels, rows=rows)), fresh("quick", Inputs(3, rows=rows))
    assert begin_pretrained(grey)
    assert begin_pretrained(color)
    ours, theirs = (network.model.get_weights()[0] for network in (grey, color))
    assert ours.shape == (4, 4, channels + rows, 16)
    np.testing.assert_allclose(ours[:, :, :channels].sum(2), theirs[:, :, :3].sum(2), atol=1e-3)


def test_a_network_without_such_weights_begins_by_chance() -> None:
    network = fresh("tiny", Inputs(3))
    before = network.model.get_weights()
    assert not begin_pretrained(network)
    assert all(np.array_equal(a, b) for a, b in zip(before, network.model.get_weights(), strict=True))
