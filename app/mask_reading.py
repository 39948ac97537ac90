"""What is done with incoming masks off the window's thread: looking at them, getting them ready, taking them in."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.masks.editor import MaskEditor
from core.masks.merge import REPLACE, Merge
from core.project import Project, StagedMasks
from core.records import ImageRecord

if TYPE_CHECKING:
    from app.dialogs.import_masks import ImportChoice
    from core.formats.import_masks import ImportPlan, Incoming
    from core.formats.source import Source


@dataclass(frozen=True, slots=True, eq=False)
class Taken:
    changed: list[int]
    records: list[ImageRecord]
    editor: MaskEditor | None
    """Of the open image, if its mask was changed."""


class MaskReader:
    """The files, open from one look to the next; for the import's thread only."""

    def __init__(self) -> None:
        self._source: Source | None = None

    def look(
        self, choice: "ImportChoice", project: Project, report: Callable[[int], None]
    ) -> "tuple[Incoming, ImportPlan]":
        from core.formats import mask_format, recognised_format
        from core.formats.class_table import ClassTable
        from core.formats.import_masks import Incoming, plan_import
        from core.formats.source import Source

        report(0)
        if self._source is None or self._source.path != choice.path:
            self.close()
            self._source = Source(choice.path)
        source = self._source
        format = recognised_format(source) if choice.format is None else mask_format(choice.format)
        merges = {"listed": Merge(classes=frozenset(c.id for c in project.classes)), "unlabelled": Merge(True)}
        table = ClassTable(project.classes, choice.own)
        incoming = Incoming(source, format, table, merges.get(choice.rule, REPLACE))
        return incoming, plan_import(project, incoming, report)

    def close(self) -> None:
        if self._source is not None:
            self._source.close()
            self._source = None


def stage(project: Project, incoming: "Incoming", plan: "ImportPlan", report: Callable[[int], None]) -> StagedMasks:
    from core.formats.import_masks import stage_import

    return stage_import(project, incoming, plan, report)


def take(project: Project, staged: StagedMasks, shown: int) -> Taken:
    """shown: the image that is open, 0 for none."""
    changed = project.take_staged(staged)
    return Taken(changed, project.images(), project.open_editor(shown) if shown in changed else None)


def load_formats() -> None:
    """Ahead of need: it takes its time."""
    import core.formats  # noqa: F401
