"""Large JSON files, entry by entry, so that memory does not grow with the number of images.

Entries are the objects in a list that is the whole file, or one of its fields. A first look finds where each begins and
ends; an entry is parsed when it is asked for. The rest of the file, its frame, is parsed at once.
"""

import os
import re
from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from core.errors import ImageError
from core.formats.fields import Node
from core.formats.source import Source, parse_json, shown

_CHUNK = 2**22
_BRACKET = re.compile(rb'(?:[^{}\[\]"]++|"(?:[^"\\]++|\\.)*+")*+([{}\[\]"]?)', re.DOTALL)
"""All up to a bracket that is outside of texts, or up to a text that does not end here."""
_TEXT = re.compile(rb'(?:[^"\\]++|\\.)*+("?)', re.DOTALL)
"""The rest of a text, and the quotation mark that ends it if that is here."""
_MOST_OPEN = 100
_MOST_ENTRIES = 2**24
_MOST_FRAME = 2**28
_ENTRY = object()
_HOLE = b"NaN"
"""Stands in the frame for an entry: json calls a function for it, and no JSON file has a right to it."""


@contextmanager
def large_json(source: Source, path: Path) -> "Iterator[LargeJson]":
    """A JSON file of a source, open to be read entry by entry."""
    with source.opened(path) as file:
        yield LargeJson(file, shown(source.name_of(path)))


class LargeJson:
    """The lists of objects in a file. Raises ImageError where it is no JSON, also later, for an entry."""

    def __init__(self, file: BinaryIO, name: str) -> None:
        self._file, self._name = file, name
        self._starts, self._ends = array("q"), array("q")
        self._find_entries()
        self._lists = self._find_lists()

    def entries(self, field: str = "") -> range:
        """The numbers of the objects in the list of that name, or in the list that the file is."""
        if field not in self._lists:
            what = f'"{field}" is no list of objects' if field else "it is no list of objects"
            raise ImageError(f"{self._name} cannot be used: {what}. Export it again from its tool.")
        return self._lists[field]

    def entry(self, number: int) -> Node:
        """Parse an object."""
        start, end = self._starts[number], self._ends[number]
        self._file.seek(start)
        field, numbers = next(found for found in self._lists.items() if number in found[1])
        value = parse_json(self._file.read(end - start), self._name)
        return Node(value, self._name, f"{field}[{number - numbers.start}]")

    def each(self, field: str = "") -> Iterator[Node]:
        return map(self.entry, self.entries(field))

    def _find_entries(self) -> None:
        around: list[bytes] = []
        depth = 0
        for place, bracket in _brackets(self._file):
            opens = bracket in b"{["
            if depth:
                depth += 1 if opens else -1
                if not depth:
                    self._ends.append(place + 1)
            elif bracket == b"{" and len(around) in (1, 2) and around[-1] == b"[":
                if len(self._starts) == _MOST_ENTRIES:
                    raise ImageError(f"{self._name} holds more entries than can be read. Split it into several files.")
                self._starts.append(place)
                depth = 1
            elif opens and len(around) < _MOST_OPEN:
                around.append(bracket)
            elif opens:
                raise ImageError(f"{self._name} is nested too deeply to be labels. Export it again from its tool.")
            elif around:
                around.pop()

    def _find_lists(self) -> dict[str, range]:
        """The lists of nothing but entries, by the name of their field."""
        frame = self._parse_frame()
        fields = frame if isinstance(frame, dict) else {"": frame}
        lists, first = {}, 0
        for field, value in fields.items():
            count = _entries_in(value)
            if isinstance(value, list) and len(value) == value.count(_ENTRY):
                lists[field] = range(first, first + count)
            first += count
        if not first == len(self._starts) == len(self._ends):  # NaN, or the same field twice
            raise ImageError(f"{self._name} is not JSON that can be read. Export it again from its tool.")
        return lists

    def _parse_frame(self) -> object:
        """The file with _ENTRY in place of each entry."""
        size = self._file.seek(0, os.SEEK_END)
        frame = bytearray()
        for start, end in zip(chain((0,), self._ends), chain(self._starts, (size,)), strict=False):
            if len(frame) + end - start > _MOST_FRAME:
                raise ImageError(f"{self._name} holds much else than labels. Export it again from its tool.")
            self._file.seek(start)
            frame += (_HOLE if start else b"") + self._file.read(end - start)
        return parse_json(bytes(frame), self._name, lambda _: _ENTRY)


def _entries_in(value: object) -> int:
    """How many entries a part of the frame had."""
    if isinstance(value, list):
        return value.count(_ENTRY) + sum(_entries_in(part) for part in value if isinstance(part, list | dict))
    if isinstance(value, dict):
        return sum(map(_entries_in, value.values()))
    return int(value is _ENTRY)


def _brackets(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Place and kind of each bracket that is outside of texts."""
    before, left, in_text = 0, b"", False
    while chunk := file.read(_CHUNK):
        data, at = left + chunk, 0
        if in_text:
            at, in_text = _after_text(data, 0)
        while not in_text and at < len(data):
            match = _BRACKET.match(data, at)
            assert match is not None
            at = match.end()
            if match[1] == b'"':
                at, in_text = _after_text(data, at)
            elif match[1]:
                yield before + at - 1, match[1]
        before, left = before + at, data[at:]


def _after_text(data: bytes, start: int) -> tuple[int, bool]:
    """Where a text ends that began before `start`, or what is known of it; whether it goes on."""
    match = _TEXT.match(data, start)
    assert match is not None
    return match.end(), not match[1]
