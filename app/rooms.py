"""All panels of the window, made in one place."""

from PySide6.QtWidgets import QStackedWidget

from app.canvas.rulers import Ruled
from app.canvas.view import CanvasView
from app.panels.background import BackgroundLine
from app.panels.banner import Banner
from app.panels.check_strip import CheckStrip
from app.panels.classes import ClassesPanel
from app.panels.display import DisplayPanel
from app.panels.history import HistoryPanel
from app.panels.images import ImagesPanel
from app.panels.options import OptionsBar
from app.panels.prediction import PredictionPanel
from app.panels.question import QuestionBar
from app.panels.start import StartPage
from app.panels.status import StatusLine
from app.panels.training import TrainingPanel
from app.workspace import Workspace


class Rooms:
    """What the window holds. Panels know the workspace and not each other."""

    def __init__(self, workspace: Workspace) -> None:
        self.start = StartPage()
        self.canvas = CanvasView()
        self.ruled = Ruled(self.canvas)
        self.check_strip = CheckStrip()
        self.ruled.put_below(self.check_strip)
        self.center = QStackedWidget()
        self.center.addWidget(self.start)
        self.center.addWidget(self.ruled)
        self.banner = Banner(self.center)
        self.question = QuestionBar(self.canvas)
        self.options = OptionsBar()
        self.classes = ClassesPanel(workspace)
        self.prediction = PredictionPanel(workspace)
        self.training = TrainingPanel(workspace)
        self.history = HistoryPanel()
        self.images = ImagesPanel(workspace)
        self.display = DisplayPanel()
        self.status = StatusLine(workspace)
        self.background = BackgroundLine()
        self.status.put_first(self.background)
