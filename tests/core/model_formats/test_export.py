"""Every model leaves as a folder that stands on its own: what is in it, and what is refused."""

import ast
import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from core.errors import ExportError
from core.images import read_mask_file
from core.model_formats import MODEL_FORMATS, export, predict_script
from core.model_formats.card import model_card
from core.model_formats.check import CHECKING
from core.model_formats.export import BUILDING, WRITING, export_model, remove_leftovers
from core.model_formats.keras_model import KERAS
from core.model_formats.litert_model import LITERT
from core.model_formats.model_format import Examples, ModelFormat
from core.model_formats.onnx_model import ONNX
from core.model_formats.portable import portable_model
from core.model_formats.sample import SIDE, as_taken, whole_probabilities
from core.prediction.inference import predict_image
from core.prediction.tiling import Tiling
from core.records import ExportFigures
from core.training.encoder import EncoderShape
from core.training.heads import HEADS
from core.training.inputs import Inputs
from core.training.messages import TrainedModel
from core.training.network import Network, network_from
from core.training.unet import SHAPES, Shape
from tests.core.model_formats.models import origin, trained
from tests.core.training.scenes import scene

EXACT = {name: format for name, format in MODEL_FORMATS.items() if format.exact}
INPUTS = [Inputs(1), Inputs(1, low=0.01, high=0.2, bits=16), Inputs(6)]


def exported(model: TrainedModel, folder: Path, *pictures: Path, format: ModelFormat = KERAS) -> Path:
    export_model(model, origin(model, *pictures), format, folder)
    return folder


def saved_scene(path: Path, height: int = 96, width: int = 120) -> Path:
    Image.fromarray(scene(1, height, width)[0]).save(path)
    return path


