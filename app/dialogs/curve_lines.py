"""A run's curves as lines of a plot."""

from collections.abc import Mapping

from app.curves import CLASS, Curves
from app.dialogs.plot import Line
from app.theme import tones
from core.records import TrainingRun

KINDS = (
    ("miou", "Mean IoU"),
    ("iou", "IoU of each class"),
    ("loss", "Loss"),
    ("learning_rate", "Learning rate"),
)
SHARES = ("miou", "iou")
"""Kinds that run from 0 to 1."""


def run_curves(run: TrainingRun) -> Curves:
    """What a run tells of its training; how it ended, where nothing was measured on the way."""
    curves, miou = Curves(run.curves), run.metrics.get("miou")
    if isinstance(miou, float):
        curves.end_with(run.seconds, miou)
    return curves


def lines_of(
    curves: Curves, kind: str, colors: Mapping[str, str], *, name: str = "", behind: bool = False
) -> list[Line]:
    """The lines of one of KINDS.

    Args:
        colors: by class name.
        name: written at the end of a line that is alone; classes have their own names, but not behind others.
        behind: thin and dashed, for the run that is compared with.
    """
    if kind != "iou":
        return [Line(curves.samples(kind), name, tones().muted if behind else tones().accent, behind)]
    return [
        Line(curves.samples(CLASS + label), "" if behind else label, colors.get(label, tones().muted), behind)
        for label in curves.classes
    ]
