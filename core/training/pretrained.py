"""A better beginning than chance: weights that were learned on generated pictures, and come with the program.

`python -m core.pretraining` makes them. What they know of edges, surfaces and things helps wherever labels are few
(Baradad et al., "Learning to See by Looking at Noise", 2021).
"""

from importlib.resources import files
from importlib.resources.abc import Traversable

import numpy as np
import numpy.typing as npt

from core.training.encoder import EncoderShape
from core.training.inputs import Inputs
from core.training.network import Network, unpack_weights
from core.training.photographs import photograph_weights
from core.training.unet import SHAPES, Shape

Kernel = npt.NDArray[np.float32]

SEEN = 4
"""Channels of the pictures they were learned on: red, green, blue and the row."""


def begin_pretrained(network: Network) -> bool:
    """Set a new network's weights, but for its last layer's; False where there are none for its shape.

    Raises:
        TrainingError: its encoder's weights are not at hand and cannot be downloaded.
    """
    if isinstance(network.shape, EncoderShape):
        _begin_with_photographs(network, network.shape.alpha)
        return True
    learned = _learned(network)
    if not learned:
        return False
    first, *rest = learned
    weights = network.model.get_weights()
    weights[0] = _for_inputs(first, network.inputs)
    for place, values in enumerate(rest, start=1):
        if place < len(weights) and weights[place].shape == values.shape:
            weights[place] = values
    network.model.set_weights(weights)
    return True


def _begin_with_photographs(network: Network, alpha: float) -> None:
    """Set the encoder's weights. Red, green and blue go in as they did there; the row says nothing yet."""
    learned, first = photograph_weights(alpha), True
    for layer in network.model.layers:
        weights = learned.get(layer.name, [])
        if weights and first:
            row = np.zeros_like(weights[0][:, :, :1])
            weights, first = [_for_inputs(np.concatenate([weights[0], row], axis=2), network.inputs)], False
        if weights:
            layer.set_weights(weights)


def comes_taught(shape: Shape) -> bool:
    """Whether weights for the whole of a network of this shape, but its last layer, come with the program."""
    return _weights_file(shape).is_file()


def _learned(network: Network) -> list[Kernel]:
    file = _weights_file(network.shape)
    if not file.is_file():
        return []
    return [values.astype(np.float32) for values in unpack_weights(file.read_bytes())]


def _weights_file(shape: Shape) -> Traversable:
    name = next((name for name, known in SHAPES.items() if known == shape), "")
    return files("resources") / "networks" / f"{name}.npz"


def _for_inputs(kernel: Kernel, inputs: Inputs) -> Kernel:
    """The first layer's (height, width, SEEN, filters) for other channels: as bright in all as in those it saw."""
    color, row = kernel[:, :, : SEEN - 1], kernel[:, :, SEEN - 1 :]
    if inputs.channels != color.shape[2]:
        even = color.sum(2, keepdims=True) / inputs.channels
        color = np.repeat(even, inputs.channels, axis=2)
    return np.concatenate([color, row], axis=2) if inputs.rows else color
