"""One-hot labels, as other programs hand them over, to class ids and back."""

import numpy as np
import numpy.typing as npt

from core.classes import UNLABELED
from core.errors import TrainingError
from core.masks.tiles import Array


def ids_of(one_hot: npt.ArrayLike, *, axis: int) -> Array:
    """Class ids of one-hot labels; a pixel of zeros is unlabelled.

    Args:
        one_hot: (classes, rows, columns) with axis 0, (rows, columns, classes) with axis -1; a batch comes before.

    Returns:
        uint8 ids in the same shape without the class axis.

    Raises:
        TrainingError: a pixel has more than one class, or values that are neither 0 nor 1.
    """
    given = np.asarray(one_hot)
    marks = given != 0
    if not np.array_equal(marks, given) or (marks.sum(axis) > 1).any():
        raise TrainingError("These labels are not one-hot: each pixel needs one 1, or none, and else zeros.")
    ids = np.where(marks.any(axis), marks.argmax(axis), UNLABELED)
    return ids.astype(np.uint8)


def one_hot_of(ids: npt.ArrayLike, classes: int, *, axis: int) -> npt.NDArray[np.float32]:
    """The way back: 1 at each pixel's class, all zeros where it is unlabelled or no class of these."""
    marks = np.asarray(ids)[..., None] == np.arange(classes)
    moved: npt.NDArray[np.float32] = np.moveaxis(marks, -1, axis).astype(np.float32)
    return moved
