"""The verbs that look back at trainings: list runs, show one, set two against each other."""

import argparse
from collections.abc import Mapping, Sequence
from typing import Any

from app.figures import clock, points
from app.terminal import Terminal, columns, percent, table
from app.verbs import project_path, run_values
from core.errors import ProjectError
from core.project import Project
from core.records import TrainingRun

USAGE = 'write "runs PROJECT", "runs PROJECT show N" or "runs PROJECT compare A B"'
NUMBERS = {"list": 0, "show": 1, "compare": 2}
"""What can be asked of runs, with how many of their numbers it takes."""


class RunsAsked(argparse.Action):
    """Reads what is asked of which project: the project may stand before or after "show" and "compare"."""

    def __call__(
        self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, values: Any, option: str | None = None
    ) -> None:
        words = list(values)
        if len(words) > 1 and words[0] in NUMBERS:
            words[:2] = words[1], words[0]
        name, what, *numbers = words if len(words) > 1 else (words[0], "list")
        whole = all(n.isdecimal() and int(n) > 0 for n in numbers)
        if what not in NUMBERS or len(numbers) != NUMBERS[what] or not whole:
            raise argparse.ArgumentError(self, USAGE)
        namespace.project, namespace.what = project_path(name), what
        namespace.numbers = [int(n) for n in numbers]


def runs(args: argparse.Namespace, terminal: Terminal) -> int:
    with Project.open(args.project) as project:
        there = project.runs()
    if args.what == "list":
        values: Mapping[str, Any] = {"runs": [run_values(run) for run in there]}
        terminal.say(_list_text(there) if there else "Nothing is trained yet in this project. Train first.")
    else:
        chosen = [_numbered(there, number, args.project.name) for number in args.numbers]
        values = run_details(chosen[0]) if args.what == "show" else compare_runs(*chosen)
        terminal.say(_run_text(chosen[0]) if args.what == "show" else _comparison_text(values, chosen))
    terminal.result(values)
    return 0


def _numbered(there: Sequence[TrainingRun], number: int, name: str) -> TrainingRun:
    for run in there:
        if run.id == number:
            return run
    known = ", ".join(str(run.id) for run in reversed(there)) or "none yet"
    raise ProjectError(f"There is no run {number} in {name}. Its runs: {known}.")


def run_details(run: TrainingRun) -> dict[str, Any]:
    """All that is stored of a run but its weights."""
    return {
        **run_values(run),
        "classes": [label.name for label in run.classes],
        "settings": dict(run.settings),
        "curves": dict(run.curves),
    }


def compare_runs(a: TrainingRun, b: TrainingRun) -> dict[str, Any]:
    """What differs between two runs.

    Returns:
        a, b: run_values of each. settings {name: [a, b]} of those that differ. difference: mIoU of b less that of a,
        accuracy likewise. iou {class: [a, b, difference]}. measured_alike: whether the figures may be compared at all.
    """
    names = sorted({*a.settings, *b.settings})
    pairs = {name: [a.settings.get(name), b.settings.get(name)] for name in names}
    ours, theirs = a.metrics.get("iou", {}), b.metrics.get("iou", {})
    return {
        "a": run_values(a),
        "b": run_values(b),
        "settings": {name: pair for name, pair in pairs.items() if pair[0] != pair[1]},
        "measured_alike": a.metrics.get("measured_on") == b.metrics.get("measured_on"),
        "difference": {name: _difference(a.metrics.get(name), b.metrics.get(name)) for name in ("miou", "accuracy")},
        "iou": {
            name: [ours.get(name), theirs.get(name), _difference(ours.get(name), theirs.get(name))]
            for name in dict.fromkeys((*ours, *theirs))
        },
    }


def _difference(a: float | None, b: float | None) -> float | None:
    return None if a is None or b is None else round(b - a, 6)


def _list_text(there: Sequence[TrainingRun]) -> str:
    heads = ("run", "when", "time", "mIoU", "measured on", "network", "head", "labels", "from", "size")
    return columns([heads, *(_line(run) for run in there)])


def _line(run: TrainingRun) -> tuple[str, ...]:
    settings = run.settings
    return (
        str(run.id),
        f"{run.created_at.astimezone():%Y-%m-%d %H:%M}",
        clock(run.seconds),
        percent(run.metrics.get("miou")),
        str(run.metrics.get("measured_on", "–")),
        str(settings.get("network", "–")),
        str(settings.get("head", "–")),
        f"revision {run.label_revision}",
        f"run {settings['started_from']}" if settings.get("started_from") else "afresh",
        f"{run.weight_bytes / 1e6:.1f} MB",
    )


def _run_text(run: TrainingRun) -> str:
    heads = ("run", "when", "time", "mIoU", "measured on", "network", "head", "labels", "from", "weights")
    rows = [*zip(heads, _line(run), strict=True), ("device", run.device), ("steps", str(run.metrics.get("steps", "–")))]
    plain = {n: v for n, v in run.settings.items() if n not in (*heads, "started_from") and not isinstance(v, Mapping)}
    parts = [table(rows), "settings", table([(n, str(v)) for n, v in sorted(plain.items())])]
    iou = run.metrics.get("iou", {})
    return "\n".join([*parts, *(["IoU", table([(n, percent(v)) for n, v in iou.items()])] if iou else [])])


def _comparison_text(values: Mapping[str, Any], chosen: Sequence[TrainingRun]) -> str:
    a, b = (f"run {run.id}" for run in chosen)
    changed = [(name, _short(x), _short(y)) for name, (x, y) in values["settings"].items()]
    figures = [
        (text, percent(values["a"].get(name)), percent(values["b"].get(name)), points(values["difference"][name]))
        for name, text in (("miou", "mIoU"), ("accuracy", "accuracy"))
    ]
    figures += [(name, percent(x), percent(y), points(d)) for name, (x, y, d) in values["iou"].items()]
    parts = [columns([("settings that differ", a, b), *changed]) if changed else "The settings are the same."]
    parts.append(columns([("figures", a, b, "difference"), *figures]))
    if not values["measured_alike"]:
        on = [str(run.metrics.get("measured_on", "nothing")) for run in chosen]
        parts.append(f"{a} was measured on {on[0]}, {b} on {on[1]}: the figures do not tell which is better.")
    elif chosen[0].label_revision != chosen[1].label_revision:
        parts.append("The labels changed between the two runs.")
    return "\n\n".join(parts)


def _short(value: Any) -> str:
    text = "–" if value is None else str(value)
    return text if len(text) <= 40 else f"{text[:39]}…"
