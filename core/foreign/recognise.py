"""What a model from elsewhere takes and gives: told by its inputs and outputs, and by running it once on a picture."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from core.classes import UNLABELED, LabelClass
from core.errors import ImageError, ModelError, TrainingError
from core.foreign.facts import SCALES, Facts
from core.foreign.network import taken
from core.foreign.opened import Opened, Port, first_line
from core.formats.class_table import ClassFound, ClassTable
from core.masks.rect import Rect
from core.prediction.tiling import cut_out
from core.training.inputs import Picture
from core.training.sizes import out_of_memory

TYPES = ("uint8", "uint16", "float32")
MULTIPLES = (32, 64, 128, 256)
"""Of which height and width are tried, where they are free."""
TRIED = (160, 224)
"""Height and width of the picture that a model is tried on, at least: unequal, so that axes are told apart."""
LARGEST = 4096
"""Pixels a side that a model may insist on."""
NEAR = 1e-2
"""How far from 1 probabilities may sum to: some models are rounded."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person and a project say of a model."""

    classes: tuple[LabelClass, ...]
    table: ClassTable
    """What becomes of its channels."""
    table_given: bool
    channels: int
    """Of the project's pictures."""
    scale: str = ""
    """One of SCALES; empty: found out."""
    names: tuple[str, ...] = ()
    """What its channels are called, where that is known."""
    halo: int | None = None
    multiple: int = 0
    """As the program tells that made it; 0 if nobody does."""


@dataclass(frozen=True, slots=True)
class Recognised:
    facts: Facts
    channels: tuple[ClassFound, ...]
    """What comes out, channel by channel, and what becomes of it; pixels are those of the picture it was tried on."""
    notes: tuple[str, ...]
    """Sentences on what was taken to be so."""


def recognise(opened: Opened, format: str, file: str, wanted: Wanted, picture: Picture) -> Recognised:
    """Find out how a model is used.

    Raises:
        ModelError: it cannot be used for these classes and pictures; the sentence says why.
    """
    facts, notes = _input_facts(opened, format, file, wanted)
    _check_output(opened, file)
    facts, given = _tried(opened, facts, wanted, picture)
    softmax, how = _kind_of_values(given)
    won = np.bincount(given.argmax(axis=-1).ravel(), minlength=given.shape[-1])
    return Recognised(replace(facts, softmax=softmax), _channels(won.tolist(), wanted), (*notes, *how))


def _input_facts(opened: Opened, format: str, file: str, wanted: Wanted) -> tuple[Facts, list[str]]:
    places = [port for port in opened.inputs if port.name == "place" and port.shape in ((None, 2), (1, 2))]
    pictures = [port for port in opened.inputs if port not in places]
    if len(pictures) != 1:
        names = ", ".join(port.name for port in opened.inputs) or "nothing"
        raise ModelError(f"{file} takes {names}; what can be used takes one picture. Export it with that input alone.")
    port = pictures[0]
    if port.dtype not in TYPES:
        raise ModelError(f"{file} takes values of {port.dtype}; what can be used takes {', '.join(TYPES)}.")
    shape = _four(port, file, "takes")
    if shape[0] not in (None, 1):
        raise ModelError(f"{file} takes {shape[0]} pictures at once. Export it for one, or for any number.")
    usable = sorted({1, 3, wanted.channels})
    axis = next((a for a in (3, 1) if shape[a] in usable), None)
    if axis is None:
        raise ModelError(
            f"{file} takes {_told(shape)}; its second number or its last is to be that of the channels, "
            f"{' or '.join(map(str, usable))}. Export it for pictures like those of the project."
        )
    height, width = (shape[1:3] if axis == 3 else shape[2:4]) or (None, None)
    if max(height or 0, width or 0) > LARGEST:
        raise ModelError(f"{file} takes pictures of {height} × {width} pixels, more than {LARGEST} a side.")
    channels = shape[axis]
    assert channels is not None
    scale, notes = _scale(opened, port, channels, file, wanted)
    if height or width:
        notes.append(f"It takes {width or 'any'} × {height or 'any'} pixels, so larger pictures are cut into tiles.")
    facts = Facts(
        format=format,
        file=file,
        pixels=port.name,
        dtype=port.dtype,
        channels=channels,
        to=(UNLABELED,),
        scale=scale,
        channels_first=axis == 1,
        height=height or 0,
        width=width or 0,
        halo=wanted.halo,
        place=places[0].name if places else "",
    )
    return facts, notes


def _scale(opened: Opened, port: Port, channels: int, file: str, wanted: Wanted) -> tuple[str, list[str]]:
    if port.dtype != "float32":
        if wanted.scale:
            raise ModelError(f"{file} takes {port.dtype}, as pixels are in a file: leave the scale out.")
        return "", []
    scale = wanted.scale or ("255" if opened.scales_itself else "1")
    if len(SCALES[scale].mean) not in (1, channels):
        raise ModelError(f"{file} takes {channels} channels, but that scale is for red, green and blue.")
    how = "" if wanted.scale else " If it predicts nonsense, try another scale."
    return scale, [f"Pixels go in as numbers, {SCALES[scale].words}.{how}"]


