"""A run measured on a project: on what, with which figures, and what is said where something is amiss."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.classes import ACCEPTED, UNLABELED, LabelClass
from core.errors import ProjectError, TrainingError
from core.evaluation import measure
from core.evaluation.evaluate import evaluate
from core.evaluation.plan import plan_evaluation, read_labelled
from core.images import read_image
from core.masks.rect import Rect
from core.masks.tiles import Array
from core.prediction.inference import predict_image
from core.prediction.trained import trained_model
from core.project import Project
from core.training.dataset import CELL
from core.training.held_out import is_held_out
from core.training.inputs import Picture
from core.training.learned import DIGITS
from core.training.metrics import Confusion
from core.training.network import Network, network_from
from tests.core.evaluation.scenes import add_run, add_scene
from tests.core.training.scenes import CLASSES, scene, scribbles


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Project]:
    with Project.create(tmp_path / "p.maskwright", CLASSES) as made:
        yield made


@pytest.fixture
def project(empty: Project) -> Project:
    """Two scribbled validation images, one training image, and a run with weights that mean nothing."""
    for seed in (1, 2, 3):
        add_scene(empty, seed, scribbles(scene(seed)[1], seed), split="train" if seed == 3 else "val")
    add_run(empty)
    return empty


@pytest.fixture
def all_ground(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stands in for the network: ground everywhere, with a confidence of 0.6."""

    def say_ground(network: Network, picture: Picture, *, region: Rect, stop: object) -> tuple[Array, Array]:
        size = region.height, region.width
        return np.zeros(size, np.uint8), np.full(size, 153, np.uint8)

    monkeypatch.setattr(measure, "predict_image", say_ground)


def test_figures_are_counted_over_every_labelled_pixel(project: Project) -> None:
    figures = evaluate(project).to_mapping()
    network = network_from(trained_model(project))
    truth, predicted, sure = [], [], []
    for record in project.images("val"):
        mask = project.load_mask(record.id).read()
        class_map, confidence = predict_image(network, read_image(project.image_path(record)))
        truth.append(mask[mask != UNLABELED])
        predicted.append(class_map[mask != UNLABELED])
        sure.append(confidence[mask != UNLABELED] / 255)
    t, p, c = np.concatenate(truth), np.concatenate(predicted), np.concatenate(sure)
    assert figures["run"] == 1 and figures["split"] == "val" and figures["images"] == 2
    assert figures["measured_on"] == "validation images"
    assert figures["pixels"] == len(t)
    assert figures["accuracy"] == pytest.approx((t == p).mean(), abs=1e-6)
    for label in CLASSES:
        hits, union = ((t == label.id) & (p == label.id)).sum(), ((t == label.id) | (p == label.id)).sum()
        assert figures["iou"][label.name] == pytest.approx(hits / union, abs=1e-6)
        said = (p == label.id).sum()
        assert figures["precision"][label.name] == (pytest.approx(hits / said, abs=1e-6) if said else None)
    assert figures["miou"] == pytest.approx(np.mean(list(figures["iou"].values())), abs=1e-5)
    bins = np.minimum((c * 15 + 1e-9).astype(int), 14)
    gaps = [abs(c[bins == b].sum() - (t == p)[bins == b].sum()) for b in range(15)]
    assert figures["ece"] == pytest.approx(sum(gaps) / len(t), abs=1e-5)


@pytest.mark.usefixtures("all_ground")
def test_every_wrong_region_is_found_again_with_a_picture_of_label_and_prediction(empty: Project) -> None:
    truth = np.zeros((96, 120), np.uint8)
    truth[10:30, 40:70] = 1
    truth[50:56, 100:120] = 1
    image_id = add_scene(empty, 1, truth)
    add_run(empty)
    evaluation = evaluate(empty)
    assert set(evaluation.places) == {(1, 0)}
    large, small = evaluation.places[1, 0]
    assert (large.image_id, large.rect, large.pixels) == (image_id, Rect(10, 40, 30, 70), 600)
    assert (small.rect, small.pixels) == (Rect(50, 100, 56, 120), 120)
    assert large.confidence == pytest.approx(0.6)
    assert large.cut is not None
    labels, predicted = large.cut.maps()
    assert np.array_equal(labels, truth[large.cut.rect.slices]) and not predicted.any()


