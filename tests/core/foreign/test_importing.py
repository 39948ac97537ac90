"""A model from elsewhere becomes a run, and predicts as it does where it comes from."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.errors import ModelError
from core.foreign.import_model import check_model, find_model, keep_model
from core.model_formats import MODEL_FORMATS
from core.model_formats.export import export_model
from core.model_formats.sample import whole_probabilities
from core.prediction.inference import Predictor, predict_image, probabilities
from core.prediction.trained import predictor_from, trained_model
from core.project import Project
from core.records import ExportFigures, TrainingRun
from core.training.inputs import Inputs
from core.training.network import network_from
from tests.core.foreign.models import BIAS, KERNEL, keras_model, nearest_class, onnx_model, project_of_scenes
from tests.core.foreign.test_refusing import tried_here
from tests.core.model_formats.models import origin, trained
from tests.core.training.scenes import scene


def imported(project: Project, path: Path, **how: Any) -> TrainingRun:
    model = find_model(path)
    return keep_model(project, model, check_model(project, model, **how))


def whole(network: Predictor, picture: Any, classes: int) -> Any:
    """(rows, columns, classes)"""
    found = np.zeros((*picture.shape[:2], classes), np.float32)
    for tile, likely in probabilities(network, picture):
        found[tile.inner.slices] = likely
    return found


@pytest.mark.slow
@pytest.mark.parametrize("format", ["keras", "onnx"])
@pytest.mark.parametrize("head", ["softmax", "sigmoid", "normalised-sigmoid"])
def test_our_own_exports_come_back_and_predict_as_their_run(
    format: str, head: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.model_formats.export.check_exact", lambda *_: ExportFigures(1.0))
    model = trained(Inputs(3, low=0.1, high=0.9, rows=True), head)
    export_model(model, origin(model), MODEL_FORMATS[format], tmp_path / "out")
    picture = scene(1, 210, 333)[0]
    with project_of_scenes(tmp_path) as project:
        run = imported(project, tmp_path / "out")
        theirs = whole(predictor_from(trained_model(project, run.id)), picture, 3)
    np.testing.assert_allclose(theirs, whole_probabilities(network_from(model), picture), atol=1e-4)
    assert run.imported
    assert run.note == f"model.{format}"


@pytest.mark.slow
def test_a_keras_model_of_a_fixed_size_predicts_large_pictures_in_tiles(tmp_path: Path) -> None:
    picture = scene(2, 300, 700)[0]
    with project_of_scenes(tmp_path) as project:
        model = find_model(keras_model(tmp_path / "colours.keras"))
        found = check_model(project, model)
        run = keep_model(project, model, found)
        network = predictor_from(trained_model(project, run.id))
    class_map, confidence = predict_image(network, picture)
    np.testing.assert_array_equal(class_map, nearest_class(picture))
    assert confidence.min() > 80, "probabilities of three classes"
    assert found.notes == (
        "Pixels go in as numbers, 0 to 1. If it predicts nonsense, try another scale.",
        "It takes 256 × 256 pixels, so larger pictures are cut into tiles.",
    )


def test_a_model_as_a_training_in_keras_leaves_it_is_taken_in(tmp_path: Path) -> None:
    import keras
    from keras import layers

    model = keras.Sequential(
        [
            keras.Input((None, None, 3), dtype="uint8"),
            layers.Rescaling(1 / 255),
            layers.Conv2D(8, 3, padding="same", activation=keras.activations.gelu, kernel_regularizer="l2"),
            layers.Conv2D(3, 1, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(scene(1)[0][None], scene(1)[1][None], verbose=0)
    model.save(tmp_path / "trained.keras")
    found = tried_here(tmp_path / "trained.keras")
    assert (found.facts.dtype, found.facts.softmax, found.notes) == ("uint8", False, ())


def test_an_onnx_model_with_channels_first_and_logits_predicts_probabilities(tmp_path: Path) -> None:
    picture = scene(2, 300, 700)[0]
    with project_of_scenes(tmp_path) as project:
        model = find_model(onnx_model(tmp_path / "colours.onnx"))
        found = check_model(project, model)
        run = keep_model(project, model, found)
        assert (project.run().id, run.note, run.classes) == (run.id, "colours.onnx", project.classes)
        network = predictor_from(trained_model(project, run.id))
    logits = picture / 255 @ KERNEL + BIAS
    likely = np.exp(logits) / np.exp(logits).sum(axis=-1, keepdims=True)
    np.testing.assert_allclose(whole(network, picture, 3), likely, atol=1e-4)
    assert "softmax makes probabilities of them" in found.notes[-1]


def test_a_large_picture_is_predicted_the_same_whole_and_in_parts(tmp_path: Path) -> None:
    from core.masks.rect import Rect

    picture = np.random.default_rng(0).integers(0, 256, (1300, 1100, 3), dtype=np.uint8)
    with project_of_scenes(tmp_path) as project:
        run = imported(project, onnx_model(tmp_path / "colours.onnx"))
        network = predictor_from(trained_model(project, run.id))
    together, _ = predict_image(network, picture)
    np.testing.assert_array_equal(together, nearest_class(picture))
    part = Rect(700, 300, 1250, 1100)
    np.testing.assert_array_equal(predict_image(network, picture, region=part)[0], together[part.slices])


def test_a_table_says_what_channels_become(tmp_path: Path) -> None:
    kernel, bias = np.pad(KERNEL, ((0, 0), (0, 2))), np.append(BIAS, [25, -99])
    path = onnx_model(tmp_path / "five.onnx", kernel=kernel, bias=bias)
    table = tmp_path / "table.json"
    table.write_text(json.dumps({"0": "ground", "1": "leaf", "2": "water", "3": None, "4": "water"}))
    picture = scene(1)[0]
    with project_of_scenes(tmp_path) as project:
        with pytest.raises(ModelError, match=r"five\.onnx tells 5 classes apart, the project has 3"):
            imported(project, path)
        assert project.runs() == []
        run = imported(project, path, table=table)
        likely = whole(predictor_from(trained_model(project, run.id)), picture, 3)
    order = np.array([0, 2, 1])
    np.testing.assert_array_equal(likely.argmax(-1), order[nearest_class(picture)])
    assert likely.sum(axis=-1).max() < 0.5, "what counts for no class makes the others less sure"


def test_grey_pictures_and_those_of_16_bits_go_in(tmp_path: Path) -> None:
    with project_of_scenes(tmp_path) as project:
        run = imported(project, onnx_model(tmp_path / "colours.onnx"))
        network = predictor_from(trained_model(project, run.id))
    grey = np.arange(256, dtype=np.uint8).reshape(16, 16, 1)
    np.testing.assert_array_equal(predict_image(network, grey)[0], nearest_class(np.repeat(grey, 3, axis=2)))
    deep = scene(1)[0].astype(np.uint16) * 257
    np.testing.assert_array_equal(predict_image(network, deep)[0], nearest_class(scene(1)[0]))


def test_a_file_that_changes_while_it_is_tried_is_not_kept(tmp_path: Path) -> None:
    path = onnx_model(tmp_path / "colours.onnx")
    with project_of_scenes(tmp_path) as project:
        model = find_model(path)
        found = check_model(project, model)
        onnx_model(path, bias=BIAS + 1)
        with pytest.raises(ModelError, match="changed while it was tried"):
            keep_model(project, model, found)
        assert project.runs() == []


def test_a_training_that_was_cut_off_can_still_be_gone_on_with(tmp_path: Path) -> None:
    from core.records import Checkpoint

    cut_off = Checkpoint({}, (), 0, 5, 2.0, {}, b"state")
    with project_of_scenes(tmp_path) as project:
        project.save_checkpoint(cut_off)
        imported(project, onnx_model(tmp_path / "colours.onnx"))
        assert project.checkpoint() is not None
