"""Models that cannot be used: a sentence each, and nothing else happens."""

import hashlib
import json
import os
import random
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.errors import MaskwrightError, ModelError
from core.foreign import keras_file
from core.foreign.import_model import check_model, find_model
from core.foreign.opened import open_foreign
from core.foreign.recognise import Wanted, recognise
from core.foreign.trial import Trial, try_model
from core.formats.class_table import ClassTable
from core.prediction.trained import predictor_from
from core.project import Project
from core.records import IMPORTED
from core.training.messages import TrainedModel
from core.training.network import network_from
from tests.core.foreign.models import (
    BIAS,
    changed_config,
    changed_keras,
    keras_model,
    onnx_model,
    project_of_scenes,
)
from tests.core.training.scenes import CLASSES, scene

WANTED = Wanted(CLASSES, ClassTable(CLASSES), False, 3)


def tried_here(path: Path, wanted: Wanted = WANTED) -> Any:
    """As the process of its own does it."""
    format = path.suffix[1:]
    opened = open_foreign(format, path.read_bytes(), path.name)
    return recognise(opened, format, path.name, wanted, scene(1)[0])


def plain_sentence(raised: "pytest.ExceptionInfo[BaseException]") -> str:
    text = str(raised.value)
    assert "Traceback" not in text
    assert len(text) < 500
    assert text.endswith(".")
    return text


# --- what is in the file


def test_damaged_files_are_refused(tmp_path: Path) -> None:
    whole = {
        "keras": keras_model(tmp_path / "m.keras").read_bytes(),
        "onnx": onnx_model(tmp_path / "m.onnx").read_bytes(),
    }
    chance = random.Random(0)
    refused = 0
    for number in range(100):
        for format, data in whole.items():
            broken = bytearray(data[: chance.randrange(len(data))] if number % 2 else data)
            if number % 4 == 0:
                broken = bytearray(chance.randbytes(500))
            elif broken:
                for _ in range(20):
                    broken[chance.randrange(len(broken))] = chance.randrange(256)
            (tmp_path / f"broken.{format}").write_bytes(broken)
            try:
                tried_here(tmp_path / f"broken.{format}")
            except (ModelError, MemoryError):
                refused += 1
    assert refused > 150, "the others are whole enough to be run"


def test_a_lambda_is_refused(tmp_path: Path) -> None:
    from keras import layers

    path = keras_model(tmp_path / "m.keras", ends=layers.Lambda(lambda x: x * 2, output_shape=(256, 256, 3)))
    with pytest.raises(ModelError) as raised:
        tried_here(path)
    assert "has a Lambda layer, which may run code of its own" in plain_sentence(raised)


@pytest.mark.parametrize(
    "part",
    [
        {"class_name": "TFSMLayer", "module": "keras.layers", "config": {"filepath": "elsewhere"}},
        {"class_name": "StringLookup", "module": "keras.layers", "config": {"vocabulary": "/etc/hostname"}},
        {"class_name": "Conv2D", "module": "os", "config": {}},
        {"class_name": "Conv2D", "module": "keras.layers", "config": {}, "registered_name": "somebody>Conv2D"},
        {"class_name": "function", "module": "os", "config": "system", "registered_name": "function"},
        {"class_name": "__lambda__", "config": {"value": "x"}},
        {"class_name": "get_file", "module": "keras.utils", "config": {}},
        {"class_name": ["Conv2D"], "module": {}, "config": {}},
    ],
    ids=str,
)
def test_layers_that_read_files_or_run_code_are_refused_wherever_they_stand(part: Any, tmp_path: Path) -> None:
    def change(config: Any) -> None:
        config["config"]["layers"][1]["config"]["activation"] = {"a": [part]}

    path = changed_config(keras_model(tmp_path / "m.keras"), change)
    with pytest.raises(ModelError) as raised:
        tried_here(path)
    plain_sentence(raised)


def test_what_only_training_needs_is_left_out(tmp_path: Path) -> None:
    def change(config: Any) -> None:
        config["compile_config"] = {"optimizer": {"class_name": "Evil", "module": "somewhere", "config": {}}}

    assert tried_here(changed_config(keras_model(tmp_path / "m.keras"), change)).facts.channels == 3


