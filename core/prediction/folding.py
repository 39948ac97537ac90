"""A network whose batch normalisation is part of its convolutions: the same logits in less time."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from core.training.network import Network
from core.training.unet import UNetShape, build_unet

if TYPE_CHECKING:
    import keras


def folded(network: Network) -> Callable[[Any], Any]:
    """From (N, h, w, depth) to (N, h, w, classes) logits, by the weights that the network has at that time.

    When it predicts, batch normalisation multiplies and shifts each channel by what does not depend on the picture
    (Ioffe and Szegedy, 2015), and so do the kernel and bias of the convolution before it.
    """
    if not isinstance(network.shape, UNetShape):
        return lambda pixels: network.model(pixels, training=False)
    plain = build_unet(network.shape, network.inputs.depth, len(network.classes), folded=True)

    def logits_of(pixels: Any) -> Any:
        logits, _ = plain.stateless_call(_kernels_and_biases(network.model), [], pixels, training=False)
        return logits

    return logits_of


def _kernels_and_biases(model: "keras.Model") -> list[Any]:
    """Those of each convolution in turn: each one of a U-Net works on what came of the one before."""
    import keras
    from keras import ops

    norms = {id(layer.input): layer for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization)}
    found = []
    for layer in model.layers:
        if norm := norms.get(id(layer.output)):
            gain = norm.gamma * ops.rsqrt(norm.moving_variance + norm.epsilon)
            found += [layer.kernel * gain, norm.beta - norm.moving_mean * gain]
        elif layer.weights and layer not in norms.values():
            found += [layer.kernel, layer.bias]
    return found
