"""What goes wrong in the middle of a training: it goes on, or says what to do, and nothing is lost."""

import os
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from core.errors import TrainingError
from core.labels import LabelSnapshot
from core.masks.tiles import Mask
from core.project import Project
from core.training import course
from core.training import device as devices
from core.training.dataset import Pictures
from core.training.fit import train
from core.training.heads import head_named
from core.training.inputs import Inputs
from core.training.messages import CheckpointReached, DeviceFound, Notice, Report, TrainedModel
from core.training.network import Network, network_from, new_network, pack_weights, unpack_weights
from core.training.patches import Batch
from core.training.service import _explain
from core.training.settings import TrainingSettings
from core.training.sizes import Size, choose_size, out_of_memory
from core.training.step import Step, make_step
from core.training.unet import SHAPES
from tests.core.training.scenes import CLASSES, labelled, scene, scribbles, snapshot

TINY = TrainingSettings(budget_s=600, max_steps=12, network="tiny", patch=128, batch=4, guesses=False)


on_tensorflow = pytest.mark.skipif(
    os.environ.get("KERAS_BACKEND", "tensorflow") != "tensorflow",
    reason="graphics cards are looked for, tried and given up on TensorFlow alone",
)


class ResourceExhaustedError(Exception):
    """Called like TensorFlow's."""


@pytest.fixture
def data(tmp_path: Path) -> LabelSnapshot:
    return snapshot(*(labelled(tmp_path, seed, scribbles(scene(seed)[1], seed)) for seed in (1, 2, 3)))


def failing(check: Callable[[Batch], None]) -> Callable[..., Step]:
    """make_step, but `check` may raise before each step."""

    def make(network: Network, averaged: Network, weight_decay: float) -> Step:
        step = make_step(network, averaged, weight_decay)

        def run(batch: Batch, learning_rate: float, follow: float) -> float:
            check(batch)
            return step(batch, learning_rate, follow)

        return Step(run, step.optimizer)

    return make


def notices(reports: list[Report]) -> list[str]:
    return [report.text for report in reports if isinstance(report, Notice)]


# --- memory


