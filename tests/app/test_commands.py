"""The command line: what it does, what it prints, and how it ends."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from app.commands import main
from app.keeping import cut_off_text
from app.train_verb import UNTIMED_S
from core.classes import UNLABELED, load_template
from core.errors import TrainingError
from core.images import read_mask_file
from core.masks.rect import Rect
from core.masks.tiles import Array
from core.model_formats.export import ModelWritten
from core.project import Project
from core.records import Checkpoint, ExportFigures
from core.sample import make_sample, true_mask
from core.training.settings import TrainingSettings
from tests.journeys.model import add_run

Screen = pytest.CaptureFixture[str]

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that commands run in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def save_picture(path: Path, size: tuple[int, int] = (40, 30), seed: int = 0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    noise = np.random.default_rng(seed).integers(0, 255, (size[1], size[0], 3), np.uint8)
    Image.fromarray(noise).save(path)
    return path


def save_mask(path: Path, value: int = 1, size: tuple[int, int] = (40, 30)) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full((size[1], size[0]), value, np.uint8)).save(path)


def answer(capsys: Screen, *words: str) -> dict[str, Any]:
    """Run a verb with --json; what it printed must be one object."""
    assert main([*words, "--json"]) == 0
    lines = capsys.readouterr().out.strip().splitlines()
    assert len(lines) == 1
    values: dict[str, Any] = json.loads(lines[0])
    return values


def complaint(capsys: Screen, *words: str) -> str:
    """Run a verb that fails; what it says must be one line."""
    capsys.readouterr()
    assert main(list(words)) == 1
    lines = [line for line in capsys.readouterr().err.splitlines() if line.startswith("maskwright: ")]
    assert len(lines) == 1, lines
    return lines[0]


# --- projects


def test_new_adds_the_suffix_and_starts_with_the_landcover_classes(here: Path, capsys: Screen) -> None:
    values = answer(capsys, "new", "fields")
    assert values["project"] == str(here / "fields.maskwright")
    assert values["classes"][0] == "water"


def test_new_takes_the_classes_of_a_template_or_a_file(here: Path, capsys: Screen) -> None:
    assert answer(capsys, "new", "streets", "--template", "cityscapes")["classes"][-1] == "sky"
    Path("own.json").write_text('[{"name": "cell", "color": "#00ff00"}, {"name": "gap", "color": "#000000"}]')
    assert answer(capsys, "new", "cells", "--template", "own.json")["classes"] == ["cell", "gap"]


def test_new_does_not_overwrite_a_project(here: Path, capsys: Screen) -> None:
    main(["new", "fields"])
    before = Path("fields.maskwright").read_bytes()
    assert "exists already" in complaint(capsys, "new", "fields")
    assert Path("fields.maskwright").read_bytes() == before


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (["info", "nowhere"], "There is no project"),
        (["new", "no/such/folder/p"], "does not exist"),
        (["new", "p", "--template", "martian"], "no class template"),
        (["add", "nowhere", "x.png"], "There is no project"),
    ],
)
def test_what_a_person_can_mend_is_said_in_one_line(here: Path, capsys: Screen, words: list[str], what: str) -> None:
    assert what in complaint(capsys, *words)


def test_a_foreign_file_is_not_opened(here: Path, capsys: Screen) -> None:
    Path("letter.maskwright").write_text("Dear all")
    assert "not a Maskwright project" in complaint(capsys, "info", "letter")
    assert Path("letter.maskwright").read_text() == "Dear all"


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["paint"],
        ["train"],
        ["train", "p", "--budget", "soon"],
        ["train", "p", "--budget", "-1"],
        ["train", "p", "--budget", "inf"],
        ["train", "p", "--seed", "-3"],
        ["train", "p", "--network", "huge"],
        ["train", "p", "--head", "wishful"],
        ["train", "p", "--patch", "7"],
        ["train", "p", "--batch", "0"],
        ["train", "p", "--learning-rate", "5"],
        ["train", "p", "--from", "yesterday"],
        ["train", "p", "--from", "1", "--resume"],
        ["runs"],
        ["runs", "p", "show"],
        ["runs", "p", "show", "newest"],
        ["runs", "p", "compare", "1"],
        ["runs", "p", "praise", "1"],
        ["runs", "p", "note", "1"],
        ["runs", "p", "delete", "1", "2"],
        ["predict", "p"],
        ["predict", "p", "--out", "o", "--accept", "0.8"],
        ["predict", "p", "--accept", "80"],
        ["evaluate", "p", "--split", "moon"],
        ["export-masks", "p", "--format", "crayon", "--out", "x"],
        ["open", "p", "--size", "big"],
    ],
    ids=" ".join,
)
def test_wrong_usage_exits_with_two(here: Path, capsys: Screen, words: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
    assert "usage:" in capsys.readouterr().err


# --- adding


def test_add_walks_through_folders_and_leaves_out_what_is_hidden_or_no_image(here: Path, capsys: Screen) -> None:
    for name in ("pictures/b.png", "pictures/a.jpg", "pictures/deep/c.webp", "pictures/.hidden.png"):
        save_picture(here / name)
    Path("pictures/notes.txt").write_text("no image")
    main(["new", "p"])
    capsys.readouterr()
    assert answer(capsys, "add", "p", "pictures", "--split", "test")["added"] == 3
    with Project.open(here / "p.maskwright") as project:
        assert [(r.path, r.split) for r in project.images()] == [
            ("pictures/a.jpg", "test"),
            ("pictures/b.png", "test"),
            ("pictures/deep/c.webp", "test"),
        ]


def test_add_twice_adds_once(here: Path, capsys: Screen) -> None:
    save_picture(here / "a.png")
    main(["new", "p"])
    main(["add", "p", "a.png"])
    capsys.readouterr()
    assert answer(capsys, "add", "p", "a.png") == {"added": 0, "there_before": 1, "refused": []}


def test_add_reads_masks_by_their_ids_also_from_the_folder_of_the_images(here: Path, capsys: Screen) -> None:
    save_picture(here / "set/a.jpg")
    save_mask(here / "set/a.png", 3)
    main(["new", "p"])
    capsys.readouterr()
    assert answer(capsys, "add", "p", "set", "--masks", "set")["added"] == 1
    with Project.open(here / "p.maskwright") as project:
        assert project.images()[0].class_pixels == {3: 1200}


def test_add_names_every_file_it_refuses_and_keeps_the_others(here: Path, capsys: Screen) -> None:
    for name in ("good", "small", "strange", "unmasked"):
        save_picture(here / f"in/{name}.jpg")
    Path("in/fake.png").write_text("not an image")
    Path("in/cut.jpg").write_bytes(Path("in/good.jpg").read_bytes()[:400])
    for name in ("good", "fake", "cut"):
        save_mask(here / f"masks/{name}.png")
    save_mask(here / "masks/small.png", size=(20, 15))
    save_mask(here / "masks/strange.png", value=12)
    main(["new", "p"])
    capsys.readouterr()
    assert main(["add", "p", "in", "--masks", "masks", "--json"]) == 1
    output = capsys.readouterr()
    values = json.loads(output.out)
    assert values["added"] == 1
    assert len(values["refused"]) == 5
    for name in ("small.jpg", "strange.jpg", "unmasked.jpg", "fake.png", "cut.jpg"):
        assert any(name in line for line in output.err.splitlines()), name
    with Project.open(here / "p.maskwright") as project:
        assert [r.name for r in project.images()] == ["good.jpg"]


def test_a_mask_folder_that_is_not_there_adds_nothing(here: Path, capsys: Screen) -> None:
    save_picture(here / "a.png")
    main(["new", "p"])
    assert "There is no folder" in complaint(capsys, "add", "p", "a.png", "--masks", "nowhere")


def test_info_tells_what_is_missing(here: Path, capsys: Screen) -> None:
    save_picture(here / "a.png")
    save_mask(here / "masks/a.png", 2)
    main(["new", "p"])
    main(["add", "p", "a.png", "--masks", "masks"])
    Path("a.png").unlink()
    capsys.readouterr()
    values = answer(capsys, "info", "p")
    assert values["images"] == {"train": 1, "val": 0, "test": 0}
    assert values["coverage"] == 1.0
    assert values["class_pixels"]["grass"] == 1200
    assert values["not_as_labelled"] == {"a.png": "missing"}
    assert main(["info", "p"]) == 0
    assert "a.png is missing" in capsys.readouterr().out


def test_what_was_measured_of_an_exported_model_is_told(
    here: Path, capsys: Screen, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_picture(here / "a.png")
    main(["new", "p"])
    main(["add", "p", "a.png"])
    with Project.open(Path("p.maskwright")) as project:
        add_run(project)
    written = ModelWritten(Path("o/model.tflite"), ExportFigures(70.5, 870_000, 0.98, 1000, (0.766, 0.75), 100))
    monkeypatch.setattr("core.model_formats.export.export_model", lambda *_, **__: written)
    capsys.readouterr()
    values = answer(capsys, "export-model", "p", "--format", "litert-int8", "--out", "o")
    assert (values["model"], values["agreement"], values["miou"]) == (str(Path("o/model.tflite")), 0.98, [0.766, 0.75])
    assert (values["ms_per_megapixel"], values["size_bytes"]) == (70.5, 870_000)
    main(["export-model", "p", "--format", "litert-int8", "--out", "o"])
    told = capsys.readouterr().out
    assert "The model is in o, 0.9 MB." in told and "agree with the app's to 98.0 % (mean IoU). On labels" in told


# --- without a model


@pytest.mark.parametrize(
    "words",
    [
        ["evaluate", "p"],
        ["predict", "p", "--out", "o"],
        ["predict", "p", "--accept", "0.8"],
        ["export-model", "p", "--out", "o"],
        ["export-model", "p", "3", "--out", "o"],
        ["evaluate", "p", "--run", "7"],
    ],
    ids=" ".join,
)
def test_what_needs_a_run_says_so_before_loading_tensorflow(here: Path, capsys: Screen, words: list[str]) -> None:
    save_picture(here / "a.png")
    main(["new", "p"])
    main(["add", "p", "a.png"])
    assert "Train first" in complaint(capsys, *words)


def test_masks_go_out_and_come_in_again(here: Path, capsys: Screen) -> None:
    project = make_sample(here / "s", masks=True)
    values = answer(capsys, "export-masks", str(project), "--out", "masks")
    assert len(values["files"]) == 16
    assert np.array_equal(read_mask_file(Path("masks/ford.png")), true_mask("ford"))
    main(["new", "again"])
    capsys.readouterr()
    assert answer(capsys, "add", "again", "s/images", "--masks", "masks")["added"] == 16
    with Project.open(here / "again.maskwright") as copy, Project.open(project) as first:
        for mine, other in zip(copy.images(), first.images(), strict=True):
            assert mine.class_pixels == other.class_pixels


def test_nothing_labelled_is_nothing_to_export_or_to_learn_from(here: Path, capsys: Screen) -> None:
    project = str(make_sample(here))
    assert "Label one first" in complaint(capsys, "export-masks", project, "--out", "masks")
    assert "label" in complaint(capsys, "train", project, "--budget", "1").lower()


# --- how it ends


def test_a_second_program_on_the_same_project_is_refused(here: Path, capsys: Screen) -> None:
    main(["new", "p"])
    words = [sys.executable, "-m", "app", "info", str(here / "p.maskwright")]
    with Project.open(here / "p.maskwright"):
        other = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert other.returncode == 1
    assert other.stderr.strip().startswith("maskwright: p.maskwright is open")
    assert len(other.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize(
    "trouble",
    [
        (KeyboardInterrupt(), 130, "stopped"),
        (TrainingError("Label something first."), 1, "Label something first."),
        (OSError(28, "No space left on device", "out/a.png"), 1, "out/a.png: The disk is full"),
        (PermissionError(13, "Permission denied", "out"), 1, "out: Permission denied"),
        (MemoryError(), 1, "not enough memory"),
    ],
    ids=["interrupt", "known", "full disk", "permission", "memory"],
)
def test_trouble_ends_in_one_line_without_a_traceback(
    here: Path,
    capsys: Screen,
    monkeypatch: pytest.MonkeyPatch,
    trouble: tuple[BaseException, int, str],
) -> None:
    raised, code, said = trouble

    def fail(*args: object) -> int:
        raise raised

    monkeypatch.setattr("app.verbs.info", fail)
    assert main(["info", "p"]) == code
    errors = capsys.readouterr().err
    assert said in errors
    assert len(errors.strip().splitlines()) == 1


def test_a_bug_is_not_hidden(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object) -> int:
        raise ZeroDivisionError

    monkeypatch.setattr("app.verbs.info", fail)
    with pytest.raises(ZeroDivisionError):
        main(["info", "p"])


@pytest.mark.skipif(os.name == "nt", reason="a closed pipe is another error there")
def test_a_closed_pipe_ends_quietly(here: Path) -> None:
    main(["new", "p"])
    command = f'"{sys.executable}" -m app info "{here}/p.maskwright" | true'
    done = subprocess.run(["bash", "-c", command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stderr == ""


def test_every_verb_explains_itself_in_few_lines(capsys: Screen) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    overview = capsys.readouterr().out
    for verb in (
        "demo",
        "new",
        "add",
        "info",
        "train",
        "runs",
        "evaluate",
        "predict",
        "export-masks",
        "import-model",
        "export-model",
        "doctor",
    ):
        assert f"\n    {verb}" in overview
        with pytest.raises(SystemExit):
            main([verb, "--help"])
        text = capsys.readouterr().out
        assert len(text.splitlines()) < 30
        assert "--json" in text


def test_progress_keeps_out_of_standard_output(here: Path, capsys: Screen) -> None:
    save_picture(here / "a.png")
    main(["new", "p"])
    capsys.readouterr()
    main(["add", "p", "a.png"])
    output = capsys.readouterr()
    assert output.out == "Added 1 image.\n"
    assert "adding 1 of 1" in output.err


# --- with a model


@pytest.mark.slow
def test_train_evaluate_predict_and_export_from_the_command_line(here: Path, capsys: Screen) -> None:
    project = str(make_sample(here / "s", masks=True, splits=True))
    run = answer(capsys, "train", project, "--budget", "6", "--seed", "5")
    assert (run["run"], run["seed"], run["stopped"]) == (1, 5, False)
    figures = answer(capsys, "evaluate", project)
    assert set(figures) >= {"run", "split", "images", "pixels", "miou", "accuracy", "iou"}
    assert (figures["run"], figures["split"], figures["images"]) == (1, "val", 4)
    assert figures["pixels"] == 4 * 512 * 384
    assert list(figures["iou"]) == ["water", "forest", "grass", "crop", "road", "building", "bare ground"]
    assert sum(map(sum, figures["confusion"])) == figures["pixels"]
    stranger = save_picture(here / "else/where.png", (70, 50))
    Path("else/bad.png").write_text("no image")
    assert main(["predict", project, "ford.jpg", str(stranger), "else/bad.png", "--out", "p"]) == 1
    assert "bad.png" in capsys.readouterr().err
    assert sorted(path.name for path in Path("p").iterdir()) == ["classes.json", "ford.png", "where.png"]
    assert read_mask_file(Path("p/where.png")).shape == (50, 70)
    assert (read_mask_file(Path("p/ford.png")) != UNLABELED).all()
    accepted = answer(capsys, "predict", project, "ford.jpg", "--accept", "0.4")
    assert accepted["refused"] == [] and accepted["images"] == 1
    with Project.open(Path(project)) as opened:
        ford = next(record for record in opened.images() if record.name == "ford.jpg")
        assert opened.load_mask(ford.id).accepted().any() == bool(accepted["accepted"])
    model = answer(capsys, "export-model", project, "1", "--out", "m")
    assert (Path(model["model"]).name, model["run"], model["format"]) == ("model.keras", 1, "keras")
    assert "# sample, run 1" in Path("m/model-card.md").read_text()
    assert "is something in" in complaint(capsys, "export-model", project, "--out", "m")
    assert answer(capsys, "info", project)["runs"][0]["run"] == 1
    assert answer(capsys, "doctor", project)["project"]["ok"]


@pytest.fixture
def all_water(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stands in for a network that sees water everywhere."""

    def predict(*_: object, region: Rect, **__: object) -> tuple[Array, Array]:
        size = region.height, region.width
        return np.zeros(size, np.uint8), np.full(size, 204, np.uint8)

    monkeypatch.setattr("core.evaluation.measure.predict_image", predict)
    monkeypatch.setattr("core.evaluation.evaluate.predictor_from", lambda model: None)
    monkeypatch.setattr("core.training.quiet.load_keras", lambda: None)


