"""A model as a folder that needs nothing else: written beside, run there in a process of its own, moved into place."""

import hashlib
import inspect
import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from core.errors import ExportError
from core.formats.palette_png import write_palette_png
from core.model_formats import predict_script
from core.model_formats.calibration import calibration_parts
from core.model_formats.card import model_card
from core.model_formats.check import CHECKING, Report, Subject, check_exact, measure, subjects
from core.model_formats.curve_picture import curve_picture
from core.model_formats.model_format import ModelFormat
from core.model_formats.sample import sample_picture, save_sample, whole_probabilities
from core.records import ExportFigures, ModelOrigin
from core.training.dataset import LabelledCells
from core.training.messages import TrainedModel
from core.training.network import Network, network_from

BUILDING, WRITING = "building the network", "writing the model"
FITTING = "fitting 8 bits to the project's pictures, {percent} %"
SUMS = "SHA256SUMS"
HEADER = '''"""Predicts pictures with the {name} model beside this file: {project}, run {run}.

It needs:  pip install {packages}
And then:  python predict.py PICTURES --out masks
"""
'''


class ModelWritten(NamedTuple):
    path: Path
    """Of the model in its folder."""
    figures: ExportFigures


def export_model(
    trained: TrainedModel,
    origin: ModelOrigin,
    format: ModelFormat,
    folder: Path,
    report: Report = lambda _: None,
    *,
    held_out: Sequence[LabelledCells] = (),
) -> ModelWritten:
    """Write a run's model with card, predict.py, example and checksums to `folder`, which must be new or empty.

    The predict.py runs on the example first and must give the app's own probabilities, to 1e-4. Where the format
    cannot, it runs on more pictures of the project, and it is measured how far its classes are the app's.

    Args:
        held_out: labels that the run did not learn from, to measure such a format on, too.

    Raises:
        ExportError: there is something in the folder, it cannot be written, a package is missing, or the check failed;
            nothing is left then.
        TrainingError: the run cannot be rebuilt.
    """
    folder = folder.absolute()
    if lacking := format.lacking():
        raise ExportError(lacking)
    if folder.is_file() or (folder.is_dir() and any(folder.iterdir())):
        raise ExportError(f"There is something in {folder} already. Choose a folder that is empty or does not exist.")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with _room(folder) as room:
            beside = room / "model"
            beside.mkdir()
            figures = _fill(beside, trained, origin, format, report, held_out=held_out)
            if folder.is_dir():
                folder.rmdir()
            beside.rename(folder)
    except OSError as error:
        raise ExportError(
            f"The model could not be written to {folder}: {error.strerror or error}. Choose another folder."
        ) from error
    return ModelWritten(folder / format.file, figures)


def remove_leftovers(folder: Path) -> None:
    """Take away what an export to `folder` left beside it when its process was ended from outside."""
    shutil.rmtree(_room_of(folder.absolute()), ignore_errors=True)


def _room_of(folder: Path) -> Path:
    return folder.with_name(f".export-{folder.name}")


@contextmanager
def _room(folder: Path) -> Iterator[Path]:
    """A folder beside `folder` to write in, gone at the end."""
    remove_leftovers(folder)
    room = _room_of(folder)
    room.mkdir()
    try:
        yield room
    finally:
        remove_leftovers(folder)


def _fill(
    folder: Path,
    trained: TrainedModel,
    origin: ModelOrigin,
    format: ModelFormat,
    report: Report,
    *,
    held_out: Sequence[LabelledCells],
) -> ExportFigures:
    import keras

    def examples() -> Iterator[dict[str, Any]]:
        parts = calibration_parts(origin.learned_from, network)
        for number, part in enumerate(parts):
            report(FITTING.format(percent=10 * number // len(parts) * 10))  # in tens: nothing is to flicker
            yield part

    report(BUILDING)
    with keras.device("cpu"):  # some graphics cards round otherwise
        network = network_from(trained)
        picture = sample_picture(origin.pictures, network.inputs)
        likely = whole_probabilities(network, picture)
    report(WRITING)
    with keras.device("cpu"):
        format.write(network, folder / format.file, examples)
    report(CHECKING)
    sample = save_sample(folder, picture, "sample")
    write_palette_png(folder / "sample-mask.png", likely.argmax(-1).astype(np.uint8), network.classes)
    packages = _packages(network, format)
    (folder / "predict.py").write_text(predict_text(format, origin, packages), encoding="utf-8")
    (folder / "model.json").write_text(json.dumps(_facts(network, format), indent=2) + "\n", encoding="utf-8")
    if format.exact:
        figures = check_exact(folder, sample, likely, report)
    else:
        tried = [*subjects(network, origin, held_out), Subject(picture)]
        figures = measure(folder, network, tried, report)
    figures = replace(figures, size_bytes=_size(folder / format.file))
    curve = curve_picture(origin.run.curves)
    if curve is not None:
        curve.save(folder / "curve.png")
    card = model_card(
        network, origin, format, packages=packages, sample=sample.name, figures=figures, curve=curve is not None
    )
    (folder / "model-card.md").write_text(card, encoding="utf-8")
    (folder / SUMS).write_text(checksums(folder), encoding="utf-8")
    return figures


def predict_text(format: ModelFormat, origin: ModelOrigin, packages: str) -> str:
    """The predict.py of a format: the common text, with its own header and way to open a model."""
    common = inspect.getsource(predict_script)
    text = common.partition('"""')[2].partition('"""\n')[2]
    text = text.replace(inspect.getsource(predict_script.open_model), inspect.getsource(format.open_model))
    project = origin.project.replace("\\", "/").replace('"', "'")
    return HEADER.format(name=format.name, project=project, run=origin.run.id, packages=packages) + text


def _size(path: Path) -> int:
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files if file.is_file())


def checksums(folder: Path) -> str:
    """A line for every file, as sha256sum writes and checks them."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != SUMS)
    sums = ((hashlib.sha256(path.read_bytes()).hexdigest(), path.relative_to(folder).as_posix()) for path in files)
    return "".join(f"{digest}  {name}\n" for digest, name in sums)


def _packages(network: Network, format: ModelFormat) -> str:
    inputs = network.inputs
    plain = inputs.channels == 1 or (inputs.channels == 3 and inputs.bits == 8)
    names = ("numpy", "pillow", *(() if plain else ("tifffile",)), *format.packages)
    return " ".join(f'"{name}"' if ">" in name else name for name in names)


def _facts(network: Network, format: ModelFormat) -> dict[str, Any]:
    """What predict.py has to know, and other programs may want to."""
    inputs = network.inputs
    return {
        "format": format.name,
        "file": format.file,
        "channels": inputs.channels,
        "dtype": f"uint{inputs.bits}",
        "place": inputs.rows,
        "multiple": network.shape.multiple,
        "halo": network.shape.halo,
        "classes": [{"id": c.id, "name": c.name, "color": c.color} for c in network.classes],
    }
