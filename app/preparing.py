"""What is set for the next training, kept with the project, and the windows that set it and look back."""

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QWidget

from app.dialogs.curves import CurvesDialog
from app.dialogs.training_settings import TrainingSettingsDialog
from app.learning import Learning
from app.panels.training import TrainingPanel
from app.training_choice import TrainingChoice
from app.workspace import Workspace

STORED = "training"


class Preparing(QObject):
    """Keeps the training panel, its settings and the project in step."""

    def __init__(self, workspace: Workspace, learning: Learning, panel: TrainingPanel, window: QWidget) -> None:
        super().__init__(window)
        self._workspace = workspace
        self._learning = learning
        self._panel = panel
        self._window = window
        self.settings: TrainingSettingsDialog | None = None
        self.curves: CurvesDialog | None = None
        self._connect_signals()

    def _connect_signals(self) -> None:
        self._workspace.project_opened.connect(self._restore)
        self._workspace.project_closed.connect(self._close)
        self._workspace.runs_changed.connect(self._show_runs)
        self._workspace.classes_changed.connect(self._panel.show_beginning)
        self._panel.choice_changed.connect(self._keep)
        self._panel.settings_asked.connect(self.ask_settings)
        self._panel.curves_asked.connect(self.show_curves)
        self._learning.sent.connect(self._panel.show_request)
        self._learning.state_changed.connect(self._show_runs)
        self._panel.curves_grew.connect(self._redraw)

    @Slot()
    def train(self) -> None:
        choice = self._panel.choice
        self._learning.train(choice.settings(), fresh=choice.fresh)

    # --- settings

    @Slot()
    def ask_settings(self) -> None:
        if self.settings is None:
            run = self._workspace.runs[0] if self._workspace.runs else None
            self.settings = TrainingSettingsDialog(self._panel.choice, run, self._window)
            self.settings.changed.connect(self._keep)
            self.settings.destroyed.connect(self._settings_gone)
        self.settings.show()
        self.settings.raise_()
        self.settings.activateWindow()

    @Slot()
    def _restore(self) -> None:
        self._panel.show_choice(TrainingChoice.from_mapping(self._workspace.view.get(STORED)))

    @Slot(object)
    def _keep(self, choice: TrainingChoice) -> None:
        """What was set in one place shows in the other, and stays with the project."""
        if self._panel.choice is not choice:
            self._panel.show_choice(choice)
        elif self.settings is not None:
            self.settings.show_choice(choice)
        if self._workspace.project is not None:
            state = {STORED: choice.to_mapping()}
            self._workspace.jobs.run(self._workspace.project.save_view_state, state)

    # --- curves

    @Slot()
    def show_curves(self) -> None:
        if self.curves is None:
            self.curves = CurvesDialog(self._workspace.classes, self._window)
            self.curves.destroyed.connect(self._curves_gone)
            self._show_runs()
        self.curves.show()
        self.curves.raise_()
        self.curves.activateWindow()

    @Slot()
    def _show_runs(self) -> None:
        if self.curves is not None:
            run, live = self._workspace.run, self._learning.state in ("training", "stopping")
            now = self._panel.curves if live else None
            trained = [run for run in self._workspace.runs if not run.imported]
            self.curves.show_runs(trained, None if run is None else run.id, now)

    @Slot()
    def _redraw(self) -> None:
        if self.curves is not None:
            self.curves.redraw()

    # --- ends

    @Slot()
    def _close(self) -> None:
        for dialog in (self.settings, self.curves):
            if dialog is not None:
                dialog.close()

    @Slot()
    def _settings_gone(self) -> None:
        self.settings = None

    @Slot()
    def _curves_gone(self) -> None:
        self.curves = None
