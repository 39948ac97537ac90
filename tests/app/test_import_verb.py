"""A model from elsewhere on the command line: taken in by consent, and then used like any run."""

import json
from pathlib import Path

import numpy as np
import pytest

from app.commands import main
from core.images import read_mask_file
from core.masks.editor import MaskEditor
from core.masks.predicted import Predicted
from core.project import Project
from tests.app.test_commands import answer, complaint
from tests.core.foreign.models import BIAS, KERNEL, nearest_class, onnx_model, project_of_scenes
from tests.core.training.scenes import scene

Screen = pytest.CaptureFixture[str]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    with project_of_scenes(tmp_path, 2):
        return "ponds"


def test_a_model_is_taken_in_only_by_consent(project: str, capsys: Screen) -> None:
    onnx_model(Path("colours.onnx"))
    said = complaint(capsys, "import-model", project, "colours.onnx")
    assert "A model file is a program from elsewhere" in said
    assert "--yes" in said
    assert answer(capsys, "runs", project) == {"runs": []}
    taken = answer(capsys, "import-model", project, "colours.onnx", "--yes")
    assert (taken["run"], taken["file"]) == (1, "colours.onnx")
    assert taken["channels"] == {"0": "ground", "1": "water", "2": "leaf"}
    assert taken["model"]["softmax"] and taken["model"]["scale"] == "1"
    assert len(taken["notes"]) == 2


def test_a_model_that_cannot_be_used_leaves_nothing_behind(project: str, capsys: Screen) -> None:
    Path("chance.onnx").write_bytes(np.random.default_rng(0).bytes(1000))
    assert "chance.onnx is no ONNX file" in complaint(capsys, "import-model", project, "chance.onnx", "--yes")
    onnx_model(Path("two.onnx"), kernel=np.zeros((3, 2), np.float32), bias=np.zeros(2))
    assert "tells 2 classes apart" in complaint(capsys, "import-model", project, "two.onnx", "--yes")
    Path("map.json").write_text(json.dumps({"0": "sky"}))
    words = ("import-model", project, "two.onnx", "--yes", "--map", "map.json")
    assert 'no class "sky"' in complaint(capsys, *words)
    assert answer(capsys, "runs", project) == {"runs": []}
    Path("map.json").write_text(json.dumps({"0": "leaf", "1": None}))
    assert answer(capsys, *words)["channels"] == {"0": "leaf", "1": None}


def test_people_see_what_was_taken_to_be_so(project: str, capsys: Screen) -> None:
    onnx_model(Path("colours.onnx"), size=64)
    assert main(["import-model", project, "colours.onnx", "--yes", "--scale", "1"]) == 0
    told = capsys.readouterr()
    assert "Run 1 is colours.onnx: use it like any other run." in told.out
    assert "Pixels go in as numbers, 0 to 1.\n" in told.err
    assert "64 × 64 pixels" in told.err
    assert "softmax" in told.err


@pytest.mark.slow
def test_it_predicts_labels_and_is_measured_like_any_run(project: str, capsys: Screen) -> None:
    with Project.open(Path("ponds.maskwright").absolute()) as opened:
        first = opened.images()[0]
        editor: MaskEditor = opened.open_editor(first.id)
        edit = editor.accept(Predicted(scene(1)[1]))
        assert edit is not None
        opened.save_edit(first.id, edit)
        opened.set_split(first.id, "val")
    onnx_model(Path("colours.onnx"), kernel=KERNEL, bias=BIAS)
    answer(capsys, "import-model", project, "colours.onnx", "--yes")
    answer(capsys, "predict", project, "--out", "out")
    picture = scene(2)[0]
    np.testing.assert_array_equal(read_mask_file(Path("out/scene2.png")), nearest_class(picture))
    figures = answer(capsys, "evaluate", project)
    assert figures["run"] == 1
    assert figures["miou"] > 0.9
    assert answer(capsys, "predict", project, "--accept", "0.5")["accepted"] == ["scene2.png"]
    listed = answer(capsys, "runs", project)["runs"][0]
    assert (listed["network"], listed["head"], listed["note"]) == ("imported", "onnx", "colours.onnx")
    assert main(["runs", project, "show", "1"]) == 0
    told = capsys.readouterr().out
    assert "what is known of the model" in told and "channels_first  True" in told
    assert "a model from elsewhere" in complaint(capsys, "train", project, "--from", "1", "--budget", "5")
    assert "a model from elsewhere" in complaint(capsys, "export-model", project, "1", "--out", "model")
    assert not Path("model").exists()
    answer(capsys, "import-model", project, "colours.onnx", "--yes")
    assert main(["runs", project, "compare", "1", "2"]) == 0
    assert "Run 1 was made elsewhere" in capsys.readouterr().out
