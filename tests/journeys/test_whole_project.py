"""A whole project seen by one model: predicted in the background, labelled where it is sure, taken back by hand."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from core.classes import load_template
from core.project import Project
from tests.core.evaluation.scenes import add_run
from tests.journeys.person import Person, make_pictures

Sit = Callable[[], Person]
COUNT = 6
START_MS = 120_000
"""The worker loads TensorFlow."""

pytestmark = pytest.mark.slow


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Pictures without labels, and a run that says something of each pixel."""
    folder = make_pictures(tmp_path / "p", COUNT)
    with Project.create(folder / "p.maskwright", load_template("landcover")) as project:
        for picture in sorted(folder.glob("*.png")):
            project.add_image(picture)
        add_run(project, load_template("landcover"))
        return project.path


def test_everything_is_predicted_accepted_where_nothing_is_labelled_and_taken_back(
    sit_down: Sit, project: Path
) -> None:
    person = sit_down()
    window = person.window
    everything, line = window.background.predicting_all, window.rooms.background
    person.drop(project)
    person.sees(lambda: line.text.text().startswith("Predicting ") and line.button.isVisible(), START_MS)
    person.click(line.button)
    person.sees(lambda: line.text.text().endswith("· paused"))
    assert not window.actions_["predict-all"].isChecked()
    person.click(line.button)
    person.sees(lambda: len(window.workspace.doubts) == COUNT and not line.text.isVisible(), START_MS)

    person.paint([(30, 30), (60, 120)])
    person.sees_saved()
    mine = person.labels
    window.actions_["accept-everywhere"].trigger()
    dialog = window.background.prelabelling.dialog
    assert dialog is not None and f"{COUNT - 1} pictures have no labels" in dialog.text.text()
    dialog.sure.setValue(0)
    person.click(dialog.accept_button)
    person.sees(lambda: f"accepted in {COUNT - 1} pictures" in person.notice)
    assert (person.labels == mine).all(), "a picture with labels is left alone"
    person.sees_saved()
    window.activateWindow()  # after the dialog
    person.sees(window.isActiveWindow)
    person.press(Qt.Key.Key_PageDown)
    person.sees_picture("picture-2.png")
    image = window.workspace.image
    assert image is not None and image.editor.mask.accepted().all()
    person.press(Qt.Key.Key_Z)
    assert not image.editor.mask.class_pixels()
    person.sees_saved()
    person.sees(lambda: everything.left == 0 and window.background.looking.free)
    person.leave()
    with Project.open(project) as saved:
        assert saved.regions_known(1) >= {3, 4, 5, 6}
        assert [revision.kind for revision in saved.revisions(2)] == ["undo", "accept"]