@pytest.mark.usefixtures("all_water")
def test_evaluate_tells_figures_of_every_kind_and_writes_a_report(trained: str, here: Path, capsys: Screen) -> None:
    save_picture(here / "a.png")
    save_mask(here / "masks/a.png", 1)
    main(["add", trained, "a.png", "--masks", "masks", "--split", "val"])
    capsys.readouterr()
    values = answer(capsys, "evaluate", trained, "--report", "out")
    assert (values["run"], values["split"], values["images"], values["pixels"]) == (2, "val", 1, 1200)
    assert values["miou"] == values["accuracy"] == 0.0 and values["ece"] == 0.8
    assert values["precision"]["water"] == 0.0 and values["precision"]["forest"] is None
    assert values["recall"]["forest"] == 0.0 and values["boundary_f"]["forest"] is None
    assert values["confusion"][1] == [1200, 0, 0, 0, 0, 0, 0]
    assert values["measured_on"] == "validation images"
    assert Path(values["report"]) == Path("out/report.html")
    assert main(["evaluate", trained]) == 0
    said = capsys.readouterr().out
    assert "boundary F" in said and "calibration error" in said


@pytest.mark.usefixtures("all_water")
def test_evaluate_warns_of_what_is_amiss_and_says_where_there_is_nothing_to_measure_on(
    trained: str, here: Path, capsys: Screen
) -> None:
    for name, split in (("a", "train"), ("b", "val")):
        save_picture(here / f"{name}.png")
        save_mask(here / f"masks/{name}.png", 1)
        main(["add", trained, f"{name}.png", "--masks", "masks", "--split", split])
    capsys.readouterr()
    main(["evaluate", trained])
    warned = capsys.readouterr().err
    assert "b.png (kept aside) and a.png (for training)" in warned
    assert "Too little is labelled in training images to learn from: water (0 pixels)" in warned
    with Project.open(here / "p.maskwright") as project:
        project.set_split(project.images()[1].id, "train")
    assert "nothing to measure run 2 on" in complaint(capsys, "evaluate", trained)
    assert 'No image in "test" is labelled' in complaint(capsys, "evaluate", trained, "--split", "test")


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="no SIGINT to another process there")
def test_interrupting_a_training_keeps_what_was_learned(here: Path) -> None:
    project = str(make_sample(here / "s", masks=True, splits=True))
    words = [sys.executable, "-m", "app", "train", project, "--budget", "300", "--json"]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as training:
        assert training.stderr is not None
        for line in training.stderr:
            if line.startswith("step "):
                break
        training.send_signal(2)
        output, errors = training.communicate(timeout=120)
    assert training.returncode == 0, errors
    assert json.loads(output)["stopped"] is True
    with Project.open(Path(project)) as kept:
        assert kept.run().id == 1