@pytest.mark.parametrize("error", [ResourceExhaustedError("OOM when allocating tensor"), MemoryError()])
def test_when_memory_runs_out_the_batch_then_the_patch_is_halved(
    data: LabelSnapshot, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    sizes: list[tuple[int, int]] = []

    def check(batch: Batch) -> None:
        sizes.append((len(batch.patches), batch.patches.shape[1]))
        if batch.patches[..., 0].size > 64 * 64 and len(sizes) > 3:
            raise error

    monkeypatch.setattr(course, "make_step", failing(check))
    reports: list[Report] = []
    ended = train(data, TINY, report=reports.append)
    assert list(dict.fromkeys(sizes)) == [(4, 128), (2, 128), (1, 128), (1, 64)]
    assert ended.metrics["steps"] == 12 and (ended.settings["batch"], ended.settings["patch"]) == (1, 64)
    assert notices(reports)[0] == "Memory ran out. The training goes on with 2 patches of 128 pixels a step."
    assert len(notices(reports)) == 3


def test_when_even_the_smallest_patch_is_too_much_it_says_what_to_do(
    data: LabelSnapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def check(_: Batch) -> None:
        raise MemoryError

    monkeypatch.setattr(course, "make_step", failing(check))
    with pytest.raises(TrainingError, match="Choose a smaller network"):
        train(data, TINY)


@pytest.mark.parametrize(
    ("error", "is_memory"),
    [
        (ResourceExhaustedError(), True),
        (RuntimeError("RESOURCE_EXHAUSTED: Out of memory while trying to allocate"), True),
        (ValueError("a shape that does not fit"), False),
    ],
)
def test_lack_of_memory_is_told_from_bugs(error: Exception, is_memory: bool) -> None:
    assert out_of_memory(error) == is_memory


def test_lack_of_memory_outside_a_step_is_a_sentence_and_no_bug() -> None:
    for error in (MemoryError(), ResourceExhaustedError(), RuntimeError("RESOURCE_EXHAUSTED: Out of memory")):
        message, trace = _explain(error)
        assert "not enough memory" in message and not trace


# --- numbers that are none


def test_a_step_that_was_not_sound_leaves_nothing_behind_that_is_no_number(
    data: LabelSnapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither in what is trained nor in the means that batch normalisation predicts with."""
    steps = 0

    def check(batch: Batch) -> None:
        nonlocal steps
        steps += 1
        if steps == 3:
            batch.patches[:] = 3e38

    monkeypatch.setattr(course, "make_step", failing(check))
    ended = train(data, replace(TINY, max_steps=4))
    assert ended.metrics["steps"] == 4
    assert all(np.isfinite(values).all() for values in unpack_weights(ended.weights))


# --- sizes


def pictures(height: int, width: int) -> LabelSnapshot:
    image = labelled_nowhere(height, width)
    return snapshot(image)


def labelled_nowhere(height: int, width: int) -> Any:
    from core.labels import LabelledImage

    return LabelledImage(1, "nowhere.png", "", 3, "train", Mask.from_array(np.zeros((height, width), np.uint8)))


@pytest.mark.parametrize(
    ("height", "width", "gpu_bytes", "size"),
    [
        (360, 480, 0, Size(256, 4)),
        (4000, 6000, 0, Size(256, 4)),
        (100, 120, 0, Size(128, 16)),
        (20, 30, 0, Size(64, 16)),
        (360, 480, 8 * 2**30, Size(256, 16)),
        (4000, 6000, 8 * 2**30, Size(512, 16)),
        (4000, 6000, 2**29, Size(512, 1)),
    ],
)
def test_patch_and_batch_follow_pictures_and_device(height: int, width: int, gpu_bytes: int, size: Size) -> None:
    chosen = choose_size(TrainingSettings(), pictures(height, width).images, SHAPES["quick"], gpu_bytes=gpu_bytes)
    assert chosen == size


def test_what_a_person_sets_is_kept_and_fits_the_network() -> None:
    settings = TrainingSettings(patch=100, batch=3)
    assert choose_size(settings, pictures(360, 480).images, SHAPES["quick"]) == Size(112, 3)


@pytest.mark.slow
def test_pictures_smaller_than_a_patch_can_be_learned(tmp_path: Path) -> None:
    truth = scene(1, 40, 50)[1]
    path = tmp_path / "small.png"
    cv2.imwrite(str(path), scene(1, 40, 50)[0])
    small = replace(labelled(tmp_path, 2), path=str(path), mask=Mask.from_array(truth))
    ended = train(snapshot(small), replace(TINY, patch=0, batch=0, max_steps=2))
    assert (ended.settings["patch"], ended.settings["batch"]) == (64, 16)
    assert train(snapshot(small), replace(TINY, patch=256, max_steps=2)).settings["patch"] == 256


# --- the graphics card


def of_grey_pictures() -> TrainedModel:
    """A run that a training on colour pictures cannot go on from."""
    network = new_network(SHAPES["tiny"], Inputs(1), head_named("softmax"), CLASSES)
    settings = TINY.to_mapping() | network.to_mapping()
    return TrainedModel(4, settings, CLASSES, pack_weights(network.model.get_weights()))


@on_tensorflow
def test_when_the_graphics_card_fails_the_training_goes_on_on_the_cpu(
    data: LabelSnapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    import tensorflow as tf

    steps = 0

    def check(_: Batch) -> None:
        nonlocal steps
        steps += 1
        if steps == 7:
            raise tf.errors.InternalError(None, None, "CUDA error: the launch failed")

    monkeypatch.setattr(course, "make_step", failing(check))
    monkeypatch.setattr(devices, "_found", [DeviceFound("gpu", "Some Card, 8 GB")])
    scopes: list[str] = []

    def enter(name: str) -> AbstractContextManager[None]:
        scopes.append(name)
        return nullcontext()

    monkeypatch.setattr(tf, "device", enter)
    reports: list[Report] = []
    ended = train(data, TINY, report=reports.append, checkpoint_s=0, start_from=of_grey_pictures())
    assert scopes == ["CPU:0"]
    afresh, failed = notices(reports)
    assert afresh == course.OTHER_NETWORK.format(run=4), "said once, and not tried again"
    assert failed.startswith("The graphics card failed. The training goes on on the CPU")
    assert ended.device.startswith("CPU") and ended.metrics["steps"] == 12
    assert ended.settings["started_from"] is None
    reached = [r.checkpoint.step for r in reports if isinstance(r, CheckpointReached)]
    assert 0 < steps - 7 <= 12 - min(reached)  # it did not begin anew
    assert "Update its driver" in devices.find_device().advice


@on_tensorflow
def test_a_bug_on_the_graphics_card_stays_a_bug(data: LabelSnapshot, monkeypatch: pytest.MonkeyPatch) -> None:
    def check(_: Batch) -> None:
        raise ValueError("a mistake of ours")

    monkeypatch.setattr(course, "make_step", failing(check))
    monkeypatch.setattr(devices, "_found", [DeviceFound("gpu", "Some Card, 8 GB")])
    with pytest.raises(ValueError, match="of ours"):
        train(data, TINY)


@on_tensorflow
def test_a_device_is_trusted_after_a_real_step_only(monkeypatch: pytest.MonkeyPatch) -> None:
    assert devices.try_step("CPU:0") == ""

    def check(_: Batch) -> None:
        raise RuntimeError("CUDNN_STATUS_NOT_INITIALIZED\nand much more")

    monkeypatch.setattr("core.training.step.make_step", failing(check))
    assert devices.try_step("CPU:0") == "CUDNN_STATUS_NOT_INITIALIZED"


# --- pictures and labels


def test_a_picture_that_changed_its_size_ends_training_with_its_name(data: LabelSnapshot) -> None:
    cv2.imwrite(data.images[0].path, np.zeros((50, 50, 3), np.uint8))
    with pytest.raises(TrainingError, match=r"scene1\.png no longer has the size"):
        train(data, TINY)


def test_a_picture_that_changes_while_it_is_learned_from_ends_training_with_its_name(tmp_path: Path) -> None:
    """Of the same size, so that only its content tells; and one that was only touched does not."""
    path = tmp_path / "a.png"
    picture, truth = scene(1)
    cv2.imwrite(str(path), picture)
    with Project.create(tmp_path / "p.maskwright", CLASSES) as project:
        project.add_image(path, mask=truth)
        own = project.snapshot_labels()
    os.utime(path, (1, 1))
    np.testing.assert_array_equal(Pictures().load(own.images[0]), picture[..., ::-1])
    cv2.imwrite(str(path), picture[::-1])
    with pytest.raises(TrainingError, match=r"a\.png has changed since the training began. Put the labelled file back"):
        train(own, TINY)


@pytest.mark.slow
def test_a_class_without_a_pixel_is_warned_about_and_has_no_figure(tmp_path: Path) -> None:
    data = snapshot(labelled(tmp_path, 1, np.minimum(scene(1)[1], 1)))
    reports: list[Report] = []
    ended = train(data, replace(TINY, max_steps=30), report=reports.append)
    assert "leaf" in str(reports[0])
    assert "measured_iou/water" in ended.curves and "measured_iou/leaf" not in ended.curves
    model = network_from(TrainedModel(1, ended.settings, ended.classes, ended.weights))
    assert len(model.classes) == len(CLASSES)


def test_labels_that_change_while_it_trains_count_from_the_next_training(data: LabelSnapshot) -> None:
    painted = data.images[0].mask
    before = painted.read().copy()
    own = replace(data, images=(replace(data.images[0], mask=painted.snapshot()), *data.images[1:]))

    def paint(_: Network) -> None:
        painted.put(Mask.from_array(np.full_like(before, 2)).tiles)

    ended = train(own, replace(TINY, max_steps=2), between=paint)
    assert ended.label_revision == 7
    assert (painted.read() == 2).all()
    np.testing.assert_array_equal(own.images[0].mask.read(), before)
