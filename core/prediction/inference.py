"""From a picture to a class map and its confidence."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from core.foreign.network import ForeignNetwork, Grid
from core.masks.rect import Rect
from core.masks.tiles import Array
from core.prediction.forward import Decided, decide, forward_of
from core.prediction.tiling import Tile, Tiling, cut_out
from core.training.inputs import Floats, Picture
from core.training.network import Network

TILE_SIDE = 2048
"""Pixels a side that are predicted at once; memory grows with its square, wasted work at the halo with its inverse."""

Predictor = Network | ForeignNetwork
"""What predicts: a network of our own, or a model from elsewhere."""


class Planes(NamedTuple):
    """What is kept of the probabilities of each pixel."""

    class_map: Array
    """(h, w) uint8 class ids."""
    confidence: Array
    """(h, w) uint8: probability of that class in 1/255."""
    entropy: Array
    """(h, w) uint8: entropy over all classes in 1/255 of the most that it can be, which is log(classes)."""


def predict_image(
    network: Predictor,
    picture: Picture,
    *,
    region: Rect | None = None,
    side: int | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> tuple[Array, Array]:
    """Class ids and confidence, as `predict_planes` gives them."""
    return predict_planes(network, picture, region=region, side=side, stop=stop)[:2]


def predict_planes(
    network: Predictor,
    picture: Picture,
    *,
    region: Rect | None = None,
    side: int | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> Planes:
    """Predict a picture (H, W, C), or a region of it; the same whichever way it is cut.

    `side` is that of what is predicted at once, in pixels (TILE_SIDE); `stop` is asked before each of these, and what
    it cut off is 0.
    """
    area = region or Rect(0, 0, *picture.shape[:2])
    planes = Planes(*np.zeros((len(Planes._fields), area.height, area.width), np.uint8))
    for tile in _tiling(network, picture).tiles(side or TILE_SIDE, area):
        if stop():
            break
        found = _decided(network, picture, tile.outer)
        part = tile.inner.within(tile.outer)
        for plane, values in zip(planes, found, strict=True):
            plane[tile.inner.within(area)] = np.asarray(values)[0][part]
    return planes


def predict_roughly(
    network: Predictor,
    picture: Picture,
    step: int,
    *,
    region: Rect | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> Planes:
    """Predict every `step`-th pixel each way, as if picture and region were that much smaller, rounded up."""
    area = region or Rect(0, 0, *picture.shape[:2])
    return predict_planes(network, picture[area.slices][::step, ::step], stop=stop)


def probabilities(
    network: Predictor, picture: Picture, side: int = TILE_SIDE, *, region: Rect | None = None
) -> Iterator[tuple[Tile, Floats]]:
    """Every tile with its (h, w, classes) probabilities, for what needs more than the winning class."""
    for tile in _tiling(network, picture).tiles(side, region):
        yield tile, _likely(network, picture, tile.outer)[tile.inner.within(tile.outer)]


def _decided(network: Predictor, picture: Picture, outer: Rect) -> Decided:
    if isinstance(network, ForeignNetwork):
        return decide(network.likely(picture, outer)[None])
    return forward_of(network)(network_view(network, picture, outer)[None])


def _likely(network: Predictor, picture: Picture, outer: Rect) -> Floats:
    """(h, w, classes)"""
    if isinstance(network, ForeignNetwork):
        return network.likely(picture, outer)
    likely: Floats = np.asarray(forward_of(network).likely(network_view(network, picture, outer)[None]))[0]
    return likely


def network_view(network: Network, picture: Picture, outer: Rect) -> Floats:
    """What the network sees of `outer`: (h, w, depth) float32, the picture's last row and column repeated past it."""
    rows = np.arange(outer.top, outer.bottom, dtype=np.float32)[:, None] + 0.5  # (h, 1)
    return network.inputs.with_rows(
        network.inputs.scale(cut_out(picture, outer)), rows, _tiling(network, picture).padded.height
    )


def _tiling(network: Predictor, picture: Picture) -> Tiling | Grid:
    height, width = picture.shape[:2]
    if isinstance(network, ForeignNetwork):
        return network.tiling(height, width)
    return Tiling(height, width, network.shape.multiple, network.shape.halo)