def accept(project: Project, image_id: int, rect: Rect, class_id: int) -> None:
    editor = project.open_editor(image_id)
    edit = editor.apply("accept", rect, np.ones((rect.height, rect.width), np.bool_), class_id | ACCEPTED)
    assert edit is not None
    project.save_edit(image_id, edit)


@pytest.mark.usefixtures("all_ground")
def test_an_image_that_was_accepted_whole_does_not_flatter_the_figures(empty: Project) -> None:
    add_scene(empty, 1, np.ones((96, 120), np.uint8))
    accept(empty, add_scene(empty, 2), Rect(0, 0, 96, 120), 0)
    add_run(empty)
    evaluation = evaluate(empty)
    assert evaluation.confusion.pixels == 96 * 120 and evaluation.confusion.accuracy == 0
    assert sum(one.pixels for one in evaluation.bins) == 96 * 120 and evaluation.notes == ()


@pytest.mark.usefixtures("all_ground")
def test_an_image_that_was_accepted_and_mended_counts_whole_not_its_mistakes_alone(empty: Project) -> None:
    accept(empty, add_scene(empty, 1, np.ones((96, 120), np.uint8)), Rect(0, 0, 90, 120), 0)
    add_run(empty)
    confusion = evaluate(empty).confusion
    assert confusion.pixels == 96 * 120 and confusion.accuracy == pytest.approx(90 / 96)


@pytest.mark.usefixtures("all_ground")
def test_where_nothing_is_drawn_accepted_labels_are_measured_on_and_that_is_said(empty: Project) -> None:
    accept(empty, add_scene(empty, 1), Rect(0, 0, 96, 120), 0)
    add_run(empty)
    evaluation = evaluate(empty)
    assert evaluation.confusion.pixels == 96 * 120
    (note,) = evaluation.notes
    assert note.startswith("100 % of the labels to measure on were accepted from predictions, so figures look better")


@pytest.mark.usefixtures("all_ground")
def test_images_that_were_accepted_whole_do_not_count_among_held_out_pixels_either(empty: Project) -> None:
    ids = [add_scene(empty, seed, split="train") for seed in range(6)]
    add_run(empty, taught=[])
    kept = sum(held_out_pixels(empty, image_id) for image_id in ids[1:])
    accept(empty, ids[0], Rect(0, 0, 96, 120), 0)
    assert evaluate(empty).confusion.pixels == kept > 0


def test_a_split_without_labels_is_a_sentence(project: Project) -> None:
    with pytest.raises(TrainingError, match='No image in "test" is labelled'):
        evaluate(project, split="test")


# --- where no image is set aside


