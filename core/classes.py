"""Label classes: what a pixel can be, and the templates a project starts from."""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from importlib.resources import files
from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.errors import ProjectError

UNLABELED = 255
"""The mask value of a pixel that nobody has labelled. It is not a class: loss, metrics and exports leave it out."""

MAX_CLASSES = 32

ACCEPTED = 64
"""Added to a class id in a mask's tiles where a pixel was taken over from a prediction and nobody has drawn there.
core.masks.marks tells such pixels from drawn ones; whatever asks for classes gets the id without it."""


@dataclass(frozen=True, slots=True)
class LabelClass:
    """One of the things a pixel can be."""

    id: int
    """Mask value, from 0."""
    name: str
    color: str
    """Hexadecimal, like "#56b4e9"."""

    @property
    def rgb(self) -> tuple[int, int, int]:
        return int(self.color[1:3], 16), int(self.color[3:5], 16), int(self.color[5:7], 16)


def check_classes(classes: Sequence[LabelClass]) -> tuple[LabelClass, ...]:
    """Return the classes as a tuple, or raise ProjectError for what masks cannot hold."""
    if not 2 <= len(classes) <= MAX_CLASSES:
        raise ProjectError(f"A project has 2 to {MAX_CLASSES} classes, not {len(classes)}. Add or remove some.")
    if [c.id for c in classes] != list(range(len(classes))):
        raise ProjectError("Class ids must count up from 0 without gaps. Renumber them.")
    names = [c.name.strip() for c in classes]
    if not all(names) or len(set(names)) < len(names):
        raise ProjectError("Every class needs a name of its own. Rename the empty or repeated ones.")
    for c in classes:
        if not re.fullmatch(r"#[0-9a-fA-F]{6}", c.color):
            raise ProjectError(f'The colour of class "{c.name}" is {c.color!r}. Write it like "#56b4e9".')
    return tuple(classes)


def template_names() -> tuple[str, ...]:
    folder = files("resources") / "templates"
    return tuple(sorted(f.name.removesuffix(".json") for f in folder.iterdir() if f.name.endswith(".json")))


def load_template(name: str) -> tuple[LabelClass, ...]:
    """The classes of a shipped template, or of a JSON file of the same form: [{"name": …, "color": …}, …].

    Raises:
        ProjectError: no such template or file, or one that does not describe classes.
    """
    if name in template_names():
        text = (files("resources") / "templates" / f"{name}.json").read_text(encoding="utf-8")
    else:
        try:
            text = Path(name).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            known = ", ".join(template_names())
            raise ProjectError(
                f'There is no class template "{name}". Use {known}, or the path of a JSON file.'
            ) from None
    try:
        entries = json.loads(text)
        classes = [LabelClass(i, str(e["name"]), str(e["color"])) for i, e in enumerate(entries)]
    except (ValueError, TypeError, KeyError, RecursionError):
        raise ProjectError(
            f'"{name}" does not describe classes. It needs a JSON list like [{{"name": "water", "color": "#0072b2"}}].'
        ) from None
    return check_classes(classes)


def classes_to_json(classes: Sequence[LabelClass]) -> str:
    return json.dumps([asdict(c) for c in classes])


def classes_from_json(text: str) -> tuple[LabelClass, ...]:
    return tuple(LabelClass(e["id"], e["name"], e["color"]) for e in json.loads(text))


def palette(classes: Sequence[LabelClass]) -> npt.NDArray[np.uint8]:
    """(256, 3) RGB: one row a mask value; UNLABELED and unused values are black."""
    table = np.zeros((256, 3), np.uint8)
    for c in classes:
        table[c.id] = c.rgb
    return table


def same_classes(then: Iterable[LabelClass], now: Sequence[LabelClass]) -> frozenset[int]:
    """The ids that stand for the same class, by its name, as they did for a run."""
    return frozenset(label.id for label in then if label.id < len(now) and now[label.id].name == label.name)
