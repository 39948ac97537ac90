"""What is open now: project, image, class, run. Panels listen to its few signals and call its few methods."""

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot

from app.adding import ImageAdder
from app.job import JobQueue
from app.notices import Choice, Notice
from app.saving import SaveQueue
from app.trust import is_trusted, trust
from core.classes import LabelClass, load_template
from core.errors import ImageError
from core.images import ImageArray, read_image
from core.large_tiff import LargeTiff, open_large
from core.masks.editor import MaskEdit, MaskEditor
from core.pixel_size import pixel_size
from core.project import FileState, Project
from core.records import ImageRecord, Split, TrainingRun

TRUST = "trust"
STRANGE = (
    "Run {run}, {name}, is a model from elsewhere that came with this project: a program that would run on your "
    "pictures. It predicts once you say that you trust where it comes from."
)


@dataclass(frozen=True, slots=True, eq=False)
class OpenImage:
    """A picture with its mask, ready to show."""

    record: ImageRecord
    state: FileState
    path: Path
    pixels: ImageArray | LargeTiff | None
    """(H, W, C) uint8 or uint16, in memory or read in parts; None where the file is missing or cannot be read."""
    editor: MaskEditor
    problem: str = ""
    pixel_size: float | None = None
    """Metres per pixel, where the file says so."""


@dataclass(frozen=True, slots=True, eq=False)
class _OpenProject:
    project: Project
    records: list[ImageRecord]
    runs: list[TrainingRun]
    view: dict[str, Any]


