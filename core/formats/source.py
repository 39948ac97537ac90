"""Reading labels of strangers: nothing outside the chosen folder, nothing endless, one sentence when it fails."""

import json
import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, Self
from weakref import finalize

from core.errors import ImageError
from core.formats.fields import Node
from core.formats.packed import top_folder, unpack

MOST_JSON_BYTES = 2**30
MOST_BYTES = 2**32
MOST_NAME = 240
"""Characters of a path in a label file; systems refuse longer ones, each in its own way."""


class Source:
    """A file or folder that somebody chose to read labels from, or a zip archive, which is unpacked.

    Raises:
        ImageError: there is nothing at `path`, or it cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._remove: Callable[[], object] = lambda: None
        try:
            self._real = path.resolve(strict=True)
        except (OSError, ValueError, RuntimeError):
            raise ImageError(f"There is nothing at {shown(str(path))}. Check the path.") from None
        if self._real.is_file() and path.suffix.lower() == ".zip":
            self._real = self._unpacked()
        self.single = self._real.is_file()
        if self.single and path.suffix.lower() in (".tar", ".gz", ".7z", ".rar"):
            raise ImageError(f"{shown(path.name)} is packed. Unpack it, and choose the folder.")
        if not self.single and not self._real.is_dir():
            raise ImageError(f"{shown(path.name)} is neither a file nor a folder. Choose one of these.")
        self.folder = self._real.parent if self.single else self._real
        """Nothing outside of it is read."""
        self._listed: list[Path] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Remove what was unpacked; nobody asks for files any more. Without it, that happens at the end."""
        self._remove()

    def _unpacked(self) -> Path:
        """A temporary folder with the content of a zip archive."""
        folder = Path(tempfile.mkdtemp(prefix="maskwright-")).resolve()
        self._remove = finalize(self, shutil.rmtree, folder, ignore_errors=True)
        try:
            unpack(self._real, folder, shown(self.path.name))
        except BaseException:
            self.close()
            raise
        return top_folder(folder)

    def files(self, *suffixes: str) -> list[Path]:
        """The files that were chosen, by their suffix in lower case, sorted; hidden ones are left out."""
        if self._listed is None:
            self._listed = [self._real] if self.single else sorted(self._walk())
        return [path for path in self._listed if path.name.lower().endswith(suffixes)]

    def _walk(self) -> Iterator[Path]:
        for parent, folders, names in os.walk(self.folder):
            folders[:] = sorted(f for f in folders if not f.startswith("."))
            yield from (Path(parent, name) for name in names if not name.startswith("."))

    def name_of(self, path: Path) -> str:
        """A file's path from the chosen folder, with forward slashes."""
        return path.relative_to(self.folder).as_posix()

    def inside(self, name: str, beside: Path | None = None) -> Path:
        """The file that a text in a label file names, from the folder of the file `beside` or the chosen one.

        Raises:
            ImageError: it leads out of the chosen folder, or is not there.
        """
        plain = name.replace("\\", "/")
        parts = PurePosixPath(plain).parts
        if not parts or "\0" in name or plain.startswith("/") or ".." in parts or ":" in parts[0]:
            raise ImageError(f'"{shown(name)}" leads out of the chosen folder. Copy that file into it, and name it so.')
        for folder in dict.fromkeys((self.folder if beside is None else beside.parent, self.folder)):
            path = folder.joinpath(*parts)
            if len(name) < MOST_NAME and path.is_file():
                self._check(path)
                return path
        raise ImageError(f'The file "{shown(name)}" is missing. Put it into {shown(str(self.path))}.')

    def read(self, path: Path, most: int = MOST_BYTES) -> bytes:
        """The content of a file of this source, if it is an ordinary one of at most so many bytes."""
        with self.opened(path, most) as file:
            return file.read()

    @contextmanager
    def opened(self, path: Path, most: int = MOST_BYTES) -> Iterator[BinaryIO]:
        """As `read`, for a file that is read piece by piece."""
        self._check(path)
        try:
            with path.open("rb") as file:
                status = os.fstat(file.fileno())
                if not stat.S_ISREG(status.st_mode):
                    raise ImageError(f"{self._shown(path)} is not an ordinary file. Leave it out.")
                if status.st_size > most:
                    raise ImageError(
                        f"{self._shown(path)} is larger than {most // 2**20:,} MB. Split it into several files."
                    )
                yield file
        except OSError as error:
            raise ImageError(f"{self._shown(path)} cannot be read: {os.strerror(error.errno or 0)}.") from None

    def head(self, path: Path, size: int = 2**16) -> bytes:
        """The first bytes of a file, for a quick look."""
        return self._piece(path, 0, size)

    def tail(self, path: Path, size: int = 2**16) -> bytes:
        """The last bytes of a file."""
        self._check(path)
        return self._piece(path, max(0, path.stat().st_size - size), size)

    def _piece(self, path: Path, start: int, size: int) -> bytes:
        self._check(path)
        try:
            with path.open("rb") as file:
                file.seek(start)
                return file.read(size)
        except OSError as error:
            raise ImageError(f"{self._shown(path)} cannot be read: {os.strerror(error.errno or 0)}.") from None

    def json(self, path: Path) -> Node:
        """A JSON file, to be asked for its fields."""
        return Node(parse_json(self.read(path, MOST_JSON_BYTES), self._shown(path)), self._shown(path))

    def _check(self, path: Path) -> None:
        """Refuse links that lead out, and what would be waited for."""
        try:
            real = path.resolve(strict=True)
        except (OSError, ValueError, RuntimeError):
            raise ImageError(f"{self._shown(path)} is missing. Put the file back.") from None
        if not real.is_relative_to(self.folder):
            raise ImageError(f"{self._shown(path)} is a link out of the chosen folder. Copy the file there instead.")
        if not real.is_file():
            raise ImageError(f"{self._shown(path)} is not an ordinary file. Leave it out.")

    def _shown(self, path: Path) -> str:
        return shown(self.name_of(path) if path.is_relative_to(self.folder) else path.name)


def parse_json(data: bytes, name: str, constant: Callable[[str], Any] | None = None) -> Any:
    """JSON as Python values; ImageError if it is none, or nested without end.

    Args:
        constant: called for NaN and Infinity, which are no JSON.
    """
    try:
        return json.loads(data, parse_constant=constant)
    except RecursionError:
        raise ImageError(f"{name} is nested too deeply to be labels. Export it again from its tool.") from None
    except ValueError:
        raise ImageError(f"{name} is not JSON that can be read. Export it again from its tool.") from None


def shown(text: str) -> str:
    """A stranger's text as it may stand in a sentence: short, and without control characters."""
    plain = "".join(c if c.isprintable() else "?" for c in text)
    return plain if len(plain) <= 120 else f"{plain[:60]}…{plain[-50:]}"


def image_name(text: str) -> str:
    """How a file names an image, to compare with names only: forward slashes, nothing that leads anywhere."""
    parts = text.replace("\\", "/").split("/")
    return "/".join(p for p in parts if p not in ("", ".", "..") and not p.endswith(":"))
