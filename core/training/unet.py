"""The U-Nets: encoder, decoder and skips, ending in float32 logits.

Ronneberger, Fischer and Brox, "U-Net: Convolutional Networks for Biomedical Image Segmentation", 2015. What differs:
batch normalisation, strided convolutions at the fine levels, and skips that are added instead of concatenated, which
halves the time on a CPU.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from math import ceil
from typing import TYPE_CHECKING, Any

from core.errors import TrainingError
from core.training.batch_norm import quick_batch_norm

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True, slots=True)
class UNetShape:
    """All that fixes a U-Net but its input channels and classes."""

    filters: tuple[int, ...]
    """Channels of each level, from fine to coarse; each level halves height and width."""
    strided: int
    """So many first levels are reached by a strided convolution and do little else, which saves most of the time.
    With 0 the first level works at the picture's own size, else at half of it."""
    dilations: tuple[int, ...] = ()
    """Further convolutions on the coarsest level, each looking this many of its pixels around."""

    def __post_init__(self) -> None:
        whole = all(type(n) is int for n in (*self.filters, self.strided, *self.dilations))
        if not (
            whole
            and 1 <= len(self.filters) <= 7
            and all(1 <= f <= 2048 for f in self.filters)
            and 0 <= self.strided <= len(self.filters)
            and len(self.dilations) <= 8
            and all(1 <= d <= 32 for d in self.dilations)
        ):
            raise TrainingError("This model's settings do not describe a network this version knows. Train again.")

    @property
    def finest(self) -> int:
        """Side in the picture of a pixel of the first level: 1 or 2."""
        return 2 if self.strided else 1

    @property
    def multiple(self) -> int:
        """Height and width of what goes in must be multiples of this, in pixels."""
        return int(self.finest * 2 ** (len(self.filters) - 1))

    @property
    def halo(self) -> int:
        """Pixels around a region that can change its result, rounded up to `multiple`."""
        reach = 2 * self.finest  # the first convolution and the last transposed one
        for level in range(len(self.filters)):
            deepest = level == len(self.filters) - 1
            convolutions = 2 + sum(self.dilations) if deepest else 3
            reach += self.finest * 2**level * (convolutions + 1)  # one more for the ways down and up
        return ceil(reach / self.multiple) * self.multiple

    def to_mapping(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> "UNetShape":
        try:
            return cls(tuple(values["filters"]), values["strided"], tuple(values["dilations"]))
        except (KeyError, TypeError):
            raise TrainingError("This model's settings are incomplete. Train again.") from None


SHAPES: Mapping[str, UNetShape] = {
    "quick": UNetShape(filters=(16, 32, 64, 128), strided=2, dilations=(1, 2, 4)),
    "fine": UNetShape(filters=(24, 48, 96, 192, 256), strided=0, dilations=(2,)),
    "tiny": UNetShape(filters=(8, 16), strided=1),
}
"""Networks by name: "quick" for any computer, "fine" for a graphics card, "tiny" for tests."""


def shape_named(name: str) -> UNetShape:
    if name not in SHAPES:
        raise TrainingError(f'There is no network "{name}". Use one of: {", ".join(SHAPES)}.')
    return SHAPES[name]


def build_unet(shape: UNetShape, channels: int, classes: int, *, to_train: bool = False) -> "keras.Model":
    """A network from (N, H, W, channels) float32 to (N, H, W, classes) float32 logits; H and W are free.

    Args:
        to_train: build it of layers that train faster. Their weights fit the same network without.
    """
    import keras
    from keras import layers

    norm = quick_batch_norm() if to_train else layers.BatchNormalization
    convolve = partial(_convolve, norm)
    inputs = keras.Input((None, None, channels), dtype="float32")
    x, skips = inputs, []
    for level in range(len(shape.filters)):
        x = _descend(x, shape, level, convolve)
        skips.append(x)
    for dilation in shape.dilations:
        x = layers.Add()([x, convolve(x, shape.filters[-1], dilation=dilation)])
    for filters, skip in zip(reversed(shape.filters[:-1]), reversed(skips[:-1]), strict=True):
        x = convolve(x, filters, size=1)
        x = layers.Add()([layers.UpSampling2D()(x), skip])
        x = convolve(x, filters)
    if shape.strided:
        logits = layers.Conv2DTranspose(classes, 4, strides=2, padding="same", dtype="float32")(x)
    else:
        logits = layers.Conv2D(classes, 1, dtype="float32")(x)
    return keras.Model(inputs, logits)


def _descend(x: Any, shape: UNetShape, level: int, convolve: Callable[..., Any]) -> Any:
    """From one level, or the input, to the next coarser one."""
    from keras import layers

    filters = shape.filters[level]
    if level < shape.strided:
        x = convolve(x, filters, size=4, stride=2)
        return convolve(x, filters) if level == shape.strided - 1 else x
    if level:
        x = layers.MaxPool2D()(x)
    return convolve(convolve(x, filters), filters)


def _convolve(
    norm: Callable[..., Any], x: Any, filters: int, *, size: int = 3, stride: int = 1, dilation: int = 1
) -> Any:
    from keras import layers

    x = layers.Conv2D(filters, size, stride, padding="same", dilation_rate=dilation, use_bias=False)(x)
    return layers.ReLU()(norm(momentum=0.9)(x))
