import numpy as np

from core.classes import UNLABELED
from core.training.mixing import mixed
from core.training.patches import Batch

SIDE = 8


def batch_of(*labels: int | list[int]) -> Batch:
    """Patches whose columns have these classes; pixels and weights tell which patch and class they come from."""
    ids = np.array([np.broadcast_to(np.repeat(each, SIDE // np.size(each)), (SIDE, SIDE)) for each in labels], np.uint8)
    marks = ids + 100 * np.arange(len(labels))[:, None, None]
    return Batch(np.repeat(marks[..., None], 3, -1).astype(np.float32), ids, marks.astype(np.float32))


def test_pixels_labels_and_weights_of_half_of_the_classes_are_laid_over_the_patch_before() -> None:
    batch = batch_of(0, [1, 2, 3, 4])
    after = mixed(batch, 0, 0)
    laid = after.labels[0] > 0
    assert laid.sum() == SIDE * SIDE // 2
    np.testing.assert_array_equal(after.labels[0], np.where(laid, batch.labels[1], 0))
    np.testing.assert_array_equal(after.weights[0], np.where(laid, batch.weights[1], batch.weights[0]))
    np.testing.assert_array_equal(after.patches[0], np.where(laid[..., None], batch.patches[1], batch.patches[0]))
    assert len(np.unique(after.labels[0])) == 3  # two whole classes, and what they lie on


def test_a_patch_of_one_class_or_without_labels_is_laid_over_nothing() -> None:
    batch = batch_of([0, 1], 2, UNLABELED, [UNLABELED, 3])
    after = mixed(batch, 0, 0)
    for i in range(3):
        np.testing.assert_array_equal(after.patches[i], batch.patches[i])
    assert (after.labels[3] != batch.labels[3]).any()


def test_unlabelled_pixels_are_never_laid_over_labelled_ones() -> None:
    labels = batch_of(0, [1, UNLABELED, 2, UNLABELED])
    assert all((mixed(labels, 0, number).labels[0] != UNLABELED).all() for number in range(9))


def test_the_same_number_is_mixed_alike_and_another_one_otherwise() -> None:
    batch = batch_of(0, [1, 2, 3, 4])
    first = mixed(batch, 5, 7).labels
    np.testing.assert_array_equal(mixed(batch, 5, 7).labels, first)
    assert any((mixed(batch, 5, number).labels != first).any() for number in range(8, 12))
    np.testing.assert_array_equal(batch.labels, batch_of(0, [1, 2, 3, 4]).labels)  # what came in stays as it was
