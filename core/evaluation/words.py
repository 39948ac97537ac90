"""Figures of an evaluation as a person reads them."""

from collections.abc import Sequence
from math import isnan

from core.classes import LabelClass
from core.evaluation.figures import Evaluation
from core.findings import ErrorKind, Place


def title_of(evaluation: Evaluation) -> str:
    """What was measured on what, in a line."""
    subject, count = evaluation.subject, evaluation.images
    if "pixels" in subject.measured_on:
        where = f"{subject.measured_on} of {count} image{'' if count == 1 else 's'}"
    else:
        where = f"{count} {subject.measured_on.removesuffix('s') if count == 1 else subject.measured_on}"
    return f"Run {subject.run_id} on {where}, {evaluation.confusion.pixels:,} labelled pixels"


def place_text(kind: ErrorKind, place: Place, classes: Sequence[LabelClass]) -> str:
    """What is wrong at a place, in a line."""
    pixels = "1 pixel" if place.pixels == 1 else f"{place.pixels:,} pixels"
    label, said = (classes[value].name for value in kind)
    return f"labelled {label}, model says {said}, {pixels}, {100 * place.confidence:.0f} % sure"


def share_text(share: float) -> str:
    """In whole percent; nothing for nothing."""
    if isnan(share) or share == 0:
        return ""
    return "< 1 %" if share < 0.005 else f"{100 * share:.0f} %"


def percent(value: float) -> str:
    """With a tenth; a dash for what is undefined."""
    return "–" if isnan(value) else f"{100 * value:.1f} %"


def totals(evaluation: Evaluation) -> tuple[tuple[str, str], ...]:
    """The figures over all classes: what each is called, and what it is."""
    return (
        ("mean IoU", percent(evaluation.confusion.miou)),
        ("right pixels", percent(evaluation.confusion.accuracy)),
        ("calibration error", percent(evaluation.calibration_error)),
    )
