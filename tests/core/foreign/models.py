"""Models that other programs could have made: small ones, whose answer is known."""

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from core.project import Project
from tests.core.training.scenes import CLASSES, COLORS, scene

SHARES = (COLORS / 255).astype(np.float32)
"""(classes, 3) what each class looks like."""
KERNEL, BIAS = 20 * SHARES.T, -10 * (SHARES**2).sum(axis=1) + np.array([0, 5e-5, 1e-4], np.float32)
"""Of a convolution of one pixel on values from 0 to 1: its logits are highest for the colour that is nearest,
and no colour of 8 bits is as near to two."""


def project_of_scenes(folder: Path, count: int = 1, height: int = 96, width: int = 120) -> Project:
    project = Project.create(folder / "ponds.maskwright", CLASSES)
    for seed in range(1, count + 1):
        Image.fromarray(scene(seed, height, width)[0]).save(folder / f"scene{seed}.png")
        project.add_image(folder / f"scene{seed}.png")
    return project


def nearest_class(picture: Any) -> Any:
    """(h, w) class ids, as the models here tell them."""
    return (picture.astype(np.float32) / 255 @ KERNEL + BIAS).argmax(axis=-1)


def keras_model(
    path: Path, size: int | None = 256, *, ends: Callable[[Any], Any] | None = None, channels: int = 3
) -> Path:
    """Numbers from 0 to 1 in, channels last, softmax out, and of one size, as much of what is about."""
    import keras
    from keras import layers

    pixels = keras.Input((size, size, channels))
    if ends is None:
        logits = layers.Conv2D(len(CLASSES), 1, name="logits")(pixels)
        model = keras.Model(pixels, layers.Softmax()(logits))
        model.get_layer("logits").set_weights([KERNEL[None, None], BIAS])
    else:
        model = keras.Model(pixels, ends(pixels))
    model.save(path)
    return path


def onnx_model(
    path: Path,
    *,
    size: int | str = "side",
    bias: Any = BIAS,
    kernel: Any = KERNEL,
    change: Callable[[Any], None] = lambda model: None,
) -> Path:
    """Numbers from 0 to 1 in, channels first, logits out."""
    from onnx import TensorProto, helper, numpy_helper

    weights = [
        numpy_helper.from_array(np.ascontiguousarray(kernel.T[:, :, None, None], np.float32), "kernel"),
        numpy_helper.from_array(np.asarray(bias, np.float32), "bias"),
    ]
    graph = helper.make_graph(
        [helper.make_node("Conv", ["image", "kernel", "bias"], ["logits"])],
        "elsewhere",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["n", kernel.shape[0], size, size])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["n", kernel.shape[1], size, size])],
        weights,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    change(model)
    path.write_bytes(model.SerializeToString())
    return path


def changed_keras(path: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    """The file with other contents in its archive."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    change(parts)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    path.write_bytes(buffer.getvalue())
    return path


def changed_config(path: Path, change: Callable[[Any], None]) -> Path:
    def in_config(parts: dict[str, bytes]) -> None:
        config = json.loads(parts["config.json"])
        change(config)
        parts["config.json"] = json.dumps(config).encode()

    return changed_keras(path, in_config)
