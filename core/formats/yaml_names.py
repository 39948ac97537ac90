"""The names of classes in a YAML file, and nothing else of YAML: the few ways in which data sets write them."""

import json
import re
from collections.abc import Iterator

from core.classes import UNLABELED
from core.errors import ImageError

_ENTRY = re.compile(r"^\s*(?:-|(\d+)\s*:)\s*(\S.*?)\s*$")


def read_names(data: bytes, file: str) -> dict[int, str]:
    """Class names by number from `names:`, a list or a table, in one line or an entry a line; none if it is missing.

    Raises:
        ImageError: the names are written in another way.
    """
    lines = data.decode("utf-8-sig", errors="replace").splitlines()
    start = next((n for n, line in enumerate(lines) if re.match(r"names\s*:", line)), None)
    if start is None:
        return {}
    inline = _plain(lines[start].split(":", 1)[1]).strip()
    entries = _inline(inline) if inline else _block(lines[start + 1 :])
    names = {}
    for count, (number, text) in enumerate(entries):
        key = count if number is None else int(number) if len(number) < 4 else UNLABELED
        name = _unquoted(text)
        if not name or key >= UNLABELED:
            raise ImageError(f"{file} names its classes in a way that is not known here. Write them as a list.")
        names[key] = name
    return names


def _block(lines: list[str]) -> Iterator[tuple[str | None, str]]:
    for line in lines:
        plain = _plain(line)
        if not plain:
            continue
        match = _ENTRY.match(plain)
        if match is None:
            return
        yield match[1], match[2]


def _inline(text: str) -> Iterator[tuple[str | None, str]]:
    parts = re.findall(r"""(?:"(?:\\.|[^"\\])*"|'[^']*'|[^,])+""", text.strip("[]{} "))
    for part in parts:
        match = re.match(r"^\s*(\d+)\s*:\s*(.*)$", part) if text.startswith("{") else None
        yield (match[1], match[2]) if match else (None, part)


def _plain(line: str) -> str:
    """Without a comment."""
    return re.sub(r"(^|\s)#.*$", "", line).rstrip() if '"' not in line and "'" not in line else line.rstrip()


def _unquoted(text: str) -> str:
    text = text.strip()
    if text.startswith('"'):
        try:
            return str(json.loads(text))
        except ValueError:
            return ""
    return text[1:-1].replace("''", "'") if len(text) > 1 and text[0] == text[-1] == "'" else text
