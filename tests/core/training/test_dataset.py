from pathlib import Path

import cv2
import numpy as np
import pytest

from core.classes import ACCEPTED, UNLABELED
from core.errors import TrainingError
from core.labels import LabelledImage
from core.masks.rect import Rect
from core.masks.tiles import Array, Mask
from core.training.augmentation import Augmentation
from core.training.dataset import CELL, Dataset, Pictures, find_cells, height_tells_class, make_dataset, read_labels
from core.training.inputs import Inputs
from core.training.patches import Patches, class_weights
from core.training.prefetch import Prefetch
from core.training.scaling import choose_inputs
from tests.core.training.scenes import labelled, scene, scribbles, snapshot

GREY = Inputs(3)


def mask_image(labels: Array, image_id: int = 0) -> LabelledImage:
    return LabelledImage(image_id, "nowhere.png", "", 3, "train", Mask.from_array(labels))


def test_cells_count_every_label_once() -> None:
    labels = np.full((300, 520), UNLABELED, np.uint8)
    labels[250:280, 250:300] = 2
    labels[5, 519] = 1
    cells = find_cells(mask_image(labels), 3)
    assert cells.counts.sum(0).tolist() == [0, 1, 1500]
    for (row, column), counts in zip(cells.places, cells.counts, strict=True):
        part = labels[row * CELL : (row + 1) * CELL, column * CELL : (column + 1) * CELL]
        assert counts.tolist() == [(part == c).sum() for c in range(3)]


def test_labels_are_read_only_from_the_cells_that_are_given() -> None:
    labels = np.zeros((100, 100), np.uint8)
    cells = find_cells(mask_image(labels), 3)
    kept = type(cells)(cells.image, cells.places[:1], cells.counts[:1])
    read = read_labels(kept, Rect(-10, -10, 90, 90))
    assert (read[10:42, 10:42] == 0).all()
    assert (read == 0).sum() == CELL * CELL


def test_nothing_labelled_is_a_sentence(tmp_path: Path) -> None:
    blank = labelled(tmp_path, 1, np.full((96, 120), UNLABELED, np.uint8))
    with pytest.raises(TrainingError, match="Nothing is labelled"):
        make_dataset(snapshot(blank))


def test_labels_only_in_validation_images_are_nothing_to_learn_from(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="Nothing is labelled yet in a training image"):
        make_dataset(snapshot(labelled(tmp_path, 1, split="val")))


def test_one_class_only_is_a_sentence_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match='Only "water" is labelled'):
        make_dataset(snapshot(labelled(tmp_path, 1, np.ones((96, 120), np.uint8))))


def test_a_missing_and_a_scarce_class_are_warned_about(tmp_path: Path) -> None:
    labels = np.zeros((96, 120), np.uint8)
    labels[:5, :5] = 2
    missing, few = make_dataset(snapshot(labelled(tmp_path, 1, labels))).warnings
    assert "water" in missing and "leaf (25 pixels)" in few


def test_validation_images_are_measured_on_and_test_images_never(tmp_path: Path) -> None:
    images = [labelled(tmp_path, 1), labelled(tmp_path, 2, split="val"), labelled(tmp_path, 3, split="test")]
    data = make_dataset(snapshot(*images))
    assert data.measured_on == "validation images"
    assert [c.image.image_id for c in data.training] == [1]
    assert [c.image.image_id for c in data.measuring] == [2]