@pytest.mark.parametrize(
    "name", ["../outside.txt", "/outside.txt", "assets/vocabulary.txt", "model.weights.h5/x", "a\0b"]
)
def test_an_archive_with_other_files_is_refused(name: str, tmp_path: Path) -> None:
    path = changed_keras(keras_model(tmp_path / "m.keras"), lambda parts: parts.update({name: b"x"}))
    with pytest.raises(ModelError) as raised:
        tried_here(path)
    assert "holds more than a model's layers and weights" in plain_sentence(raised)
    assert [file.name for file in tmp_path.iterdir()] == ["m.keras"]


def test_an_archive_that_unpacks_to_far_more_is_refused_before_it_is_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = keras_model(tmp_path / "m.keras")
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (parts | {"config.json": b" " * (2**24 + 1)}).items():
            archive.writestr(name, content)
    assert path.stat().st_size < 2**17
    monkeypatch.setattr(zipfile.ZipFile, "read", lambda *_: pytest.fail("it was unpacked"))
    with pytest.raises(ModelError, match="unpacks to 17 MB"):
        tried_here(path)


@pytest.mark.parametrize("opening", ["[", '{"config":'])
def test_a_configuration_without_end_is_refused(opening: str, tmp_path: Path) -> None:
    deep = opening * 100_000
    path = changed_keras(keras_model(tmp_path / "m.keras"), lambda parts: parts.update({"config.json": deep.encode()}))
    with pytest.raises(ModelError) as raised:
        tried_here(path)
    plain_sentence(raised)
    nested: Any = 1
    for _ in range(300):
        nested = {"config": nested}
    path = changed_keras(path, lambda parts: parts.update({"config.json": json.dumps(nested).encode()}))
    with pytest.raises(ModelError, match="nested too deeply"):
        tried_here(path)


def test_weights_in_another_file_are_refused(tmp_path: Path) -> None:
    import h5py

    with h5py.File(tmp_path / "secret.h5", "w") as file:
        file["x"] = np.ones(3)
    with h5py.File(tmp_path / "weights.h5", "w") as file:
        file["layers"] = h5py.ExternalLink(str(tmp_path / "secret.h5"), "x")
    weights = (tmp_path / "weights.h5").read_bytes()
    path = changed_keras(keras_model(tmp_path / "m.keras"), lambda parts: parts.update({"model.weights.h5": weights}))
    with pytest.raises(ModelError, match="lie in another file"):
        tried_here(path)


def test_onnx_weights_in_another_file_are_refused(tmp_path: Path) -> None:
    from onnx import TensorProto

    def change(model: Any) -> None:
        model.graph.initializer[0].data_location = TensorProto.EXTERNAL
        entry = model.graph.initializer[0].external_data.add()
        entry.key, entry.value = "location", "../../secret"

    with pytest.raises(ModelError, match="lie in another file"):
        tried_here(onnx_model(tmp_path / "m.onnx", change=change))


def test_operators_of_a_library_are_refused(tmp_path: Path) -> None:
    from onnx import helper

    def change(model: Any) -> None:
        model.graph.node[0].domain = "somebody"
        model.opset_import.append(helper.make_opsetid("somebody", 1))

    with pytest.raises(ModelError, match='needs the operator "Conv" of a library'):
        tried_here(onnx_model(tmp_path / "m.onnx", change=change))


# --- what it takes and gives


@pytest.mark.parametrize(
    "change, said",
    [
        (lambda m: m.graph.input[0].type.tensor_type.shape.dim.pop(), "not batch, rows, columns and channels"),
        (lambda m: setattr(m.graph.input[0].type.tensor_type, "elem_type", 8), "cannot be opened"),
        (lambda m: m.graph.node[0].output.__setitem__(0, "other"), "cannot be opened"),
    ],
    ids=["rank", "text", "no output"],
)
def test_what_is_no_model_of_pictures_is_refused(change: Callable[[Any], None], said: str, tmp_path: Path) -> None:
    with pytest.raises(ModelError) as raised:
        tried_here(onnx_model(tmp_path / "m.onnx", change=change))
    assert plain_sentence(raised)


