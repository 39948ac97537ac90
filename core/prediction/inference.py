"""From a picture to a class map and its confidence."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from core.masks.rect import Rect
from core.masks.tiles import Array
from core.prediction.jax_forward import JaxForward
from core.prediction.tiling import Tile, Tiling
from core.training.inputs import Floats, Picture
from core.training.network import Network

TILE_SIDE = 2048
"""Pixels a side that are predicted at once; memory grows with its square, wasted work at the halo with its inverse."""


def predict_image(
    network: Network, picture: Picture, *, region: Rect | None = None, stop: Callable[[], bool] = lambda: False
) -> tuple[Array, Array]:
    """Class ids and confidence of a picture (H, W, C), or of a region of it; the same whichever way it is cut.

    Returns:
        (h, w) uint8 class ids and (h, w) uint8 probability of that class in 1/255. What `stop` cut off is 0.
    """
    area = region or Rect(0, 0, *picture.shape[:2])
    class_map = np.zeros((area.height, area.width), np.uint8)
    confidence = np.zeros_like(class_map)
    for tile in _tiling(network, picture).tiles(TILE_SIDE, area):
        if stop():
            break
        ids, sure = _forward(network)(network_view(network, picture, tile.outer)[None])
        part = tile.inner.within(tile.outer)
        class_map[tile.inner.within(area)] = np.asarray(ids)[0][part]
        confidence[tile.inner.within(area)] = np.asarray(sure)[0][part]
    return class_map, confidence


def probabilities(
    network: Network, picture: Picture, side: int = TILE_SIDE, *, region: Rect | None = None
) -> Iterator[tuple[Tile, Floats]]:
    """Every tile with its (h, w, classes) probabilities, for what needs more than the winning class."""
    for tile in _tiling(network, picture).tiles(side, region):
        likely = _likely(network, network_view(network, picture, tile.outer)[None])
        yield tile, np.asarray(likely)[0][tile.inner.within(tile.outer)]


def network_view(network: Network, picture: Picture, outer: Rect) -> Floats:
    """What the network sees of `outer`: (h, w, depth) float32, the picture's last row and column repeated past it."""
    height, width = picture.shape[:2]
    cut: Any = picture[outer.top : min(outer.bottom, height), outer.left : min(outer.right, width)]
    rim = (outer.height - cut.shape[0], outer.width - cut.shape[1])
    if any(rim):
        cut = np.pad(cut, ((0, rim[0]), (0, rim[1]), (0, 0)), mode="edge")
    rows = np.arange(outer.top, outer.bottom, dtype=np.float32)[:, None] + 0.5  # (h, 1)
    return network.inputs.with_rows(network.inputs.scale(cut), rows, _tiling(network, picture).padded.height)


def _tiling(network: Network, picture: Picture) -> Tiling:
    height, width = picture.shape[:2]
    return Tiling(height, width, network.shape.multiple, network.shape.halo)


def _forward(network: Network) -> Callable[[Floats], tuple[npt.ArrayLike, npt.ArrayLike]]:
    """(1, h, w, depth) -> class ids and confidence (1, h, w) uint8, made ready once."""
    if network.forward is None:
        network.forward = _made_ready(network)
    forward_pass: Callable[[Floats], tuple[npt.ArrayLike, npt.ArrayLike]] = network.forward
    return forward_pass


def _made_ready(network: Network) -> Any:
    import keras

    def forward(pixels: Floats) -> tuple[npt.ArrayLike, npt.ArrayLike]:
        return _decided(network.head.probabilities(network.model(pixels, training=False)))

    match keras.backend.backend():
        case "tensorflow":
            import tensorflow as tf

            seen = tf.TensorSpec((None, None, None, network.inputs.depth), tf.float32)
            return tf.function(forward, input_signature=[seen], jit_compile=False)  # once for all sizes
        case "jax":
            return JaxForward(network, _decided)
    return forward


def _decided(likely: Any) -> tuple[npt.ArrayLike, npt.ArrayLike]:
    """From (N, h, w, classes) probabilities to class ids and the winner's probability in 1/255, (N, h, w) uint8."""
    from keras import ops

    sure = ops.cast(ops.round(ops.max(likely, axis=-1) * 255), "uint8")
    return ops.cast(ops.argmax(likely, axis=-1), "uint8"), sure


def _likely(network: Network, pixels: Floats) -> Any:
    """(1, h, w, depth) -> (1, h, w, classes) probabilities."""
    forward_pass = _forward(network)
    if isinstance(forward_pass, JaxForward):
        return forward_pass.likely(pixels)
    return network.head.probabilities(network.model(pixels, training=False))
