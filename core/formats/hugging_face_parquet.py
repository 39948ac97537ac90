"""Masks as a Hugging Face data set in Parquet: data/SPLIT-00000-of-00001.parquet, with the columns "image" and "mask".

https://huggingface.co/docs/datasets/image_dataset. Both columns are Image features as the library `datasets` writes
them: the bytes of an image file, and its name. The schema's metadata tell the features under "huggingface". Masks are
PNGs whose pixels are class ids, 255 is unlabelled; classes.json tells the classes.
"""

import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, NamedTuple

from core.classes import LabelClass
from core.errors import ExportError, ImageError
from core.formats.copies import copy_image
from core.formats.hugging_face import FOLDERS, SUFFIXES
from core.formats.mask_format import FoundMask, MaskExport, MaskFormat
from core.formats.palette_png import png_bytes, read_legend, write_legend
from core.formats.pictures import DecodedIds, peek
from core.formats.source import Source, image_name, shown

SUFFIX = ".parquet"
IMAGE, MASK = "image", "mask"
IMAGES = (IMAGE, "pixel_values", "img")
MASKS = (MASK, "label", "labels", "annotation", "segmentation_mask", "segmentation", "semantic_mask")
NAMES = ("file_name", "filename", "image_name", "name", "image_id", "id")
"""What the columns are called in data sets out there. Those of names are asked where images have none themselves."""
GROUP_BYTES = 2**23
"""Of images and masks that are held until they are written."""
BATCH = 8
"""Rows that are read at once."""
_PICTURES = ("struct<bytes: binary, path: string>", "struct<bytes: large_binary, path: large_string>")
_MISSING = "Parquet files need the package pyarrow. Install it beside Maskwright: pip install pyarrow."


def _write(export: MaskExport, folder: Path) -> list[Path]:
    try:
        import pyarrow
        from pyarrow.parquet import ParquetWriter
    except ImportError:
        raise ExportError(_MISSING) from None
    schema = _schema(pyarrow)
    (folder / "data").mkdir()
    with ExitStack() as stack:
        copies = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=folder)))
        files: dict[Path, _Rows] = {}
        for image, mask in export.masks():
            path = folder / "data" / f"{FOLDERS[image.record.split]}-00000-of-00001{SUFFIX}"
            if path not in files:
                files[path] = _Rows(schema, stack.enter_context(ParquetWriter(path, schema)))
            copy = copy_image(image, copies / "image", SUFFIXES)
            files[path].add(
                {
                    IMAGE: {"bytes": copy.read_bytes(), "path": f"{image.name}{copy.suffix}"},
                    MASK: {"bytes": png_bytes(mask), "path": f"{image.name}.png"},
                }
            )
            copy.unlink()
        for rows in files.values():
            rows.flush()
    write_legend(folder, export.classes)
    return list(files)


def _schema(pyarrow: Any) -> Any:
    picture = pyarrow.struct({"bytes": pyarrow.binary(), "path": pyarrow.string()})
    told = {"info": {"features": {name: {"_type": "Image"} for name in (IMAGE, MASK)}}}
    return pyarrow.schema([(IMAGE, picture), (MASK, picture)], metadata={"huggingface": json.dumps(told)})


class _Rows:
    """Collects rows until they are worth a group."""

    def __init__(self, schema: Any, writer: Any) -> None:
        self._schema, self._writer = schema, writer
        self._rows: list[dict[str, Any]] = []
        self._bytes = 0

    def add(self, row: dict[str, Any]) -> None:
        self._rows.append(row)
        self._bytes += sum(len(picture["bytes"]) for picture in row.values())
        if self._bytes >= GROUP_BYTES:
            self.flush()

    def flush(self) -> None:
        import pyarrow

        if self._rows:
            self._writer.write_table(pyarrow.Table.from_pylist(self._rows, self._schema))
        self._rows, self._bytes = [], 0


# --- in


def _read(source: Source, classes: Sequence[LabelClass]) -> Iterator[FoundMask]:
    names = read_legend(source, classes).names
    for path in source.files(SUFFIX):
        told = shown(source.name_of(path))
        with source.opened(path) as file:
            for number, row in enumerate(_rows(file, told), 1):
                name = f"The mask in row {number} of {told}"
                data = row.data
                if data is None and row.path:  # `datasets` leaves out what it knows a file of
                    data = source.read(source.inside(PurePosixPath(image_name(row.path)).name, beside=path))
                if data is None:
                    raise ImageError(f"{name} is empty. Leave the row out.")
                height, width, _ = peek(data, name)
                yield FoundMask(row.image or f"row {number}", DecodedIds(data, name), height, width, names)


class _Row(NamedTuple):
    """What a row says; everything but the types may be a lie."""

    image: str | None
    data: bytes | None
    """The mask's file."""
    path: str | None
    """Where that came from."""


def _rows(file: BinaryIO, name: str) -> Iterator[_Row]:
    with _faults_said(name):
        try:
            from pyarrow.parquet import ParquetFile
        except ImportError:
            raise ImageError(_MISSING) from None
        table = ParquetFile(file)
        kinds = {field.name: str(field.type) for field in table.schema_arrow}
        image, mask = _column(kinds, IMAGES, name), _column(kinds, MASKS, name)
        named = next((column for column in NAMES if kinds.get(column) in ("string", "large_string", "int64")), None)
        columns = [f"{image}.path", mask, *([named] if named else [])]
        for batch in table.iter_batches(BATCH, columns=columns):
            for row in batch.to_pylist():
                drawn, own = row[mask] or {}, (row[image] or {}).get("path")
                yield _Row(own or (str(row[named]) if named else None), drawn.get("bytes"), drawn.get("path"))


def _column(kinds: Mapping[str, str], names: Sequence[str], file: str) -> str:
    for name in names:
        if kinds.get(name) in _PICTURES:
            return name
    raise ImageError(f'{file} has no column "{names[0]}" of images. Rename the column, or save images as images.')


@contextmanager
def _faults_said(name: str) -> Iterator[None]:
    try:
        yield
    except ImageError:
        raise
    except Exception:  # pyarrow raises anything for files that are damaged
        raise ImageError(f"{name} is damaged, or no Parquet file that can be read. Save it again.") from None


HUGGING_FACE_PARQUET = MaskFormat(
    "huggingface-parquet",
    "Hugging Face data set in Parquet, with columns of images and masks",
    write=_write,
    read=_read,
    recognises=lambda source: bool(source.files(SUFFIX)),
    copies_images=True,
)
