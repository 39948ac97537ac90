"""The frame: menus, docks, and the one place where signals are wired."""

from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QSettings, QSize, Qt, QTimer, Slot
from PySide6.QtGui import QCloseEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QMainWindow, QMessageBox, QToolBar

from app.actions import ACCEPTING, MENUS, QUEUE, TOOL_GROUPS, TOOLS, Actions
from app.asking import Asking
from app.background import Background
from app.cautioning import Cautioning
from app.commanding import Commanding
from app.comparing import Comparing
from app.docks import Docks
from app.dropping import Dropping
from app.editing import Editing
from app.evaluating import Evaluating
from app.exporting import Exporting
from app.help import Help
from app.importing import Importing
from app.learning import Learning
from app.ledger import Ledger
from app.model_exporting import ModelExporting
from app.model_importing import ModelImporting
from app.outlines import Outlines
from app.overlays import Overlays
from app.panels.controls import name_inner_parts
from app.panels.tool_rail import ToolRail
from app.places import recent_projects
from app.preparing import Preparing
from app.projects import Projects
from app.remember import Layout, Memory
from app.rooms import Rooms
from app.run_difference import RunDifference
from app.shortcuts import Shortcuts
from app.showing import Showing
from app.theme import Theme
from app.timeline import Timeline
from app.tooling import MENDING, Tooling
from app.visiting import Visiting
from app.workspace import Workspace

TITLE = "Maskwright"
WARM_UP_MS = 2000
"""So long after a project opened, the training process is started ahead of need."""
ROOM_TO_TAKE = 0.85
SMALLEST, LARGEST = QSize(1280, 800), QSize(1600, 1000)
"""Of the window when it is opened for the first time."""
TITLE_BAR = QSize(0, 40)
"""The system's, which would push the status line off a small screen."""
SAVE_WAIT_S = 10.0
FINISH_S = 20.0


def first_size(screen: QSize) -> QSize:
    """Most of the screen, so that panels need not scroll, but no larger than the hand likes to travel."""
    return (screen * ROOM_TO_TAKE).boundedTo(LARGEST).expandedTo(SMALLEST).boundedTo(screen - TITLE_BAR)


