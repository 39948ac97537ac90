"""How far apart colours look, also to eyes that lack one kind of cone; and colours that keep apart from others.

Differences are CIEDE2000 (Sharma, Wu and Dalal 2005, "The CIEDE2000 color-difference formula: implementation notes,
supplementary test data, and mathematical observations"). Dichromat sight is simulated after Machado, Oliveira and
Fernandes 2009, "A physiologically-based model for simulation of color vision deficiency", at full severity.
"""

from collections.abc import Sequence
from functools import cache
from itertools import product

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

SIGHTS: dict[str, Floats] = {
    "normal": np.eye(3),
    "protan": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deutan": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritan": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
"""What an eye makes of linear RGB, as (3, 3) matrices."""

_TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
_WHITE = np.array([0.95047, 1.0, 1.08883])
"""D65, 2 degrees."""


def lab_under(colors: Sequence[str], sight: Floats) -> Floats:
    """(n, 3) CIE L*a*b* of hexadecimal sRGB colours, as an eye with this matrix sees them."""
    srgb = np.array([[int(c[i : i + 2], 16) / 255 for i in (1, 3, 5)] for c in colors])
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    seen = np.clip(linear @ sight.T, 0, 1) @ _TO_XYZ.T / _WHITE
    f = np.where(seen > (6 / 29) ** 3, np.cbrt(seen), seen / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.stack([116 * f[:, 1] - 16, 500 * (f[:, 0] - f[:, 1]), 200 * (f[:, 1] - f[:, 2])], axis=1)


def ciede2000(one: Floats, other: Floats) -> Floats:
    """(...) difference of (..., 3) L*a*b* colours. About 1 is just seen side by side."""
    mean_c7 = ((np.hypot(one[..., 1], one[..., 2]) + np.hypot(other[..., 1], other[..., 2])) / 2) ** 7
    stretch = 1 + 0.5 * (1 - np.sqrt(mean_c7 / (mean_c7 + 25.0**7)))
    l1, c1, h1 = _polar(one, stretch)
    l2, c2, h2 = _polar(other, stretch)
    grey = c1 * c2 == 0
    turn = np.where(grey, 0, (h2 - h1 + 180) % 360 - 180)
    d_hue = 2 * np.sqrt(c1 * c2) * np.sin(np.radians(turn) / 2)
    hue = np.where(grey, h1 + h2, h1 + turn / 2)
    light, chroma = (l1 + l2) / 2, (c1 + c2) / 2
    s_l = 1 + 0.015 * (light - 50) ** 2 / np.sqrt(20 + (light - 50) ** 2)
    s_c = 1 + 0.045 * chroma
    s_h = 1 + 0.015 * chroma * _hue_weight(hue)
    parts = (l2 - l1) / s_l, (c2 - c1) / s_c, d_hue / s_h
    squared = parts[0] ** 2 + parts[1] ** 2 + parts[2] ** 2 + _rotation(chroma, hue) * parts[1] * parts[2]
    return np.asarray(np.sqrt(np.maximum(squared, 0)))


def _polar(lab: Floats, stretch: Floats) -> tuple[Floats, Floats, Floats]:
    a = lab[..., 1] * stretch
    return lab[..., 0], np.hypot(a, lab[..., 2]), np.degrees(np.arctan2(lab[..., 2], a)) % 360


def _hue_weight(hue: Floats) -> Floats:
    terms = ((-0.17, 1, -30), (0.24, 2, 0), (0.32, 3, 6), (-0.20, 4, -63))
    return np.asarray(1 + sum(k * np.cos(np.radians(n * hue + shift)) for k, n, shift in terms))


def _rotation(chroma: Floats, hue: Floats) -> Floats:
    """How chroma and hue mix in the blues."""
    angle = 30 * np.exp(-((((hue % 360) - 275) / 25) ** 2))
    strength = 2 * np.sqrt(chroma**7 / (chroma**7 + 25.0**7))
    return np.asarray(-np.sin(np.radians(2 * angle)) * strength)


def distances(colors: Sequence[str], others: Sequence[str]) -> Floats:
    """(n, m): the least difference of each pair over all sights."""
    under = [ciede2000(lab_under(colors, sight)[:, None], lab_under(others, sight)[None]) for sight in SIGHTS.values()]
    return np.asarray(np.min(under, axis=0))


def worst_pair(colors: Sequence[str]) -> tuple[float, str, str]:
    """The two colours that somebody tells apart least, and how far apart they are then."""
    apart = distances(colors, colors) + np.diag(np.full(len(colors), np.inf))
    i, j = divmod(int(np.argmin(apart)), len(colors))
    return float(apart[i, j]), colors[i], colors[j]


def next_color(taken: Sequence[str]) -> str:
    """The colour that keeps farthest from those taken, whoever looks; neither grey nor near black or white."""
    choices = _choices()
    if not taken:
        return choices[0]
    return choices[int(np.argmax(distances(choices, taken).min(axis=1)))]


@cache
def _choices() -> tuple[str, ...]:
    steps = ("11", "33", "55", "77", "99", "bb", "dd", "ff")
    every = [f"#{r}{g}{b}" for r, g, b in product(steps, steps, steps)]
    lab = lab_under(every, SIGHTS["normal"])
    lively = (lab[:, 0] > 32) & (lab[:, 0] < 92) & (np.hypot(lab[:, 1], lab[:, 2]) > 25)
    return tuple(color for color, fits in zip(every, lively, strict=True) if fits)
