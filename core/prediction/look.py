"""One look at an image, with time to spare: what a model proposes there, and what may be accepted at once."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from core.classes import UNLABELED
from core.errors import ImageError
from core.masks.marks import one_of
from core.masks.tiles import Array, Mask
from core.prediction.inference import Predictor, predict_image
from core.prediction.regions import find_regions
from core.regions import RegionTable
from core.training.inputs import Picture

SIDE = 512
"""Pixels a side that are predicted before `stop` is asked again: about a fifth of a second on a CPU."""


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    regions: RegionTable
    accepted: Array | None
    """(h, w) class ids that may be accepted, UNLABELED elsewhere; None if that was not asked for."""


def look_at(
    network: Predictor,
    picture: Picture,
    labels: Mask,
    *,
    classes: frozenset[int],
    accept_above: int | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> Look | None:
    """Predict a picture and find its regions worth a look; None if `stop` ended it, which then stays True.

    Args:
        classes: ids that mean now what they meant to the model. What it says of others counts as nothing.
        accept_above: confidence in 1/255 from which unlabelled pixels may be accepted. The regions are then those
            that are left after that.

    Raises:
        ImageError: the labels are of another size.
    """
    if picture.shape[:2] != (labels.height, labels.width):
        size = f"{picture.shape[1]} × {picture.shape[0]} pixels instead of {labels.width} × {labels.height}"
        raise ImageError(f"It is another picture now: {size}. Put the one back that was labelled.")
    class_map, confidence = predict_image(network, picture, side=SIDE, stop=stop)
    class_map[~one_of(class_map, classes)] = UNLABELED
    known, accepted = labels.read(), None
    if accept_above is not None:
        free = (known == UNLABELED) & (confidence >= np.uint8(accept_above))
        accepted = np.where(free, class_map, np.uint8(UNLABELED))
        known = np.where(free, class_map, known)
    regions = find_regions(class_map, confidence, known, stop=stop)
    return None if stop() else Look(regions, accepted)