class MainWindow(QMainWindow):
    """Holds the panels and connects them; what they do is decided elsewhere."""

    def __init__(self, theme: Theme, settings: QSettings) -> None:
        super().__init__()
        self.setWindowTitle(TITLE)
        self._theme = theme
        self.settings = settings
        self.workspace = Workspace(self)
        self.learning = Learning(self.workspace, self)
        self.actions_ = Actions(self)
        rooms = self.rooms = Rooms(self.workspace)
        self._build()
        self.editing = Editing(self.workspace, rooms.canvas, self)
        self.showing = Showing(self.workspace, rooms, self.actions_, learning=self.learning, editing=self.editing)
        self.overlays = Overlays(self.workspace, rooms, self.actions_, self.learning.predicting, self)
        self.preparing = Preparing(self.workspace, self.learning, rooms.training, self)
        self.projects = Projects(self.workspace, rooms.start, settings, self)
        self.tooling = Tooling(self.workspace, rooms, self.actions_, self)
        self.exporting = Exporting(self.workspace, self)
        self.model_exporting = ModelExporting(self.workspace, self.learning, self)
        self.model_importing = ModelImporting(self.workspace, self)
        self.outlines = Outlines(self.workspace, rooms.canvas, self.actions_, self)
        self.memory = Memory(self.workspace, rooms, self.actions_, outlines=self.outlines, parent=self)
        self.shortcuts = Shortcuts(self.actions_, settings, self)
        self.help = Help(self.actions_, theme, settings, shortcuts=self.shortcuts, projects=self.projects, window=self)
        self.timeline = Timeline(self.workspace, rooms.canvas, rooms.history, self.editing, self)
        self.ledger = Ledger(self.workspace, self.timeline, self)
        self.difference = RunDifference(self.workspace, self.ledger, self.overlays, self.learning.predicting)
        self.comparing = Comparing(self.workspace, self)
        self.cautioning = Cautioning(self.workspace, self)
        self.evaluating = Evaluating(self.workspace, self.cautioning, self)
        steps = self.actions_["previous-place"], self.actions_["next-place"]
        self.visiting = Visiting(self.workspace, rooms.canvas, self.evaluating.dialog, steps, self)
        predicting = self.learning.predicting
        self.asking = Asking(
            self.workspace, rooms, editing=self.editing, predicting=predicting, actions=self.actions_, window=self
        )
        self.background = Background(
            self.workspace,
            self.learning,
            (self.evaluating, self.comparing),
            editing=self.editing,
            actions=self.actions_,
            rooms=rooms,
            window=self,
        )
        self.importing = Importing(self.workspace, self.editing, self.background.prelabelling, self.actions_, self)
        self.dropping = Dropping(self.workspace, self.projects, self.importing, self.model_importing, self)
        self.background.predicting_all.regions_found.connect(self.asking.gathering.put)
        self.commanding = Commanding(self.workspace, self.actions_, settings, self)
        self.asking.class_wanted.connect(self.commanding.ask_class)
        self._warm_up = QTimer(self, singleShot=True, interval=WARM_UP_MS)
        self._build_menus()
        self._connect_signals()
        name_inner_parts(self)
        self.resize(first_size(self.screen().availableSize()))
        self._layout = Layout(self, settings)
        self._layout.put_away()
        self.showing.show_closed()

    # --- rooms

    def _build(self) -> None:
        rooms = self.rooms
        self.setCentralWidget(rooms.center)
        self.tools = self._build_tools()
        self.addToolBar(Qt.ToolBarArea.TopToolBarArea, rooms.options)
        self.addToolBar(Qt.ToolBarArea.LeftToolBarArea, self.tools)
        self.setStatusBar(rooms.status)
        rooms.prediction.offer([self.actions_[name] for name in (*ACCEPTING, QUEUE)])
        self.docks = Docks(self, rooms)

    def _build_tools(self) -> QToolBar:
        groups = [[self.actions_[name] for name in group] for group in TOOL_GROUPS]
        return ToolRail(groups, [self.actions_["undo"], self.actions_["redo"]], self)

    def _build_menus(self) -> None:
        for title in MENUS:
            menu = self.menuBar().addMenu(title)
            for spec, action in self.actions_.in_menu(title):
                if spec.first:
                    menu.addSeparator()
                menu.addAction(action)
                self.addAction(action)
                if spec.name == "open-project":
                    menu.addMenu(self.help.recent_menu)
            if title == "View":
                menu.addSeparator()
                menu.addActions(self.docks.toggles())

    # --- wiring

    def _connect_signals(self) -> None:
        self._connect_actions()
        self._connect_workspace()
        self._connect_canvas()
        self._connect_panels()
        self._connect_learning()
        self._connect_timeline()
        self._add_tips()
        rooms = self.rooms
        tools = rooms.options.tool
        panels = (rooms.classes, rooms.training, rooms.images, rooms.banner, rooms.start, rooms.background)
        for part in (self.actions_, self.docks, *panels, tools):
            self._theme.changed.connect(part.redraw_icons)
            part.redraw_icons()
        self.rooms.canvas.installEventFilter(self)

    def _connect_actions(self) -> None:
        slots = {
            "new-project": self.projects.ask_new,
            "open-project": self.projects.ask_open,
            "open-sample": self.projects.open_sample,
            "add-pictures": self.projects.ask_pictures,
            "add-folder": self.projects.ask_folder,
            "export-masks": self.exporting.ask_masks,
            "export-model": self.model_exporting.ask,
            "import-model": self.model_importing.ask,
            "close-project": self.close_project,
            "quit": self.close,
            "undo": self.editing.undo,
            "redo": self.editing.redo,
            "clear": self.editing.clear,
            "smaller": self.tooling.smaller,
            "larger": self.tooling.larger,
            "copy-previous": self.tooling.copy_previous,
            "grow-strokes": self.tooling.grow_strokes,
            "swap-class": self.workspace.swap_class,
            "previous": self.rooms.images.open_previous,
            "next": self.rooms.images.open_next,
            "go-on": self.showing.go_on,
            "done": self.showing.toggle_done,
            "train": self.train,
            "stop": self.learning.stop,
            "training-settings": self.preparing.ask_settings,
            "curves": self.preparing.show_curves,
            "runs": self.ledger.show,
            "compare-heads": self.comparing.show,
            "evaluation": self.evaluating.show,
            "accept": self.editing.accept_all,
            "accept-class": self.editing.accept_class,
            "fit": self.rooms.canvas.fit,
            "actual-size": self.rooms.canvas.actual_size,
            "zoom-in": self.showing.zoom_in,
            "zoom-out": self.showing.zoom_out,
            "settings": self.help.show_settings,
            "next-panel": self.docks.focus_next,
            "panels-back": self.docks.put_back,
            "commands": self.commanding.open,
            "keys": self.help.show_keys,
            "log": self.help.show_log,
            "about": self.help.show_about,
        }
        for name, slot in slots.items():
            self.actions_[name].triggered.connect(slot)
        for name in TOOLS:
            self.actions_[name].triggered.connect(self.tooling.choose_tool)
        for name in MENDING:
            self.actions_[name].triggered.connect(self.tooling.mend_class)
        for name in ("theme-system", "theme-dark", "theme-light"):
            self.actions_[name].triggered.connect(self.help.choose_theme)
        for name in ("split-train", "split-val", "split-test"):
            self.actions_[name].triggered.connect(self.showing.choose_split)
        self.actions_["show-labels"].toggled.connect(self.rooms.canvas.set_mask_visible)
        self.actions_["outline"].toggled.connect(self.rooms.canvas.set_outline)
        self.actions_["hatch"].toggled.connect(self.rooms.canvas.set_hatch)
        self.actions_["hatch"].toggled.connect(self.memory.touch)
        self.actions_["mark-accepted"].toggled.connect(self.rooms.canvas.set_accepted_marked)
        self.actions_["mark-accepted"].toggled.connect(self.memory.touch)
        self.actions_["overview"].toggled.connect(self.rooms.canvas.set_overview)
        self.actions_["overview"].toggled.connect(self.memory.touch)
        self.actions_["rulers"].toggled.connect(self.rooms.ruled.set_shown)
        self.actions_["rulers"].toggled.connect(self.memory.touch)
        self.actions_["show-prediction"].toggled.connect(self.rooms.prediction.shown.setChecked)
        self.help.recent_menu.aboutToShow.connect(self.help.fill_recent_menu)

    def _connect_workspace(self) -> None:
        work = self.workspace
        work.noticed.connect(self.rooms.banner.show_notice)
        work.settled.connect(self.rooms.banner.settle)
        work.project_opened.connect(self._bring_panels)
        work.project_opened.connect(self.showing.show_project)
        work.project_opened.connect(self.memory.restore_tools)
        work.project_opened.connect(self.outlines.restore)
        work.project_opened.connect(self.projects.remember)
        work.project_opened.connect(self._warm_up.start)
        work.project_closed.connect(self._put_panels_away)
        work.project_closed.connect(self._warm_up.stop)
        work.project_closed.connect(self.showing.show_closed)
        work.project_closed.connect(self.rooms.images.model.forget)
        work.project_closed.connect(self.rooms.training.clear)
        work.images_changed.connect(self.rooms.images.rebuild)
        work.record_changed.connect(self.rooms.images.update_record)
        work.record_changed.connect(self.rooms.classes.show_shares)
        work.record_changed.connect(self.rooms.status.show_coverage)
        work.record_changed.connect(self.showing.record_changed)
        work.image_leaving.connect(self.outlines.leave)
        work.image_opened.connect(self.showing.show_image)
        work.image_opened.connect(self.outlines.come)
        work.image_opened.connect(self._show_title)
        work.image_opened.connect(self.rooms.images.show_open_image)
        work.image_opened.connect(self.memory.restore_place)
        work.image_opened.connect(self.visiting.arrive)
        work.image_opened.connect(self.asking.look)
        work.image_opened.connect(self.projects.check_open_image)
        work.image_opened.connect(self.memory.touch)
        work.classes_changed.connect(self.rooms.classes.rebuild)
        work.classes_changed.connect(self.tooling.show_classes)
        work.classes_changed.connect(self.rooms.images.show_classes)
        work.classes_changed.connect(self.rooms.prediction.show_class)
        work.class_chosen.connect(self.rooms.classes.choose)
        work.class_chosen.connect(self.rooms.canvas.set_active_class)
        work.class_chosen.connect(self.rooms.prediction.show_class)
        work.class_chosen.connect(self.memory.touch)
        work.runs_changed.connect(self.rooms.prediction.rebuild_runs)
        work.run_changed.connect(self.rooms.prediction.rebuild_runs)
        work.runs_changed.connect(self.showing.show_run)
        work.saves.state_changed.connect(self.rooms.status.show_saved)
        work.adder.progressed.connect(self.rooms.images.show_adding)

    def _connect_canvas(self) -> None:
        self.rooms.canvas.edit_made.connect(self.editing.take)
        self.rooms.canvas.hovered.connect(self.rooms.status.show_pointer)
        self.rooms.canvas.left.connect(self.rooms.status.clear_pointer)
        self.rooms.canvas.zoom_changed.connect(self.rooms.status.show_zoom)
        self.rooms.canvas.zoom_changed.connect(self.memory.touch)
        self.rooms.canvas.class_picked.connect(self.workspace.choose_class)
        self.rooms.canvas.brush_size_changed.connect(self.tooling.show_changed_size)
        self.rooms.canvas.option_changed.connect(self.rooms.options.tool.show_option)
        self.rooms.canvas.asked.connect(self.rooms.question.ask)
        self.rooms.canvas.outlines_wait.connect(self.outlines.say)
        self.editing.history_changed.connect(self.showing.enable_actions)

    def _connect_panels(self) -> None:
        self.rooms.options.brush_size_changed.connect(self.tooling.set_brush_size)
        self.rooms.options.tool.changed.connect(self.tooling.set_option)
        self.rooms.options.tool.tell()
        self.rooms.question.applied.connect(self.rooms.canvas.confirm)
        self.rooms.question.cancelled.connect(self.rooms.canvas.cancel_gesture)
        self.rooms.options.opacity_changed.connect(self.rooms.canvas.set_mask_opacity)
        self.rooms.options.rule_changed.connect(self.tooling.apply_paint_rule)
        self.rooms.options.train_asked.connect(self.train)
        self.rooms.options.stop_asked.connect(self.learning.stop)
        self.rooms.classes.chosen.connect(self.workspace.choose_class)
        self.rooms.classes.locked_changed.connect(self.tooling.apply_paint_rule)
        self.rooms.classes.shown_changed.connect(self.showing.hide_classes)
        self.rooms.prediction.shown_changed.connect(self.rooms.canvas.set_prediction_visible)
        self.rooms.prediction.shown_changed.connect(self.actions_["show-prediction"].setChecked)
        self.rooms.prediction.opacity_changed.connect(self.rooms.canvas.set_prediction_opacity)
        self.rooms.prediction.threshold_changed.connect(self.rooms.canvas.set_threshold)
        self.rooms.prediction.over_labels_changed.connect(self.rooms.canvas.set_prediction_over_labels)
        self.rooms.prediction.run_chosen.connect(self.workspace.choose_run)
        self.rooms.prediction.accept_asked.connect(self.editing.accept_all)
        self.rooms.prediction.accept_class_asked.connect(self.editing.accept_class)
        self.rooms.prediction.next_asked.connect(self.showing.done_and_next)
        self.rooms.training.train_asked.connect(self.train)
        self.rooms.training.stop_asked.connect(self.learning.stop)
        self.rooms.display.changed.connect(self.rooms.canvas.set_display)
        self.rooms.display.changed.connect(self.memory.touch)
        self.rooms.images.chosen.connect(self.workspace.open_image)
        self.rooms.images.done_with_keys.connect(self.rooms.canvas.setFocus)
        self.rooms.images.add_asked.connect(self.projects.ask_pictures)
        self.rooms.start.folder_asked.connect(self.projects.ask_folder_to_open)
        self.rooms.start.project_asked.connect(self.projects.ask_open)
        self.rooms.start.sample_asked.connect(self.projects.open_sample)
        self.rooms.start.recent_chosen.connect(self.projects.open)

    def _connect_learning(self) -> None:
        learning = self.learning
        self._warm_up.timeout.connect(learning.warm_up)
        learning.state_changed.connect(self.rooms.training.show_state)
        learning.state_changed.connect(self.rooms.options.show_state)
        learning.state_changed.connect(self.showing.enable_actions)
        learning.device_found.connect(self.rooms.training.show_device)
        learning.device_found.connect(self.rooms.status.show_device)
        learning.started.connect(self.rooms.training.show_start)
        learning.progressed.connect(self.rooms.training.show_steps)
        learning.measured.connect(self.rooms.training.show_measured)
        learning.failed.connect(self.rooms.training.show_problem)
        learning.predicting.busy_changed.connect(self.rooms.prediction.show_progress)
        learning.predicting.predicted.connect(self.showing.show_prediction)
        learning.broke.connect(self.help.show_worker_bug)
        self.comparing.broke.connect(self.help.show_worker_bug)
        self.evaluating.broke.connect(self.help.show_worker_bug)
        self.evaluating.dialog.strip.answer.toggled.connect(self.rooms.prediction.over_labels.setChecked)
        self.rooms.prediction.over_labels_changed.connect(self.evaluating.dialog.strip.answer.setChecked)
        learning.sent.connect(self.cautioning.look)
        self.cautioning.found.connect(self.rooms.training.show_cautions)

    def _connect_timeline(self) -> None:
        history, timeline = self.rooms.history, self.timeline
        self.workspace.image_opened.connect(timeline.forget)
        self.workspace.image_opened.connect(self.editing.read_ahead)
        self.workspace.project_closed.connect(timeline.forget)
        self.workspace.record_changed.connect(timeline.record_changed)
        self.editing.history_changed.connect(timeline.show_now)
        history.shown.connect(timeline.reload)
        history.hidden.connect(timeline.show_now)
        history.looked_at.connect(timeline.look_at)
        history.now_asked.connect(timeline.show_now)
        history.restore_asked.connect(timeline.restore)
        history.classes_wanted.connect(timeline.find_classes)
        self.workspace.classes_changed.connect(history.forget_classes)
        self.workspace.project_closed.connect(history.forget_classes)

    def _add_tips(self) -> None:
        """Buttons tell the key of the action that does the same, whatever key it has."""
        add, rooms = self.shortcuts.add_tip, self.rooms
        add(rooms.options.train, "Train on what is labelled", "train")
        add(rooms.training.toggle, "Train on what is labelled", "train")
        add(rooms.prediction.accept, "Take the prediction over as labels", "accept")
        add(rooms.prediction.accept_class, "Take over only the class in hand", "accept-class")
        add(rooms.prediction.next, "Mark this picture done and open the next", "go-on")
        add(rooms.images.previous, "Previous picture", "previous")
        add(rooms.images.next, "Next picture", "next")

    # --- gestures that concern the whole window

    @Slot()
    def train(self) -> None:
        self.rooms.canvas.end_stroke()
        self.preparing.train()

    @Slot()
    def close_project(self) -> None:
        self.rooms.canvas.finish_gesture()
        self.memory.save()
        self.workspace.close_project()

    @Slot()
    def _show_title(self) -> None:
        project, image = self.workspace.project, self.workspace.image
        names = [image.record.name] if image is not None else []
        names += [project.path.stem] if project is not None else []
        self.setWindowTitle(" – ".join([*names, TITLE]))

    @Slot()
    def _bring_panels(self) -> None:
        self._show_title()
        self._layout.bring_back()

    @Slot()
    def _put_panels_away(self) -> None:
        self._show_title()
        self._layout.put_away()
        self.rooms.start.show_recent(recent_projects(self.settings))

    def open_path(self, path: Path) -> None:
        """Open a project file, or a folder of pictures."""
        if path.is_dir():
            self.projects.open_folder(path, self.rooms.start.template.name)
        else:
            self.projects.open(path)

    # --- events

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.rooms.start.show_recent(recent_projects(self.settings))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        number = event.key() - Qt.Key.Key_1
        plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if 0 <= number <= 8 and plain:
            self.workspace.choose_class(number)
        elif event.key() == Qt.Key.Key_Escape and self.rooms.canvas.waits:
            self.rooms.canvas.cancel_gesture()  # the keyboard was in the options when the tool asked
        else:
            super().keyPressEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Tab over the picture shows it bare while held, instead of moving the focus."""
        if isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Tab and not event.modifiers():
            if event.type() in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease) and not event.isAutoRepeat():
                self.rooms.canvas.peek(event.type() == QEvent.Type.KeyPress)
            return True
        if event.type() == QEvent.Type.FocusOut:
            self.rooms.canvas.peek(False)
        return False

    def closeEvent(self, event: QCloseEvent) -> None:
        """Everything that was painted is saved before the window goes."""
        if not self._may_close():
            event.ignore()
            return
        self._layout.save()
        if self.learning.state != "idle":
            self.hide()  # the person is done, the run is not yet on disk
            self.learning.finish(FINISH_S)
        self.close_project()
        self.learning.close()
        self.comparing.close()
        self.ledger.close()
        self.evaluating.close()
        self.cautioning.close()
        self.background.close()
        self.rooms.images.model.close()
        self.dropping.close()
        self.importing.close()
        self.exporting.close()
        self.model_exporting.close()
        self.model_importing.close()
        self.rooms.canvas.close_tools()
        self.workspace.close()
        event.accept()

    def _may_close(self) -> bool:
        """Wait for what is being saved; ask only where it cannot be saved at all."""
        self.rooms.canvas.finish_gesture()
        if self.workspace.saves.wait(SAVE_WAIT_S):
            return True
        chosen = QMessageBox.warning(
            self,
            "Not everything is saved",
            "The last changes cannot be saved now. Make room on the disk and they will be, or close without them.",
            QMessageBox.StandardButton.Discard | QMessageBox.StandardButton.Cancel,
            QMessageBox.StandardButton.Cancel,
        )
        return chosen == QMessageBox.StandardButton.Discard
