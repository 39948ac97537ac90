"""Ways into a project: a folder, a project file, the sample, or where one was before."""

from pathlib import Path

from PySide6.QtCore import QObject, QSettings, Slot
from PySide6.QtWidgets import QWidget

from app.dialogs.files import ask_folder, ask_picture, ask_pictures, ask_project
from app.dialogs.new_project import NewProjectDialog
from app.notices import Choice, Notice
from app.panels.start import StartPage
from app.places import remember_project, sample_folder
from app.workspace import OpenImage, Workspace
from core.project import SUFFIX


class Projects(QObject):
    """Opens and makes projects for the window, and helps with pictures whose files moved or changed."""

    def __init__(self, workspace: Workspace, start: StartPage, settings: QSettings, window: QWidget) -> None:
        super().__init__(window)
        self._workspace = workspace
        self._start = start
        self._settings = settings
        self._window = window

    # --- in

    @Slot()
    def ask_new(self) -> None:
        """Ask for folder and classes, beside whatever is open."""
        dialog = NewProjectDialog(self._last_folder(), self._window)
        dialog.chosen.connect(self.open_folder)
        dialog.show()

    @Slot()
    def ask_folder_to_open(self) -> None:
        folder = ask_folder(self._window, "Open a folder of pictures", self._last_folder())
        if folder is not None:
            self.open_folder(folder, self._start.template.name)

    @Slot()
    def ask_open(self) -> None:
        path = ask_project(self._window, self._last_folder())
        if path is not None:
            self.open(path)

    @Slot(object)
    def open(self, path: Path) -> None:
        self._workspace.open_project(path)

    @Slot(object, str)
    def open_folder(self, folder: Path, template: str) -> None:
        """Open the project that lies in a folder, or make one beside its pictures."""
        self._settings.setValue("folder", str(folder))
        found = sorted(folder.glob(f"*{SUFFIX}"))
        if found:
            self._workspace.open_project(found[0])
        else:
            path = folder / f"{folder.name or 'pictures'}{SUFFIX}"
            self._workspace.create_project(path, template, [folder])

    @Slot()
    def open_sample(self) -> None:
        """Open the sample, making it the first time."""
        self._workspace.tell_quietly("Getting the sample ready…", "sample")
        self._workspace.jobs.run(_make_sample, sample_folder(), done=self._workspace.open_project)

    @Slot()
    def ask_pictures(self) -> None:
        self._workspace.add_images(ask_pictures(self._window, self._last_folder()))

    @Slot()
    def ask_folder(self) -> None:
        folder = ask_folder(self._window, "Add a folder of pictures", self._last_folder())
        if folder is not None:
            self._workspace.add_images([folder])

    @Slot()
    def remember(self) -> None:
        """Put the open project first among the recent ones."""
        if self._workspace.project is not None:
            remember_project(self._settings, self._workspace.project.path)

    def begin_with(self, paths: list[Path]) -> None:
        """Open a folder of pictures, or make a project beside some."""
        if paths[0].is_dir():
            self.open_folder(paths[0], self._start.template.name)
        else:
            folder = paths[0].parent
            path = free_name(folder / f"{folder.name or 'pictures'}{SUFFIX}")
            self._workspace.create_project(path, self._start.template.name, paths)

    # --- pictures that moved or changed

    @Slot()
    def check_open_image(self) -> None:
        """Say when the open picture's file is missing or not the one that was labelled."""
        image = self._workspace.image
        if image is None or (image.state == "ok" and not image.problem):
            return
        locate = Choice("Locate…", self._locate)
        if image.state == "missing":
            text = f"{image.record.name} is not at {image.path.parent} any more. Its labels are safe. Where is it now?"
            choices: tuple[Choice, ...] = (locate,)
        elif image.problem:
            text, choices = image.problem, (locate,)
        else:
            text = f"{image.record.name} changed since you labelled it. Keep the labels, or find the old file?"
            choices = (Choice("Keep the labels", self._keep_labels), locate)
        self._workspace.noticed.emit(Notice(text, choices, topic="image"))

    def _locate(self) -> None:
        image: OpenImage | None = self._workspace.image
        if image is not None:
            path = ask_picture(self._window, image.record.name, self._last_folder())
            if path is not None:
                self._workspace.relocate(image.record.id, path)

    def _keep_labels(self) -> None:
        if self._workspace.image is not None:
            self._workspace.adopt(self._workspace.image.record.id)

    def _last_folder(self) -> Path | None:
        if self._workspace.project is not None:
            return self._workspace.project.path.parent
        stored = self._settings.value("folder")
        return Path(str(stored)) if stored else None


def free_name(path: Path) -> Path:
    """`path`, or the first numbered one beside it that is free."""
    number, result = 2, path
    while result.exists():
        result, number = path.with_stem(f"{path.stem} {number}"), number + 1
    return result


def _make_sample(folder: Path) -> Path:
    from core.sample import make_sample

    return make_sample(folder)