def _four(port: Port, file: str, verb: str) -> tuple[int | None, ...]:
    if port.shape is None or len(port.shape) != 4:
        raise ModelError(
            f"{file} {verb} {'something' if port.shape is None else _told(port.shape)}, not batch, rows, columns and "
            "channels. It is to tell the class of every pixel: export such a model."
        )
    return port.shape


def _check_output(opened: Opened, file: str) -> None:
    if len(opened.outputs) != 1:
        raise ModelError(f"{file} gives {len(opened.outputs)} things, not one. Export it with its classes alone.")
    port = opened.outputs[0]
    if port.shape is not None:
        _four(port, file, "gives")


def _tried(opened: Opened, facts: Facts, wanted: Wanted, picture: Picture) -> tuple[Facts, npt.NDArray[np.float32]]:
    """The facts with what a run told, and what came out, (h, w, channels)."""
    reason = ""
    for multiple in (wanted.multiple,) if wanted.multiple else MULTIPLES:
        tried = replace(facts, multiple=multiple)
        high, wide = (
            side or -(-least // multiple) * multiple
            for side, least in zip((facts.height, facts.width), TRIED, strict=True)
        )
        try:
            given = opened.run(_inputs(tried, picture, Rect(0, 0, high, wide)))
        except TrainingError as error:  # the picture does not fit
            raise ModelError(str(error)) from None
        except Exception as error:  # what a stranger's model raises when it is run can be anything
            if out_of_memory(error):
                raise MemoryError from None
            reason = f"could not be run: {first_line(error)}"
            continue
        given = np.asarray(given)
        if given.ndim == 4 and given.shape[:3] == (1, high, wide):
            return tried, _numbers(given[0], facts.file)
        if given.ndim == 4 and (given.shape[0], *given.shape[2:]) == (1, high, wide):
            return replace(tried, classes_first=True), _numbers(np.moveaxis(given[0], 0, -1), facts.file)
        reason = f"gave {_told(given.shape)} for {wide} × {high} pixels, not a value for each of them and each class."
        if facts.height and facts.width:
            break
    raise ModelError(f"{facts.file} {reason} Export a model that does.")


def _inputs(facts: Facts, picture: Picture, part: Rect) -> dict[str, Any]:
    pixels = taken(cut_out(picture, part), facts)
    inputs: dict[str, Any] = {facts.pixels: (pixels.transpose(2, 0, 1) if facts.channels_first else pixels)[None]}
    if facts.place:
        inputs[facts.place] = np.array([[0, part.height]], np.float32)
    return inputs


def _numbers(given: npt.NDArray[Any], file: str) -> npt.NDArray[np.float32]:
    if given.dtype.kind != "f":
        raise ModelError(f"{file} gives {given.dtype}, not how likely each class is. Export it without its last step.")
    if not np.isfinite(given).all():
        raise ModelError(f"{file} gives values that are no numbers (NaN or infinity) for a picture of the project.")
    return given.astype(np.float32)


def _channels(pixels: Sequence[int], wanted: Wanted) -> tuple[ClassFound, ...]:
    """What becomes of each channel: by its name, or else by its number, if there are as many as classes."""
    count = len(pixels)
    named = len(wanted.names) == count
    names = wanted.names if named else tuple(str(n) for n in range(count))
    found = tuple(wanted.table.found(name, won) for name, won in zip(names, pixels, strict=True))
    if named or wanted.table_given or count == len(wanted.classes):
        return found
    return tuple(ClassFound(one.name, one.pixels, None, False) for one in found)


def _kind_of_values(given: npt.NDArray[np.float32]) -> tuple[bool, list[str]]:
    """Whether softmax makes probabilities of them, and what to say of it."""
    if given.min() < -NEAR or given.max() > 1 + NEAR:
        return True, ["It gives logits, so softmax makes probabilities of them."]
    if np.abs(given.sum(axis=-1) - 1).max() > NEAR:
        return False, ["It tells each class apart from all others: its probabilities do not sum to 1, and stay so."]
    return False, []


def _told(shape: Sequence[int | None]) -> str:
    return " × ".join("any" if n is None else str(n) for n in shape) or "a single number"


def first_picture(paths: Sequence[str]) -> Picture:
    """The first that can be read; ModelError if none can."""
    from pathlib import Path

    from core.images import read_image

    for path in paths:
        try:
            return read_image(Path(path))
        except ImageError:
            continue
    raise ModelError("None of the project's pictures can be read. A model is tried on one: put them back first.")
