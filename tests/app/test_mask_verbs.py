"""Masks in and out on the command line."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from app.commands import main
from core.formats import MASK_FORMATS
from core.project import Project
from tests.app.test_commands import answer, complaint, save_mask, save_picture

Screen = pytest.CaptureFixture[str]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Screen) -> str:
    monkeypatch.chdir(tmp_path)
    answer(capsys, "new", "p")
    for name in ("a", "b"):
        save_picture(Path(f"photos/{name}.jpg"))
    answer(capsys, "add", "p", "photos")
    return "p"


def revision(name: str = "p") -> int:
    with Project.open(Path(f"{name}.maskwright").absolute()) as project:
        return project.revision


def test_masks_come_in_with_a_dry_run_first(project: str, capsys: Screen) -> None:
    save_mask(Path("in/a.png"), 3)
    save_mask(Path("in/c.png"), 3)
    looked = answer(capsys, "import-masks", project, "in", "--dry-run")
    assert looked["format"] == "grey-png"
    assert looked["dry_run"]
    assert [Path(name).name for name in looked["images"]] == ["a.jpg"]
    assert looked["left_out"] == ["c: the project has no image of that name."]
    assert looked["pixels_changed"] == 1200
    assert revision() == 0
    done = answer(capsys, "import-masks", project, "in")
    assert (done["images_changed"], done["dry_run"]) == (1, False)
    assert revision() == 1


def test_a_class_table_is_written_changed_and_used(project: str, capsys: Screen) -> None:
    save_mask(Path("in/a.png"), 9)
    assert 'no class "9"' in complaint(capsys, "import-masks", project, "in")
    assert revision() == 0
    answer(capsys, "import-masks", project, "in", "--dry-run", "--map", "table.json")
    assert json.loads(Path("table.json").read_text()) == {"9": "?"}
    assert 'the project has no class "?"' in complaint(capsys, "import-masks", project, "in", "--map", "table.json")
    Path("table.json").write_text('{"9": "water"}')
    values = answer(capsys, "import-masks", project, "in", "--map", "table.json")
    assert values["classes"] == {"9": {"pixels": 1200, "to": "water", "settled": True}}


def test_masks_come_in_from_a_zip_archive(project: str, capsys: Screen) -> None:
    save_mask(Path("in/a.png"), 3)
    shutil.make_archive("labels", "zip", "in")
    assert answer(capsys, "import-masks", project, "labels.zip")["images_changed"] == 1


def test_people_see_what_becomes_of_each_class(project: str, capsys: Screen) -> None:
    save_mask(Path("in/a.png"), 9)
    assert main(["import-masks", project, "in", "--dry-run"]) == 0
    assert "9             1,200   ? name it with --map" in capsys.readouterr().out


def test_merge_rules_and_choices_on_the_command_line(project: str, capsys: Screen) -> None:
    save_mask(Path("in/a.png"), 3)
    answer(capsys, "import-masks", project, "in")
    save_mask(Path("in/a.png"), 2)
    kept = answer(capsys, "import-masks", project, "in", "--merge", "unlabelled")
    assert kept["images_changed"] == kept["pixels_changed"] == 0
    assert answer(capsys, "import-masks", project, "in", "--only", "water")["pixels_changed"] == 0
    assert 'no class "martian"' in complaint(capsys, "import-masks", project, "in", "--only", "martian")
    assert 'knows no "a=b"' in complaint(capsys, "export-masks", project, "--out", "out", "--choose", "a=b")


def test_every_format_goes_out_and_in(project: str, capsys: Screen) -> None:
    half = np.full((30, 40), 255, np.uint8)
    half[:10], half[20:, 7:] = 2, 5
    Path("in").mkdir()
    for name in ("a", "b"):
        Image.fromarray(half).save(f"in/{name}.png")
    answer(capsys, "import-masks", project, "in")
    for name in [name for name in MASK_FORMATS if name != "cityscapes"]:
        out = answer(capsys, "export-masks", project, "--format", name, "--out", name)
        assert out["images"] == 2
        back = answer(capsys, "import-masks", project, name)
        assert back["format"] == name
        assert (len(back["images"]), back["pixels_changed"]) == (2, 0)
    refused = complaint(capsys, "export-masks", project, "--format", "cityscapes", "--out", "cities")
    assert 'no label or category "water"' in refused
    assert not Path("cities").exists()


def test_a_path_that_is_not_there_is_said(project: str, capsys: Screen) -> None:
    assert "There is nothing at nowhere" in complaint(capsys, "import-masks", project, "nowhere")
    Path("empty").mkdir()
    assert "no masks of a known format" in complaint(capsys, "import-masks", project, "empty")
    assert "No mask was found" in complaint(capsys, "import-masks", project, "empty", "--format", "png")
