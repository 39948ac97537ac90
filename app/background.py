"""What the window does with a run while nobody asks: all that is predicted in the background, wired in one place."""

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QWidget

from app.actions import Actions
from app.comparing import Comparing
from app.editing import Editing
from app.evaluating import Evaluating
from app.learning import Learning
from app.looking import Looking
from app.predicting_all import PredictingAll
from app.prelabelling import PreLabelling
from app.rooms import Rooms
from app.workspace import Workspace

SURE_ENOUGH = 80
"""Percent to begin with where predictions are accepted unseen and nothing else was chosen for those that are seen."""


class Background(QObject):
    """Accepting comes before predicting, and whatever a person asks for comes before both."""

    def __init__(
        self,
        workspace: Workspace,
        learning: Learning,
        others: tuple[Evaluating, Comparing],
        *,
        editing: Editing,
        actions: Actions,
        rooms: Rooms,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._panel, line = rooms.prediction, rooms.background
        self._toggle = actions["predict-all"]
        self._toggle.setChecked(True)
        self.looking = Looking(workspace, learning, others, self)
        self.prelabelling = PreLabelling(workspace, self.looking, editing, window)
        self.predicting_all = PredictingAll(workspace, self.looking, self._toggle, self)
        self.prelabelling.learned.connect(self.predicting_all.learn)
        self.predicting_all.progressed.connect(line.show_predicting)
        self.prelabelling.progressed.connect(line.show_accepting)
        line.pause_asked.connect(self._toggle.toggle)
        line.stop_asked.connect(self.prelabelling.stop)
        actions["accept-everywhere"].triggered.connect(self._ask)

    def close(self) -> None:
        self.looking.close()

    @Slot()
    def _ask(self) -> None:
        self.prelabelling.ask(self._panel.least_sure or SURE_ENOUGH)
