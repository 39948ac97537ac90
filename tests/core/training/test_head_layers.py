"""Heads as layers of a Keras model of one's own, and what is wrong with the forms in which they circulate."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from core.training.heads import HEADS, Axis, depth_softmax
from core.training.one_hot import one_hot_of

Floats = npt.NDArray[np.float32]

ROOT = Path(__file__).parents[3]
CLASSES, ROWS, COLUMNS = 7, 4, 6
LOGITS = np.random.default_rng(0).normal(0, 2, (2, CLASSES, ROWS, COLUMNS)).astype(np.float32)  # channels first


def ended_with(name: str, axis: Axis, rows: int | None = ROWS, columns: int | None = COLUMNS) -> Any:
    """A Keras model of nothing but a head."""
    import keras

    shape = (CLASSES, rows, columns) if axis == 1 else (rows, columns, CLASSES)
    return keras.Sequential([keras.Input(shape), *HEADS[name].layers(CLASSES, axis=axis)])


def in_rows(first: Floats) -> Floats:
    """(N, C, H, W) -> (N, H·W, C), by the definition: one row for each pixel."""
    return np.stack([[picture[:, y, x] for y in range(ROWS) for x in range(COLUMNS)] for picture in first])


@pytest.mark.parametrize("free", [False, True], ids=["fixed size", "any size"])
@pytest.mark.parametrize("axis", [1, -1])
@pytest.mark.parametrize("name", HEADS)
def test_layers_give_the_head_s_probabilities_and_survive_a_file(
    name: str, axis: Axis, free: bool, tmp_path: Path
) -> None:
    import keras

    size = (None, None) if free else (ROWS, COLUMNS)
    model = ended_with(name, axis, *size)
    model.save(tmp_path / "head.keras")
    loaded = keras.models.load_model(tmp_path / "head.keras", compile=False, safe_mode=True)
    logits = LOGITS if axis == 1 else np.moveaxis(LOGITS, 1, -1)
    expected = np.asarray(HEADS[name].probabilities(logits, axis=axis))
    if name == "softmax-flat":
        expected = in_rows(expected if axis == 1 else np.moveaxis(expected, -1, 1))
    np.testing.assert_allclose(np.asarray(loaded(logits)), expected, atol=1e-6)
    assert not any(type(layer).__name__ == "Lambda" for layer in loaded.layers)


def test_depth_softmax_is_registered_and_refuses_the_batch_axis() -> None:
    import keras

    assert keras.saving.get_registered_name(depth_softmax()) == "maskwright>DepthSoftmax"
    with pytest.raises(ValueError, match="batch"):
        depth_softmax()(axis=0)


def test_the_heads_can_be_imported_without_keras() -> None:
    code = "import sys, core.training.heads, core.training.one_hot; assert 'keras' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


@pytest.mark.slow
@pytest.mark.parametrize("name", HEADS)
def test_a_channels_first_model_learns_from_labels_seven_rows_columns(name: str) -> None:
    """The class is which of seven input channels is brightest: a 1x1 convolution can learn that."""
    import keras
    from keras import layers

    keras.utils.set_random_seed(0)
    rng = np.random.default_rng(0)
    pictures = rng.normal(0, 1, (64, CLASSES, ROWS, COLUMNS)).astype(np.float32)
    labels = np.stack([one_hot_of(ids, CLASSES, axis=0) for ids in pictures.argmax(1)])
    labels[:, :, 0] = 0  # the first row is not labelled
    inputs = keras.Input((CLASSES, ROWS, COLUMNS))
    logits = layers.Permute((3, 1, 2))(layers.Dense(CLASSES)(layers.Permute((2, 3, 1))(inputs)))
    model = keras.Model(inputs, logits)
    head = HEADS[name]

    def cost(truth: Any, predicted: Any) -> Any:
        return head.loss(predicted, truth, axis=1)

    model.compile(keras.optimizers.Adam(0.1), loss=cost, jit_compile=False)
    model.fit(pictures, labels, batch_size=16, epochs=20, verbose=0)
    likely = np.asarray(head.probabilities(model.predict(pictures, verbose=0), axis=1))
    assert (likely.argmax(1) == pictures.argmax(1)).mean() > 0.95


# --- the forms as they circulate, beside the right ones


def test_normalised_over_axis_0_the_probabilities_of_a_pixel_depend_on_the_other_pictures() -> None:
    sigmoid = 1 / (1 + np.exp(-LOGITS))
    wrong = sigmoid / sigmoid.sum(0, keepdims=True)
    sums = wrong.sum(1)
    assert sums.min() < 3 and sums.max() > 4, "a pixel's seven probabilities sum to about half of seven"
    alone = sigmoid[:1] / sigmoid[:1].sum(0, keepdims=True)
    np.testing.assert_array_equal(alone, np.ones_like(alone))  # in a batch of one, every class is certain
    right = np.asarray(ended_with("normalised-sigmoid", 1)(LOGITS))
    np.testing.assert_allclose(right.sum(1), 1, rtol=1e-5)
    np.testing.assert_allclose(np.asarray(ended_with("normalised-sigmoid", 1)(LOGITS[:1])), right[:1], rtol=1e-5)


def test_reshaped_without_permute_a_row_holds_one_class_of_many_pixels() -> None:
    from keras import layers, ops

    wrong = np.asarray(layers.Reshape((ROWS * COLUMNS, CLASSES))(LOGITS))
    np.testing.assert_array_equal(wrong[0, 0], LOGITS[0, 0].ravel()[:CLASSES])  # class 0 at the first seven pixels
    right = np.asarray(layers.Reshape((ROWS * COLUMNS, CLASSES))(layers.Permute((2, 3, 1))(LOGITS)))
    np.testing.assert_array_equal(right, in_rows(LOGITS))
    np.testing.assert_array_equal(right[0, 0], LOGITS[0, :, 0, 0])
    # Labels reshaped alike do not save it: both are scrambled alike, but the softmax is over the wrong seven numbers.
    ids = np.random.default_rng(1).integers(0, CLASSES, (2, ROWS, COLUMNS))
    truth = np.stack([one_hot_of(one, CLASSES, axis=0) for one in ids])
    scrambled = ops.categorical_crossentropy(truth.reshape(2, -1, CLASSES), wrong, from_logits=True)
    honest = float(HEADS["softmax-flat"].loss(LOGITS, truth, axis=1))
    assert abs(float(np.mean(np.asarray(scrambled))) - honest) > 0.1


def test_softmax_left_at_its_default_normalises_over_the_width() -> None:
    from keras import layers

    wrong = np.asarray(layers.Softmax()(LOGITS))
    np.testing.assert_allclose(wrong.sum(-1), 1, rtol=1e-5)
    assert np.abs(wrong.sum(1) - 1).max() > 0.3
    right = np.asarray(ended_with("softmax", 1)(LOGITS))
    np.testing.assert_allclose(right.sum(1), 1, rtol=1e-5)


def test_a_permute_of_loose_numbers_is_refused() -> None:
    from keras import layers

    with pytest.raises(TypeError):
        layers.Permute(2, 3, 1)
