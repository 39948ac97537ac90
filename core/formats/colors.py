"""Masks that are told by their colours."""

import re
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from core.classes import UNLABELED
from core.errors import ImageError
from core.formats.fields import Node
from core.formats.runs import alike
from core.masks.tiles import Array

NEAR = 16
"""How far from a listed colour, in any channel, a colour may be to be taken for it."""

Rgb = tuple[int, int, int]


class Colors:
    """The listed colours by class id; UNLABELED may have one too."""

    def __init__(self, by_id: Mapping[int, Rgb]) -> None:
        self._ids = np.array(list(by_id), np.uint8)
        self._rgb = np.array(list(by_id.values()), np.int16).reshape(-1, 3)

    @staticmethod
    def read_hex(node: Node) -> Rgb:
        text = node.text()
        if not re.fullmatch(r"#[0-9a-fA-F]{6}", text):
            raise node.wrong('a colour like "#56b4e9" is expected')
        return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)

    def ids_of(self, pixels: npt.NDArray[np.uint8], name: str) -> Array:
        """(height, width) the id of the nearest listed colour of each (height, width, 4) RGBA pixel.

        What is fully transparent is unlabelled.

        Raises:
            ImageError: a colour is far from all that are listed.
        """
        packed = np.ascontiguousarray(pixels).view(np.uint32)[..., 0]  # (H, W)
        found, which = alike(packed)
        colors = found.view(np.uint8).reshape(-1, 4).astype(np.int16)
        far = np.abs(colors[:, None, :3] - self._rgb[None])  # (N, listed, 3)
        nearest = (far.astype(np.int32) ** 2).sum(-1).argmin(-1) if len(self._rgb) else np.zeros(len(found), np.intp)
        clear = colors[:, 3] == 0
        ids = np.where(clear, UNLABELED, self._ids[nearest] if len(self._ids) else UNLABELED).astype(np.uint8)
        off = far[np.arange(len(found)), nearest].max(-1) > NEAR if len(self._rgb) else np.ones(len(found), np.bool_)
        strange = np.flatnonzero(off & ~clear)
        if len(strange):
            row, column = np.argwhere(packed == found[strange[0]])[0]
            raise ImageError(
                f"{name} holds the colour {write_hex(colors[strange[0], :3])} (column {column}, row {row}), which is "
                "no class's. Save the mask without blending, or list the colour in classes.json."
            )
        return ids[which].reshape(packed.shape)


def write_hex(rgb: "Rgb | npt.NDArray[np.int16]") -> str:
    return "#" + "".join(f"{int(level):02x}" for level in rgb)
