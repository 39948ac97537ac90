"""Labels in zip archives come in as from a folder, and what an archive may do to a computer is refused."""

import gc
import random
import stat
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import pytest

from core.errors import ImageError
from core.formats import MASK_FORMATS, packed, recognised_format
from core.formats.palette_png import PALETTE_PNG
from core.formats.source import Source
from tests.core.formats.rounds import DAMAGES, damaged, export_of, read, records_for, ring, write

RECORDS = records_for([(12, 12)])


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where archives are unpacked."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def pack(archive: Path, files: dict[str, bytes], kind: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(archive, "w", kind) as packed_file:
        for name, data in files.items():
            packed_file.writestr(name, data)
    return archive


def exported(folder: Path, name: str = "png") -> dict[str, bytes]:
    """The files of an export."""
    folder.mkdir()
    write(MASK_FORMATS[name], export_of([ring()], RECORDS), folder)
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


@pytest.mark.parametrize("name", ["png", "coco", "cvat", "labelstudio", "voc", "yolo-segment", "huggingface"])
@pytest.mark.parametrize("top", ["", "my data set/"])
def test_masks_come_out_of_an_archive(name: str, top: str, tmp_path: Path, temporary: Path) -> None:
    files = exported(tmp_path / "out", name)
    archive = pack(tmp_path / "labels.zip", {top + path: data for path, data in files.items()})
    with Source(archive) as source:
        assert recognised_format(source) is MASK_FORMATS[name]
    assert list(temporary.iterdir()) == []
    assert np.array_equal(read(MASK_FORMATS[name], archive, RECORDS)[1], ring())
    gc.collect()
    assert list(temporary.iterdir()) == []  # also where nobody closed it


def test_pictures_and_hidden_files_stay_packed(tmp_path: Path) -> None:
    files = {"a.png": b"", "b.jpg": b"", "c.exe": b"", "__MACOSX/._a.png": b"", ".git/a.txt": b"", "d/e.PNG": b""}
    with Source(pack(tmp_path / "a.zip", files)) as source:
        assert [source.name_of(path) for path in source.files("")] == ["a.png", "d/e.PNG"]


WINDOWS = ["C:/a.png", "b/C:a.png", "..\\a.png", "C:\\a.png"]
OUTSIDE = ["../a.png", "a/../../b.png", "/etc/a.png", "//server/a.png", *WINDOWS]


@pytest.mark.parametrize("name", OUTSIDE)
def test_names_that_lead_out_are_refused(name: str, tmp_path: Path, temporary: Path) -> None:
    archive = pack(tmp_path / "a.zip", {"good.png": b"", "n" * len(name): b""})
    archive.write_bytes(archive.read_bytes().replace(b"n" * len(name), name.encode()))  # zipfile would change it
    with pytest.raises(ImageError, match="leads out of the archive"):
        Source(archive)
    assert list(temporary.iterdir()) == []
    assert not (tmp_path / "a.png").exists()


def test_names_with_nothing_in_the_middle_are_refused(tmp_path: Path) -> None:
    archive = pack(tmp_path / "a.zip", {"good?.png": b""})
    archive.write_bytes(archive.read_bytes().replace(b"good?", b"good\0"))
    with pytest.raises(ImageError, match="leads out of the archive"):
        Source(archive)


def test_links_are_refused(tmp_path: Path) -> None:
    entry = zipfile.ZipInfo("a.png")
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(entry, "/etc/passwd")
    with pytest.raises(ImageError, match="holds links"):
        Source(tmp_path / "a.zip")


def test_a_bomb_is_not_unpacked(tmp_path: Path, temporary: Path) -> None:
    archive = zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED)
    with archive, archive.open("a.png", "w") as file:
        for _ in range(300):
            file.write(bytes(2**20))
    with pytest.raises(ImageError, match=r"would unpack to 1 files of 300 MB"):
        Source(tmp_path / "a.zip")
    assert list(temporary.iterdir()) == []


def test_an_entry_that_says_it_is_smaller_than_it_is_gives_no_more_than_it_says(tmp_path: Path) -> None:
    archive = pack(tmp_path / "a.zip", {"a.png": bytes(123_456_7)})
    size = (123_456_7).to_bytes(4, "little")
    archive.write_bytes(archive.read_bytes().replace(size, (5).to_bytes(4, "little")))
    with pytest.raises(ImageError, match="damaged"):
        Source(archive)


def test_too_many_files_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packed, "MOST_FILES", 2)
    with pytest.raises(ImageError, match="would unpack to 3 files"):
        Source(pack(tmp_path / "a.zip", {f"{n}.png": b"" for n in range(3)}))


def test_other_packings_passwords_and_two_files_of_a_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="packed in another way"):
        Source(pack(tmp_path / "a.zip", {"a.png": b""}, zipfile.ZIP_LZMA))
    archive = pack(tmp_path / "b.zip", {"a.png": b""})
    whole = bytearray(archive.read_bytes())
    whole[6] |= 1
    whole[whole.rindex(b"PK\1\2") + 8] |= 1
    archive.write_bytes(whole)
    with pytest.raises(ImageError, match="locked with a password"):
        Source(archive)
    archive = pack(tmp_path / "c.zip", {"a.png": b"1", "b.png": b"2"})
    archive.write_bytes(archive.read_bytes().replace(b"b.png", b"a.png"))
    with pytest.raises(ImageError, match="damaged"):
        Source(archive)


def test_damage_is_said_in_a_sentence(tmp_path: Path, temporary: Path) -> None:
    archive = pack(tmp_path / "a.zip", exported(tmp_path / "out"))
    whole, chance, said = archive.read_bytes(), random.Random(1), 0
    for _ in range(DAMAGES):
        archive.write_bytes(damaged(whole, chance))
        try:
            read(PALETTE_PNG, archive, RECORDS)
        except ImageError as error:
            assert str(error).endswith(".")
            said += 1
    gc.collect()
    assert said > DAMAGES / 2
    assert list(temporary.iterdir()) == []
