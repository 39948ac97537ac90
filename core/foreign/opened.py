"""A model file from elsewhere, opened: what goes in, what comes out, and how it is run."""

from dataclasses import dataclass

from core.errors import ModelError
from core.foreign.network import Run
from core.training.sizes import out_of_memory

MOST_BYTES = 2**29
"""Of a model file, so that a project can keep it."""
SUFFIXES = {".keras": "keras", ".onnx": "onnx"}
"""Formats by how a file's name ends."""


@dataclass(frozen=True, slots=True)
class Port:
    """One of a model's inputs or outputs."""

    name: str
    shape: tuple[int | None, ...] | None
    """None for what is free; None for all of it where not even the number of axes is known."""
    dtype: str


@dataclass(frozen=True, slots=True)
class Opened:
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    run: Run
    scales_itself: bool = False
    """Whether it begins with values from 0 to 255, as far as its layers tell."""


def open_foreign(format: str, data: bytes, name: str) -> Opened:
    """Open a model of a stranger; whatever is in the file, nothing else is read, and no code of its own is run.

    Args:
        format: "keras" or "onnx".
        name: the file's, for sentences.

    Raises:
        ModelError: it is damaged, wants more than the layers that are known, or something that it needs is missing.
        MemoryError: it is too large.
    """
    from core.foreign import keras_file, onnx_file

    try:
        return keras_file.open_file(data, name) if format == "keras" else onnx_file.open_file(data, name)
    except (ModelError, MemoryError):
        raise
    except Exception as error:  # a damaged file makes these libraries fail in any way
        if out_of_memory(error):
            raise MemoryError from None
        raise ModelError(f"{name} cannot be opened: {first_line(error)} Export it again from its program.") from None


def first_line(error: Exception) -> str:
    """What a library has to say, short enough for a sentence."""
    text = " ".join(str(error).split()) or type(error).__name__
    plain = "".join(c if c.isprintable() else "?" for c in text)
    return f"{plain[:160]}…" if len(plain) > 160 else plain if plain.endswith(".") else f"{plain}."