# --- looking back at runs


@pytest.fixture
def trained(here: Path) -> str:
    """A project with two runs that differ in their seed and in what came of them."""
    with Project.create(here / "p.maskwright", load_template("landcover")) as project:
        for seed, miou, water in ((0, 0.5, 0.4), (7, 0.62, None)):
            settings = TrainingSettings(seed=seed).to_mapping() | ({"started_from": 1} if seed else {})
            project.add_run(
                seed=seed,
                settings=settings,
                label_revision=3,
                classes=project.classes,
                device="CPU",
                seconds=62.0,
                metrics={"miou": miou, "accuracy": 0.9, "iou": {"water": water, "road": 0.6}, "measured_on": "x"},
                curves={"seconds": [1.0], "loss": [0.7]},
                weights=b"w" * 1_500_000,
            )
    return "p"


def test_runs_are_listed_newest_first_with_where_they_came_from(trained: str, capsys: Screen) -> None:
    assert main(["runs", trained]) == 0
    head, newest, oldest = capsys.readouterr().out.splitlines()
    assert head.split()[:3] == ["run", "when", "time"]
    for word in ("2 ", "1:02", "62.0 %", "quick", "softmax", "revision 3", "run 1", "1.5 MB"):
        assert word in newest
    assert oldest.startswith("1 ") and "afresh" in oldest
    assert [run["run"] for run in answer(capsys, "runs", trained)["runs"]] == [2, 1]


