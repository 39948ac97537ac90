"""Running an exported model's predict.py as a stranger would, and comparing what it writes with what the app says."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import NamedTuple

import numpy as np

from core.classes import UNLABELED
from core.errors import ExportError
from core.images import read_mask_file
from core.masks.tiles import Array
from core.model_formats.sample import read_as_taken, save_sample
from core.prediction.inference import predict_image
from core.records import ExportFigures, ModelOrigin
from core.training.dataset import LabelledCells, read_labels
from core.training.inputs import Floats, Picture
from core.training.metrics import Confusion
from core.training.network import Network

TOLERANCE = 1e-4
"""How far the exported model's probabilities may be from the app's own."""
LEAST_AGREEMENT = 0.5
"""Mean IoU of an inexact model's classes with the app's, below which it is not kept."""
TILE = 128
"""Pixels a side of the tiles: several for most samples."""
PATIENCE_S = 600
POLL_S = 0.2
"""So often an export can be stopped."""
ENOUGH_PIXELS = 4e6
"""Of the pictures that an inexact model is measured on: once there are so many, no more are taken."""
OUT = "checked"
"""What the script writes to. It is told by a relative path: left alone, it cannot write where all this is gone."""
CHECKING = "checking that its predict.py works"
Report = Callable[[str], None]
"""Told what it is doing, for a person, now and then. What it raises ends the export."""


def check_exact(folder: Path, sample: Path, ours: Floats, report: Report) -> ExportFigures:
    """ExportError unless the model in `folder` gives these probabilities, (rows, columns, classes), for the sample."""
    out = folder.with_name(OUT)
    milliseconds = _run_script(folder, [sample.name, "--probabilities", "--tile", str(TILE)], report)
    theirs = np.load((out / sample.name).with_suffix(".npy"))
    difference = float(np.abs(theirs - ours).max()) if theirs.shape == ours.shape else np.inf
    if not difference <= TOLERANCE:
        raise ExportError(
            f"The written model does not repeat the app's own prediction (off by {difference:.2g}), "
            "so it was not kept. Export again, and report this if it stays."
        )
    return ExportFigures(milliseconds)


class Subject(NamedTuple):
    picture: Picture
    """As the exported model takes it."""
    truth: Array | None = None
    """Labels of its size that the run did not learn from, where there are any."""


def subjects(network: Network, origin: ModelOrigin, held_out: Sequence[LabelledCells]) -> Iterator[Subject]:
    """Whole pictures of the project to try a model on, those first that labels were held out of."""
    labelled, pixels = {cells.image.path: cells for cells in held_out}, 0
    for path in dict.fromkeys([*labelled, *origin.pictures]):
        picture = read_as_taken(Path(path), network.inputs) if pixels < ENOUGH_PIXELS else None
        if picture is None:
            continue
        pixels += picture[..., 0].size
        mask = labelled[path].image.mask if path in labelled else None
        fits = mask is not None and (mask.height, mask.width) == picture.shape[:2]
        yield Subject(picture, read_labels(labelled[path], mask.bounds) if mask is not None and fits else None)


def measure(folder: Path, network: Network, tried: Sequence[Subject], report: Report) -> ExportFigures:
    """How far the classes that the model in `folder` gives are those of the app.

    Args:
        tried: at least one. The model's own mask of the last becomes that of the sample.

    Raises:
        ExportError: it does not run, or its classes are too far off.
    """
    pictures, out = folder.with_name("tried"), folder.with_name(OUT)
    pictures.mkdir()
    paths = [save_sample(pictures, subject.picture, f"{number:03d}") for number, subject in enumerate(tried)]
    milliseconds = _run_script(folder, [*map(str, paths)], report)
    alike, app, exported = (Confusion.empty(UNLABELED) for _ in range(3))

    def stop() -> bool:
        report(CHECKING)
        return False

    for path, subject in zip(paths, tried, strict=True):
        ours, _ = predict_image(network, subject.picture, stop=stop)
        theirs = read_mask_file(out / f"{path.stem}.png")
        alike.add(ours, theirs)
        if subject.truth is not None:
            app.add(subject.truth, ours)
            exported.add(subject.truth, theirs)
    if not alike.miou >= LEAST_AGREEMENT:
        raise ExportError(
            f"The model in 8 bits agrees with the app's own predictions to {100 * alike.miou:.0f} % only (mean IoU), "
            f"and less than {100 * LEAST_AGREEMENT:.0f} % is not kept. Export it in another format."
        )
    (out / f"{paths[-1].stem}.png").replace(folder / "sample-mask.png")
    measured = (app.miou, exported.miou) if app.pixels else None
    return ExportFigures(milliseconds, 0, alike.miou, alike.pixels, measured, app.pixels)


def _run_script(folder: Path, words: Sequence[str], report: Report) -> float:
    """It writes to OUT beside `folder`; returns the milliseconds that it takes for a megapixel."""
    environment = {**os.environ, "CUDA_VISIBLE_DEVICES": "-1", "TF_CPP_MIN_LOG_LEVEL": "3"}
    begun, said, errors = monotonic(), "", None
    with subprocess.Popen(
        [sys.executable, "-I", "-B", "predict.py", *words, "--time", "--out", str(Path("..", OUT))],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
    ) as process:
        try:
            while errors is None:
                report(CHECKING)
                if monotonic() - begun > PATIENCE_S:
                    raise ExportError(
                        "The written model took too long to predict an example, so it was not kept. Try again when "
                        "the computer has less to do."
                    )
                with suppress(subprocess.TimeoutExpired):
                    said, errors = process.communicate(timeout=POLL_S)
        finally:
            process.kill()
    if process.returncode:
        last = (errors.strip().splitlines() or [f"exit status {process.returncode}"])[-1]
        raise ExportError(f"The written model does not run on its own, so it was not kept: {last}")
    return float(said.split()[-4])
