"""From a picture to a class map and its confidence."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from core.masks.rect import Rect
from core.masks.tiles import Array
from core.prediction.forward import forward_of
from core.prediction.tiling import Tile, Tiling
from core.training.inputs import Floats, Picture
from core.training.network import Network

TILE_SIDE = 2048
"""Pixels a side that are predicted at once; memory grows with its square, wasted work at the halo with its inverse."""


class Planes(NamedTuple):
    """What is kept of the probabilities of each pixel."""

    class_map: Array
    """(h, w) uint8 class ids."""
    confidence: Array
    """(h, w) uint8: probability of that class in 1/255."""
    entropy: Array
    """(h, w) uint8: entropy over all classes in 1/255 of the most that it can be, which is log(classes)."""


def predict_image(
    network: Network,
    picture: Picture,
    *,
    region: Rect | None = None,
    side: int | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> tuple[Array, Array]:
    """Class ids and confidence, as `predict_planes` gives them."""
    return predict_planes(network, picture, region=region, side=side, stop=stop)[:2]


def predict_planes(
    network: Network,
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
        found = forward_of(network)(network_view(network, picture, tile.outer)[None])
        part = tile.inner.within(tile.outer)
        for plane, values in zip(planes, found, strict=True):
            plane[tile.inner.within(area)] = np.asarray(values)[0][part]
    return planes


def predict_roughly(
    network: Network,
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
    network: Network, picture: Picture, side: int = TILE_SIDE, *, region: Rect | None = None
) -> Iterator[tuple[Tile, Floats]]:
    """Every tile with its (h, w, classes) probabilities, for what needs more than the winning class."""
    for tile in _tiling(network, picture).tiles(side, region):
        likely = forward_of(network).likely(network_view(network, picture, tile.outer)[None])
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
