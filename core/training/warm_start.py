"""Going on from a trained network: its weights are taken over as far as they fit."""

from dataclasses import replace

from core.training.inputs import Inputs
from core.training.messages import TrainedModel
from core.training.network import Network, network_from
from core.training.unet import Shape, shape_from


def fits(trained: TrainedModel, shape: Shape, inputs: Inputs) -> bool:
    """Whether a network of this shape that sees pictures like this can take weights over."""
    earlier = Inputs.from_mapping(trained.settings["inputs"])
    return (
        shape_from(trained.settings["shape"]) == shape
        and earlier.channels == inputs.channels
        and earlier.bits == inputs.bits
        and earlier.rows <= inputs.rows
    )


def continued_inputs(trained: TrainedModel, inputs: Inputs) -> Inputs:
    """What the trained network saw: its weights mean something only for values scaled in the same way."""
    earlier = Inputs.from_mapping(trained.settings["inputs"])
    return replace(earlier, rows=inputs.rows)


def take_over(trained: TrainedModel, network: Network) -> None:
    """Copy a trained network's weights.

    Classes that were added at the end begin afresh, and so does the row channel, from nothing. For a network that
    `fits`; TrainingError if the stored weights are damaged.
    """
    weights = network.model.get_weights()
    for ours, theirs in zip(weights, network_from(trained).model.get_weights(), strict=True):
        if ours is weights[0]:
            ours[:] = 0  # (height, width, channels, filters): a channel it never saw says nothing yet
        common = tuple(slice(0, min(a, b)) for a, b in zip(ours.shape, theirs.shape, strict=True))
        ours[common] = theirs[common]
    network.model.set_weights(weights)
