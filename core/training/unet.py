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
from core.training import convolution
from core.training.batch_norm import quick_batch_norm
from core.training.encoder import EncoderShape, build_encoder_unet

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

    @property
    def values_per_pixel(self) -> float:
        """Numbers that a training step keeps for each pixel that goes in, generously."""
        values = 0.0
        for level, filters in enumerate(self.filters):
            layers = 16 + 3 * len(self.dilations) * (level == len(self.filters) - 1)  # both ways, with gradients
            values += filters * layers / (self.finest * 2**level) ** 2
        return values

    def to_mapping(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> "UNetShape":
        try:
            return cls(tuple(values["filters"]), values["strided"], tuple(values["dilations"]))
        except (KeyError, TypeError):
            raise TrainingError("This model's settings are incomplete. Train again.") from None


Shape = UNetShape | EncoderShape

SHAPES: Mapping[str, Shape] = {
    "quick": UNetShape(filters=(16, 32, 64, 128), strided=2, dilations=(1, 2, 4)),
    "quality": UNetShape(filters=(24, 48, 96, 192, 256), strided=0, dilations=(2,)),
    "imagenet": EncoderShape(),
    "tiny": UNetShape(filters=(8, 16), strided=1),
}
"""Networks by name: "quick" for any computer, "quality" for a graphics card or patience, "imagenet" with an encoder
that has seen photographs, "tiny" for tests."""

OFFERED = ("quick", "quality", "imagenet")
"""Those that people may choose."""


def shape_named(name: str) -> Shape:
    if name not in SHAPES:
        raise TrainingError(f'There is no network "{name}". Use one of: {", ".join(OFFERED)}.')
    return SHAPES[name]


def shape_from(values: Mapping[str, Any]) -> Shape:
    """What a shape's to_mapping() gave; TrainingError for anything else."""
    return EncoderShape.from_mapping(values) if "encoder" in values else UNetShape.from_mapping(values)


def build_network(shape: Shape, channels: int, classes: int, *, to_train: bool = False) -> "keras.Model":
    """A network from (N, H, W, channels) float32 to (N, H, W, classes) float32 logits; H and W are free.

    Args:
        to_train: build it of layers that train faster. Their weights fit the same network without.
    """
    build: Callable[..., keras.Model] = build_encoder_unet if isinstance(shape, EncoderShape) else build_unet
    return build(shape, channels, classes, to_train=to_train)


def build_unet(
    shape: UNetShape, channels: int, classes: int, *, to_train: bool = False, folded: bool = False
) -> "keras.Model":
    """A U-Net of the project's own; see build_network.

    Args:
        folded: without batch normalisation, its convolutions have biases instead.
    """
    import keras
    from keras import layers

    norm = quick_batch_norm() if to_train else layers.BatchNormalization
    convolve = partial(convolution.convolve, None if folded else norm)
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
