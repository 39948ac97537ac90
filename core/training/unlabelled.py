"""Pictures that nobody has painted on: the network guesses at them one after another, and learns from where it is sure.

What it has learned from strokes in a few pictures holds for the others of a project as well, but their light and their
things are new: patches of theirs make it consistent there too (Lee, "Pseudo-Label", 2013).
"""

from collections.abc import Callable, Sequence

import numpy as np

from core.classes import UNLABELED
from core.errors import TrainingError
from core.labels import LabelledImage
from core.masks.tiles import Array
from core.prediction.inference import predict_image
from core.training.dataset import Pictures
from core.training.network import Network

SURE = 0.8
"""Probability from which a guess counts."""
PIXELS = 2**24
"""The most that is looked at, a picture whole or not at all."""
FIRST_STEP = 200
"""Before this one, what the network says is worth little."""
PIXELS_A_STEP = 40_000
"""Pixels guessed at for each step: about an eighth of the time that a step takes."""
LAG = 64
"""Steps from a picture's first guess to its first patch, more than are ever prepared ahead."""
MOST = 0.5
"""Share of the patches that are drawn here, at most."""


class Unlabelled:
    """Confident class maps of pictures without labels. Which pictures have one depends on the step alone."""

    def __init__(self, images: Sequence[LabelledImage], pictures: Pictures, labelled: int, begun: int = 0) -> None:
        """
        Args:
            labelled: how many pictures have labels.
            begun: the step that the training goes on from.
        """
        sizes = np.array([image.mask.height * image.mask.width for image in images], np.int64)
        self._images = [image for image, total in zip(images, np.cumsum(sizes), strict=True) if total <= PIXELS]
        self._pictures, self._labelled = pictures, labelled
        steps = np.ceil(np.cumsum(sizes[: len(self._images)]) / PIXELS_A_STEP).astype(int)
        self._round = int(steps[-1]) if len(steps) else 1
        self._due = max(begun, FIRST_STEP) + steps  # (images,) the step of each one's first guess
        self._maps: dict[int, Array] = {}
        self._unusable: set[int] = set()

    def known(self, step: int) -> Sequence[LabelledImage]:
        """The pictures that patches may be drawn from for this step."""
        known = self._images[: int(np.searchsorted(self._due, step - LAG, side="right"))]
        return [image for image in known if image.image_id not in self._unusable]

    def share(self, step: int) -> float:
        """Of the patches for this step, how many are to be drawn from them, 0 to MOST."""
        count = len(self.known(step))
        return min(MOST, count / (count + self._labelled))

    def look(self, network: Network, step: int, stop: Callable[[], bool] = lambda: False) -> None:
        """Guess at the pictures that are due at this step, each again after all others."""
        for image, due in zip(self._images, self._due.tolist(), strict=True):
            if step >= due and (step - due) % self._round == 0:
                self._look(network, image, stop)

    def _look(self, network: Network, image: LabelledImage, stop: Callable[[], bool]) -> None:
        try:
            class_map, confidence = predict_image(network, self._pictures.load(image), stop=stop)
        except TrainingError:
            self._unusable.add(image.image_id)  # nobody asked for it: the training does without
            return
        if not stop():
            class_map[confidence < SURE * 255] = UNLABELED
            self._maps[image.image_id] = class_map

    def class_map(self, image_id: int) -> Array | None:
        """(height, width) class ids, UNLABELED where it is not sure; None for a picture it has not looked at."""
        return self._maps.get(image_id)
