"""Models as a Keras file. https://keras.io/guides/serialization_and_saving/"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.model_formats.model_format import Examples, ModelFormat
from core.model_formats.portable import portable_model
from core.training.network import Network


def _write(network: Network, path: Path, _: Examples) -> None:
    portable_model(network).save(path)


def open_model(path: Path) -> Callable[[dict[str, Any]], Any]:
    """From arrays by the name of the input to probabilities (1, rows, columns, classes)."""
    import keras

    model = keras.models.load_model(path, compile=False, safe_mode=True)

    def run(inputs: dict[str, Any]) -> Any:
        return keras.ops.convert_to_numpy(model([inputs[each.name] for each in model.inputs], training=False))

    return run


KERAS = ModelFormat(
    name="keras",
    words="a file for Keras 3, on any of its backends",
    file="model.keras",
    packages=("keras>=3.15.1", "tensorflow"),
    modules=(),
    write=_write,
    open_model=open_model,
)
