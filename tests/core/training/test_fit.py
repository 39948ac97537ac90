import gc
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from time import perf_counter

import cv2
import numpy as np
import pytest

from core.errors import TrainingError
from core.images import read_image
from core.labels import LabelledImage, LabelSnapshot
from core.masks.tiles import Array, Mask
from core.prediction.inference import predict_image
from core.training import course, fit
from core.training.dataset import Pictures
from core.training.fit import train
from core.training.heads import head_named
from core.training.messages import Measured, Report, StepsDone, TrainedModel, TrainingEnded, TrainingStarted
from core.training.network import network_from, new_network
from core.training.patches import Batch
from core.training.scaling import choose_inputs
from core.training.settings import TrainingSettings
from core.training.step import Step, make_step
from core.training.unet import shape_named
from tests.core.training.scenes import CLASSES, labelled, scene, scribbles, snapshot

SHORT = TrainingSettings(budget_s=60, max_steps=80, network="tiny", patch=64, learning_rate=1e-2)


def model_of(ended: TrainingEnded, run_id: int = 1) -> TrainedModel:
    return TrainedModel(run_id, ended.settings, ended.classes, ended.weights)


def scribbled(folder: Path) -> LabelSnapshot:
    return snapshot(*(labelled(folder, seed, scribbles(scene(seed)[1], seed)) for seed in (1, 2, 3)))


@pytest.mark.slow
def test_a_few_scribbles_teach_what_a_new_picture_shows(tmp_path: Path) -> None:
    reports: list[Report] = []
    ended = train(scribbled(tmp_path), SHORT, report=reports.append)
    picture, truth = scene(99)
    class_map, confidence = predict_image(network_from(model_of(ended)), picture)
    assert (class_map == truth).mean() > 0.9
    assert confidence.mean() > 128
    assert ended.label_revision == 7 and ended.classes == CLASSES and not ended.stopped
    assert isinstance(reports[0], TrainingStarted) and isinstance(reports[-1], Measured)
    assert reports[-1].miou == pytest.approx(ended.metrics["miou"], abs=1e-6)
    losses = [r.loss for r in reports if isinstance(r, StepsDone)]
    assert losses[-1] < losses[0]
    measured = {name: values for name, values in ended.curves.items() if name.startswith("measured_")}
    told = {name: values for name, values in ended.curves.items() if name not in measured}
    assert set(told) == {"seconds", "step", "loss", "learning_rate"}
    assert {"measured_seconds", "measured_miou", "measured_iou/water"} <= set(measured)
    assert len({len(values) for values in told.values()}) == len({len(values) for values in measured.values()}) == 1


