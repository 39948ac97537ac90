"""The main command: the whole round on the sample."""

import json
from pathlib import Path

import pytest
from PIL import Image

from app import demo
from app.commands import main
from app.terminal import Terminal
from core.images import read_mask_file
from core.project import Project


@pytest.mark.slow
def test_the_demo_leaves_a_trained_project_exports_and_a_picture_of_the_window(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "demo"
    assert main(["demo", str(folder), "--budget", "5", "--json"]) == 0
    values = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert values["split"] == "val"
    assert values["miou"] > 0.02
    assert len(list((folder / "predictions").glob("*.png"))) == 16
    assert len(list((folder / "masks").glob("*.png"))) == 14
    assert (folder / "model" / "model.keras").stat().st_size > 100_000
    with Image.open(values["window"]) as picture:
        assert picture.width >= 1200
    with Project.open(folder / "sample.maskwright") as project:
        assert project.run().id == values["run"]
        # What was scribbled is worth little as a mask: most of it is unlabelled.
        assert (read_mask_file(folder / "masks" / "village.png") == 255).mean() > 0.8


def test_a_window_that_cannot_open_is_said_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(demo, "has_display", lambda: False)
    monkeypatch.setattr("sys.executable", "/bin/false")
    assert demo._show(tmp_path / "p.maskwright", tmp_path, Terminal()) == {"window": None}
    assert "no picture of the window could be taken" in capsys.readouterr().err