def test_no_run_yet_is_no_error(here: Path, capsys: Screen) -> None:
    main(["new", "p"])
    assert main(["runs", "p"]) == 0
    assert "Train first" in capsys.readouterr().out
    assert answer(capsys, "runs", "p") == {"runs": []}


@pytest.mark.parametrize("words", [["runs", "p", "show", "2"], ["runs", "show", "p", "2"]], ids=" ".join)
def test_one_run_is_shown_in_full_wherever_the_project_stands(trained: str, capsys: Screen, words: list[str]) -> None:
    values = answer(capsys, *words)
    assert (values["run"], values["seed"], values["started_from"]) == (2, 7, 1)
    assert values["settings"]["learning_rate"] == TrainingSettings().learning_rate
    assert values["curves"] == {"seconds": [1.0], "loss": [0.7]}
    assert main(words) == 0
    assert "learning_rate" in capsys.readouterr().out


def test_two_runs_are_set_against_each_other(trained: str, capsys: Screen) -> None:
    values = answer(capsys, "runs", trained, "compare", "1", "2")
    assert values["settings"] == {"seed": [0, 7], "started_from": [None, 1]}
    assert values["difference"] == {"miou": 0.12, "accuracy": 0.0}
    assert values["iou"] == {"water": [0.4, None, None], "road": [0.6, 0.6, 0.0]}
    assert main(["runs", "compare", trained, "1", "2"]) == 0
    said = capsys.readouterr().out
    assert "+12.0" in said
    assert "softmax" not in said, "what is the same is not told"


