"""Models in 8 bits: fitted to the project's pictures, and measured instead of compared to the last digit."""

import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from core.errors import ExportError
from core.images import read_mask_file
from core.model_formats import predict_script
from core.model_formats.calibration import PICTURES, SIDE, calibration_parts
from core.model_formats.export import export_model
from core.model_formats.keras_model import KERAS
from core.model_formats.litert_int8_model import LITERT_INT8
from core.model_formats.model_format import Examples
from core.model_formats.origin import held_out_labels, model_origin
from core.model_formats.portable import portable_model
from core.model_formats.sample import whole_probabilities
from core.prediction.inference import predict_image
from core.project import Project
from core.training.dataset import LabelledCells, find_cells
from core.training.fit import train
from core.training.heads import HEADS
from core.training.inputs import Inputs, Picture
from core.training.messages import TrainedModel
from core.training.network import Network, network_from
from core.training.settings import TrainingSettings
from tests.core.evaluation.scenes import add_run, add_scene
from tests.core.model_formats.models import origin, trained
from tests.core.training.scenes import CLASSES, labelled, scene, scribbles, snapshot

LEARNS = TrainingSettings(budget_s=60, max_steps=80, network="tiny", patch=64, learning_rate=1e-2)


def saved(folder: Path, *seeds: int, size: tuple[int, int] = (96, 120)) -> list[Path]:
    paths = [folder / f"{seed}.png" for seed in seeds]
    for path, seed in zip(paths, seeds, strict=True):
        Image.fromarray(scene(seed, *size)[0]).save(path)
    return paths


# --- what it is fitted to


