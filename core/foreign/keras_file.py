"""Keras files of strangers: looked through before Keras sees them, and then loaded in its safe mode.

Such a file is a zip archive: https://keras.io/api/models/model_saving_apis/
"""

import io
import json
import tempfile
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import ModelError
from core.foreign.opened import Opened, Port

CONFIG, METADATA, WEIGHTS = "config.json", "metadata.json", "model.weights.h5"
MOST_CONFIG, MOST_WEIGHTS = 2**24, 2**30
"""Bytes, unpacked."""
MOST_DEEP = 100
"""A model within a model within a model takes some ten levels each."""

_LAYERS = """
    Functional Sequential Model InputLayer Identity
    Conv1D Conv2D Conv2DTranspose DepthwiseConv2D SeparableConv2D Dense EinsumDense Embedding
    Activation ReLU LeakyReLU PReLU ELU Softmax
    BatchNormalization LayerNormalization GroupNormalization UnitNormalization RMSNormalization SpectralNormalization
    Dropout SpatialDropout2D AlphaDropout GaussianDropout GaussianNoise
    MaxPooling2D AveragePooling2D GlobalMaxPooling2D GlobalAveragePooling2D AdaptiveAveragePooling2D
    UpSampling2D ZeroPadding2D Cropping2D CenterCrop Resizing Rescaling Normalization
    Reshape Flatten Permute RepeatVector Add Subtract Multiply Average Maximum Minimum Concatenate Dot
    Attention AdditiveAttention MultiHeadAttention GroupQueryAttention
"""
LAYERS = frozenset(_LAYERS.split())
"""Keras's layers that a model of pictures is made of; what reads files or runs code is not among them."""
LAYER_MODULES = frozenset({"keras", "keras.layers", "keras.models", "keras.src.models.functional"})
OTHER_MODULES = frozenset(
    {f"keras.{name}" for name in ("initializers", "regularizers", "constraints", "dtype_policies", "activations")}
    | {f"keras.src.ops.{name}" for name in ("core", "image", "linalg", "math", "nn", "numpy")}
)
VALUES = frozenset({"__keras_tensor__", "__tensor__", "__numpy__", "__ellipsis__", "__slice__"})
OURS = frozenset({"maskwright>DepthSoftmax"})
"""Layers that this program registers with Keras."""


def open_file(data: bytes, name: str) -> Opened:
    """See open_foreign."""
    clean = looked_through(data, name)
    from core.training.quiet import load_keras

    load_keras()
    import keras

    from core.training.heads import depth_softmax

    depth_softmax()
    with tempfile.TemporaryDirectory(prefix="maskwright-") as room:
        path = Path(room) / "model.keras"
        path.write_bytes(clean)
        model = keras.models.load_model(path, compile=False, safe_mode=True)
    inputs, outputs = (
        tuple(Port(each.name, tuple(each.shape), str(each.dtype)) for each in ends)
        for ends in (model.inputs, model.outputs)
    )

    taken = model.inputs[0] if isinstance(model, keras.Sequential) else model.input

    def run(given: dict[str, Any]) -> Any:
        out = model(keras.tree.map_structure(lambda port: given[port.name], taken), training=False)
        return keras.ops.convert_to_numpy(out[0] if isinstance(out, list | tuple) else out)

    return Opened(inputs, outputs, run, _rescales(model))


def _rescales(model: Any) -> bool:
    """Whether it brings values from 0 to 255 to its own scale."""
    return any(
        type(layer).__name__ == "Rescaling" and np.all(np.abs(np.asarray(layer.scale)) < 0.02)
        for layer in model._flatten_layers()
    )