def test_figures_of_other_pixels_are_not_passed_off_as_a_comparison(trained: str, capsys: Screen) -> None:
    with Project.open(Path("p.maskwright").absolute()) as project:
        run = project.run(1)
        project.add_run(
            seed=0,
            settings=run.settings,
            label_revision=3,
            classes=run.classes,
            device="CPU",
            seconds=1.0,
            metrics=dict(run.metrics) | {"measured_on": "training pixels"},
            curves={},
            weights=b"",
        )
    assert main(["runs", trained, "compare", "1", "3"]) == 0
    assert "do not tell which is better" in capsys.readouterr().out


def test_a_note_and_a_star_are_listed_and_a_starred_run_is_not_deleted(trained: str, capsys: Screen) -> None:
    assert answer(capsys, "runs", trained, "note", "1", "with", "hedges")["note"] == "with hedges"
    assert answer(capsys, "runs", "star", trained, "1")["starred"]
    assert main(["runs", trained]) == 0
    oldest = capsys.readouterr().out.splitlines()[-1]
    assert oldest.startswith("1 ★") and oldest.endswith("with hedges")
    assert "Take its star away" in complaint(capsys, "runs", trained, "delete", "1")
    values = answer(capsys, "runs", trained, "delete", "2")
    assert values["deleted"] == 2 and values["free_bytes"] > 1_400_000
    assert [run["run"] for run in answer(capsys, "runs", trained)["runs"]] == [1]


