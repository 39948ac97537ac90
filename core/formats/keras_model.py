"""A trained network as a Keras file that others can run, checked before it is handed over."""

import json
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from core.errors import ExportError
from core.prediction.inference import probabilities
from core.training.inputs import Inputs, Picture
from core.training.messages import TrainedModel
from core.training.network import Network, network_from

if TYPE_CHECKING:
    import keras

TOLERANCE = 1e-4
"""How far the exported file's probabilities may be from the app's own."""

README = """\
{name}: a model trained in Maskwright, run {run}.

model.keras          the network, for Keras 3.15 or later
classes.json         its classes: id, name, colour
preprocessing.json   what goes in and what comes out, for programs

What goes in: (batch, height, width, {channels}) {dtype}, {content}, values 0 to {top}.
Scaling to the range the network was trained on happens inside the model.
Height and width must be multiples of {multiple}: repeat the last row and column until they are, and cut the result
back to the picture's size.

What comes out: (batch, height, width, {classes}) float32, the probability of each class in the order of classes.json.

    import keras, numpy as np
    {library}

    model = keras.models.load_model("model.keras")
    picture = {reading}  # (height, width, {channels})
    height, width = picture.shape[:2]
    padded = np.pad(picture, ((0, -height % {multiple}), (0, -width % {multiple}), (0, 0)), mode="edge")
    class_map = model.predict(padded[None])[0, :height, :width].argmax(-1)
"""


def export_keras(trained: TrainedModel, folder: Path, *, name: str = "model") -> Path:
    """Write model.keras, classes.json, preprocessing.json and README.txt into `folder`, all of them or none.

    The file is loaded again, in Keras's safe mode, and must give the app's own probabilities to 1e-4.

    Returns:
        The path of model.keras.

    Raises:
        ExportError: the folder cannot be written, or the check failed; the folder is then as it was.
        TrainingError: the run cannot be rebuilt.
    """
    network = network_from(trained)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".export-", dir=folder) as beside:
            _write(network, trained, Path(beside), name)
            _check(network, Path(beside) / "model.keras")
            for file in sorted(Path(beside).iterdir()):
                shutil.move(file, folder / file.name)
    except OSError as error:
        raise ExportError(
            f"The model could not be written to {folder}: {error.strerror}. Choose another folder."
        ) from None
    return folder / "model.keras"


def portable_model(network: Network) -> "keras.Model":
    """From pixels as they are in a file to class probabilities, made of built-in operations only."""
    import keras
    from keras import layers, ops

    inputs, shape = network.inputs, (None, None, network.inputs.channels)
    pixels = keras.Input(shape, dtype="uint8" if inputs.bits == 8 else "uint16", name="pixels")
    gain, offset = inputs.gain_and_offset(2**inputs.bits - 1)
    x = layers.Rescaling(gain, offset, dtype="float32")(pixels)
    if inputs.rows:
        ones = ops.ones_like(x[..., :1])
        below = ops.cumsum(ones, axis=1)  # 1 in the first row, H in the last
        height = ops.max(below, axis=(1, 2), keepdims=True)
        x = ops.concatenate([x, (below - 0.5) * 2 / height - 1], axis=-1)
    return keras.Model(pixels, network.head.probabilities(network.model(x)), name="maskwright")


def _write(network: Network, trained: TrainedModel, folder: Path, name: str) -> None:
    portable_model(network).save(folder / "model.keras")
    classes = [{"id": c.id, "name": c.name, "color": c.color} for c in trained.classes]
    (folder / "classes.json").write_text(json.dumps(classes, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    facts = _preprocessing(network)
    (folder / "preprocessing.json").write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")
    library, reading = _reading(network.inputs)
    text = README.format(
        name=name,
        run=trained.run_id,
        content=_content(network.inputs.channels),
        library=library,
        reading=reading,
        top=2**network.inputs.bits - 1,
        classes=len(classes),
        **{key: facts[key] for key in ("channels", "dtype", "multiple")},
    )
    (folder / "README.txt").write_text(text, encoding="utf-8")


def _content(channels: int) -> str:
    return {1: "grey", 3: "red, green, blue"}.get(channels, "channels in the order of the file")


def _reading(inputs: Inputs) -> tuple[str, str]:
    """The import and the expression that read a picture."""
    if inputs.channels not in (1, 3):
        return "import tifffile", 'tifffile.imread("picture.tif")'
    mode = "RGB" if inputs.channels == 3 else "L"
    convert = "" if inputs.bits == 16 else f'.convert("{mode}")'
    index = "" if inputs.channels == 3 else "[..., None]"
    return "from PIL import Image", f'np.array(Image.open("picture.png"){convert}){index}'


def _preprocessing(network: Network) -> dict[str, Any]:
    inputs = network.inputs
    return {
        "channels": inputs.channels,
        "dtype": "uint8" if inputs.bits == 8 else "uint16",
        "order": {1: "grey", 3: "RGB"}.get(inputs.channels, "as in the file"),
        "scaling": "inside the model",
        "multiple": network.shape.multiple,
        "padding": "repeat the last row and column",
        "output": "class probabilities (batch, height, width, classes), float32",
    }


def _check(network: Network, file: Path) -> None:
    """Run the written file and the app's own network on the same pixels."""
    import keras

    loaded = keras.models.load_model(file, compile=False, safe_mode=True)
    bits, side = network.inputs.bits, 4 * network.shape.multiple
    pixels = np.random.default_rng(0).integers(0, 2**bits, (side, side, network.inputs.channels))
    picture: Picture = pixels.astype(np.uint8) if bits == 8 else pixels.astype(np.uint16)
    theirs = np.asarray(loaded(picture[None]))[0]
    for tile, ours in probabilities(network, picture):
        difference = float(np.abs(theirs[tile.inner.slices] - ours).max())
        if not difference <= TOLERANCE:
            raise ExportError(
                f"The written model does not repeat the app's own prediction (off by {difference:.2g}), "
                "so it was not kept. Export again, and report this if it stays."
            )
