"""What a way for models to leave a project is made of."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from core.training.network import Network

Run = Callable[[dict[str, Any]], Any]
"""From arrays by the name of the input to probabilities (N, h, w, classes) float32."""
Examples = Callable[[], Iterator[dict[str, Any]]]
"""Gives inputs by their names, a batch of one each: parts of the project's pictures, for what is fitted to them."""


@dataclass(frozen=True, slots=True)
class ModelFormat:
    name: str
    """On the command line."""
    words: str
    """What it is, for a person."""
    file: str
    """What it writes into the folder: a file, or a folder with several."""
    packages: tuple[str, ...]
    """What runs it, as pip knows it."""
    modules: tuple[str, ...]
    """What has to be installed to write it and to check it, as Python imports it."""
    write: Callable[[Network, Path, Examples], None]
    """Writes the network to a path that ends in `file`."""
    open_model: Callable[[Path], Run]
    """Its source goes into predict.py: it stands alone, and imports inside."""
    exact: bool = True
    """Whether it gives the app's own probabilities; else it is measured how far its classes are the same."""

    def lacking(self) -> str:
        """A sentence that says how to get what it needs and this computer lacks; empty where nothing is."""
        missing = [name for name in self.modules if find_spec(name) is None]
        if missing:
            return (
                f"To write {self.name} models, this needs {' and '.join(missing)}. "
                'Install Maskwright with what exports need: uv tool install ".[export]".'
            )
        backend = os.environ.get("KERAS_BACKEND", "tensorflow")
        if "tensorflow" in self.modules and backend != "tensorflow":
            return f"Only TensorFlow writes {self.name} models. Start Maskwright without KERAS_BACKEND={backend}."
        return ""
