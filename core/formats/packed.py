"""Zip archives of labels, as label tools hand them out: unpacked into a folder of their own, and nowhere else.

https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
"""

import shutil
import stat
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from core.errors import ImageError

SUFFIXES = (
    ".json", ".jsonl", ".xml", ".txt", ".yaml", ".yml", ".png", ".bmp", ".tif", ".tiff", ".npy", ".npz", ".parquet",
)  # fmt: skip
"""What can hold labels. Other files stay packed."""
MOST_FILES = 500_000
MOST_BYTES = 2**35
SMALL_BYTES = 2**28
"""Up to this, files may be packed as well as they like."""
MOST_RATIO = 200
"""How much larger than packed the files may be in all. Pictures are packed already; text shrinks ten- or twentyfold."""
_PIECE = 2**20
_LOCKED = 1
_FAULTS = (OSError, ValueError, RuntimeError, NotImplementedError, EOFError, KeyError, IndexError, zlib.error,
           zipfile.BadZipFile, zipfile.LargeZipFile, MemoryError)  # fmt: skip
"""What zipfile raises for archives that are damaged or packed in another way."""


def unpack(archive: Path, folder: Path, name: str) -> None:
    """Unpack the labels of a zip archive into an empty folder.

    Args:
        name: what the archive is called in sentences.

    Raises:
        ImageError: damaged, locked with a password, far too large, or with names that lead out of the folder.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            entries = [entry for entry in opened.infolist() if not entry.is_dir()]
            for entry in entries:
                _check(entry, name)
            wanted = [entry for entry in entries if _may_be_labels(entry)]
            _check_size(wanted, archive.stat().st_size, name)
            for entry in wanted:
                _unpack_entry(opened, entry, folder, name)
    except _FAULTS as error:
        if isinstance(error, OSError) and error.errno and not isinstance(error, FileExistsError):
            raise ImageError(f"{name} cannot be unpacked: {error.strerror}. Make room, or unpack it.") from None
        raise ImageError(f"{name} is damaged, or packed in a way that cannot be read. Unpack it yourself.") from None


def top_folder(folder: Path) -> Path:
    """The folder where an archive's content begins: archives often hold one folder and all else in it."""
    while True:
        inside = list(folder.iterdir())
        if len(inside) != 1 or not inside[0].is_dir():
            return folder
        folder = inside[0]


def _check(entry: zipfile.ZipInfo, archive: str) -> None:
    plain = entry.orig_filename.replace("\\", "/")
    parts = PurePosixPath(plain).parts
    if not parts or "\0" in plain or plain.startswith("/") or ".." in parts or any(":" in part for part in parts):
        shown = "".join(c if c.isprintable() else "?" for c in plain[:80])
        raise ImageError(f'{archive} holds "{shown}", which leads out of the archive. Nothing of it is taken.')
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):  # the others unpack without a limit
        raise ImageError(f"{archive} is packed in another way than most zip archives. Unpack it yourself.")
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise ImageError(f"{archive} holds links. Pack the files themselves.")


def _may_be_labels(entry: zipfile.ZipInfo) -> bool:
    path = PurePosixPath(entry.filename.replace("\\", "/"))
    hidden = any(part.startswith((".", "__MACOSX")) for part in path.parts)
    return path.suffix.lower() in SUFFIXES and not hidden


def _check_size(wanted: Sequence[zipfile.ZipInfo], packed: int, name: str) -> None:
    total = sum(entry.file_size for entry in wanted)
    if any(entry.flag_bits & _LOCKED for entry in wanted):
        raise ImageError(f"{name} is locked with a password. Unpack it yourself, and choose the folder.")
    if len(wanted) > MOST_FILES or total > MOST_BYTES or (total > SMALL_BYTES and total > MOST_RATIO * packed):
        raise ImageError(
            f"{name} would unpack to {len(wanted):,} files of {total / 2**20:,.0f} MB, more than label files come to. "
            "If you trust it, unpack it yourself, and choose the folder."
        )


def _unpack_entry(opened: zipfile.ZipFile, entry: zipfile.ZipInfo, folder: Path, name: str) -> None:
    path = folder.joinpath(*PurePosixPath(entry.filename.replace("\\", "/")).parts)
    path.parent.mkdir(parents=True, exist_ok=True)
    with opened.open(entry) as packed, path.open("xb") as file:
        shutil.copyfileobj(packed, file, _PIECE)