class Workspace(QObject):
    """The one place that knows what is open."""

    project_opened = Signal()
    project_closed = Signal()
    images_changed = Signal()
    record_changed = Signal(object)
    """The ImageRecord that changed."""
    image_asked = Signal(int)
    """The id of the image that is about to be read and shown."""
    image_leaving = Signal()
    """Another image is about to take the open one's place; a stroke under way still belongs to the open one."""
    image_opened = Signal()
    classes_changed = Signal()
    class_chosen = Signal(int)
    runs_changed = Signal()
    """Which runs there are, or which of them predicts."""
    run_changed = Signal(object)
    """The TrainingRun with a new note or star."""
    noticed = Signal(object)
    """A Notice."""
    settled = Signal(str)
    """The topic of notices that no longer matter."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.jobs = JobQueue("project", self)
        self.pictures = JobQueue("pictures", self)
        self.saves = SaveQueue(self.jobs, self)
        self.adder = ImageAdder(self.jobs, self)
        self.project: Project | None = None
        self.view: dict[str, Any] = {}
        self.records: dict[int, ImageRecord] = {}
        self.runs: list[TrainingRun] = []
        self.run: TrainingRun | None = None
        self.image: OpenImage | None = None
        self.doubts: dict[int, float] = {}
        """How unsure the chosen run is of the images it has seen, as core.regions.doubt tells."""
        self.classes: tuple[LabelClass, ...] = ()
        self.active_class = 0
        self.last_class = 1
        self._asked_image = 0
        self._times_asked = 0
        self._ahead: OpenImage | None = None
        """An image that was read before anybody asked to see it."""
        self._kept: list[Project] = []
        self._connect_signals()

    def _connect_signals(self) -> None:
        self.jobs.trouble.connect(self.tell)
        self.pictures.trouble.connect(self.tell)
        self.saves.saved.connect(self.update_record)
        self.saves.failing.connect(self._tell_saving_fails)
        self.saves.state_changed.connect(self._saving_changed)
        self.adder.added.connect(self._images_added)
        self.adder.finished.connect(self._adding_finished)

    # --- projects

    def open_project(self, path: Path) -> None:
        """Open a project file in place of the one that is open."""
        self.close_project()
        kept = next((project for project in self._kept if project.path == path.absolute()), None)
        if kept is not None:
            self.keep(kept)
        self.jobs.run(_open_project, path, kept, done=self._project_ready)

    def create_project(self, path: Path, template: str, pictures: list[Path]) -> None:
        """Make a project with a template's classes, open it, and add pictures and folders of them."""
        self.close_project()
        self.jobs.run(_create_project, path, template, done=_Then(self._project_ready, self.add_images, pictures))

    def close_project(self) -> None:
        """Put the open project away, after what is still being saved."""
        if self.project is None:
            return
        self.adder.stop()
        if self.project not in self._kept:
            self.jobs.run(self.project.close)
        self.project = self.image = self.run = self._ahead = None
        self._asked_image = 0
        self._times_asked += 1
        self.records, self.runs, self.view = {}, [], {}
        self.settled.emit("")
        self.project_closed.emit()

    def keep(self, project: Project) -> None:
        """Leave the project's file open when the project is closed, for a run that will be stored in it."""
        self._kept.append(project)

    def let_go(self, project: Project) -> None:
        """The project's file is needed no longer than the project is shown."""
        if project in self._kept:
            self._kept.remove(project)
            if project is not self.project and project not in self._kept:
                self.jobs.run(project.close)

    def _project_ready(self, opened: _OpenProject) -> None:
        self.project, self.view, self.runs = opened.project, opened.view, opened.runs
        self.let_go(opened.project)
        self.records = {record.id: record for record in opened.records}
        self.classes = opened.project.classes
        self.run = self._newest_trusted()
        self.active_class = min(int(self.view.get("class", 0)), len(self.classes) - 1)
        self.last_class = (self.active_class + 1) % len(self.classes)
        self.settled.emit("")
        self.project_opened.emit()
        self.classes_changed.emit()
        self.class_chosen.emit(self.active_class)
        self.images_changed.emit()
        self.runs_changed.emit()
        if self.runs and self.run is not self.runs[0]:
            self._ask_trust(self.runs[0])
        wanted = self.view.get("image")
        if self.records:
            self.open_image(wanted if wanted in self.records else next(iter(self.records)))

    def save_view(self, view: dict[str, Any]) -> None:
        """Remember with the project how it was looked at."""
        if self.project is not None:
            self.view = view
            self.jobs.run(self.project.save_view_state, view)

    # --- images

    @Slot(list)
    def add_images(self, paths: list[Path]) -> None:
        if self.project is not None:
            self.adder.add(self.project, paths)

    @property
    def wanted_image(self) -> int:
        """The id of the image that is shown or about to be; 0 for none."""
        return self._asked_image

    @Slot(int)
    def open_image(self, image_id: int) -> None:
        """Show an image; it is read off the window's thread, and only the last one asked for is shown."""
        if self.project is None or image_id not in self.records:
            return
        self._asked_image = image_id
        self._times_asked += 1
        if self._is_ahead(image_id):
            self._image_ready(self._times_asked, self._ahead)
            return
        self.image_asked.emit(image_id)
        # An editor with edits that are not on disk yet knows more than the project file does.
        same = self.image is not None and self.image.record.id == image_id
        editor = self.image.editor if self.image is not None and same else self.saves.editor_of(image_id)
        asked = self.project, self.records[image_id], editor
        ready = partial(self._image_ready, self._times_asked)
        self.pictures.run(self._load, self._times_asked, *asked, done=ready, failed=self._image_failed)

    def _load(self, time: int, project: Project, record: ImageRecord, editor: MaskEditor | None) -> OpenImage | None:
        if time != self._times_asked:
            return None  # another image was asked for in the meantime, or this one again
        return load_image(project, record, editor)

    def read_ahead(self, image_id: int) -> None:
        """Read an image that will be wanted next, so that it is there at once."""
        record = self.records.get(image_id)
        if self.project is not None and record is not None and not self._is_ahead(image_id):
            editor = self.saves.editor_of(image_id)
            take = partial(self._take_ahead, self.project)
            self.pictures.run(load_image, self.project, record, editor, done=take, failed=_nobody_waits)

    def _take_ahead(self, project: Project, opened: OpenImage) -> None:
        if project is self.project and opened.record.id != self._asked_image:
            self._ahead = opened

    def _is_ahead(self, image_id: int) -> bool:
        """Whether the image has been read and is what was read: neither labelled nor replaced since."""
        ahead = self._ahead
        known = ahead is not None and ahead.record == self.records.get(image_id)
        return known and self.saves.editor_of(image_id) is None

    def _image_ready(self, time: int, opened: OpenImage | None) -> None:
        """Show what was asked for last; read before it was asked for again, its labels could be older than they are."""
        if opened is None or time != self._times_asked or self.project is None:
            return
        self.image_leaving.emit()
        self.image, self._ahead = opened, None
        self.settled.emit("image")
        self.image_opened.emit()

    def _image_failed(self, error: Exception) -> None:
        if self.project is not None:
            self.pictures.report(error)

    def replace_editor(self, editor: MaskEditor) -> None:
        """The open image's mask was changed in the project: go on with an editor that knows."""
        if self.image is not None:
            self.image = replace(self.image, editor=editor, record=self.records[self.image.record.id])

    @Slot(object)
    def update_record(self, record: ImageRecord) -> None:
        if record.id in self.records:
            self.records[record.id] = record
            self.record_changed.emit(record)

    def set_done(self, image_id: int, done: bool) -> None:
        if self.project is not None and self.records[image_id].done != done:
            self.jobs.run(self.project.set_done, image_id, done, done=self.update_record)

    def set_split(self, image_id: int, split: Split) -> None:
        if self.project is not None and self.records[image_id].split != split:
            self.jobs.run(self.project.set_split, image_id, split, done=self.update_record)

    def relocate(self, image_id: int, path: Path) -> None:
        """Point an image at its moved file, then show it."""
        if self.project is not None:
            self.jobs.run(self.project.relocate_image, image_id, path, done=self._file_settled)

    def adopt(self, image_id: int) -> None:
        """Keep the labels for a file that changed."""
        if self.project is not None:
            self.jobs.run(self.project.adopt_changed_image, image_id, done=self._file_settled)

    def _file_settled(self, record: ImageRecord) -> None:
        self.update_record(record)
        self.settled.emit("image")
        self.open_image(record.id)

    @Slot(list)
    def _images_added(self, records: list[ImageRecord]) -> None:
        first = not self.records
        self.records.update({record.id: record for record in records})
        self.images_changed.emit()
        if first and records:
            self.open_image(records[0].id)

    @Slot(list)
    def _adding_finished(self, refused: list[str]) -> None:
        if refused:
            more = f" And {len(refused) - 1} more like it." if len(refused) > 1 else ""
            self.noticed.emit(Notice(refused[0] + more, topic="adding"))
        elif not self.records:
            self.noticed.emit(Notice("No pictures were found there. Drop PNG, JPEG, TIFF, BMP or WebP files here."))

    # --- classes, edits and runs

    @Slot(int)
    def choose_class(self, class_id: int) -> None:
        if 0 <= class_id < len(self.classes) and class_id != self.active_class:
            self.last_class, self.active_class = self.active_class, class_id
            self.class_chosen.emit(class_id)

    @Slot()
    def swap_class(self) -> None:
        self.choose_class(self.last_class)

    def set_classes(self, classes: tuple[LabelClass, ...]) -> None:
        """Rename, recolour or add classes; what the project refuses is said and shown as it was."""
        if self.project is not None:
            self.jobs.run(_set_classes, self.project, classes, done=self._classes_set, failed=self._classes_refused)

    def _classes_set(self, classes: tuple[LabelClass, ...]) -> None:
        self.classes = classes
        self.classes_changed.emit()
        self.choose_class(min(self.active_class, len(classes) - 1))

    def _classes_refused(self, error: Exception) -> None:
        self.jobs.report(error)
        self.classes_changed.emit()

    @Slot(object)
    def save_edit(self, edit: MaskEdit) -> None:
        """Send an edit of the open image to the disk."""
        if self.project is not None and self.image is not None:
            self.saves.add(self.project, self.image.record.id, edit, self.image.editor)

    def add_run(self, run: TrainingRun) -> None:
        self.runs.insert(0, run)
        self.choose_run(run.id)

    @Slot(int)
    def choose_run(self, run_id: int) -> None:
        """Predict with a run from now on; with a model from elsewhere only once a person has agreed to it."""
        run = next((run for run in self.runs if run.id == run_id), None)
        if run is not None and not is_trusted(run):
            self._ask_trust(run)
        else:
            self.run = run
        self.runs_changed.emit()

    def trust_run(self, run: TrainingRun) -> None:
        """A person agrees to a model from elsewhere: it predicts from now on."""
        trust(run)
        self.settled.emit(TRUST)
        self.choose_run(run.id)

    def _ask_trust(self, run: TrainingRun) -> None:
        text = STRANGE.format(run=run.id, name=run.note)
        self.noticed.emit(Notice(text, (Choice("I trust it", partial(self.trust_run, run)),), TRUST))

    def _newest_trusted(self) -> TrainingRun | None:
        return next((run for run in self.runs if is_trusted(run)), None)

    def update_run(self, run: TrainingRun) -> None:
        """A run has a new note or star."""
        if any(known.id == run.id for known in self.runs):
            self.runs = [run if known.id == run.id else known for known in self.runs]
            if self.run is not None and self.run.id == run.id:
                self.run = run
            self.run_changed.emit(run)

    def forget_runs(self, run_ids: list[int]) -> None:
        """Runs were deleted; if the one that predicts is among them, the newest other takes its place."""
        self.runs = [run for run in self.runs if run.id not in run_ids]
        if self.run is not None and self.run.id in run_ids:
            self.run = self._newest_trusted()
        self.runs_changed.emit()

    def close(self) -> None:
        """End the threads, after what they are doing."""
        self.saves.forget()
        self.pictures.close()
        self.jobs.close()

    # --- words

    @Slot(str)
    def tell(self, text: str) -> None:
        self.noticed.emit(Notice(text))

    def tell_quietly(self, text: str, topic: str) -> None:
        """Say something that is no problem."""
        self.noticed.emit(Notice(text, topic=topic, problem=False))

    @Slot(str)
    def _tell_saving_fails(self, sentence: str) -> None:
        text = f"{sentence} Your work is kept in memory and saved as soon as that is possible."
        self.noticed.emit(Notice(text, (Choice("Try again", self.saves.retry),), topic="saving"))

    @Slot(str)
    def _saving_changed(self, state: str) -> None:
        if state != "failing":
            self.settled.emit("saving")


