"""A trained network with its preprocessing inside: what every format writes."""

from typing import TYPE_CHECKING

from core.training.network import Network

if TYPE_CHECKING:
    import keras


LARGEST = 2.0
"""What a scaled value of a 16-bit picture is clipped to where that is wanted: almost all are between -1 and 1."""


def portable_model(network: Network, *, clipped: bool = False) -> "keras.Model":
    """From pixels as they are in a file to class probabilities, made of built-in operations only.

    Its inputs are "pixels", (N, h, w, channels) uint8 or uint16, and, where the network looks at how far down a pixel
    is, "place", (N, 2) float32: the picture's row that `pixels` begin with, and the height of the picture.

    Args:
        clipped: clip 16-bit pixels to a few times the range that the network learned from. In 8 bits, a single pixel
            that is much brighter would leave few steps to all others.
    """
    import keras
    from keras import layers, ops

    inputs, shape = network.inputs, (None, None, network.inputs.channels)
    pixels = keras.Input(shape, dtype="uint8" if inputs.bits == 8 else "uint16", name="pixels")
    gain, offset = inputs.gain_and_offset(2**inputs.bits - 1)
    taken, x = [pixels], pixels
    if clipped and inputs.bits == 16:
        lowest, highest = (round((edge - offset) / gain) for edge in (-LARGEST, LARGEST))
        x = ops.clip(ops.cast(x, "int32"), lowest, highest)
    x = layers.Rescaling(gain, offset, dtype="float32")(x)
    if inputs.rows:
        place = keras.Input((2,), dtype="float32", name="place")
        taken.append(place)
        top, height = (place[:, None, None, which : which + 1] for which in (0, 1))  # (N, 1, 1, 1)
        below = ops.cumsum(ops.ones_like(x[..., :1]), axis=1)  # 1 in the first row
        x = ops.concatenate([x, (below - 0.5 + top) * 2 / height - 1], axis=-1)
    return keras.Model(taken, network.head.probabilities(network.model(x)), name="maskwright")
