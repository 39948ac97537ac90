"""What a command says: figures on standard output, progress on standard error."""

import json
import math
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any

LINE = 78
QUIET_S = 10.0
"""Seconds between two progress lines where nobody watches them change."""


class Terminal:
    """Where a verb speaks. With `as_json`, standard output carries nothing but the final object."""

    def __init__(self, *, as_json: bool = False) -> None:
        self._as_json = as_json
        self._live = sys.stderr.isatty()
        self._open = False
        self._last = -math.inf
        self._key = ""

    def say(self, text: str) -> None:
        """A line for people."""
        self.end_progress()
        if not self._as_json:
            print(text, flush=True)

    def warn(self, text: str) -> None:
        self.end_progress()
        print(text, file=sys.stderr, flush=True)

    def progress(self, text: str, *, key: str = "") -> None:
        """How far it is: one line that changes, or a line now and then, and one for each new `key`."""
        if self._live:
            sys.stderr.write(f"\r{text[:LINE]:<{LINE}}")
            sys.stderr.flush()
            self._open = True
        elif key != self._key or time.monotonic() - self._last >= QUIET_S:
            print(text, file=sys.stderr, flush=True)
            self._last, self._key = time.monotonic(), key

    def end_progress(self) -> None:
        if self._open:
            sys.stderr.write("\r" + " " * LINE + "\r")
            sys.stderr.flush()
            self._open = False

    def result(self, values: Mapping[str, Any]) -> None:
        """The object that `--json` prints, as the last line."""
        self.end_progress()
        if self._as_json:
            print(json.dumps(_plain(values), ensure_ascii=False), flush=True)


def table(rows: list[tuple[str, str]]) -> str:
    """Names and values, aligned."""
    width = max((len(name) for name, _ in rows), default=0)
    return "\n".join(f"  {name:<{width}}  {value}" for name, value in rows)


def columns(rows: Sequence[Sequence[str]]) -> str:
    """Rows of cells, each column as wide as its widest cell."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "\n".join(line.rstrip() for line in lines)


def percent(value: float | None) -> str:
    return "–" if value is None or math.isnan(value) else f"{100 * value:.1f} %"


def at_least_percent(value: float) -> str:
    """A lower bound as text: rounded down, so that it stays one."""
    return percent(math.floor(1000 * value) / 1000)


def _plain(value: Any) -> Any:
    """JSON knows no NaN."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, Mapping):
        return {str(key): _plain(v) for key, v in value.items()}
    return [_plain(v) for v in value] if isinstance(value, list | tuple) else value
