"""The verb that takes in a model from elsewhere. It returns the exit code."""

import argparse

from app.terminal import Terminal, columns
from core.errors import ModelError
from core.foreign.import_model import CONSENT, check_model, find_model, keep_model
from core.foreign.recognise import Recognised
from core.formats.source import shown
from core.project import Project
from core.records import IMPORTED, TrainingRun


def import_model(args: argparse.Namespace, terminal: Terminal) -> int:
    model = find_model(args.path)
    if not args.yes:
        raise ModelError(f"{CONSENT} Then say so with --yes.")
    with Project.open(args.project) as project:
        terminal.progress(f"trying {model.name} on a picture, in a process of its own", key="try")
        found = check_model(project, model, table=args.map, scale=args.scale)
        run = keep_model(project, model, found)
    for sentence in found.notes:
        terminal.warn(sentence)
    terminal.say(_told(found, run))
    terminal.result(_values(found, run))
    return 0


def _told(found: Recognised, run: TrainingRun) -> str:
    rows = [("channel", "class"), *((shown(one.name), one.to or "counts for none") for one in found.channels)]
    return f"{columns(rows)}\nRun {run.id} is {run.note}: use it like any other run."


def _values(found: Recognised, run: TrainingRun) -> dict[str, object]:
    return {
        "run": run.id,
        "file": run.note,
        "model": dict(run.settings[IMPORTED]),
        "channels": {one.name: one.to for one in found.channels},
        "notes": list(found.notes),
    }
