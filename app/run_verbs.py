"""The verbs that look back at trainings: list runs, show one, compare two, and keep order among them."""

import argparse
from collections.abc import Mapping, Sequence
from typing import Any

from app.run_texts import comparison_text, list_text, megabytes, run_text, seen_text, seen_values
from app.terminal import Terminal
from app.verbs import project_path, run_values
from core.errors import ProjectError
from core.project import Project
from core.records import TrainingRun
from core.run_comparison import difference, different_settings, iou_pairs, measured_alike
from core.run_labels import SeenLabels, labels_seen

NUMBERS = {"list": 0, "show": 1, "compare": 2, "note": 1, "star": 1, "unstar": 1, "delete": 1}
"""What can be asked of runs, with how many of their numbers it takes."""
FORMS = "show N | compare A B | note N TEXT | star N | unstar N | delete N"
USAGE = f'write "runs PROJECT", or after it one of: {FORMS}'


class RunsAsked(argparse.Action):
    """Reads what is asked of which project: the project may stand before or after "show", "compare" and the others."""

    def __call__(
        self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, values: Any, option: str | None = None
    ) -> None:
        words = list(values)
        if len(words) > 1 and words[0] in NUMBERS:
            words[:2] = words[1], words[0]
        name, what, *numbers = words if len(words) > 1 else (words[0], "list")
        text = numbers[1:] if what == "note" else []
        numbers = numbers[:1] if what == "note" else numbers
        whole = all(n.isdecimal() and int(n) > 0 for n in numbers)
        if what not in NUMBERS or len(numbers) != NUMBERS[what] or not whole or (what == "note" and not text):
            raise argparse.ArgumentError(self, USAGE)
        namespace.project, namespace.what, namespace.text = project_path(name), what, " ".join(text)
        namespace.numbers = [int(n) for n in numbers]


def runs(args: argparse.Namespace, terminal: Terminal) -> int:
    with Project.open(args.project) as project:
        there = project.runs()
        chosen = [_numbered(there, number, args.project.name) for number in args.numbers]
        said, values = _told(project, args, there, chosen)
    terminal.say(said)
    terminal.result(values)
    return 0


def _told(
    project: Project, args: argparse.Namespace, there: Sequence[TrainingRun], chosen: Sequence[TrainingRun]
) -> tuple[str, Mapping[str, Any]]:
    """What to say, and the same for programs."""
    match args.what:
        case "list":
            said = list_text(there) if there else "Nothing is trained yet in this project. Train first."
            return said, {"runs": [run_values(run) for run in there]}
        case "show":
            seen = None if chosen[0].imported else labels_seen(project, chosen[0])
            return f"{run_text(chosen[0])}\n{seen_text(seen, project.classes)}", run_details(chosen[0], seen)
        case "compare":
            values = compare_runs(*chosen)
            return comparison_text(values, chosen), values
        case "delete":
            return _delete(project, chosen[0])
        case "note":
            run = project.note_run(chosen[0].id, args.text.strip())
        case _:
            run = project.star_run(chosen[0].id, args.what == "star")
    return list_text([run]), run_values(run)


def _delete(project: Project, run: TrainingRun) -> tuple[str, Mapping[str, Any]]:
    project.delete_runs([run.id])
    room = project.room()
    said = f"Run {run.id} is deleted. {project.path.name} stays {megabytes(room.size)} large"
    values = {"deleted": run.id, "file_bytes": room.size, "free_bytes": room.free}
    return f"{said}: {megabytes(room.free)} in it are free for what comes next.", values


def _numbered(there: Sequence[TrainingRun], number: int, name: str) -> TrainingRun:
    for run in there:
        if run.id == number:
            return run
    known = ", ".join(str(run.id) for run in reversed(there)) or "none yet"
    raise ProjectError(f"There is no run {number} in {name}. Its runs: {known}.")


def run_details(run: TrainingRun, seen: SeenLabels | None) -> dict[str, Any]:
    """All that is stored of a run but its weights, and what labels it saw."""
    return {
        **run_values(run),
        "classes": [label.name for label in run.classes],
        "settings": dict(run.settings),
        "curves": dict(run.curves),
        "labels": None if seen is None else seen_values(seen, run.classes),
    }


def compare_runs(a: TrainingRun, b: TrainingRun) -> dict[str, Any]:
    """What differs between two runs.

    Returns:
        a, b: run_values of each. settings {name: [a, b]} of those that differ. difference: mIoU of b less that of a,
        accuracy likewise. iou {class: [a, b, difference]}. measured_alike: whether the figures may be compared at all.
    """
    return {
        "a": run_values(a),
        "b": run_values(b),
        "settings": {name: list(pair) for name, pair in different_settings(a, b).items()},
        "measured_alike": measured_alike(a, b),
        "difference": {name: difference(a.metrics.get(name), b.metrics.get(name)) for name in ("miou", "accuracy")},
        "iou": {name: [*pair, difference(*pair)] for name, pair in iou_pairs(a, b).items()},
    }