class _Then:
    """Two steps after one job: first what it returned, then the next call."""

    def __init__(self, first: Any, then: Any, argument: Any) -> None:
        self._first, self._then, self._argument = first, then, argument

    def __call__(self, result: Any) -> None:
        self._first(result)
        self._then(self._argument)


def _open_project(path: Path, kept: Project | None = None) -> _OpenProject:
    project = kept or Project.open(path)
    return _OpenProject(project, project.images(), project.runs(), project.view_state())


def _create_project(path: Path, template: str) -> _OpenProject:
    project = Project.create(path, load_template(template))
    return _OpenProject(project, [], [], {})


def _nobody_waits(error: Exception) -> None:
    """What cannot be read ahead is said when it is asked for."""


def _set_classes(project: Project, classes: tuple[LabelClass, ...]) -> tuple[LabelClass, ...]:
    project.set_classes(classes)
    return project.classes


def load_image(project: Project, record: ImageRecord, editor: MaskEditor | None) -> OpenImage:
    """Read an image with its mask; a file that cannot be shown is said in `problem`, not raised."""
    path = project.image_path(record)
    state = project.file_state(record)
    editor = editor or project.open_editor(record.id)
    if state == "missing":
        return OpenImage(record, state, path, None, editor)
    try:
        pixels = open_large(path) or read_image(path)
    except ImageError as error:
        return OpenImage(record, state, path, None, editor, str(error))
    if pixels.shape[:2] != (record.height, record.width):
        size = f"{pixels.shape[1]} × {pixels.shape[0]} pixels instead of {record.width} × {record.height}"
        problem = f"{record.name} is another picture now: {size}. Find the one that was labelled."
        return OpenImage(record, "changed", path, None, editor, problem)
    if isinstance(pixels, LargeTiff):
        _ = pixels.first_look  # read here, not in the window's thread
    return OpenImage(record, state, path, pixels, editor, pixel_size=pixel_size(path))