def run_script(folder: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    """predict.py as a stranger runs it: from elsewhere, and without this program's folder on Python's path."""
    command = [sys.executable, "-I", str(folder / "predict.py"), *words]
    return subprocess.run(command, cwd=folder.parent, capture_output=True, text=True, check=False)


@pytest.mark.slow
@pytest.mark.parametrize("format", EXACT.values(), ids=EXACT)
def test_predict_py_writes_the_masks_that_the_app_predicts(
    format: ModelFormat, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        export, "check_exact", lambda *_: ExportFigures(1.0)
    )  # it is what this test does at more length
    model = trained(Inputs(3, rows=True))
    picture = saved_scene(tmp_path / "pond.png", 210, 333)
    folder = exported(model, tmp_path / "out", picture, format=format)
    ran = run_script(folder, str(picture), "--out", "masks", "--tile", "64")
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.strip() == str(Path("masks/pond.png"))
    ours, _ = predict_image(network_from(model), scene(1, 210, 333)[0])
    np.testing.assert_array_equal(read_mask_file(tmp_path / "masks" / "pond.png"), ours)
    palette = Image.open(tmp_path / "masks" / "pond.png").getpalette()
    assert palette is not None and palette[3:6] == [0x00, 0x72, 0xB2], "water"


@pytest.mark.slow
@pytest.mark.parametrize("inputs", INPUTS, ids=["grey", "16 bit", "bands"])
def test_every_kind_of_picture_can_go_in(inputs: Inputs, tmp_path: Path) -> None:
    folder = exported(trained(inputs), tmp_path / "out")  # runs predict.py on an example and compares
    facts = json.loads((folder / "model.json").read_text())
    assert (facts["channels"], facts["dtype"]) == (inputs.channels, f"uint{inputs.bits}")
    names = (folder / "predict.py").read_text().split("pip install ")[1].splitlines()[0]
    assert ("tifffile" in names) == (inputs.channels == 6)


@pytest.mark.parametrize("format", EXACT.values(), ids=EXACT)
@pytest.mark.parametrize("head", HEADS)
def test_every_head_is_inside_the_model(head: str, format: ModelFormat, tmp_path: Path) -> None:
    same_probabilities(trained(Inputs(3), head), tmp_path, format)


@pytest.mark.parametrize("format", [KERAS, ONNX, LITERT], ids=["keras", "onnx", "litert"])
@pytest.mark.parametrize("shape", [EncoderShape((8, 8, 8, 8), alpha=0.35), SHAPES["quick"], SHAPES["quality"]])
def test_every_network_can_be_exported(shape: Shape, format: ModelFormat, tmp_path: Path) -> None:
    same_probabilities(trained(Inputs(3, rows=True), shape=shape), tmp_path, format)


def no_examples() -> Iterator[dict[str, Any]]:
    yield from ()


def same_probabilities(model: TrainedModel, folder: Path, format: ModelFormat) -> None:
    network = network_from(model)
    format.write(network, folder / format.file, no_examples)
    picture = scene(2, 118, 190)[0]
    run = format.open_model(folder / format.file)
    facts = {"multiple": network.shape.multiple, "halo": network.shape.halo, "place": network.inputs.rows}
    ours = whole_probabilities(network, picture)
    for part, likely in predict_script.predict(run, facts, picture, 64):
        np.testing.assert_allclose(likely, ours[part.top : part.bottom, part.left : part.right], atol=1e-4)


@pytest.mark.parametrize("size", [(1, 1), (64, 64), (65, 63), (200, 333)])
@pytest.mark.parametrize("side", [16, 48, 1024])
def test_predict_py_cuts_pictures_as_the_app_does(size: tuple[int, int], side: int) -> None:
    ours = [
        tuple((r.top, r.left, r.bottom, r.right) for r in (tile.inner, tile.outer))
        for tile in Tiling(*size, multiple=16, halo=32).tiles(side)
    ]
    assert list(predict_script.tiles(*size, side, 16, 32)) == ours


@pytest.mark.slow
def test_the_folder_holds_all_that_a_stranger_needs(tmp_path: Path) -> None:
    picture = saved_scene(tmp_path / "pond.png", SIDE + 40, SIDE + 20)
    folder = exported(trained(Inputs(3)), tmp_path / "new" / "out", picture)
    names = ["SHA256SUMS", "curve.png", "model-card.md", "model.json", "model.keras", "predict.py"]
    assert sorted(p.name for p in folder.iterdir()) == [*names, "sample-mask.png", "sample.png"]
    for line in (folder / "SHA256SUMS").read_text().splitlines():
        digest, _, name = line.partition("  ")
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
    card = (folder / "model-card.md").read_text()
    for told in ("# Ponds, run 4", "| 1 | water | `#0072b2` | 34 | 50.0 % |", "75.0 %", "2 pictures, at revision 17"):
        assert told in card
    assert "![mIoU and loss over the training time](curve.png)" in card and "license: unknown" in card
    sample = np.asarray(Image.open(folder / "sample.png"))
    np.testing.assert_array_equal(sample, scene(1, SIDE + 40, SIDE + 20)[0][20:-20, 10:-10])
    ours, _ = predict_image(network_from(trained(Inputs(3))), sample)
    np.testing.assert_array_equal(read_mask_file(folder / "sample-mask.png"), ours)


@pytest.mark.parametrize("format", MODEL_FORMATS.values(), ids=MODEL_FORMATS)
def test_predict_py_imports_only_what_its_header_names(format: ModelFormat) -> None:
    from core.model_formats.export import predict_text

    model = trained(Inputs(3))
    text = predict_text(format, replace(origin(model), project='C:\\new\n"""x'), "numpy pillow")
    tree = ast.parse(text)
    imported = {
        name.partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([node.module or ""] if isinstance(node, ast.ImportFrom) else [a.name for a in node.names])
    }
    own = {package.partition(">")[0].replace("-", "_") for package in format.packages}
    assert imported - set(sys.stdlib_module_names) <= own | {"numpy", "PIL", "tifffile"}
    assert "core" not in text and (ast.get_docstring(tree) or "").count("pip install numpy pillow") == 1


@pytest.mark.parametrize(
    ("licence", "lines"),
    [
        ("", "license: unknown"),
        ("CC BY 4.0", "license: cc-by-4.0"),
        ("ask: me", 'license: other\nlicense_name: "ask: me"'),
    ],
)
def test_the_card_names_the_licence(licence: str, lines: str) -> None:
    model = trained(Inputs(3))
    from_here = replace(origin(model), licence=licence)
    figures = ExportFigures(70.5, 870_000)
    card = model_card(network_from(model), from_here, KERAS, packages="", sample="", figures=figures, curve=False)
    assert card.startswith(f"---\n{lines}\npipeline_tag")
    assert f"Licence: {licence or 'not chosen yet'}" in card
    assert "`model.keras`, 0.9 MB" in card and "| time | 70 ms a megapixel" in card


# --- what is refused


@pytest.mark.parametrize("stage", [BUILDING, WRITING, CHECKING])
def test_an_export_that_is_stopped_leaves_nothing(stage: str, tmp_path: Path) -> None:
    told: list[str] = []

    def stop(doing: str) -> None:
        told.append(doing)
        if doing == stage and (doing != CHECKING or told.count(CHECKING) == 3):  # its predict.py runs by then
            raise ExportError("stopped")

    model = trained(Inputs(3))
    with pytest.raises(ExportError, match="stopped"):
        export_model(model, origin(model), KERAS, tmp_path / "out", stop)
    assert told[-1] == stage and list(tmp_path.iterdir()) == []


def test_what_an_export_left_that_was_ended_from_outside_is_taken_away(tmp_path: Path) -> None:
    (tmp_path / ".export-out" / "model").mkdir(parents=True)
    (tmp_path / ".export-other").mkdir()
    remove_leftovers(tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == [".export-other"]


def wrong(network: Network, path: Path, _: Examples) -> None:
    import keras

    made = portable_model(network)
    keras.Model(made.inputs, made.outputs[0] * 0.9).save(path)


def test_a_model_that_predicts_otherwise_is_not_kept(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="does not repeat"):
        exported(trained(Inputs(3)), tmp_path / "out", format=replace(KERAS, write=wrong))
    assert list(tmp_path.iterdir()) == []


def test_a_model_that_does_not_run_is_not_kept(tmp_path: Path) -> None:
    def rubbish(network: Network, path: Path, _: Examples) -> None:
        path.write_text("rubbish")

    with pytest.raises(ExportError, match="does not run on its own"):
        exported(trained(Inputs(3)), tmp_path / "out", format=replace(KERAS, write=rubbish))
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    for place in (tmp_path, tmp_path / "mine.txt"):
        with pytest.raises(ExportError, match="There is something in"):
            exported(trained(Inputs(3)), place)
    with pytest.raises(ExportError, match="Choose another folder"):
        exported(trained(Inputs(3)), tmp_path / "mine.txt" / "out")
    assert (tmp_path / "mine.txt").read_text() == "mine" and len(list(tmp_path.iterdir())) == 1


def test_a_missing_package_is_a_sentence_with_the_command(tmp_path: Path) -> None:
    lacking = replace(KERAS, modules=("numpy", "no_such_runtime"))
    with pytest.raises(ExportError, match=r'needs no_such_runtime. Install .*: uv tool install "\.\[export\]"'):
        exported(trained(Inputs(3)), tmp_path / "out", format=lacking)


@pytest.mark.parametrize(
    ("name", "lacking"), [("savedmodel", True), ("litert", True), ("keras", False), ("onnx", False)]
)
def test_what_only_tensorflow_writes_is_not_tried_on_jax(
    name: str, lacking: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    assert ("without KERAS_BACKEND=jax" in MODEL_FORMATS[name].lacking()) == lacking
    monkeypatch.delenv("KERAS_BACKEND")
    assert MODEL_FORMATS[name].lacking() == ""


# --- predict.py itself, without a model


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs it on words, with a model that sees class 1 everywhere."""
    facts = {"channels": 3, "dtype": "uint8", "place": False, "multiple": 4, "halo": 4, "file": "model"}
    classes = [{"id": i, "name": str(i), "color": "#0072b2"} for i in range(2)]
    (tmp_path / "model.json").write_text(json.dumps({**facts, "classes": classes}))

    def all_ones(inputs: dict[str, Any]) -> Any:
        return np.eye(2, dtype=np.float32)[np.ones(inputs["pixels"].shape[:3], int)]

    monkeypatch.setattr(predict_script, "HERE", tmp_path)
    monkeypatch.setattr(predict_script, "open_model", lambda path: all_ones)
    monkeypatch.chdir(tmp_path)

    def run(*words: str) -> None:
        monkeypatch.setattr(sys, "argv", ["predict.py", *words])
        predict_script.main()

    return run


def test_folders_grey_and_turned_pictures_are_read(script: Any, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "notes.txt").write_text("no picture")
    Image.new("L", (9, 5)).save(folder / "a.png")
    exif = Image.Exif()
    exif[0x0112] = 6  # lies on its side
    Image.new("RGB", (9, 5)).save(folder / "b.jpg", exif=exif)
    Image.new("RGBA", (9, 5)).save(folder / "B.png")
    script("in", "--out", "masks")
    shapes = {path.name: read_mask_file(path).shape for path in sorted((tmp_path / "masks").iterdir())}
    assert shapes == {"a.png": (5, 9), "b.jpg.png": (9, 5), "B.png.png": (5, 9)}


def test_it_tells_how_long_a_megapixel_takes(script: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Image.new("RGB", (9, 5)).save(tmp_path / "a.png")
    script("a.png", "--time")
    number, *words = capsys.readouterr().out.splitlines()[-1].split()
    assert float(number) > 0 and words == ["ms", "a", "megapixel"]


def test_no_picture_is_overwritten_and_what_does_not_fit_is_told(script: Any, tmp_path: Path) -> None:
    Image.new("RGB", (9, 5)).save(tmp_path / "a.png")
    with pytest.raises(SystemExit, match="is one of the pictures"):
        script("a.png", "--out", ".")
    with pytest.raises(SystemExit, match="There is no picture"):
        script("none.png")
    Image.fromarray(np.zeros((5, 9), np.uint16)).save(tmp_path / "deep.png")
    with pytest.raises(SystemExit, match="3 channels of uint8, not 1 of uint16"):
        script("deep.png")


def test_a_sample_is_brought_into_the_type_that_the_model_takes() -> None:
    grey, colour = np.full((2, 2, 1), 100, np.uint8), np.full((2, 2, 3), 200, np.uint8)
    deep = as_taken(grey, Inputs(3, bits=16))
    assert deep is not None and deep.shape == (2, 2, 3) and (deep == 25700).all()
    assert as_taken(colour, Inputs(6)) is None
    levelled = as_taken(colour, Inputs(1))
    assert levelled is not None and levelled.shape == (2, 2, 1) and (levelled == 200).all()