def upper_half_accepted(labels: Array) -> Array:
    marked = labels.copy()
    marked[: len(labels) // 2][marked[: len(labels) // 2] != UNLABELED] |= ACCEPTED
    return marked


def test_a_picture_that_was_accepted_and_mended_is_measured_on_whole(tmp_path: Path) -> None:
    """What was mended alone would be the mistakes of the model before."""
    aside = labelled(tmp_path, 2, upper_half_accepted(scene(2)[1]), split="val")
    (measured,) = make_dataset(snapshot(labelled(tmp_path, 1), aside)).measuring
    assert measured.counts.sum() == 96 * 120
    assert np.array_equal(read_labels(measured, Rect(0, 0, 96, 120)), scene(2)[1])


def test_a_picture_that_was_accepted_whole_is_learned_from_but_not_measured_on(tmp_path: Path) -> None:
    images = [
        labelled(tmp_path, s, scene(s)[1] | np.uint8(ACCEPTED if s in (2, 4) else 0), split="val" if s > 2 else "train")
        for s in (1, 2, 3, 4)
    ]
    data = make_dataset(snapshot(*images))
    assert [c.image.image_id for c in data.training] == [1, 2]
    assert [c.image.image_id for c in data.measuring] == [3] and data.warnings == ()


def test_which_labels_are_held_out_does_not_depend_on_how_they_came_to_be(tmp_path: Path) -> None:
    plain = make_dataset(snapshot(*(labelled(tmp_path, seed) for seed in range(1, 25))))
    marked = [labelled(tmp_path, seed, upper_half_accepted(scene(seed)[1])) for seed in range(1, 25)]
    data = make_dataset(snapshot(*marked))
    assert data.measured_on == "held-out pixels"
    assert taught_cells(data) == taught_cells(plain)
    assert sum(int(c.counts.sum()) for c in data.measuring) == sum(int(c.counts.sum()) for c in plain.measuring) > 0


def test_where_all_was_accepted_it_is_measured_on_with_a_warning(tmp_path: Path) -> None:
    aside = labelled(tmp_path, 2, scene(2)[1] | np.uint8(ACCEPTED), split="val")
    data = make_dataset(snapshot(labelled(tmp_path, 1), aside))
    assert data.measuring[0].counts.sum() == 96 * 120
    assert data.warnings[-1].startswith("100 % of the labels to measure on were accepted from predictions, so figures")


def test_without_validation_images_some_labels_are_held_out(tmp_path: Path) -> None:
    images = [labelled(tmp_path, seed) for seed in range(1, 25)]
    data = make_dataset(snapshot(*images))
    assert data.measured_on == "held-out pixels"
    taught, held = taught_cells(data), held_cells(data)
    assert held and not taught & held
    assert 0.05 < len(held) / (len(held) + len(taught)) < 0.15


def held_cells(data: Dataset) -> set[tuple[int, int, int]]:
    return {(c.image.image_id, *place) for c in data.measuring for place in c.places.tolist()}


def taught_cells(data: Dataset) -> set[tuple[int, int, int]]:
    return {(c.image.image_id, *place) for c in data.training for place in c.places.tolist()}


def test_what_is_held_out_stays_held_out_while_labels_grow(tmp_path: Path) -> None:
    images = [labelled(tmp_path, seed) for seed in range(1, 41)]
    part = np.where(np.arange(120) < 60, scene(1)[1], UNLABELED).astype(np.uint8)
    before = make_dataset(snapshot(labelled(tmp_path, 1, part), *images[1:25]))
    assert before.taught is not None
    after = make_dataset(snapshot(*reversed(images)), before.taught)
    assert held_cells(before) and held_cells(before) <= held_cells(after)
    assert not taught_cells(before) & held_cells(after)


def test_what_was_learned_from_while_labels_were_few_is_never_measured_on(tmp_path: Path) -> None:
    images = [labelled(tmp_path, seed) for seed in range(1, 41)]
    few = make_dataset(snapshot(*images[:12]))
    assert few.measured_on == "training pixels" and few.taught
    more = make_dataset(snapshot(*images), few.taught)
    assert more.measured_on == "held-out pixels"
    assert not taught_cells(few) & held_cells(more)
    assert few.taught <= (more.taught or set())  # and so for the training after that
    assert taught_cells(few) & held_cells(make_dataset(snapshot(*images)))  # the test can fail


def test_a_class_in_few_cells_is_not_held_out_and_its_cells_are_remembered(tmp_path: Path) -> None:
    images = [labelled(tmp_path, seed) for seed in range(1, 41)]
    rare = [labelled(tmp_path, 50 + i, np.full((32, 32), 2, np.uint8)) for i in range(9)]
    plain = [labelled(tmp_path, i, np.minimum(scene(i)[1], 1)) for i in range(1, 41)]
    data = make_dataset(snapshot(*plain, *rare))
    assert all(c.counts[:, 2].sum() == 0 for c in data.measuring)
    assert data.taught is not None
    later = make_dataset(snapshot(*images, *rare), data.taught)
    assert not taught_cells(data) & held_cells(later)


def test_with_few_labels_all_are_learned_from_and_the_figures_say_so(tmp_path: Path) -> None:
    assert make_dataset(snapshot(labelled(tmp_path, 1))).measured_on == "training pixels"


def stripes(rng: np.random.Generator, upright: bool) -> Array:
    """Three bands of classes with wobbling borders, in order from the top or shuffled."""
    order = [0, 1, 2] if upright else rng.permutation(3)
    rows = np.arange(240) + rng.integers(-20, 20)
    return np.repeat(np.array(order, np.uint8)[np.clip(rows // 80, 0, 2)][:, None], 200, axis=1)


def test_a_street_is_upright_and_a_view_from_above_is_not() -> None:
    rng = np.random.default_rng(0)
    street = [find_cells(mask_image(stripes(rng, upright=True)), 3) for _ in range(8)]
    above = [find_cells(mask_image(stripes(rng, upright=False)), 3) for _ in range(8)]
    assert height_tells_class(street)
    assert not height_tells_class(above)


def patches_of(image: LabelledImage, augmentation: Augmentation, side: int = 64) -> Patches:
    data = make_dataset(snapshot(image))
    return Patches(data, Pictures(), GREY, augmentation, side=side, multiple=16, seed=0)


STILL = Augmentation(True, smallest=1, largest=1, brightness=0, contrast=0, tint=0, noise=0)


def test_patches_show_the_picture_their_labels_belong_to(tmp_path: Path) -> None:
    picture, truth = scene(3)
    patches = patches_of(labelled(tmp_path, 3), STILL)
    means = {c: GREY.scale(picture)[truth == c].mean(0) for c in range(3)}
    rng = np.random.default_rng(0)
    for _ in range(10):
        values, labels, _ = patches.draw(rng)
        for c in range(3):
            inside = cv2.erode((labels == c).astype(np.uint8), np.ones((3, 3))) > 0
            if inside.sum() > 100:
                np.testing.assert_allclose(values[inside].mean(0), means[c], atol=0.05)


def test_a_rare_class_is_drawn_more_often_than_it_occurs(tmp_path: Path) -> None:
    labels = np.zeros((96, 120), np.uint8)
    labels[40:44, 40:44] = 1
    patches = patches_of(labelled(tmp_path, 1, labels), Augmentation(False), side=32)
    rng = np.random.default_rng(0)
    with_it = sum((patches.draw(rng)[1] == 1).any() for _ in range(100))
    assert with_it > 10


@pytest.mark.parametrize("upright", [True, False])
def test_turning_and_scaling_keep_unlabelled_pixels_and_class_ids(tmp_path: Path, upright: bool) -> None:
    _, truth = scene(1)
    marks = scribbles(truth)
    patches = patches_of(labelled(tmp_path, 1, marks), Augmentation(upright))
    rng = np.random.default_rng(0)
    seen = np.unique(np.stack([patches.draw(rng)[1] for _ in range(20)]))
    assert set(seen) <= set(np.unique(marks)) | {UNLABELED}


def test_a_picture_smaller_than_a_patch_is_filled_up_unlabelled(tmp_path: Path) -> None:
    values, labels, _ = patches_of(labelled(tmp_path, 1), STILL, side=256).draw(np.random.default_rng(0))
    assert values.shape == (256, 256, 3)
    assert (labels != UNLABELED).sum() == pytest.approx(96 * 120, rel=0.1)


def test_rare_classes_weigh_more_absent_ones_and_unlabelled_pixels_nothing() -> None:
    weights = class_weights(np.array([90_000, 0, 100]))
    assert 0 < weights[0] < weights[2] <= 3
    assert weights[1] == 0 and weights[UNLABELED] == 0


def test_the_same_seed_draws_the_same_patches(tmp_path: Path) -> None:
    image = labelled(tmp_path, 1)
    first, second = (patches_of(image, Augmentation(False)).batch(3, 0) for _ in range(2))
    np.testing.assert_array_equal(first.patches, second.patches)
    np.testing.assert_array_equal(first.labels, second.labels)


def test_as_many_threads_as_you_like_prepare_the_same_batches_in_the_same_order(tmp_path: Path) -> None:
    patches = patches_of(labelled(tmp_path, 1), Augmentation(False))
    for workers in (1, 3):
        with Prefetch(patches, 2, first=5, workers=workers) as batches:
            for number in range(5, 12):
                np.testing.assert_array_equal(next(batches).patches, patches.batch(2, number).patches)


def test_a_lost_image_is_told_from_the_prefetching_thread(tmp_path: Path) -> None:
    image = labelled(tmp_path, 1)
    patches = patches_of(image, STILL)
    Path(image.path).unlink()
    with pytest.raises(TrainingError, match="missing"), Prefetch(patches, 2) as batches:
        next(batches)


def test_an_image_of_another_size_than_its_mask_is_refused(tmp_path: Path) -> None:
    image = labelled(tmp_path, 1)
    cv2.imwrite(image.path, np.zeros((50, 50, 3), np.uint8))
    with pytest.raises(TrainingError, match="size"):
        Pictures().load(image)


def test_sixteen_bit_pictures_are_scaled_by_the_range_they_use(tmp_path: Path) -> None:
    labels = np.tile(np.array([0, 1], np.uint8), (64, 32))
    path = tmp_path / "deep.png"
    values = np.random.default_rng(0).integers(1000, 3000, (64, 64)).astype(np.uint16)
    cv2.imwrite(str(path), values)
    image = LabelledImage(1, str(path), "", 1, "train", Mask.from_array(labels))
    inputs = choose_inputs([image], Pictures(), rows=False)
    scaled = inputs.scale(Pictures().load(image))
    assert inputs.bits == 16 and inputs.channels == 1
    assert scaled.min() == pytest.approx(-1, abs=0.1) and scaled.max() == pytest.approx(1, abs=0.1)
