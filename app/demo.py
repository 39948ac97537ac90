"""The whole round on the sample: label, train, evaluate, predict, export, and the window on the result."""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from app.model_verbs import evaluate_project, export_project_model, predict_images
from app.terminal import Terminal, percent, table
from app.train_verb import train_project
from core.doctor import has_display
from core.formats import mask_format
from core.formats.export_masks import export_masks
from core.model_formats.origin import model_origin
from core.project import Project
from core.sample import make_sample
from core.sample.labelling import label_sample
from core.training.settings import TrainingSettings

HOME = Path(__file__).parents[1]
"""Where the packages lie: a folder named "app" elsewhere must not be taken for ours."""
SCREENSHOT = "window.png"
SCREENSHOT_SIZE = "1440x900"
SCREENSHOT_LIMIT_S = 180


def demo(args: argparse.Namespace, terminal: Terminal) -> int:
    begun = time.monotonic()
    path = make_sample(args.folder, splits=True)
    with Project.open(path) as project:
        terminal.say(f"The sample project is {path}, with {len(project.images())} images.")
        values = _round(project, args.folder, args.budget_s, terminal)
    terminal.say(f"Done in {time.monotonic() - begun:.0f} s. Everything is in {args.folder.absolute()}:")
    places = {
        "project": path,
        "predictions": args.folder / "predictions",
        "masks": args.folder / "masks",
        "model": args.folder / "model",
    }
    terminal.say(table([(name, str(place)) for name, place in places.items()]))
    values |= {name: str(place) for name, place in places.items()} | _show(path, args.folder, terminal)
    terminal.result(values)
    return 0


def _round(project: Project, folder: Path, budget: float, terminal: Terminal) -> dict[str, Any]:
    """Label, train, evaluate, predict and export."""

    def labelling(done: int, total: int) -> None:
        terminal.progress(f"labelling: {done} of {total} images", key="label")

    def exporting(done: int, total: int) -> None:
        terminal.progress(f"writing masks: {done} of {total}", key="masks")

    strokes = label_sample(project, progress=labelling)
    terminal.say(f"Labelled: {strokes} edits." if strokes else "The labels of last time are used.")
    run, _ = train_project(project, replace(TrainingSettings(), budget_s=budget), terminal)
    terminal.say(f"Trained: run {run.id}, {run.seconds:.0f} s on {run.device}.")
    figures = evaluate_project(project, run.id, "val", terminal).to_mapping()
    terminal.say(f"Evaluated on {figures['images']} validation images: mIoU {percent(figures['miou'])}.")
    terminal.say(table([(name, percent(iou)) for name, iou in figures["iou"].items()]))
    images = [project.image_path(record) for record in project.images()]
    predict_images(project, run.id, images, folder / "predictions", terminal)
    export_masks(project, folder / "masks", mask_format("png"), exporting)
    shutil.rmtree(folder / "model", ignore_errors=True)  # of last time
    export_project_model(project, model_origin(project, run.id), "keras", folder / "model", terminal)
    _choose_image(project)
    return figures


def _choose_image(project: Project) -> None:
    """The window opens on an image that nobody labelled: what is seen there is the model's."""
    unlabelled = [record for record in project.images() if not record.labelled]
    if unlabelled:
        project.save_view_state({"image": unlabelled[0].id})


def _show(project: Path, folder: Path, terminal: Terminal) -> dict[str, Any]:
    """Open the window and wait until it is closed; without a display leave a picture of it."""
    window = [sys.executable, "-m", "app", "open", str(project.absolute())]
    if has_display():
        terminal.say("The window opens on it now.")
        if subprocess.run(window, cwd=HOME, check=False).returncode == 0:
            return {"window": "shown"}
        terminal.say("The window could not open on this display.")
    else:
        terminal.say("There is no display here, so the window cannot be shown.")
    picture = folder / SCREENSHOT
    terminal.progress("taking a picture of the window", key="window")
    command = [*window, "--screenshot", str(picture.absolute()), "--size", SCREENSHOT_SIZE]
    picture.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory() as home:  # the person's own window settings stay as they are
        environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "MASKWRIGHT_HOME": home}
        reason = _run_window(command, environment)
    if reason or not picture.exists():
        terminal.warn(f"maskwright: no picture of the window could be taken: {reason or 'nothing was written'}.")
        return {"window": None}
    terminal.say(f"  a picture of it is {picture}")
    return {"window": str(picture)}


def _run_window(command: list[str], environment: dict[str, str]) -> str:
    """Run a window that closes by itself; the last line of what went wrong, or nothing."""
    try:
        ran = subprocess.run(
            command, cwd=HOME, env=environment, check=False, timeout=SCREENSHOT_LIMIT_S, capture_output=True, text=True
        )
    except subprocess.TimeoutExpired:
        return f"it was not ready after {SCREENSHOT_LIMIT_S} s"
    return "" if ran.returncode == 0 else (ran.stderr.strip().splitlines() or [f"exit status {ran.returncode}"])[-1]
