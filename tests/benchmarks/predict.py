"""Tiled prediction against the whole picture at once: how many times its rate, and how far it is off."""

import argparse
import time
from collections.abc import Callable
from statistics import median
from typing import Any

import numpy as np

from core.classes import load_template
from core.prediction.inference import TILE_SIDE, network_view, predict_image, probabilities
from core.prediction.tiling import Tiling
from core.training.heads import head_named
from core.training.inputs import Inputs
from core.training.network import new_network
from core.training.quiet import load_keras
from core.training.settings import TrainingSettings
from core.training.unet import shape_named


def run(args: argparse.Namespace) -> dict[str, Any]:
    load_keras()
    import keras

    keras.utils.set_random_seed(0)
    side = args.size or 2048
    network = new_network(
        shape_named(TrainingSettings().network), Inputs(3), head_named("softmax"), load_template("landcover")
    )
    picture = np.random.default_rng(0).integers(0, 256, (side, side, 3)).astype(np.uint8)
    tiling = Tiling(side, side, network.shape.multiple, network.shape.halo)
    whole = network_view(network, picture, tiling.padded)[None]
    logits = network.model.predict_on_batch(whole)
    expected = np.asarray(network.head.probabilities(logits))[0, :side, :side]
    off = max(
        float(np.abs(likely - expected[tile.inner.slices]).max())
        for tile, likely in probabilities(network, picture, TILE_SIDE)
    )
    tiled, at_once = _seconds(lambda: predict_image(network, picture), lambda: network.model.predict_on_batch(whole))
    return {
        "size": side,
        "tile": TILE_SIDE,
        "halo": network.shape.halo,
        "seconds": round(tiled, 3),
        "megapixels_per_s": round(side * side / tiled / 1e6, 2),
        "ratio_to_predict_on_batch": round(at_once / tiled, 3),
        "largest_difference": off,
        "class_map_differs_at": int((predict_image(network, picture)[0] != expected.argmax(-1)).sum()),
    }


def _seconds(*actions: Callable[[], object], times: int = 7) -> list[float]:
    """The median time of each, taken in turn."""
    spent: list[list[float]] = [[] for _ in actions]
    for _ in range(times + 1):  # the first time compiles
        for action, times_of in zip(actions, spent, strict=True):
            start = time.perf_counter()
            action()
            times_of.append(time.perf_counter() - start)
    return [median(times_of[1:]) for times_of in spent]