def test_values_that_are_no_numbers_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"no numbers \(NaN or infinity\)"):
        tried_here(onnx_model(tmp_path / "m.onnx", bias=BIAS * np.nan))


def test_other_channels_than_the_pictures_have_are_refused(tmp_path: Path) -> None:
    kernel = np.zeros((5, 3), np.float32)
    with pytest.raises(ModelError, match="that of the channels, 1 or 3"):
        tried_here(onnx_model(tmp_path / "m.onnx", kernel=kernel))
    assert tried_here(onnx_model(tmp_path / "m.onnx", kernel=np.zeros((1, 3), np.float32))).facts.channels == 1


def test_one_answer_for_a_whole_picture_is_refused(tmp_path: Path) -> None:
    from keras import layers

    flat = keras_model(tmp_path / "flat.keras", 64, ends=lambda x: layers.Dense(3)(layers.GlobalAveragePooling2D()(x)))
    with pytest.raises(ModelError, match="gives any × 3, not batch, rows, columns and channels"):
        tried_here(flat)
    small = keras_model(tmp_path / "small.keras", 64, ends=layers.Conv2D(3, 4, strides=4))
    with pytest.raises(ModelError, match="gave 1 × 16 × 16 × 3 for 64 × 64 pixels"):
        tried_here(small)


def test_another_number_of_classes_is_left_for_a_person_to_settle(tmp_path: Path) -> None:
    found = tried_here(onnx_model(tmp_path / "m.onnx", kernel=np.zeros((3, 2), np.float32), bias=np.zeros(2)))
    assert [(one.name, one.known) for one in found.channels] == [("0", False), ("1", False)]


def test_a_scale_is_named_taken_and_refused_where_it_makes_no_sense(tmp_path: Path) -> None:
    from keras import layers

    path = onnx_model(tmp_path / "m.onnx")
    assert tried_here(path, replace(WANTED, scale="imagenet")).facts.scale == "imagenet"
    grey = onnx_model(tmp_path / "grey.onnx", kernel=np.zeros((1, 3), np.float32))
    with pytest.raises(ModelError, match="that scale is for red, green and blue"):
        tried_here(grey, replace(WANTED, scale="imagenet"))
    scaling = keras_model(
        tmp_path / "m.keras", None, ends=lambda x: layers.Conv2D(3, 1)(layers.Rescaling(1 / 127.5, offset=-1)(x))
    )
    assert tried_here(scaling).facts.scale == "255"


@pytest.mark.parametrize("filters", [10**19, -1, 0, None, "many"])
def test_a_layer_of_a_size_that_cannot_be_is_refused(filters: Any, tmp_path: Path) -> None:
    def change(config: Any) -> None:
        config["config"]["layers"][1]["config"]["filters"] = filters

    with pytest.raises(ModelError) as raised:
        tried_here(changed_config(keras_model(tmp_path / "m.keras"), change))
    assert "cannot be opened" in plain_sentence(raised)


# --- in a process of its own


def test_a_model_that_asks_for_all_memory_takes_only_its_process_along(tmp_path: Path) -> None:
    from onnx import helper, numpy_helper

    def change(model: Any) -> None:  # (n, 3, h, w) -> the same, spread over 2^50 numbers, and summed up again
        model.graph.initializer.append(numpy_helper.from_array(np.array([2**50, 1, 1, 1, 1], np.int64), "wide"))
        model.graph.initializer.append(numpy_helper.from_array(np.array([0], np.int64), "axis"))
        model.graph.node[0].output[0] = "before"
        model.graph.node.append(helper.make_node("Expand", ["before", "wide"], ["spread"]))
        model.graph.node.append(helper.make_node("ReduceSum", ["spread", "axis"], ["logits"], keepdims=0))

    path = onnx_model(tmp_path / "m.onnx", change=change)
    with pytest.raises(ModelError) as raised:
        try_model(Trial("onnx", path, "m.onnx", WANTED, (str(picture_in(tmp_path)),)))
    plain_sentence(raised)


