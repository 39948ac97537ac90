"""How good the network is, on the way and at the end, and which weights are kept."""

from collections.abc import Callable, Mapping
from time import perf_counter
from typing import Any

from core.training.best import Best
from core.training.course import Course
from core.training.measuring import Glance
from core.training.messages import Alive, Measured, Report
from core.training.metrics import Confusion

STOP_S = 1.0
"""Who presses Stop waits this long at most for a last look at how good the network is, and for one region more."""

Tell = Callable[[Report], None]
Stop = Callable[[], bool]


def look(course: Course, report: Tell, stop: Stop) -> None:
    """Measure on the way, keep the weights if they are the best so far."""
    glance = course.measuring.glance(course.averaged, stop)
    if course.measuring.complete(glance):
        _add(course, glance)
        if _counts(course):
            course.best.offer(glance, course.averaged.model.get_weights(), course.progress.seconds)
    report(_measured(course, glance.total()))


def conclude(course: Course, report: Tell, stop: Stop) -> tuple[Confusion, dict[str, Any]]:
    """Measure the last weights or, where those on the way were better, go back to them."""
    end = perf_counter() + STOP_S
    glance = course.measuring.glance(course.averaged, lambda: stop() and perf_counter() > end)
    if course.measuring.complete(glance):
        _add(course, glance)
    more: dict[str, Any] = {"measured_on": course.dataset.measured_on, "steps": course.progress.step}
    if course.best.beats(glance):
        assert course.best.glance is not None
        course.averaged.model.set_weights(course.best.weights)
        glance, more["best_at_s"] = course.best.glance, round(course.best.seconds, 3)
    confusion = _in_full(course, glance, report, stop)
    course.progress.end_measured(_figures(course, confusion))
    report(_measured(course, confusion))
    return confusion, more


def _in_full(course: Course, glance: Glance, report: Tell, stop: Stop) -> Confusion:
    """Of all there is to measure on; of the glance alone where that was all, or where somebody waits for the end."""

    def beat() -> None:
        report(Alive())

    whole = None if course.measuring.is_all(glance) else course.measuring.full(course.averaged, beat, stop)
    return glance.total() if whole is None else whole


def take_up(course: Course, best: Best, stop: Stop) -> None:
    """Let the best weights of before a crash count again, measured anew where the labels to measure on are others."""
    if best.glance is None or not _counts(course):
        return
    if not course.measuring.fits(best.glance):
        newest = course.averaged.model.get_weights()
        course.averaged.model.set_weights(best.weights)
        best = Best(course.measuring.glance(course.averaged, stop), best.weights, best.seconds)
        course.averaged.model.set_weights(newest)
    course.best = best


def _counts(course: Course) -> bool:
    """Whether figures tell better weights from worse: on what was learned from, they always rise."""
    return course.dataset.measured_on != "training pixels"


def _add(course: Course, glance: Glance) -> None:
    """Add to the curves what a glance saw."""
    course.progress.add_measured(_figures(course, glance.total()))


def _figures(course: Course, confusion: Confusion) -> dict[str, float]:
    """Those of the curves: of the classes that have pixels there."""
    there = confusion.matrix.sum(1) > 0
    iou = {f"iou/{c.name}": float(confusion.iou[c.id]) for c in course.dataset.classes if there[c.id]}
    return {"miou": confusion.miou} | iou


def _measured(course: Course, confusion: Confusion) -> Measured:
    iou: Mapping[str, float] = {c.name: float(v) for c, v in zip(course.dataset.classes, confusion.iou, strict=True)}
    return Measured(course.progress.seconds, confusion.miou, confusion.accuracy, iou)