def looked_through(data: bytes, name: str) -> bytes:
    """The same model with nothing but configuration and weights in its archive.

    Raises:
        ModelError: it is no such archive, too large, or names what is not known to be harmless.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _check_names(archive, name)
            config = archive.read(CONFIG)
            weights = archive.read(WEIGHTS)
            about = archive.read(METADATA)
    except (zipfile.BadZipFile, KeyError, OSError, EOFError, ValueError, RuntimeError, NotImplementedError, zlib.error):
        raise ModelError(f"{name} is no Keras 3 file, or is damaged. Save the model again as .keras.") from None
    plain = json.dumps(_checked(_parsed(config, name), name)).encode()
    _check_weights(weights, name)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for file, content in ((METADATA, about), (CONFIG, plain), (WEIGHTS, weights)):
            archive.writestr(file, content)
    return buffer.getvalue()


def _check_names(archive: zipfile.ZipFile, name: str) -> None:
    sizes = {CONFIG: MOST_CONFIG, METADATA: 2**16, WEIGHTS: MOST_WEIGHTS}
    seen = set()
    for entry in archive.infolist():
        known = entry.filename in sizes or entry.filename in ("assets/", "assets")
        if not known or entry.filename in seen:
            raise ModelError(
                f"{name} holds more than a model's layers and weights ({_shown(entry.filename)}). "
                "It is not imported: save it again with Keras 3."
            )
        seen.add(entry.filename)
        if entry.file_size > sizes.get(entry.filename, 0):
            raise ModelError(f"{name} unpacks to {entry.file_size / 1e6:,.0f} MB, more than is taken. Save it smaller.")


def _parsed(config: bytes, name: str) -> Any:
    try:
        return json.loads(config)
    except RecursionError:
        raise ModelError(f"{name} is nested too deeply to be a model. Save it again with Keras 3.") from None
    except ValueError:
        raise ModelError(f"The configuration in {name} is damaged. Save the model again as .keras.") from None


def _checked(config: Any, name: str) -> Any:
    """The configuration without what only training needs; ModelError where it names anything that is not known."""
    waiting = [(config, 0)]
    while waiting:
        value, depth = waiting.pop()
        if depth > MOST_DEEP:
            raise ModelError(f"{name} is nested too deeply to be a model. Save it again with Keras 3.")
        if isinstance(value, dict):
            value.pop("compile_config", None)
            if "class_name" in value:
                _check_class(value, name)
            waiting += [(part, depth + 1) for part in value.values()]
        elif isinstance(value, list):
            waiting += [(part, depth + 1) for part in value]
    if not isinstance(config, dict) or config.get("class_name") not in ("Functional", "Sequential", "Model"):
        raise ModelError(
            f"{name} is a model whose layers cannot be told: it has code of its own. Build it with Keras's functional "
            "API, or export it as ONNX."
        )
    return config


def _check_class(value: dict[str, Any], name: str) -> None:
    kind, module, registered = (value.get(key) for key in ("class_name", "module", "registered_name"))
    if not all(part is None or isinstance(part, str) for part in (kind, module, registered)):
        raise ModelError(f"The configuration in {name} is damaged. Save the model again as .keras.")
    known = registered is None or registered == kind
    if (
        registered in OURS
        or (kind in VALUES and module is None)
        or (known and module in OTHER_MODULES)
        or (known and module in LAYER_MODULES and kind in (LAYERS | {"DTypePolicy"}))
        or (kind == "function" and module == "builtins" and _is_activation(value.get("config")))
    ):
        return
    what = f"a {kind} layer" if kind == "Lambda" else f'"{_shown(str(kind))}"'
    raise ModelError(
        f"{name} has {what}, which may run code of its own, so it is not imported. Build it of Keras's own layers, or "
        "export it as ONNX."
    )


def _is_activation(name: Any) -> bool:
    return name in (
        "relu",
        "relu6",
        "leaky_relu",
        "elu",
        "gelu",
        "silu",
        "swish",
        "softmax",
        "sigmoid",
        "tanh",
        "linear",
    )


def _check_weights(weights: bytes, name: str) -> None:
    """Nothing in the HDF5 file may lie elsewhere, or unpack to much more than the file holds."""
    import h5py

    total = 0

    def look(group: Any) -> int:
        found = 0
        for key in group:
            link = group.get(key, getlink=True)
            if not isinstance(link, h5py.HardLink):
                raise ModelError(f"The weights of {name} lie in another file. Save it as one file.")
            part = group[key]
            if isinstance(part, h5py.Group):
                found += look(part)
            elif part.external or part.is_virtual:
                raise ModelError(f"The weights of {name} lie in another file. Save it as one file.")
            else:
                found += part.nbytes
        return found

    with h5py.File(io.BytesIO(weights), "r") as file:
        total = look(file)
    if total > MOST_WEIGHTS:
        raise ModelError(f"The weights of {name} unpack to {total / 1e6:,.0f} MB, more than is taken.")


def _shown(text: str) -> str:
    plain = "".join(c if c.isprintable() else "?" for c in text)
    return plain if len(plain) <= 60 else f"{plain[:57]}…"
