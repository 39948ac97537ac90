import keras
import numpy as np
import pytest

from core.errors import TrainingError
from core.training.heads import head_named
from core.training.inputs import Inputs
from core.training.messages import TrainedModel
from core.training.network import network_from, new_network, pack_weights, unpack_weights
from core.training.settings import TrainingSettings
from core.training.unet import SHAPES, Shape, UNetShape, build_network
from tests.core.training.scenes import CLASSES


def stored(channels: int = 3) -> TrainedModel:
    network = new_network(SHAPES["tiny"], Inputs(channels), head_named("softmax"), CLASSES)
    settings = TrainingSettings(network="tiny").to_mapping() | network.to_mapping()
    return TrainedModel(1, settings, CLASSES, pack_weights(network.model.get_weights()))


@pytest.mark.parametrize("channels", [1, 3])
def test_a_run_rebuilds_its_network(channels: int) -> None:
    model = stored(channels)
    again = network_from(model)
    for ours, theirs in zip(unpack_weights(model.weights), again.model.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_damaged_weights_are_a_sentence() -> None:
    model = stored()
    for weights in (b"", b"no zip", model.weights[: len(model.weights) // 2]):
        with pytest.raises(TrainingError, match="damaged"):
            network_from(TrainedModel(1, model.settings, CLASSES, weights))


def test_weights_of_another_network_are_refused() -> None:
    with pytest.raises(TrainingError, match="do not fit"):
        network_from(TrainedModel(1, stored().settings, CLASSES, stored(channels=1).weights))


@pytest.mark.parametrize(
    "part",
    [{"shape": None}, {"shape": {"filters": [10**9], "strided": 1, "dilations": []}}, {"inputs": {"channels": 5}}],
)
def test_settings_that_describe_no_network_are_refused(part: dict[str, object]) -> None:
    model = stored()
    with pytest.raises(TrainingError, match="Train again"):
        network_from(TrainedModel(1, {**model.settings, **part}, CLASSES, model.weights))


def test_weights_never_unpickle_anything() -> None:
    import io

    buffer = io.BytesIO()
    np.savez(buffer, w000=np.array([object()], dtype=object))
    with pytest.raises(TrainingError, match="damaged"):
        unpack_weights(buffer.getvalue())


@pytest.mark.parametrize("name", SHAPES)
def test_logits_are_float32_and_as_large_as_the_picture(name: str) -> None:
    shape = SHAPES[name]
    logits = build_network(shape, 3, 7)(np.zeros((1, 2 * shape.multiple, 3 * shape.multiple, 3), np.float32))
    assert tuple(logits.shape) == (1, 2 * shape.multiple, 3 * shape.multiple, 7)
    assert logits.dtype == "float32"


@pytest.mark.parametrize("shape", [*SHAPES.values(), UNetShape((4, 6, 8), 0), UNetShape((4, 6, 8), 3, (2,))])
def test_nothing_outside_the_halo_reaches_a_pixel(shape: Shape) -> None:
    """Change the picture right outside the halo of a block: the block's logits must stay."""
    model = build_network(shape, 1, 2)
    rng = np.random.default_rng(0)
    model.set_weights([rng.normal(0.1, 0.3, w.shape) ** 2 for w in model.weights])
    block, halo = shape.multiple, shape.halo
    side = 2 * halo + 3 * block
    pixels = rng.random((1, side, side, 1), np.float32)
    inside = np.s_[0, halo + block : halo + 2 * block, halo + block : halo + 2 * block]
    before = np.asarray(model(pixels))[inside]
    other = rng.random(pixels.shape, np.float32)
    other[:, block:-block, block:-block] = pixels[:, block:-block, block:-block]
    np.testing.assert_allclose(np.asarray(model(other))[inside], before, rtol=1e-5)


def test_the_network_that_trains_faster_learns_and_predicts_as_the_plain_one_does() -> None:
    keras.utils.set_random_seed(3)
    quick, plain = (build_network(SHAPES["tiny"], 3, 7, to_train=quicker) for quicker in (True, False))
    plain.set_weights(quick.get_weights())
    rng = np.random.default_rng(0)
    pixels = rng.random((2, 32, 32, 3), np.float32)

    for training in (True, True, False):  # batches move the averages that predictions rest on
        ours, theirs = (np.asarray(model(pixels, training=training)) for model in (quick, plain))
        np.testing.assert_allclose(ours, theirs, atol=2e-3)