@pytest.mark.parametrize(("labels", "expected"), [(scribbles, [3, 4, 5]), (None, [])])
def test_few_labels_are_mixed_from_when_the_network_knows_something(
    labels: Callable[..., Array] | None, expected: list[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers: list[int] = []

    def watched(batch: Batch, seed: int, number: int) -> Batch:
        numbers.append(number)
        return batch

    monkeypatch.setattr(fit, "mixed", watched)
    monkeypatch.setattr(fit, "FIRST_STEP", 3)
    data = snapshot(labelled(tmp_path, 1, labels(scene(1)[1]) if labels else None))
    train(data, TrainingSettings(budget_s=60, max_steps=6, network="tiny", patch=64, batch=2))
    assert numbers == expected


@pytest.mark.slow
def test_the_same_seed_gives_the_same_figures(tmp_path: Path) -> None:
    settings = TrainingSettings(budget_s=600, max_steps=15, network="tiny", patch=64, batch=4)
    data = scribbled(tmp_path)
    first, second = (train(data, settings) for _ in range(2))
    assert first.metrics == second.metrics
    for ours, theirs in zip(*(network_from(model_of(e)).model.get_weights() for e in (first, second)), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("network", ["tiny", "quick"])
def test_stop_is_over_within_two_seconds_of_the_running_step(tmp_path: Path, network: str) -> None:
    """With more to measure on than can be measured in that time."""
    images = [labelled(tmp_path, seed) for seed in (1, 2)]
    images += [large(tmp_path, seed) for seed in range(10, 30)]
    pressed: list[float] = []

    def stop() -> bool:
        return bool(pressed)

    def press(_: object) -> None:
        if len(steps) == 4:
            pressed.append(perf_counter())
        steps.append(1)

    steps: list[int] = []
    ended = train(snapshot(*images), TrainingSettings(budget_s=300, network=network), stop=stop, between=press)
    assert perf_counter() - pressed[0] < 2
    assert ended.stopped and ended.metrics["miou"] is not None


def large(folder: Path, seed: int) -> LabelledImage:
    """A validation picture of 480 x 360 pixels."""
    picture, truth = scene(seed, 360, 480)
    path = folder / f"large{seed}.png"
    cv2.imwrite(str(path), picture[..., ::-1])
    return LabelledImage(seed, str(path), f"{seed:064x}", 3, "val", Mask.from_array(truth))


@pytest.mark.slow
def test_stop_ends_before_the_next_step_and_keeps_what_was_learned(tmp_path: Path) -> None:
    steps = 0

    def count(_: object) -> None:
        nonlocal steps
        steps += 1

    ended = train(scribbled(tmp_path), SHORT, stop=lambda: steps >= 3, between=count)
    assert steps == 3 and ended.metrics["steps"] == 3
    assert ended.stopped
    predict_image(network_from(model_of(ended)), scene(1)[0])


def test_stop_before_the_first_step_keeps_no_run(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="before anything was learned"):
        train(scribbled(tmp_path), SHORT, stop=lambda: True)


@pytest.mark.slow
def test_the_network_under_way_can_be_looked_at_between_steps(tmp_path: Path) -> None:
    seen = []
    train(
        scribbled(tmp_path),
        TrainingSettings(max_steps=2, network="tiny", patch=64),
        between=lambda network: seen.append(predict_image(network, scene(1)[0])[0].shape),
    )
    assert seen == [(96, 120), (96, 120)]


def test_a_loss_that_is_no_number_changes_no_weight(tmp_path: Path) -> None:
    data = scribbled(tmp_path)
    shape, head = shape_named("tiny"), head_named("softmax")
    inputs = choose_inputs(data.images, Pictures(), rows=False)
    network, averaged = course.twins(lambda: new_network(shape, inputs, head, CLASSES), 0)
    step = make_step(network, averaged, 0.0)
    square = (1, 32, 32)
    nowhere = Batch(np.full((*square, 3), np.nan, np.float32), np.zeros(square, np.uint8), np.ones(square, np.float32))
    before = [np.array(w) for w in network.model.trainable_variables]
    loss = step(nowhere, 1e-3, 0.1)
    assert np.isnan(loss)
    for old, new in zip(before, network.model.trainable_variables, strict=True):
        np.testing.assert_array_equal(old, new)
    assert np.isfinite(step(replace(nowhere, patches=np.zeros_like(nowhere.patches)), 1e-3, 1.0))
    assert not all(np.array_equal(a, b) for a, b in zip(before, network.model.trainable_variables, strict=True))
    for ours, theirs in zip(network.model.trainable_variables, averaged.model.trainable_variables, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-6)


@pytest.mark.slow
def test_training_that_goes_astray_ends_with_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(course, "make_step", lambda *_: Step(lambda *_: float("nan"), None))
    with pytest.raises(TrainingError, match="no longer a number"):
        train(scribbled(tmp_path), SHORT)


def test_memory_stays_level_a_training_leaves_no_compiled_step_behind(tmp_path: Path) -> None:
    def compiled_steps() -> int:
        gc.collect()
        return sum(type(thing).__name__ == "FuncGraph" and thing.name == "run" for thing in gc.get_objects())

    before = compiled_steps()
    train(scribbled(tmp_path), replace(SHORT, max_steps=2))
    assert compiled_steps() <= before


def test_a_missing_image_ends_training_with_its_name(tmp_path: Path) -> None:
    data = scribbled(tmp_path)
    Path(data.images[1].path).unlink()
    with pytest.raises(TrainingError, match=r"scene2\.png is missing"):
        train(data, TrainingSettings(max_steps=50, network="tiny", patch=64))


def test_unknown_network_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match='no network "huge"'):
        train(scribbled(tmp_path), TrainingSettings(network="huge"))


@pytest.mark.slow
def test_grey_sixteen_bit_pictures_can_be_learned(tmp_path: Path) -> None:
    truth = scene(1)[1]
    path = tmp_path / "deep.tif"
    noise = np.random.default_rng(0).normal(0, 100, truth.shape)
    cv2.imwrite(str(path), (2000 + 1500.0 * truth + noise).astype(np.uint16))
    image = LabelledImage(1, str(path), "", 1, "train", Mask.from_array(truth))
    ended = train(snapshot(image), SHORT)
    class_map, _ = predict_image(network_from(model_of(ended)), read_image(path))
    assert (class_map == truth).mean() > 0.9
