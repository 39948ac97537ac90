"""A trained network with its preprocessing inside: what every format writes."""

from typing import TYPE_CHECKING

from core.training.network import Network

if TYPE_CHECKING:
    import keras


LARGEST = 2.0
"""What a scaled value of a 16-bit picture is clipped to where that is wanted: almost all are between -1 and 1."""


STEPS = 1024
"""Of half a picture's height, in whole numbers: more than 8 bits tell apart."""


def portable_model(network: Network, *, for_8_bits: bool = False) -> "keras.Model":
    """From pixels as they are in a file to class probabilities, made of built-in operations only.

    Its inputs are "pixels", (N, h, w, channels) uint8 or uint16, and, where the network looks at how far down a pixel
    is, "place", (N, 2) float32: the picture's row that `pixels` begin with, and the height of the picture.

    Args:
        for_8_bits: whether floats will become 8 bits over the range that they had in some pictures. Then 16-bit pixels
            are clipped, since a very bright one would leave few steps to all others, and rows are counted in whole
            numbers, since other pictures may be higher.
    """
    import keras
    from keras import layers, ops

    inputs, shape = network.inputs, (None, None, network.inputs.channels)
    pixels = keras.Input(shape, dtype="uint8" if inputs.bits == 8 else "uint16", name="pixels")
    gain, offset = inputs.gain_and_offset(2**inputs.bits - 1)
    taken, x = [pixels], pixels
    if for_8_bits and inputs.bits == 16:
        lowest, highest = (round((edge - offset) / gain) for edge in (-LARGEST, LARGEST))
        x = ops.clip(ops.cast(x, "int32"), lowest, highest)
    x = layers.Rescaling(gain, offset, dtype="float32")(x)
    if inputs.rows:
        place = keras.Input((2,), dtype="float32", name="place")
        taken.append(place)
        row = _row_in_whole_numbers(pixels, place) if for_8_bits else _row(x, place)
        x = ops.concatenate([x, row - 1], axis=-1)
    logits = network.model(x)
    narrow = for_8_bits and network.head.name == "normalised-sigmoid"
    likely = _normalised_sigmoid(logits) if narrow else network.head.probabilities(logits)
    return keras.Model(taken, likely, name="maskwright")


def _row(x: "keras.KerasTensor", place: "keras.KerasTensor") -> "keras.KerasTensor":
    """(N, h, w, 1): how far down the middle of each pixel is, from 0 to 2."""
    from keras import ops

    top, height = (place[:, None, None, which : which + 1] for which in (0, 1))  # (N, 1, 1, 1)
    below = ops.cumsum(ops.ones_like(x[..., :1]), axis=1)  # 1 in the first row
    return (below - 0.5 + top) * 2 / height


def _row_in_whole_numbers(x: "keras.KerasTensor", place: "keras.KerasTensor") -> "keras.KerasTensor":
    """The same to 1/STEPS, for pictures of up to a million rows."""
    from keras import ops

    whole = ops.cast(place, "int32")
    top, height = (whole[:, None, None, which : which + 1] for which in (0, 1))  # (N, 1, 1, 1)
    below = ops.cumsum(ops.ones_like(x[..., :1], dtype="int32"), axis=1)
    steps = ops.floor_divide((below * 2 - 1 + top * 2) * STEPS, height)
    return ops.cast(steps, "float32") / STEPS


def _normalised_sigmoid(logits: "keras.KerasTensor") -> "keras.KerasTensor":
    """softmax(log σ(z)), where log σ(z) = min(z, 0) - log(1 + exp(-|z|)): exp never gives a large number."""
    from keras import ops

    above = ops.relu(logits)
    below = logits - above  # min(z, 0)
    return ops.softmax(below - ops.log(1 + ops.exp(below - above)), axis=-1)
