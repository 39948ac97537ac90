"""How far a step goes at most, where nobody says."""

import pytest

from core.training.progress import FEW_LABELS_RATE, LEAST_RATE, RATE, choose_rate
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