@pytest.mark.slow
@pytest.mark.skipif(os.environ.get("KERAS_BACKEND") == "jax", reason="JAX says what is wrong instead")
def test_a_model_that_crashes_takes_only_its_process_along(tmp_path: Path) -> None:
    def change(config: Any) -> None:
        config["config"]["layers"][1]["config"]["strides"] = [1, 10**12]  # the native runtime aborts

    path = changed_config(keras_model(tmp_path / "m.keras"), change)
    with pytest.raises(ModelError, match="crashed when it was tried"):
        try_model(Trial("keras", path, "m.keras", WANTED, (str(picture_in(tmp_path)),)))


def picture_in(folder: Path) -> Path:
    from PIL import Image

    Image.fromarray(scene(1)[0]).save(folder / "picture.png")
    return folder / "picture.png"


def test_a_model_that_takes_too_long_is_ended_and_so_is_one_that_is_stopped(tmp_path: Path) -> None:
    path = onnx_model(tmp_path / "m.onnx")
    trial = Trial("onnx", path, "m.onnx", WANTED, (str(picture_in(tmp_path)),))
    with pytest.raises(ModelError, match="did not answer within 0 seconds"):
        try_model(trial, patience_s=0)
    with pytest.raises(ModelError, match="stopped"):
        try_model(trial, stop=lambda: True)


# --- what is handed over


@pytest.fixture
def project(tmp_path: Path) -> Any:
    with project_of_scenes(tmp_path) as opened:
        yield opened


@pytest.mark.parametrize("name", ["m.h5", "m.pkl", "m.pb", "missing.onnx", "."])
def test_other_files_are_no_models(name: str, tmp_path: Path) -> None:
    for file in ("m.h5", "m.pkl", "m.pb"):
        (tmp_path / file).write_bytes(b"x")
    with pytest.raises(ModelError) as raised:
        find_model(tmp_path / name)
    plain_sentence(raised)


def test_a_project_without_pictures_says_so(tmp_path: Path) -> None:
    with Project.create(tmp_path / "empty.maskwright", CLASSES) as empty, pytest.raises(ModelError, match="Add one"):
        check_model(empty, find_model(onnx_model(tmp_path / "m.onnx")))


def test_without_onnxruntime_a_sentence_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.foreign.onnx_file.find_spec", lambda name: None if name == "onnxruntime" else object())
    with pytest.raises(ModelError, match="this needs onnxruntime"):
        tried_here(onnx_model(tmp_path / "m.onnx"))


def test_a_run_of_a_project_that_somebody_sent_is_looked_through_again(tmp_path: Path) -> None:
    found = tried_here(onnx_model(tmp_path / "m.onnx"))
    data = (tmp_path / "m.onnx").read_bytes()
    facts = found.facts.to_mapping() | {"format": "keras", "sha256": hashlib.sha256(data).hexdigest()}
    settings = {IMPORTED: facts}
    with pytest.raises(MaskwrightError, match="is no Keras 3 file"):
        predictor_from(TrainedModel(1, settings, CLASSES, data))
    with pytest.raises(MaskwrightError, match="is not in the project as it was imported"):
        predictor_from(TrainedModel(1, settings, CLASSES, data + b" "))
    for wrong in ({"to": None}, {"channels": -1}, {"more": 1}, {"scale": "2"}):
        with pytest.raises(MaskwrightError):
            predictor_from(TrainedModel(1, {IMPORTED: found.facts.to_mapping() | wrong}, CLASSES, b""))
    with pytest.raises(MaskwrightError, match="a model from elsewhere: it predicts, but cannot be trained"):
        network_from(TrainedModel(1, settings, CLASSES, b""))


def test_only_layers_that_keras_has_are_known() -> None:
    from keras import layers

    gone = [name for name in keras_file.LAYERS - {"Functional", "Sequential", "Model"} if not hasattr(layers, name)]
    assert gone == []
    assert not keras_file.LAYERS & {"Lambda", "TFSMLayer", "TorchModuleWrapper", "JaxLayer", "StringLookup"}
