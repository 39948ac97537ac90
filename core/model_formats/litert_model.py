"""Models for LiteRT, once called TensorFlow Lite, which runs on phones and small boards: https://ai.google.dev/edge"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.model_formats.model_format import Examples, ModelFormat
from core.model_formats.portable import portable_model
from core.training.network import Network


def _write(network: Network, path: Path, _: Examples) -> None:
    portable_model(network).export(path, format="litert", verbose=False)


def open_model(path: Path) -> Callable[[dict[str, Any]], Any]:
    """From arrays by the name of the input to probabilities (1, rows, columns, classes)."""
    from ai_edge_litert.interpreter import Interpreter

    runner = Interpreter(str(path)).get_signature_runner("serving_default")

    def run(inputs: dict[str, Any]) -> Any:
        return next(iter(runner(**inputs).values()))

    return run


LITERT = ModelFormat(
    name="litert",
    words="a .tflite file for phones and small boards",
    file="model.tflite",
    packages=("ai-edge-litert",),
    modules=("tensorflow", "ai_edge_litert"),
    write=_write,
    open_model=open_model,
)
