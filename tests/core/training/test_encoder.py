"""The network whose encoder begins with what was learned on photographs; here a file drawn by chance stands for it."""

from pathlib import Path
from time import perf_counter, sleep

import h5py
import keras
import numpy as np
import pytest
from keras.src.legacy.saving import legacy_h5_format

from core.errors import TrainingError
from core.training import photographs
from core.training.encoder import EncoderShape
from core.training.heads import head_named
from core.training.inputs import Inputs
from core.training.network import Network, new_network
from core.training.photographs import photograph_weights
from core.training.pretrained import begin_pretrained
from tests.core.training.scenes import CLASSES

SHAPE = EncoderShape((8, 8, 8, 8), alpha=0.35)
FILE = "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_0.35_224_no_top.h5"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty Keras folder, and nothing to reach outside."""

    def unreachable(*_: object, **__: object) -> None:
        raise OSError("no network")

    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setattr("keras.src.backend.config._KERAS_DIR", str(tmp_path))
    monkeypatch.setattr("keras.src.utils.file_utils.urlretrieve", unreachable)
    return tmp_path


@pytest.fixture
def learned(home: Path) -> keras.Model:
    """A stand-in for the published weights, at hand."""
    keras.utils.set_random_seed(5)
    made = keras.applications.MobileNetV2((224, 224, 3), 0.35, include_top=False, weights=None)
    (home / "models").mkdir()
    with h5py.File(home / "models" / FILE, "w") as file:
        legacy_h5_format.save_weights_to_hdf5_group(file, made)
    return made


def fresh(inputs: Inputs) -> Network:
    keras.utils.set_random_seed(0)
    return new_network(SHAPE, inputs, head_named("softmax"), CLASSES)


def test_weights_at_hand_are_found_and_taken(learned: keras.Model) -> None:
    network = fresh(Inputs(3))
    assert begin_pretrained(network)
    shared = {layer.name for layer in network.model.layers} & {layer.name for layer in learned.layers if layer.weights}
    assert len(shared) > 100
    for name in shared:
        pairs = zip(learned.get_layer(name).get_weights(), network.model.get_layer(name).get_weights(), strict=True)
        assert all(np.array_equal(theirs, ours) for theirs, ours in pairs)


@pytest.mark.parametrize("inputs", [Inputs(1), Inputs(5, rows=True)])
def test_pictures_of_any_channels_look_as_colour_ones_do(learned: keras.Model, inputs: Inputs) -> None:
    grey = np.random.default_rng(0).uniform(-1, 1, (1, 32, 32, 1)).astype(np.float32)
    network = fresh(inputs)
    begin_pretrained(network)
    seen = keras.Model(network.model.input, network.model.get_layer("block_2_add").output)
    theirs = keras.Model(learned.input, learned.get_layer("block_2_add").output)
    color = np.zeros((1, 224, 224, 3), np.float32)
    color[:, :32, :32] = grey
    ours = np.asarray(seen(np.repeat(grey, inputs.depth, axis=3)))  # (1, 8, 8, channels)
    np.testing.assert_allclose(ours[:, :4, :4], np.asarray(theirs(color))[:, :4, :4], atol=1e-5)


def test_a_training_without_the_weights_says_what_to_do(home: Path) -> None:
    with pytest.raises(TrainingError, match="Connect to the internet") as error:
        begin_pretrained(fresh(Inputs(3)))
    assert FILE in str(error.value) and str(home / "models") in str(error.value) and "quality" in str(error.value)


def test_a_download_that_does_not_begin_is_given_up(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(photographs, "CONNECT_S", 0.2)
    monkeypatch.setattr(photographs, "_fetch", lambda *_: sleep(3))
    start = perf_counter()
    with pytest.raises(TrainingError, match="could not be downloaded"):
        photograph_weights(0.35)
    assert perf_counter() - start < 2


def test_a_damaged_file_is_named(home: Path) -> None:
    (home / "models").mkdir()
    (home / "models" / FILE).write_bytes(b"half of it")
    with pytest.raises(TrainingError, match="damaged") as error:
        photograph_weights(0.35)
    assert FILE in str(error.value)


def test_patches_move_no_averages_of_the_encoder() -> None:
    network = fresh(Inputs(3))
    pixels = np.random.default_rng(0).random((1, 64, 64, 3), np.float32)
    before = {w.path: np.asarray(w) for w in network.model.weights if "moving" in w.path}
    network.model(pixels, training=True)
    moved = {w.path for w in network.model.weights if w.path in before and not np.array_equal(w, before[w.path])}
    assert moved and not any(path.startswith(("block_", "bn_", "expanded_")) for path in moved)
