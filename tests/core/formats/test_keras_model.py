import json
from pathlib import Path

import numpy as np
import pytest

from core.errors import ExportError
from core.formats import keras_model
from core.formats.keras_model import export_keras
from core.prediction.inference import predict_image
from core.training.encoder import EncoderShape
from core.training.heads import HEADS, head_named
from core.training.inputs import Inputs, Picture
from core.training.messages import TrainedModel
from core.training.network import Network, network_from, new_network, pack_weights
from core.training.settings import TrainingSettings
from core.training.unet import SHAPES, Shape
from tests.core.training.scenes import CLASSES, scene

INPUTS = [Inputs(3), Inputs(3, rows=True), Inputs(1), Inputs(1, low=0.01, high=0.2, bits=16), Inputs(6)]


def stored(inputs: Inputs, head: str = "softmax", shape: Shape = SHAPES["tiny"]) -> TrainedModel:
    import keras

    keras.utils.set_random_seed(0)
    network = new_network(shape, inputs, head_named(head), CLASSES)
    rng = np.random.default_rng(0)
    weights = [w + rng.normal(0, 0.2, w.shape).astype(np.float32) ** 2 for w in network.model.get_weights()]
    settings = TrainingSettings(network="tiny", head=head).to_mapping() | network.to_mapping()
    return TrainedModel(4, settings, CLASSES, pack_weights(weights))


@pytest.mark.parametrize("inputs", INPUTS, ids=["colour", "rows", "grey", "16 bit", "bands"])
def test_the_file_predicts_what_the_app_predicts(inputs: Inputs, tmp_path: Path) -> None:
    import keras

    model = stored(inputs)
    path = export_keras(model, tmp_path / "out")
    picture: Picture = scene(1)[0][..., np.arange(inputs.channels) % 3]
    if inputs.bits == 16:
        picture = picture.astype(np.uint16) * np.uint16(40)
    likely = keras.models.load_model(path).predict(picture[None], verbose=0)[0]
    class_map, confidence = predict_image(network_from(model), picture)
    np.testing.assert_array_equal(likely.argmax(-1), class_map)
    np.testing.assert_allclose(likely.max(-1) * 255, confidence, atol=0.6)


@pytest.mark.parametrize("head", HEADS)
def test_every_head_can_be_exported(head: str, tmp_path: Path) -> None:
    export_keras(stored(Inputs(3), head), tmp_path)


def test_a_network_with_an_encoder_can_be_exported(tmp_path: Path) -> None:
    shape = EncoderShape((8, 8, 8, 8), alpha=0.35)
    export_keras(stored(Inputs(3, rows=True), shape=shape), tmp_path)  # loads the file in safe mode and compares
    assert json.loads((tmp_path / "preprocessing.json").read_text())["multiple"] == 32


def test_classes_and_preprocessing_lie_beside_the_model(tmp_path: Path) -> None:
    export_keras(stored(Inputs(3)), tmp_path, name="Ponds")
    assert json.loads((tmp_path / "classes.json").read_text())[1] == {"id": 1, "name": "water", "color": "#0072b2"}
    assert json.loads((tmp_path / "preprocessing.json").read_text())["multiple"] == SHAPES["tiny"].multiple
    assert (tmp_path / "README.txt").read_text().startswith("Ponds: a model trained in Maskwright, run 4.")
    assert sorted(f.name for f in tmp_path.iterdir()) == [
        "README.txt",
        "classes.json",
        "model.keras",
        "preprocessing.json",
    ]


def test_the_code_in_the_readme_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from PIL import Image

    model = stored(Inputs(3, rows=True))
    export_keras(model, tmp_path)
    picture = scene(2, 90, 101)[0]
    Image.fromarray(picture).save(tmp_path / "picture.png")
    text = (tmp_path / "README.txt").read_text()
    code = "\n".join(line[4:] for line in text.splitlines() if line.startswith("    "))
    monkeypatch.chdir(tmp_path)
    names: dict[str, np.ndarray] = {}
    exec(code, names)
    np.testing.assert_array_equal(names["class_map"], predict_image(network_from(model), picture)[0])


def test_a_file_that_predicts_otherwise_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "model.keras").write_text("the last good one")
    honest = keras_model.portable_model

    def wrong(network: Network) -> object:
        import keras

        made = honest(network)
        return keras.Model(made.input, made.output * 0.9)

    monkeypatch.setattr(keras_model, "portable_model", wrong)
    with pytest.raises(ExportError, match="does not repeat"):
        export_keras(stored(Inputs(3)), tmp_path)
    assert (tmp_path / "model.keras").read_text() == "the last good one"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_folder_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ExportError, match="Choose another folder"):
        export_keras(stored(Inputs(3)), tmp_path / "file")
