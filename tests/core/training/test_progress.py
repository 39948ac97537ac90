"""How far a step goes at most, where nobody says, and the curves."""

import pytest

from core.training.progress import FEW_LABELS_RATE, LEAST_RATE, RATE, Progress, choose_rate
from core.training.settings import TrainingSettings


@pytest.mark.parametrize(
    ("settings", "rate"),
    [
        (TrainingSettings(budget_s=60), FEW_LABELS_RATE),
        (TrainingSettings(budget_s=240), FEW_LABELS_RATE / 2),
        (TrainingSettings(budget_s=600, max_steps=40), FEW_LABELS_RATE),
        (TrainingSettings(budget_s=9000, max_steps=3600), FEW_LABELS_RATE / 2),
        (TrainingSettings(budget_s=36000), LEAST_RATE),
    ],
)
def test_few_strokes_want_smaller_steps_the_longer_they_are_learned_from(
    settings: TrainingSettings, rate: float
) -> None:
    assert choose_rate(settings, few_labels=True) == pytest.approx(rate)
    assert choose_rate(settings, few_labels=False) == RATE


def test_the_last_figures_take_the_place_of_a_look_at_the_same_moment_or_come_after_it() -> None:
    progress = Progress(TrainingSettings(), seconds=1.0)
    progress.add_measured({"miou": 0.2, "iou/water": 0.4})
    progress.seconds = 2.0
    progress.add_measured({"miou": 0.5, "iou/water": 0.6})
    progress.end_measured({"miou": 0.4, "iou/water": 0.5, "iou/road": 0.1})
    assert progress.curves["measured_miou"] == [0.2, 0.4]
    assert progress.curves["measured_seconds"] == [1.0, 2.0] and "measured_iou/road" not in progress.curves
    progress.seconds = 3.0
    progress.end_measured({"miou": 0.3, "iou/water": 0.3})
    assert progress.curves["measured_iou/water"] == [0.4, 0.5, 0.3]


def test_figures_without_a_class_that_the_curves_show_leave_them_alone() -> None:
    progress = Progress(TrainingSettings(), seconds=1.0)
    progress.end_measured({"miou": 0.2})
    assert "measured_miou" not in progress.curves
    progress.add_measured({"miou": 0.2, "iou/water": 0.4})
    progress.end_measured({"miou": 0.3})
    assert progress.curves["measured_miou"] == [0.2]
