"""The table of actions: what each is called, its keys, its icon and its menu. What it does is wired in the window."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QAction, QActionGroup, QKeySequence

from app.icons import icon

MENUS = ("File", "Edit", "Tools", "Picture", "Model", "View", "Help")
CLASS_KEYS = ("Shift+Return", "Shift+Enter")
SHOW_WORDS = "overlay heat map uncertainty probability difference compare changed"
IMPORT_WORDS = "labels annotations coco cvat yolo labelme voc dataset load"
FOREIGN_WORDS = "keras onnx foreign pretrained weights network load"
ACCEPT_EVERYWHERE = "Accept predictions in all unlabelled pictures…"
PREDICT_ALL = "Predict all pictures in the background"
EVALUATION_WORDS = "evaluate accuracy errors confusion matrix precision recall f-score calibration report label errors"

RUNS_WORDS = "ledger trainings models versions note star compare restore delete"
QUEUE = "check-regions"
QUEUE_WORDS = "next region queue where next uncertain ask active learning correct review answer"


@dataclass(frozen=True, slots=True)
class ActionSpec:
    name: str
    text: str
    menu: str
    keys: tuple[str, ...] = ()
    icon: str = ""
    checkable: bool = False
    group: str = ""
    """Of the actions in a group, one is checked."""
    needs: str = ""
    """What must be open for it to be of use: "project", "image", "prediction" or "run"."""
    first: bool = False
    """A line in the menu comes before it."""
    words: str = ""
    """What else people call it, for the finder."""


ACTIONS = (
    ActionSpec("new-project", "New project from a folder…", "File", ("Ctrl+N",), "folder"),
    ActionSpec("open-project", "Open a project…", "File", ("Ctrl+O",), "project"),
    ActionSpec("open-sample", "Try the sample", "File", (), "sample"),
    ActionSpec("add-pictures", "Add pictures…", "File", ("Ctrl+I",), "add-image", needs="project", first=True),
    ActionSpec("add-folder", "Add a folder of pictures…", "File", ("Ctrl+Shift+I",), needs="project"),
    ActionSpec("import-masks", "Import masks…", "File", needs="project", first=True, words=IMPORT_WORDS),
    ActionSpec("export-masks", "Export masks…", "File", ("Ctrl+E",), "export", needs="project"),
    ActionSpec("export-model", "Export model…", "File", ("Ctrl+Shift+E",), needs="run"),
    ActionSpec("close-project", "Close the project", "File", ("Ctrl+W",), needs="project", first=True),
    ActionSpec("quit", "Quit", "File", ("Ctrl+Q",)),
    ActionSpec("undo", "Undo", "Edit", ("Ctrl+Z", "Z"), "undo", needs="image"),
    ActionSpec("redo", "Redo", "Edit", ("Ctrl+Shift+Z", "Shift+Z", "Ctrl+Y"), "redo", needs="image"),
    ActionSpec("clear", "Clear all labels of this picture", "Edit", (), needs="image", first=True),
    ActionSpec("copy-previous", "Copy labels from the picture before", "Edit", ("Ctrl+Shift+V",), needs="image"),
    ActionSpec("grow-strokes", "Grow strokes up to the edges", "Edit", ("Shift+G",), needs="image"),
    ActionSpec("fill-holes-class", "Fill holes of the class", "Edit", (), needs="image", first=True),
    ActionSpec("grow-class", "Grow the class", "Edit", (), needs="image"),
    ActionSpec("shrink-class", "Shrink the class", "Edit", (), needs="image"),
    ActionSpec("smooth-class", "Smooth the class", "Edit", (), needs="image"),
    ActionSpec("remove-islands-class", "Remove islands of the class", "Edit", (), needs="image"),
    ActionSpec("settings", "Settings…", "Edit", ("Ctrl+,",), first=True),
    ActionSpec("brush", "Brush", "Tools", ("B",), "brush", True, "tool"),
    ActionSpec("line", "Line", "Tools", ("S",), "line", True, "tool"),
    ActionSpec("eraser", "Eraser", "Tools", ("E",), "eraser", True, "tool"),
    ActionSpec("fill", "Fill", "Tools", ("F",), "fill", True, "tool", first=True),
    ActionSpec("wand", "Magic wand", "Tools", ("W",), "wand", True, "tool"),
    ActionSpec("lasso", "Lasso", "Tools", ("L",), "lasso", True, "tool", first=True),
    ActionSpec("polygon", "Polygon", "Tools", ("G",), "polygon", True, "tool"),
    ActionSpec("edge-lasso", "Lasso that follows edges", "Tools", ("K",), "edge-lasso", True, "tool"),
    ActionSpec("rectangle", "Rectangle", "Tools", ("R",), "rectangle", True, "tool", first=True),
    ActionSpec("ellipse", "Ellipse", "Tools", ("C",), "ellipse", True, "tool"),
    ActionSpec("cut-out", "Cut a thing out", "Tools", ("Q",), "cut-out", True, "tool", first=True),
    ActionSpec("superpixels", "Superpixels", "Tools", ("U",), "superpixels", True, "tool"),
    ActionSpec("mend", "Mend a region", "Tools", ("N",), "mend", True, "tool"),
    ActionSpec("picker", "Pick the class under the pointer", "Tools", ("I",), "picker", True, "tool", first=True),
    ActionSpec("accept-region", "Accept a region", "Tools", ("Shift+F",), "accept-region", True, "tool", first=True),
    ActionSpec("accept-brush", "Accept under a brush", "Tools", ("Shift+B",), "accept-brush", True, "tool"),
    ActionSpec("accept-lasso", "Accept inside an outline", "Tools", ("Shift+L",), "accept-lasso", True, "tool"),
    ActionSpec("pan", "Move the picture", "Tools", ("H",), "pan", True, "tool", first=True),
    ActionSpec("smaller", "Smaller brush", "Tools", ("[",), first=True),
    ActionSpec("larger", "Larger brush", "Tools", ("]",)),
    ActionSpec("swap-class", "Back to the class before", "Tools", ("X",), first=True),
    ActionSpec("previous", "Previous picture", "Picture", ("PgUp", "A"), "previous", needs="image"),
    ActionSpec("next", "Next picture", "Picture", ("PgDown", "D"), "next", needs="image"),
    ActionSpec("go-on", "Accept, then done and next", "Picture", ("Return", "Enter"), needs="image", first=True),
    ActionSpec("done", "Done", "Picture", ("Ctrl+D",), "check", True, needs="image"),
    ActionSpec("split-train", "Use for training", "Picture", (), "", True, "split", needs="image", first=True),
    ActionSpec("split-val", "Keep aside to measure", "Picture", (), "", True, "split", needs="image"),
    ActionSpec("split-test", "Keep aside for tests", "Picture", (), "", True, "split", needs="image"),
    ActionSpec("train", "Train", "Model", ("Ctrl+T",), "train", needs="project"),
    ActionSpec("stop", "Stop training", "Model", ("Ctrl+Shift+T",), "stop", needs="training"),
    ActionSpec("training-settings", "Training settings…", "Model", (), "tune", needs="project"),
    ActionSpec("curves", "Curves…", "Model", (), needs="run", first=True),
    ActionSpec("runs", "Runs…", "Model", ("Ctrl+R",), needs="run", words=RUNS_WORDS),
    ActionSpec("import-model", "Import model…", "Model", needs="project", words=FOREIGN_WORDS),
    ActionSpec("compare-heads", "Compare heads…", "Model", (), needs="project"),
    ActionSpec("evaluation", "Evaluation…", "Model", (), needs="run", first=True, words=EVALUATION_WORDS),
    ActionSpec("next-place", "Next place where the model errs", "Model", ("F8",), needs="run"),
    ActionSpec("previous-place", "Previous place where the model errs", "Model", ("Shift+F8",), needs="run"),
    ActionSpec(QUEUE, "Check regions one by one", "Model", ("V",), QUEUE, True, "", "run", True, QUEUE_WORDS),
    ActionSpec("accept", "Accept the prediction", "Model", ("Ctrl+Return",), needs="prediction"),
    ActionSpec("accept-class", "Accept only the class in hand", "Model", CLASS_KEYS, needs="prediction"),
    ActionSpec("accept-everywhere", ACCEPT_EVERYWHERE, "Model", needs="run", words="pre-label auto label bulk batch"),
    ActionSpec("predict-all", PREDICT_ALL, "Model", (), "", True, needs="run", first=True, words="pause resume whole"),
    ActionSpec("show-prediction", "Show the prediction", "Model", ("P",), checkable=True, first=True),
    ActionSpec("show-classes", "Show predicted classes", "Model", (), "", True, "show", words=SHOW_WORDS),
    ActionSpec("show-confidence", "Show the confidence", "Model", (), "", True, "show", words=f"{SHOW_WORDS} sure"),
    ActionSpec("show-entropy", "Show the entropy", "Model", (), "", True, "show", words=f"{SHOW_WORDS} doubt"),
    ActionSpec("show-difference", "Show what differs from the labels", "Model", (), "", True, "show", words=SHOW_WORDS),
    ActionSpec("show-run-difference", "Show what differs from a run", "Model", (), "", True, "show", words=SHOW_WORDS),
    ActionSpec("show-next", "Show the next of these", "Model", ("Shift+P",)),
    ActionSpec("show-labels", "Show labels", "View", ("O",), "eye", True),
    ActionSpec("outline", "Outline labels", "View", ("Shift+O",), "", True),
    ActionSpec("hatch", "Hatch each class with its pattern", "View", ("Shift+H",), "", True),
    ActionSpec("mark-accepted", "Mark what was accepted", "View", ("Shift+A",), "", True),
    ActionSpec("curtain", "Curtain: labels | prediction", "View", ("T",), "curtain", True, needs="image", first=True),
    ActionSpec("beside", "Prediction beside the picture", "View", ("Shift+T",), "beside", True, needs="image"),
    ActionSpec("overview", "Overview map", "View", ("M",), "", True),
    ActionSpec("rulers", "Rulers", "View", ("Shift+R",), "", True),
    ActionSpec("fit", "Fit the picture", "View", ("0", "Ctrl+0"), "fit", needs="image", first=True),
    ActionSpec("actual-size", "Actual size", "View", ("Ctrl+1",), needs="image"),
    ActionSpec("zoom-in", "Zoom in", "View", ("+", "Ctrl++", "="), needs="image"),
    ActionSpec("zoom-out", "Zoom out", "View", ("-", "Ctrl+-"), needs="image"),
    ActionSpec("theme-system", "Colours as the system", "View", (), "", True, "theme", first=True),
    ActionSpec("theme-dark", "Dark", "View", (), "", True, "theme"),
    ActionSpec("theme-light", "Light", "View", (), "", True, "theme"),
    ActionSpec("next-panel", "To the next panel", "View", ("F6",), needs="project", first=True),
    ActionSpec("panels-back", "Put the panels back", "View", (), needs="project"),
    ActionSpec("commands", "Find a command…", "Help", ("Ctrl+K", "Ctrl+Shift+P")),
    ActionSpec("keys", "Keys", "Help", ("?", "F1"), "help"),
    ActionSpec("log", "Show the log", "Help"),
    ActionSpec("about", "About Maskwright", "Help", first=True),
)

ACCEPTING = ("accept-region", "accept-brush", "accept-lasso")
"""The tools that take a prediction over."""
TOOL_GROUPS = (
    ("brush", "line"),
    ("eraser",),
    ("fill", "wand"),
    ("lasso", "polygon", "edge-lasso"),
    ("rectangle", "ellipse"),
    ("cut-out", "superpixels"),
    ("mend",),
    ("picker",),
    ACCEPTING,
    ("pan",),
)
"""The tools as they stand on the rail, those that share a button together."""
TOOLS = tuple(name for group in TOOL_GROUPS for name in group)
OTHER_KEYS = (
    ("1 to 9", "Choose a class"),
    ("Tab", "See the bare picture while held"),
    ("Space", "Move the picture while held"),
    ("E or a tool's key, held", "Use that tool until the key is let go"),
    ("Wheel", "Zoom"),
    ("Ctrl+Wheel", "Brush size"),
    ("Right button", "Erase"),
    ("Alt+Click", "Pick the class under the pointer"),
    ("Shift+Click", "A straight line from the last stroke"),
    ("Alt+Click on an eye", "See one class alone"),
    ("Enter", "Close the outline, apply what is shown"),
    ("Backspace", "Take the last point back"),
    ("Esc", "Take back what is under way, or leave curtain and side by side"),
    ("Enter, 1 to 9, Tab, while regions are checked", "Accept, label as that class, skip"),
)
"""Keys and gestures that are no actions, for the sheet."""


class Actions(QObject):
    """The application's QActions by name."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._specs = {spec.name: spec for spec in ACTIONS}
        self._actions = {spec.name: self._make(spec, parent) for spec in ACTIONS}
        self._groups = self._make_groups(parent)
        for spec in ACTIONS:
            self.set_keys(spec.name, spec.keys)
        self.redraw_icons()

    def __getitem__(self, name: str) -> QAction:
        return self._actions[name]

    def spec(self, name: str) -> ActionSpec:
        return self._specs[name]

    def in_menu(self, menu: str) -> list[tuple[ActionSpec, QAction]]:
        return [(spec, self._actions[spec.name]) for spec in ACTIONS if spec.menu == menu]

    def enable(self, there: frozenset[str]) -> None:
        """Enable the actions whose need is `there`, and disable the others."""
        for spec in ACTIONS:
            self._actions[spec.name].setEnabled(not spec.needs or spec.needs in there)

    def title(self, name: str) -> str:
        """The action's text without the dots."""
        return self._specs[name].text.rstrip("…")

    def key_text(self, name: str) -> str:
        """The action's first key as this system writes it; empty if it has none."""
        keys = self._actions[name].shortcuts()
        return keys[0].toString(QKeySequence.SequenceFormat.NativeText) if keys else ""

    def set_keys(self, name: str, keys: Sequence[str]) -> None:
        action, title = self._actions[name], self.title(name)
        action.setShortcuts([QKeySequence(key) for key in keys])
        action.setToolTip(f"{title} ({self.key_text(name)})" if keys else title)

    @Slot()
    def redraw_icons(self) -> None:
        for spec in ACTIONS:
            if spec.icon:
                self._actions[spec.name].setIcon(icon(spec.icon))

    def _make(self, spec: ActionSpec, parent: QObject) -> QAction:
        action = QAction(spec.text, parent)
        action.setObjectName(spec.name)
        action.setCheckable(spec.checkable)
        return action

    def _make_groups(self, parent: QObject) -> dict[str, QActionGroup]:
        groups: dict[str, QActionGroup] = {}
        for spec in ACTIONS:
            if spec.group:
                group = groups.setdefault(spec.group, QActionGroup(parent))
                group.addAction(self._actions[spec.name])
        return groups