def test_a_run_tells_what_labels_it_saw(trained: str, here: Path, capsys: Screen) -> None:
    Image.fromarray(np.zeros((40, 60, 3), np.uint8)).save(here / "a.png")
    with Project.open(here / "p.maskwright") as project:
        project.add_image(here / "a.png", mask=np.zeros((40, 60), np.uint8))
    labels = answer(capsys, "runs", trained, "show", "1")["labels"]
    assert labels["class_pixels"] == {"water": 2400} and labels["images"][0]["path"] == "a.png"
    assert main(["runs", trained, "show", "1"]) == 0
    assert "1 picture, 2,400 pixels at revision 3" in capsys.readouterr().out


def test_a_run_that_is_not_there_is_named_with_those_that_are(trained: str, capsys: Screen) -> None:
    assert "There is no run 9 in p.maskwright. Its runs: 1, 2." in complaint(capsys, "runs", trained, "show", "9")
    assert "There is no run 9" in complaint(capsys, "train", trained, "--from", "9")


def test_a_run_of_other_classes_or_another_network_is_not_gone_on_from(trained: str, capsys: Screen) -> None:
    said = complaint(capsys, "train", trained, "--from", "1", "--network", "quality")
    assert "its network is quick" in said and "--from none" in said


def test_nothing_to_resume_is_said_before_tensorflow_loads(trained: str, capsys: Screen) -> None:
    assert "Train without --resume" in complaint(capsys, "train", trained, "--resume")


@pytest.mark.parametrize(
    ("words", "steps", "budget_s"),
    [([], 0, 120.0), (["--steps", "400"], 400, UNTIMED_S), (["--steps", "400", "--budget", "60"], 400, 60.0)],
)
def test_a_training_of_so_many_steps_is_not_cut_off_by_time_unless_that_is_said(
    trained: str, monkeypatch: pytest.MonkeyPatch, words: list[str], steps: int, budget_s: float
) -> None:
    """By time, how many steps there were would never be quite the same, and neither would the figures."""
    asked: list[TrainingSettings] = []

    def train_project(_: Project, settings: TrainingSettings, *__: object, **___: object) -> None:
        asked.append(settings)
        raise TrainingError("That is all.")

    monkeypatch.setattr("app.train_verb.train_project", train_project)
    main(["train", trained, *words])
    assert [(settings.max_steps, settings.budget_s) for settings in asked] == [(steps, budget_s)]


def test_a_training_by_steps_that_was_cut_off_tells_its_steps() -> None:
    settings = TrainingSettings(max_steps=400, budget_s=UNTIMED_S).to_mapping()
    where = Checkpoint(settings, load_template("landcover"), 1, 90, 42.0, {}, b"")
    assert cut_off_text(where) == "A training was cut off at step 90 of 400."
