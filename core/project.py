"""Project: the single door to everything that is saved."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

from core.classes import LabelClass
from core.labels import LabelSnapshot
from core.masks.editor import MaskEdit, MaskEditor
from core.masks.tiles import Array, Mask
from core.records import ImageRecord, Split, TrainingRun

FileState = Literal["ok", "missing", "changed"]


class Project:
    """One `.maskwright` file. Any thread may call it; calls take turns. One process has it open at a time.

    Every method raises ProjectError (one sentence for a person) where the file cannot be read or written.
    """

    @classmethod
    def create(cls, path: Path, classes: Sequence[LabelClass]) -> "Project":
        """Make a new project file; refuses to overwrite an existing one."""
        raise NotImplementedError

    @classmethod
    def open(cls, path: Path) -> "Project":
        """Open a project, migrating an older one. Refuses foreign files, newer ones, and one open elsewhere."""
        raise NotImplementedError

    def close(self) -> None: ...
    def __enter__(self) -> "Project": ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    path: Path
    classes: tuple[LabelClass, ...]

    @property
    def revision(self) -> int:
        """Counts every saved change of any mask, from 1; 0 for none yet."""
        raise NotImplementedError

    def set_classes(self, classes: Sequence[LabelClass]) -> None:
        """Rename, recolour, or add classes at the end; a class may be removed from the end if no pixel has it."""

    # images
    def add_image(self, path: Path, *, split: Split = "train", mask: Array | None = None) -> ImageRecord:
        """Decode and add an image (ImageError if it cannot be used); the same file again returns its record.

        mask: (height, width) uint8 class ids, 255 unlabelled; ImageError if its size or ids do not fit.
        """
        raise NotImplementedError

    def add_images(self, paths: Iterable[Path], *, split: Split = "train") -> list[ImageRecord]:
        raise NotImplementedError

    def images(self, split: Split | None = None) -> list[ImageRecord]: ...
    def image(self, image_id: int) -> ImageRecord: ...
    def image_path(self, record: ImageRecord) -> Path:
        """Absolute path of the image file."""
        raise NotImplementedError

    def file_state(self, record: ImageRecord) -> FileState:
        """Whether the file is there and still the one that was labelled (compares size, time, then content hash)."""
        raise NotImplementedError

    def relocate_image(self, image_id: int, path: Path) -> ImageRecord:
        """Point an image at its moved file; ImageError unless decoded size and hash are the same."""
        raise NotImplementedError

    def adopt_changed_image(self, image_id: int) -> ImageRecord:
        """Keep the labels for a file that changed; ImageError if its size differs now."""
        raise NotImplementedError

    def set_split(self, image_id: int, split: Split) -> ImageRecord: ...
    def set_done(self, image_id: int, done: bool) -> ImageRecord: ...
    def thumbnail(self, image_id: int) -> Array:
        """(h, w, 3) uint8 RGB, at most 160 pixels on its longer side; made once, then stored."""
        raise NotImplementedError

    # masks
    def load_mask(self, image_id: int) -> Mask: ...
    def open_editor(self, image_id: int) -> MaskEditor:
        """The image's mask with its whole history, ready to edit; undo reaches back over restarts."""
        raise NotImplementedError

    def save_edit(self, image_id: int, edit: MaskEdit) -> ImageRecord:
        """Write one edit in one transaction; when this returns it is on disk. The record's revision is the edit's."""
        raise NotImplementedError

    def mask_at(self, image_id: int, revision: int) -> Mask:
        """The mask as it was at a revision."""
        raise NotImplementedError

    def snapshot_labels(self) -> LabelSnapshot:
        """What training sees: every image with a labelled pixel. Images missing or changed are left out."""
        raise NotImplementedError

    # runs
    def add_run(
        self,
        *,
        seed: int,
        settings: Mapping[str, Any],
        label_revision: int,
        classes: Sequence[LabelClass],
        device: str,
        seconds: float,
        metrics: Mapping[str, Any],
        curves: Mapping[str, list[float]],
        weights: bytes,
    ) -> TrainingRun: ...
    def runs(self) -> list[TrainingRun]:
        """Newest first."""
        raise NotImplementedError

    def run(self, run_id: int | None = None) -> TrainingRun:
        """One run, the newest by default; ProjectError if there is none."""
        raise NotImplementedError

    def run_weights(self, run_id: int) -> bytes: ...
    def delete_run(self, run_id: int) -> None: ...

    # what the window remembers
    def view_state(self) -> dict[str, Any]: ...
    def save_view_state(self, state: Mapping[str, Any]) -> None: ...
