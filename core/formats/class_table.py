"""What the classes of other people's files become in a project: by name, or as a person's table says."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.classes import UNLABELED, LabelClass
from core.errors import ImageError
from core.formats.fields import Node
from core.formats.files import in_place
from core.formats.mask_format import NAMED_UNLABELLED
from core.formats.source import parse_json, shown

MOST_TABLE_BYTES = 2**24


@dataclass(frozen=True, slots=True)
class ClassFound:
    """A class of the files, and what becomes of it."""

    name: str
    pixels: int
    to: str | None
    """The project's class; None for unlabelled."""
    known: bool
    """Whether it is settled what becomes of it. Nothing is imported before that is so for all."""


class ClassTable:
    """From a class's name in a file to a project's class id.

    A person's own table has the first word. Else the project's class of the same name is meant, upper and lower case,
    spaces, hyphens and underscores being alike, or for a number without a name the class of that number.
    """

    def __init__(self, classes: Sequence[LabelClass], own: Mapping[str, int | None] | None = None) -> None:
        self._classes = tuple(classes)
        self._by_name = {_plain(c.name): c.id for c in reversed(self._classes)}
        self._own = {_plain(name): class_id for name, class_id in (own or {}).items()}

    @classmethod
    def read(cls, path: Path, classes: Sequence[LabelClass]) -> "ClassTable":
        """From a JSON file like {"car": "vehicle", "7": "sky", "other": null}; ImageError if it is no such table."""
        name = shown(path.name)
        try:
            with path.open("rb") as file:
                data = file.read(MOST_TABLE_BYTES)
        except OSError as error:
            raise ImageError(f"The class table {name} cannot be read: {error.strerror}.") from None
        by_name = {_plain(c.name): c.id for c in classes}
        own: dict[str, int | None] = {}
        for key, node in Node(parse_json(data, name), name).fields():
            if node.value is None:
                own[key] = None
                continue
            own[key] = by_name.get(_plain(node.text()))
            if own[key] is None:
                raise node.wrong(f'the project has no class "{shown(node.text())}"')
        return cls(classes, own)

    def class_id(self, name: str) -> int:
        """The project's class, or UNLABELED; that too where nothing is settled."""
        class_id = self._settled(name)
        return UNLABELED if class_id is None else class_id

    def found(self, name: str, pixels: int) -> ClassFound:
        class_id = self._settled(name)
        to = None if class_id in (None, UNLABELED) else self._classes[class_id].name
        return ClassFound(name, pixels, to, class_id is not None)

    def _settled(self, name: str) -> int | None:
        """A class id or UNLABELED; None if nobody knows."""
        plain = _plain(name)
        if plain in self._own:
            own = self._own[plain]
            return UNLABELED if own is None else own
        if plain in self._by_name:
            return self._by_name[plain]
        if plain.isdecimal() and plain.isascii() and len(plain) < 4 and int(plain) < len(self._classes):
            return int(plain)
        return UNLABELED if plain in NAMED_UNLABELLED else None


def write_table(path: Path, found: Sequence[ClassFound]) -> None:
    """Write what becomes of each class, to be changed by a person and read again; "?" where that is not settled."""
    table = {one.name: one.to if one.known else "?" for one in found}
    text = json.dumps(table, indent=2, ensure_ascii=False) + "\n"
    with in_place(path) as part:
        part.write_text(text, encoding="utf-8")


def _plain(name: str) -> str:
    return " ".join(name.casefold().replace("_", " ").replace("-", " ").split())
