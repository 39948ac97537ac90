"""The head lab: the same start and the same patches for all heads, rates chosen alike, and Stop."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.errors import TrainingError
from core.labels import LabelSnapshot
from core.training import head_lab
from core.training.head_lab import RATES, compare_heads
from core.training.heads import HEADS, head_named
from core.training.inputs import Inputs
from core.training.messages import HeadProgress, Report, StepsDone, TrainingEnded
from core.training.network import new_network, pack_weights
from core.training.settings import TrainingSettings
from core.training.unet import SHAPES
from tests.core.training.scenes import CLASSES, labelled, scene, scribbles, snapshot

TINY = TrainingSettings(budget_s=8, network="tiny", patch=64)
BEST = {"softmax": 3e-3, "softmax-flat": 3e-3, "normalised-sigmoid": 3e-2, "sigmoid": 1e-2}


@pytest.fixture
def data(tmp_path: Path) -> LabelSnapshot:
    scribbled = [labelled(tmp_path, seed, scribbles(scene(seed)[1], seed)) for seed in (1, 2)]
    return snapshot(*scribbled, labelled(tmp_path, 9, split="val"))


class Trainer:
    """Stands in for training: a step takes no time at all, and the best rate of each head is BEST."""

    def __init__(self) -> None:
        self.trained: list[tuple[LabelSnapshot, TrainingSettings]] = []

    def __call__(
        self,
        data: LabelSnapshot,
        settings: TrainingSettings,
        *,
        between: Callable[[Any], None],
        report: Callable[[Report], None] = print,
        stop: Callable[[], bool] = bool,
    ) -> TrainingEnded:
        network = new_network(SHAPES["tiny"], Inputs(3), head_named(settings.head), CLASSES)
        if not settings.max_steps:
            for _ in range(100):
                between(network)
        self.trained.append((data, settings))
        report(StepsDone(1, 1.0, 1.0, 0.5, 0.1))
        return TrainingEnded(
            settings=settings.to_mapping() | network.to_mapping(),
            seed=settings.seed,
            label_revision=data.revision,
            classes=CLASSES,
            device="CPU",
            seconds=1.0,
            metrics={
                "miou": 0.5 - abs(settings.learning_rate - BEST[settings.head]),
                "steps": 5,
                "measured_on": "here",
            },
            curves={},
            weights=pack_weights(network.model.get_weights()),
            stopped=stop(),
        )


@pytest.fixture
def trainer(monkeypatch: pytest.MonkeyPatch) -> Trainer:
    trainer = Trainer()
    monkeypatch.setattr(head_lab, "train", trainer)
    return trainer


def test_every_head_gets_the_same_seeds_steps_and_rates_to_choose_from(data: LabelSnapshot, trainer: Trainer) -> None:
    compared = compare_heads(data, TINY, 2)
    assert [head.name for head in compared.heads] == list(HEADS)
    short, whole = trainer.trained[: 4 * len(RATES)], trainer.trained[4 * len(RATES) :]
    assert [s.learning_rate for _, s in short] == [*RATES] * 4
    assert len({(s.max_steps, s.seed, s.batch, s.patch) for _, s in short}) == 1
    assert {s.max_steps for _, s in whole} != {s.max_steps for _, s in short}
    assert len({s.max_steps for _, s in whole}) == 1
    assert [(s.seed, s.head) for _, s in whole] == [(seed, name) for seed in (0, 1) for name in HEADS]
    assert not any(s.guesses for _, s in trainer.trained)


def test_each_head_is_trained_with_the_rate_that_was_best_on_training_images(
    data: LabelSnapshot, trainer: Trainer
) -> None:
    compared = compare_heads(data, TINY, 1)
    assert {head.name: head.learning_rate for head in compared.heads} == BEST
    for number, (seen, settings) in enumerate(trainer.trained):
        choosing = number < 4 * len(RATES)
        assert {image.split for image in seen.images} == ({"train"} if choosing else {"train", "val"})
        assert choosing or settings.learning_rate == BEST[settings.head]
    assert compared.measured_on == "validation images" and compared.rates_chosen_on == "here"


def test_progress_goes_up_and_tells_who_is_through(data: LabelSnapshot, trainer: Trainer) -> None:
    seen: list[HeadProgress] = []
    compare_heads(
        data, TINY, 1, report=lambda report: seen.append(report) if isinstance(report, HeadProgress) else None
    )
    assert seen[0].done < 0.1 and seen[-1].done > 0.9
    assert [len(report.heads) for report in seen][-1] == 4
    assert "Sigmoid: training 1 of 1" in {report.doing for report in seen}


def test_stopped_in_the_second_round_keeps_the_first(data: LabelSnapshot, trainer: Trainer) -> None:
    through = 4 * len(RATES) + 5
    compared = compare_heads(data, TINY, 3, stop=lambda: len(trainer.trained) >= through)
    assert compared.stopped
    assert [len(head.measures) for head in compared.heads] == [1, 1, 1, 1]


def test_stopped_before_any_head_is_through_is_a_sentence(data: LabelSnapshot, trainer: Trainer) -> None:
    with pytest.raises(TrainingError, match="nothing to show"):
        compare_heads(data, TINY, 3, stop=lambda: len(trainer.trained) >= 3)


@pytest.mark.slow
def test_the_real_thing_trains_and_measures_all_heads(data: LabelSnapshot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(head_lab, "RATES", (1e-2,))
    compared = compare_heads(data, replace(TINY, budget_s=1), 1)
    heads = {head.name: head for head in compared.heads}
    assert set(heads) == set(HEADS)
    softmax, flat = heads["softmax"].measures[0], heads["softmax-flat"].measures[0]
    assert softmax.steps == flat.steps >= 1  # one, where the machine is busy
    assert softmax.miou == pytest.approx(flat.miou, abs=0.02), "the same loss on the same patches"
    for name in ("softmax", "softmax-flat", "normalised-sigmoid"):
        assert heads[name].sums == pytest.approx((1, 1, 1), abs=1e-3)
    least, _, greatest = heads["sigmoid"].sums
    assert greatest - least > 0.01
    assert all(0.4 < head.measures[0].binary_accuracy <= 1 for head in compared.heads)
