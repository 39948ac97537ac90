"""Models as TensorFlow's SavedModel. https://www.tensorflow.org/guide/saved_model"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.model_formats.model_format import Examples, ModelFormat
from core.model_formats.portable import portable_model
from core.training.network import Network


def _write(network: Network, path: Path, _: Examples) -> None:
    portable_model(network).export(path, format="tf_saved_model", verbose=False)


def open_model(path: Path) -> Callable[[dict[str, Any]], Any]:
    """From arrays by the name of the input to probabilities (1, rows, columns, classes)."""
    import tensorflow as tf

    loaded = tf.saved_model.load(str(path))

    def run(inputs: dict[str, Any]) -> Any:
        found = loaded.signatures["serving_default"](**{name: tf.constant(value) for name, value in inputs.items()})
        return next(iter(found.values())).numpy()

    return run


SAVED_MODEL = ModelFormat(
    name="savedmodel",
    words="a folder for TensorFlow and TensorFlow Serving",
    file="saved_model",
    packages=("tensorflow",),
    modules=("tensorflow",),
    write=_write,
    open_model=open_model,
)