def held_out_pixels(project: Project, image_id: int) -> int:
    """Labelled pixels of an image in cells that are kept for measuring, one by one."""
    record, mask = project.image(image_id), project.load_mask(image_id).read()
    cells = {(y // CELL, x // CELL) for y, x in zip(*np.nonzero(mask != UNLABELED), strict=True)}
    kept = {cell for cell in cells if is_held_out(record.sha256, np.array([cell], np.int32))[0]}
    return sum((y // CELL, x // CELL) in kept for y, x in zip(*np.nonzero(mask != UNLABELED), strict=True))


@pytest.mark.usefixtures("all_ground")
def test_without_an_image_aside_only_pixels_count_that_were_never_learned_from(empty: Project) -> None:
    ids = [add_scene(empty, seed, split="train") for seed in range(6)]
    add_run(empty, taught=[])
    evaluation = evaluate(empty)
    assert evaluation.subject.measured_on == "held-out pixels" and evaluation.subject.split == "train"
    kept = {image_id: held_out_pixels(empty, image_id) for image_id in ids}
    assert evaluation.confusion.pixels == sum(kept.values()) > 0
    assert evaluation.images == sum(pixels > 0 for pixels in kept.values())


@pytest.mark.usefixtures("all_ground")
def test_a_cell_that_was_needed_to_learn_from_is_not_measured_on(empty: Project) -> None:
    for seed in range(6):
        add_scene(empty, seed, split="train")
    add_run(empty, taught=[])
    plan = plan_evaluation(empty)
    cells = next(found for record in plan.records if (found := read_labelled(empty, plan, record)) is not None)
    needed = [cells.image.sha256[:12], *cells.places[0].tolist()]
    before = evaluate(empty).confusion.pixels
    add_run(empty, taught=[needed])
    assert evaluate(empty).confusion.pixels == before - int(cells.counts[0].sum())


def test_a_run_that_learned_from_everything_has_nothing_to_be_measured_on(empty: Project) -> None:
    add_scene(empty, 3, split="train")
    add_run(empty, taught=None)
    with pytest.raises(TrainingError, match=r"nothing to measure run 1 on.*Keep an image aside"):
        evaluate(empty)


# --- what is amiss


@pytest.mark.usefixtures("all_ground")
def test_a_picture_that_changed_is_left_out_and_named(project: Project) -> None:
    first, second = project.images("val")
    Image.new("RGB", (120, 96), "red").save(project.image_path(first))
    evaluation = evaluate(project)
    assert evaluation.images == 1 and evaluation.confusion.pixels == second.labelled
    assert evaluation.notes == (f"{first.name} is changed, so it was left out. Put the labelled file back.",)
    project.image_path(second).unlink()
    with pytest.raises(TrainingError, match=f"{second.name} is missing"):
        evaluate(project)


@pytest.mark.usefixtures("all_ground")
def test_a_class_that_came_after_the_run_counts_as_wrong_and_is_named(empty: Project) -> None:
    add_run(empty)
    empty.set_classes((*CLASSES, LabelClass(3, "moss", "#336633")))
    add_scene(empty, 1, np.full((96, 120), 3, np.uint8))
    evaluation = evaluate(empty)
    assert evaluation.confusion.matrix[3].tolist() == [96 * 120, 0, 0, 0]
    assert any("does not know moss" in note for note in evaluation.notes)


@pytest.mark.usefixtures("all_ground")
def test_a_class_with_another_name_than_the_run_learned_is_named(project: Project) -> None:
    project.set_classes((CLASSES[0], LabelClass(1, "ice", "#0072b2"), CLASSES[2]))
    assert any('learned "water" where the project has "ice"' in note for note in evaluate(project).notes)


@pytest.mark.usefixtures("all_ground")
def test_a_class_that_was_dropped_since_the_run_still_has_its_place_in_the_matrix(project: Project) -> None:
    add_run(project, (*CLASSES, LabelClass(3, "moss", "#336633")))
    evaluation = evaluate(project)
    assert [label.name for label in evaluation.subject.classes] == ["ground", "water", "leaf", "moss"]


@pytest.mark.usefixtures("all_ground")
def test_an_image_that_the_run_learned_from_before_it_was_set_aside_is_named(project: Project) -> None:
    record = project.images("val")[0]
    add_run(project, learned_from=[record.sha256[-DIGITS:]])
    assert any(f"learned from {record.name}" in note for note in evaluate(project).notes)


def test_lost_weights_are_a_sentence(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(run_id: int) -> bytes:
        raise ProjectError(f"The weights of run {run_id} are gone. Train again, or use another run.")

    monkeypatch.setattr(project, "run_weights", gone)
    with pytest.raises(ProjectError, match="weights of run 1 are gone"):
        evaluate(project)


@pytest.mark.usefixtures("all_ground")
def test_stopping_keeps_the_figures_of_the_images_that_are_done(project: Project) -> None:
    asked: list[int] = []

    def after_one() -> bool:
        asked.append(1)
        return len(asked) > 1

    evaluation = evaluate(project, stop=after_one)
    assert evaluation.stopped and evaluation.images == 1


def test_a_class_that_never_occurs_is_left_out_of_the_mean() -> None:
    confusion = Confusion.empty(3)
    confusion.add(np.array([[0, 0, 1, UNLABELED]], np.uint8), np.array([[0, 1, 1, 2]], np.uint8))
    figures = confusion.to_mapping(CLASSES)
    assert figures == {
        "pixels": 3,
        "miou": 0.5,
        "accuracy": round(2 / 3, 6),
        "iou": {"ground": 0.5, "water": 0.5, "leaf": None},
    }
