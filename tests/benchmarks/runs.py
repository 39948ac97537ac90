"""Memory of the worker over many trainings in one sitting."""

import argparse
import tempfile
from pathlib import Path
from time import monotonic
from typing import Any

from core.project import Project
from core.training.messages import Failed, Train, TrainingEnded
from core.training.settings import TrainingSettings
from core.training.worker import Worker
from tests.benchmarks.learn import sample_project

LONGEST_S = 600.0
"""A single training with all that comes before it."""
PAUSE_S = 3.0
"""Between trainings, in which somebody looks at the prediction."""


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--runs", type=int, default=20, help="trainings, one after the other")
    parser.add_argument("--steps", type=int, default=5, help="steps of each")


def run(args: argparse.Namespace) -> dict[str, Any]:
    settings = TrainingSettings(budget_s=3600, max_steps=args.steps)
    worker = Worker()
    try:
        with tempfile.TemporaryDirectory() as folder, Project.open(sample_project(Path(folder))) as project:
            request = Train(project.snapshot_labels(), settings)
            sizes = [_resident_after(worker, request) for _ in range(args.runs)]
    finally:
        worker.close()
    return {
        "runs": args.runs,
        "rss_mb_first": sizes[0],
        "rss_mb_last": sizes[-1],
        "rss_mb_most": max(sizes),
        "rss_mb": sizes,
    }


def _resident_after(worker: Worker, request: Train) -> float:
    """Megabytes that the worker holds once it has trained."""
    worker.send(request)
    end = monotonic() + LONGEST_S
    while not isinstance(report := worker.receive(1.0), TrainingEnded):
        if isinstance(report, Failed) or monotonic() > end:
            raise RuntimeError(getattr(report, "message", "the training took too long"))
    resident = _resident(worker)
    end = monotonic() + PAUSE_S
    while monotonic() < end:
        worker.receive(0.2)
    return resident


def _resident(worker: Worker) -> float:
    status = Path(f"/proc/{worker.pid}/status").read_text(encoding="ascii")
    return round(int(status.split("VmRSS:")[1].split()[0]) / 1024, 1)
