"""A model from elsewhere becomes a run of a project: tried first, then kept with the project."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from core.classes import UNLABELED, LabelClass
from core.errors import ModelError
from core.foreign.facts import SCALES
from core.foreign.opened import MOST_BYTES, SUFFIXES
from core.foreign.recognise import Recognised, Wanted
from core.foreign.trial import Trial, try_model
from core.formats.class_table import ClassTable
from core.formats.source import shown
from core.project import Project
from core.records import IMPORTED, TrainingRun

CONSENT = (
    "A model file is a program from elsewhere that will run on your pictures. Import it only if you trust where it "
    "comes from."
)
LARGEST = 5e7
"""Pixels of a picture that a model is tried on."""
PICTURES = 10
"""Of which the first that can be read is taken."""


@dataclass(frozen=True, slots=True)
class ModelFile:
    path: Path
    format: str
    about: dict[str, Any]
    """What model.json beside it tells, where this program exported it; empty otherwise."""

    @property
    def name(self) -> str:
        return shown(self.path.name)


def find_model(path: Path) -> ModelFile:
    """The model at a path: a file, or a folder as this program exports them.

    Raises:
        ModelError: there is none, it is of another kind, or it is too large.
    """
    path = _inside(path)
    format = SUFFIXES.get(path.suffix.lower())
    if format is None or not path.is_file():
        there = path.exists()
        raise ModelError(
            f"{shown(path.name)} is no model that can be imported: it takes a .keras or an .onnx file."
            if there
            else f"There is nothing at {shown(str(path))}. Check the path."
        )
    if path.stat().st_size > MOST_BYTES:
        raise ModelError(f"{shown(path.name)} is larger than {MOST_BYTES // 2**20} MB, more than a project keeps.")
    return ModelFile(path, format, _about(path))


def is_model(path: Path) -> bool:
    """Whether a path looks like a model: a file by its name, a folder by what is in it."""
    return _inside(path).suffix.lower() in SUFFIXES


def _inside(path: Path) -> Path:
    """The model in a folder as this program exports them; the path itself where it is none."""
    files = [path / f"model{suffix}" for suffix in SUFFIXES]
    return next((file for file in files if file.is_file()), path)


def _about(path: Path) -> dict[str, Any]:
    """What stands in the model.json beside an exported model, if it is about this file."""
    try:
        with (path.parent / "model.json").open("rb") as file:
            about = json.loads(file.read(2**20))
    except (OSError, ValueError, RecursionError):
        return {}
    known = isinstance(about, dict) and about.get("file") == path.name
    return about if known else {}


def check_model(
    project: Project,
    model: ModelFile,
    *,
    table: Path | None = None,
    scale: str = "",
    stop: Callable[[], bool] = lambda: False,
) -> Recognised:
    """Try a model on a picture of the project; nothing is written.

    Args:
        table: what its channels become: a JSON file like {"0": "water", "1": null}.
        scale: one of SCALES; empty: found out.

    Raises:
        ModelError: it cannot be used. ImageError: the table cannot.
    """
    if scale and scale not in SCALES:
        raise ModelError(f'There is no scale "{scale}". Use {", ".join(SCALES)}.')
    records = [record for record in project.images() if record.height * record.width <= LARGEST]
    if not records:
        raise ModelError(f"{model.name} is tried on a picture first, and there is none. Add one to the project.")
    classes = project.classes
    own = ClassTable(classes) if table is None else ClassTable.read(table, classes)
    wanted = Wanted(
        classes=classes,
        table=own,
        table_given=table is not None,
        channels=records[0].channels,
        scale=scale,
        **_known(model.about),
    )
    pictures = tuple(str(project.image_path(record)) for record in records[:PICTURES])
    return try_model(Trial(model.format, model.path, model.name, wanted, pictures), stop=stop)


def _known(about: dict[str, Any]) -> dict[str, Any]:
    """What of model.json is of use: how it is tiled, and what its channels are called."""
    try:
        names = tuple(str(entry["name"]) for entry in about["classes"])
        halo, multiple = int(about["halo"]), int(about["multiple"])
    except (KeyError, TypeError, ValueError):
        return {}
    sound = 0 <= halo < 2**12 and 0 < multiple < 2**12 and halo % multiple == 0
    return {"names": names, "halo": halo, "multiple": multiple} if sound else {}


def keep_model(
    project: Project, model: ModelFile, found: Recognised, table: dict[str, int | None] | None = None
) -> TrainingRun:
    """Make a run of a model that was tried: it is copied into the project, and noted by its file's name.

    Args:
        table: class ids by the name of a channel, in place of what was found.

    Raises:
        ModelError: it is not settled what becomes of its channels, or the file is gone or another one.
    """
    classes = project.classes
    to = _settled(model, found, classes) if table is None else tuple(table[one.name] for one in found.channels)
    facts = replace(found.facts, to=tuple(UNLABELED if class_id is None else class_id for class_id in to))
    if all(class_id == UNLABELED for class_id in facts.to):
        raise ModelError(f"Nothing that {model.name} gives becomes a class of the project. Change the table.")
    try:
        data = model.path.read_bytes()
    except OSError as error:
        raise ModelError(f"{model.name} cannot be read: {error.strerror}.") from None
    if hashlib.sha256(data).hexdigest() != facts.sha256:
        raise ModelError(f"{model.name} changed while it was tried. Import it again.")
    settings = {
        "network": IMPORTED,
        "head": model.format,
        IMPORTED: facts.to_mapping(),
        "learned_from": [],
        "taught": [],
    }
    return project.add_run(
        seed=0,
        settings=settings,
        label_revision=0,
        classes=classes,
        device="",
        seconds=0.0,
        metrics={},
        curves={},
        weights=data,
        note=model.name,
        trained=False,
    )


def _settled(model: ModelFile, found: Recognised, classes: tuple[LabelClass, ...]) -> tuple[int | None, ...]:
    ids: dict[str | None, int | None] = {label.name: label.id for label in classes}
    unsettled = [one.name for one in found.channels if not one.known]
    if unsettled and len(found.channels) != len(classes):
        raise ModelError(
            f"{model.name} tells {len(found.channels)} classes apart, the project has {len(classes)}. Say what each of "
            f'its channels becomes, in a table like {{"{unsettled[0]}": "{classes[0].name}", …}}, or null.'
        )
    if unsettled:
        raise ModelError(
            f"It is not said what becomes of {', '.join(map(shown, unsettled[:5]))} of {model.name}. Name a class of "
            "the project for it in a table, or null."
        )
    return tuple(ids.get(one.to) for one in found.channels)
