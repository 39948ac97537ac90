"""Two runs side by side, and a run beside classes that have changed."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from core.classes import UNLABELED, LabelClass, load_template
from core.records import TrainingRun
from core.run_comparison import changed_classes, changed_pixels, difference, different_settings, iou_pairs, remarks

CLASSES = load_template("landcover")


def run(number: int, **metrics: object) -> TrainingRun:
    settings = {"seed": number, "head": "softmax"}
    made = datetime(2026, 1, number, tzinfo=UTC)
    return TrainingRun(number, made, number, settings, 5, CLASSES, "CPU", 60.0, metrics, {})


def test_only_what_differs_is_told() -> None:
    assert different_settings(run(1), run(2)) == {"seed": (1, 2)}


def test_classes_that_one_run_alone_was_measured_on_have_no_difference() -> None:
    pairs = iou_pairs(run(1, iou={"water": 0.5}), run(2, iou={"water": 0.75, "road": None}))
    assert pairs == {"water": (0.5, 0.75), "road": (None, None)}
    assert [difference(*pair) for pair in pairs.values()] == [0.25, None]


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (run(2, measured_on="held-out pixels"), "do not tell which is better"),
        (replace(run(2, measured_on="validation images"), label_revision=6), "The labels changed"),
        (run(2, measured_on="validation images"), ""),
    ],
)
def test_figures_come_with_what_a_reader_should_know(other: TrainingRun, said: str) -> None:
    assert said in " ".join(remarks(run(1, measured_on="validation images"), other))


def test_classes_that_changed_since_are_told_one_by_one() -> None:
    renamed = (replace(CLASSES[0], name="lake"), *CLASSES[1:])
    more = (*CLASSES, LabelClass(len(CLASSES), "snow", "#ffffff"))
    assert changed_classes(run(3), CLASSES) == []
    assert 'learned "water" where the project has "lake"' in changed_classes(run(3), renamed)[0]
    assert "does not know snow" in changed_classes(run(3), more)[0]
    assert f"also learned {CLASSES[-1].name}" in changed_classes(run(3), CLASSES[:-1])[0]


def test_changed_pixels_are_counted_by_kind_the_most_first_without_what_is_not_predicted() -> None:
    a, b = np.zeros((3000, 4), np.uint8), np.zeros((3000, 4), np.uint8)
    b[:, 0], a[:10, 1], b[10:, 2], a[:, 3] = 1, 2, UNLABELED, UNLABELED
    changed = changed_pixels(a, b)
    assert list(changed.kinds.items()) == [((0, 1), 3000), ((2, 0), 10)]
    assert changed.compared == 3000 + 3000 + 10
    assert changed.share(changed.pixels) == pytest.approx(3010 / 6010)
    assert changed_pixels(a, a).pixels == 0