def test_parts_are_the_same_for_the_same_pictures_and_lie_all_over_them(tmp_path: Path) -> None:
    network = network_from(trained(Inputs(3, rows=True)))
    paths = [str(path) for path in saved(tmp_path, 1, 2, size=(SIDE + 101, SIDE + 203))]
    parts = calibration_parts(paths, network)
    assert len(parts) == 50, "five by five of each"
    places = [float(part["place"][0, 0]) for part in parts]
    height = float(parts[0]["place"][0, 1])
    assert height == -(-(SIDE + 101) // network.shape.multiple) * network.shape.multiple
    assert min(places) == 0 and max(places) == height - SIDE
    assert {part["pixels"].shape for part in parts} == {(1, SIDE, SIDE, 3)}
    again = calibration_parts(paths, network)
    assert all(np.array_equal(a["pixels"], b["pixels"]) for a, b in zip(parts, again, strict=True))


def test_small_pictures_are_filled_up_and_what_cannot_be_read_is_left_out(tmp_path: Path) -> None:
    network = network_from(trained(Inputs(3)))
    Image.new("L", (9, 5), 7).save(tmp_path / "small.png")
    (tmp_path / "broken.png").write_text("broken")
    parts = calibration_parts([str(tmp_path / name) for name in ("gone.png", "broken.png", "small.png")], network)
    (part,) = parts
    assert part["pixels"].shape == (1, 8, 12, 3) and (part["pixels"] == 7).all() and "place" not in part
    with pytest.raises(ExportError, match="none of them can be read"):
        calibration_parts([str(tmp_path / "broken.png")], network)


def test_of_many_pictures_the_first_are_used(tmp_path: Path) -> None:
    network = network_from(trained(Inputs(3)))
    paths = saved(tmp_path, *range(PICTURES + 3), size=(8, 8))
    parts = calibration_parts([*map(str, paths)], network)
    assert len(parts) == PICTURES
    assert np.array_equal(parts[-1]["pixels"][0], scene(PICTURES - 1, 8, 8)[0])


def test_pictures_that_it_learned_from_come_first(tmp_path: Path) -> None:
    with Project.create(tmp_path / "p.maskwright", CLASSES) as project:
        for seed, split in ((1, "val"), (2, "train"), (3, "train")):
            add_scene(project, seed, scribbles(scene(seed)[1], seed), split=split)  # type: ignore[arg-type]
        run = add_run(project).id
        names = [Path(path).name for path in model_origin(project).learned_from]
        assert names == ["scene2.png", "scene3.png", "scene1.png"]
        (cells,) = held_out_labels(project, run)
        assert Path(cells.image.path).name == "scene1.png"


def test_without_labels_set_aside_there_are_none_to_measure_on(tmp_path: Path) -> None:
    with Project.create(tmp_path / "p.maskwright", CLASSES) as project:
        add_scene(project, 1, split="train")
        assert held_out_labels(project, add_run(project).id) == ()


def test_pictures_are_let_go_of_before_the_next_is_read(tmp_path: Path) -> None:
    network = network_from(trained(Inputs(3)))
    paths = [str(path) for path in saved(tmp_path, 1, size=(1500, 1500))]
    tracemalloc.start()
    parts = calibration_parts(paths * 3, network)
    kept, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    size = 3 * 1500**2
    assert kept < sum(part["pixels"].nbytes for part in parts) + size
    assert most < kept + 3 * size


# --- a network that learned something


@pytest.fixture(scope="module")
def learned(tmp_path_factory: pytest.TempPathFactory) -> TrainedModel:
    folder = tmp_path_factory.mktemp("scenes")
    ended = train(snapshot(*(labelled(folder, seed) for seed in (1, 2, 3))), LEARNS, report=lambda _: None)
    return TrainedModel(4, ended.settings, ended.classes, ended.weights)


@pytest.fixture
def held_out(tmp_path: Path) -> tuple[LabelledCells, ...]:
    return tuple(find_cells(labelled(tmp_path, seed, split="val"), len(CLASSES)) for seed in (5, 6))


@pytest.mark.slow
def test_a_model_in_8_bits_sees_nearly_what_the_app_sees(
    learned: TrainedModel, held_out: tuple[LabelledCells, ...], tmp_path: Path
) -> None:
    told: list[str] = []
    pictures = saved(tmp_path, 1, 2, 3)
    source = replace(origin(learned, *pictures), learned_from=tuple(map(str, pictures)))
    folder = tmp_path / "out"
    written = export_model(learned, source, LITERT_INT8, folder, told.append, held_out=held_out)
    figures = written.figures
    assert figures.agreement is not None and figures.miou is not None and figures.agreement > 0.9
    assert figures.ms_per_megapixel > 0 and figures.size_bytes == (folder / "model.tflite").stat().st_size
    assert figures.miou[1] > 0.9 and figures.miou[1] == pytest.approx(figures.miou[0], abs=0.05)
    assert (figures.labelled_pixels, figures.pixels) == (2 * 96 * 120, 6 * 96 * 120), "one of them is the sample, too"
    assert [doing.rpartition(", ")[2] for doing in told if "fitting" in doing] == ["0 %", "30 %", "60 %"]
    card = (folder / "model-card.md").read_text()
    assert f"{100 * figures.agreement:.1f} % (mean IoU" in card and "int8" in card
    assert f"its mIoU is {100 * figures.miou[1]:.1f} %" in card
    runs_as_any_other(folder, network_from(learned), tmp_path)


def runs_as_any_other(folder: Path, network: Network, room: Path) -> None:
    """Its predict.py on a new picture, and on the sample."""
    (new,) = saved(room, 9, size=(210, 333))
    command = [sys.executable, "-I", str(folder / "predict.py"), str(new), str(folder / "sample.png"), "--tile", "64"]
    ran = subprocess.run([*command, "--out", "masks"], cwd=room, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    ours, _ = predict_image(network, scene(9, 210, 333)[0])
    assert (read_mask_file(room / "masks" / "9.png") == ours).mean() > 0.97
    sample = read_mask_file(folder / "sample-mask.png")
    np.testing.assert_array_equal(read_mask_file(room / "masks" / "sample.png"), sample)  # in tiles as at once


@pytest.mark.slow
@pytest.mark.parametrize(
    ("inputs", "head"),
    [(Inputs(3, rows=True), "softmax"), (Inputs(1, low=0.01, high=0.03, bits=16), "sigmoid"), (Inputs(6), "softmax")],
    ids=["rows", "16 bit", "bands"],
)
def test_pixels_go_in_as_they_are_and_almost_all_is_int8(inputs: Inputs, head: str, tmp_path: Path) -> None:
    from ai_edge_litert.interpreter import Interpreter

    network = network_from(trained(inputs, head))
    kind = np.uint8 if inputs.bits == 8 else np.uint16
    low, high = (round(share * np.iinfo(kind).max) for share in (inputs.low, inputs.high))
    noise = np.random.default_rng(0).integers(low, high, (20, 24, inputs.channels))
    coarse = noise.repeat(8, 0).repeat(8, 1)  # (160, 192, channels)
    coarse[0, 0] = np.iinfo(kind).max  # one pixel that is brighter than all the others
    picture: Picture = coarse.astype(np.uint8) if inputs.bits == 8 else coarse.astype(np.uint16)

    def examples() -> Iterator[dict[str, Any]]:
        place = {"place": np.array([[0, 160]], np.float32)} if inputs.rows else {}
        yield {"pixels": picture[None], **place}

    path = tmp_path / "model.tflite"
    LITERT_INT8.write(network, path, examples)
    reader = Interpreter(str(path))
    taken = {each["dtype"] for each in reader.get_signature_runner("serving_default").get_input_details().values()}
    assert taken == ({kind, np.float32} if inputs.rows else {kind})
    kinds = {tensor["index"]: tensor["dtype"] for tensor in reader.get_tensor_details()}
    steps = [(each["op_name"], kinds[each["outputs"][0]]) for each in reader._get_ops_details()]
    assert {kind for name, kind in steps if "CONV" in name} == {np.int8}
    assert {name for name, kind in steps if kind == np.float32} <= {"CAST", "DEQUANTIZE", "DELEGATE"}
    facts = {"multiple": network.shape.multiple, "halo": network.shape.halo, "place": inputs.rows}
    ours, _ = predict_image(network, picture)
    for part, likely in predict_script.predict(LITERT_INT8.open_model(path), facts, picture, 64):
        inside = ours[part.top : part.bottom, part.left : part.right]
        assert (likely.argmax(-1) == inside).mean() > 0.9 and likely.dtype == np.float32


@pytest.mark.slow
@pytest.mark.parametrize("head", HEADS)
def test_no_head_is_lost_in_8_bits(head: str, tmp_path: Path) -> None:
    network = network_from(trained(Inputs(3), head))
    *others, kernel, bias = network.model.get_weights()
    network.model.set_weights([*others, 8 * kernel, 8 * bias])  # it is sure of what it says, as after a long training
    picture, _ = scene(3, 96, 120)
    exact = portable_model(network, for_8_bits=True)(picture[None])
    np.testing.assert_allclose(exact[0], whole_probabilities(network, picture), atol=1e-4)
    path = tmp_path / "model.tflite"
    parts = calibration_parts([*map(str, saved(tmp_path, 1, 2))], network)
    LITERT_INT8.write(network, path, lambda: iter(parts))
    likely = LITERT_INT8.open_model(path)({"pixels": picture[None]})[0]
    assert (likely.argmax(-1) == whole_probabilities(network, picture).argmax(-1)).mean() > 0.9


@pytest.mark.slow
def test_how_far_down_a_pixel_is_counts_in_pictures_of_any_height(tmp_path: Path) -> None:
    network = network_from(trained(Inputs(3, rows=True)))
    parts = calibration_parts([*map(str, saved(tmp_path, 1, 2, size=(96, 120)))], network)
    path = tmp_path / "model.tflite"
    LITERT_INT8.write(network, path, lambda: iter(parts))
    facts = {"multiple": network.shape.multiple, "halo": network.shape.halo, "place": True}
    tall, _ = scene(3, 1200, 64)
    ours, _ = predict_image(network, tall)
    for part, likely in predict_script.predict(LITERT_INT8.open_model(path), facts, tall, 256):
        inside = ours[part.top : part.bottom, part.left : part.right]
        assert (likely.argmax(-1) == inside).mean() > 0.9


# --- what is refused


@pytest.mark.slow
def test_a_model_that_sees_other_things_is_not_kept(tmp_path: Path) -> None:
    def upside_down(network: Network, path: Path, examples: Examples) -> None:
        import keras

        made = portable_model(network)
        keras.Model(made.inputs, 1 - made.outputs[0]).save(path)

    model = trained(Inputs(3))
    with pytest.raises(ExportError, match="% only \\(mean IoU\\), and less than 50 % is not kept"):
        export_model(model, origin(model), replace(KERAS, write=upside_down, exact=False), tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_fitting_can_be_stopped(tmp_path: Path) -> None:
    def stop(doing: str) -> None:
        if doing.endswith("50 %"):
            raise ExportError("stopped")

    model = trained(Inputs(3))
    pictures = tuple(map(str, saved(tmp_path, 1, 2)))
    with pytest.raises(ExportError, match="stopped"):
        export_model(model, replace(origin(model), learned_from=pictures), LITERT_INT8, tmp_path / "out", stop)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["1.png", "2.png"]
