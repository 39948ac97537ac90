"""The sheet of keys, settings, the log, what this is, and the look of the window."""

import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from PySide6.QtCore import QObject, QSettings, Qt, QUrl, Slot
from PySide6.QtGui import QAction, QDesktopServices
from PySide6.QtWidgets import QMenu, QMessageBox, QWidget

from app.actions import Actions
from app.dialogs.keys import KeysDialog
from app.dialogs.settings import SettingsDialog
from app.places import log_folder, recent_projects
from app.projects import Projects
from app.shortcuts import Shortcuts
from app.theme import Theme

SCHEMES = {
    "theme-system": Qt.ColorScheme.Unknown,
    "theme-dark": Qt.ColorScheme.Dark,
    "theme-light": Qt.ColorScheme.Light,
}


class WorkerBugError(Exception):
    """A bug in the training process; its message is the traceback from there."""


class Help(QObject):
    def __init__(
        self,
        actions: Actions,
        theme: Theme,
        settings: QSettings,
        *,
        shortcuts: Shortcuts,
        projects: Projects,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._shortcuts = shortcuts
        self._actions = actions
        self._theme = theme
        self._settings = settings
        self._projects = projects
        self._window = window
        self.recent_menu = QMenu("Open recent", window)
        self._restore_theme()

    @Slot()
    def show_keys(self) -> None:
        KeysDialog(self._actions, self._window).show()

    @Slot()
    def show_log(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(log_folder())))

    @Slot()
    def show_about(self) -> None:
        box = QMessageBox(self._window)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setWindowTitle("About Maskwright")
        box.setText(f"Maskwright {_version()}")
        box.setInformativeText(
            "Label images by hand and train a segmentation model on them the same afternoon. MIT licence."
        )
        box.open()

    @Slot()
    def show_settings(self) -> None:
        dialog = SettingsDialog(self._actions, self._shortcuts, self._theme_name(), self._window)
        dialog.theme_chosen.connect(self._take_theme)
        dialog.show()

    @Slot()
    def choose_theme(self) -> None:
        sender = self.sender()
        if sender is not None:
            self._take_theme(sender.objectName())

    @Slot(str)
    def _take_theme(self, name: str) -> None:
        if name in SCHEMES:
            self._settings.setValue("theme", name)
            self._actions[name].setChecked(True)
            self._theme.choose(SCHEMES[name])

    def _theme_name(self) -> str:
        name = str(self._settings.value("theme", "theme-system"))
        return name if name in SCHEMES else "theme-system"

    def _restore_theme(self) -> None:
        name = self._theme_name()
        self._actions[name].setChecked(True)
        if SCHEMES[name] != Qt.ColorScheme.Unknown:
            self._theme.choose(SCHEMES[name])

    @Slot()
    def fill_recent_menu(self) -> None:
        self.recent_menu.clear()
        for path in recent_projects(self._settings):
            action = self.recent_menu.addAction(path.stem)
            action.setData(str(path))
            action.setToolTip(str(path))
            action.triggered.connect(self._open_recent)
        self.recent_menu.setEnabled(True)
        if self.recent_menu.isEmpty():
            self.recent_menu.addAction("Nothing yet").setEnabled(False)

    @Slot()
    def _open_recent(self) -> None:
        sender = self.sender()
        if isinstance(sender, QAction):
            self._projects.open(Path(sender.data()))

    @Slot(str)
    def show_worker_bug(self, trace: str) -> None:
        sys.excepthook(WorkerBugError, WorkerBugError(trace), None)


def _version() -> str:
    try:
        return version("maskwright")
    except PackageNotFoundError:
        return ""
