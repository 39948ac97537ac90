"""The verb that compares heads. It returns the exit code."""

import argparse
from dataclasses import replace
from typing import Any

from app.figures import clock
from app.terminal import Terminal, columns
from app.train_verb import interruptible
from core.labels import LabelSnapshot
from core.project import Project
from core.training.head_figures import HeadResult
from core.training.head_words import explain, percent, sums_text
from core.training.messages import HeadProgress, HeadsCompared, Notice, Report
from core.training.settings import TrainingSettings

HEADINGS = ("head", "mIoU", "pixel accuracy", "binary accuracy", "calibration error", "sums to", "rate")


def compare_heads(args: argparse.Namespace, terminal: Terminal) -> int:
    settings = replace(TrainingSettings(), budget_s=args.budget_s, network=args.network)
    with Project.open(args.project) as project:
        snapshot = project.snapshot_labels()
    compared = _compare(snapshot, settings, args.seeds, terminal)
    terminal.say(columns([HEADINGS, *(_line(head) for head in compared.heads)]))
    terminal.say(f"\n{explain(compared)}")
    terminal.result(comparison_values(compared))
    return 0


def _compare(snapshot: LabelSnapshot, settings: TrainingSettings, seeds: int, terminal: Terminal) -> HeadsCompared:
    terminal.progress("loading TensorFlow", key="load")
    from core.training.device import find_device
    from core.training.head_lab import compare_heads as compare
    from core.training.quiet import load_keras

    load_keras()
    terminal.warn(f"comparing on {find_device().name}")
    for sentence in snapshot.left_out:
        terminal.warn(f"left out: {sentence}")
    with interruptible(terminal) as stop:
        return compare(snapshot, settings, seeds, report=_Reporter(terminal), stop=stop)


class _Reporter:
    """Turns what the comparison reports into progress lines."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal

    def __call__(self, report: Report) -> None:
        match report:
            case HeadProgress():
                text = f"{report.doing}, {100 * report.done:.0f} %, about {clock(report.seconds_left)} left"
                self._terminal.progress(text, key=report.doing)
            case Notice():
                self._terminal.warn(report.text)


def comparison_values(compared: HeadsCompared) -> dict[str, Any]:
    """Ready for JSON; shares are from 0 to 1."""
    return {
        "heads": [head.to_mapping() for head in compared.heads],
        "measured_on": compared.measured_on,
        "rates_chosen_on": compared.rates_chosen_on,
        "binary_accuracy_of_all_zeros": round((compared.classes - 1) / compared.classes, 6),
        "seeds": compared.seeds,
        "budget_s": compared.budget_s,
        "seconds": compared.seconds,
        "stopped": compared.stopped,
        "explanation": explain(compared),
    }


def _line(head: HeadResult) -> tuple[str, ...]:
    figures = (percent(head.figure(n)) for n in ("miou", "pixel_accuracy", "binary_accuracy", "calibration_error"))
    return (head.title, *figures, sums_text(head), f"{head.learning_rate:g}")
