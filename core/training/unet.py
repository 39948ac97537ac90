"""The U-Nets: encoder, decoder and skips, ending in float32 logits.

Ronneberger, Fischer and Brox, "U-Net: Convolutional Networks for Biomedical Image Segmentation", 2015. What differs:
batch normalisation, an optional strided first convolution, and skips that are added instead of concatenated, which
costs half as much time on a CPU.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from math import ceil
from typing import TYPE_CHECKING, Any

from core.errors import TrainingError

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True, slots=True)
class UNetShape:
    """All that fixes a U-Net but its input channels and classes."""

    filters: tuple[int, ...]
    """Channels of each level, from fine to coarse."""
    stem: int
    """Stride of the first convolution: 1 works at the picture's own size, 2 at half of it and four times as fast."""
    dilations: tuple[int, ...] = ()
    """Further convolutions on the coarsest level, each looking this many of its pixels around."""

    def __post_init__(self) -> None:
        whole = all(type(n) is int for n in (*self.filters, self.stem, *self.dilations))
        if not (
            whole
            and 1 <= len(self.filters) <= 7
            and all(1 <= f <= 2048 for f in self.filters)
            and self.stem in (1, 2, 4)
            and len(self.dilations) <= 8
            and all(1 <= d <= 32 for d in self.dilations)
        ):
            raise TrainingError("This model's settings do not describe a network this version knows. Train again.")

    @property
    def multiple(self) -> int:
        """Height and width of what goes in must be multiples of this, in pixels."""
        return int(self.stem * 2 ** (len(self.filters) - 1))

    @property
    def halo(self) -> int:
        """Pixels around a region that can change its result, rounded up to `multiple`."""
        reach = 2 * self.stem  # the first convolution and the last transposed one
        for level in range(len(self.filters)):
            pixel = self.stem * 2**level
            deepest = level == len(self.filters) - 1
            convolutions = 2 + sum(self.dilations) if deepest else 3
            reach += pixel * (convolutions + 1)  # one more for pooling and upsampling
        return ceil(reach / self.multiple) * self.multiple

    def to_mapping(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> "UNetShape":
        try:
            return cls(tuple(values["filters"]), values["stem"], tuple(values["dilations"]))
        except (KeyError, TypeError):
            raise TrainingError("This model's settings are incomplete. Train again.") from None


SHAPES: Mapping[str, UNetShape] = {
    "quick": UNetShape(filters=(32, 64, 128), stem=4, dilations=(1, 2, 4)),
    "fine": UNetShape(filters=(24, 48, 96, 192, 256), stem=1, dilations=(2,)),
    "tiny": UNetShape(filters=(8, 16), stem=2),
}
"""Networks by name: "quick" for any computer, "fine" for a graphics card, "tiny" for tests."""


def shape_named(name: str) -> UNetShape:
    if name not in SHAPES:
        raise TrainingError(f'There is no network "{name}". Use one of: {", ".join(SHAPES)}.')
    return SHAPES[name]


def build_unet(shape: UNetShape, channels: int, classes: int) -> "keras.Model":
    """A network from (N, H, W, channels) float32 to (N, H, W, classes) float32 logits; H and W are free."""
    import keras
    from keras import layers

    inputs = keras.Input((None, None, channels), dtype="float32")
    x = _convolve(inputs, shape.filters[0], size=2 * shape.stem if shape.stem > 1 else 3, stride=shape.stem)
    skips = []
    for level, filters in enumerate(shape.filters):
        if level:
            skips.append(x)
            x = layers.MaxPool2D()(x)
        for _ in range(1 if level == 0 else 2):
            x = _convolve(x, filters)
    for dilation in shape.dilations:
        x = layers.Add()([x, _convolve(x, shape.filters[-1], dilation=dilation)])
    for filters, skip in zip(reversed(shape.filters[:-1]), reversed(skips), strict=True):
        x = _convolve(x, filters, size=1)
        x = layers.Add()([layers.UpSampling2D()(x), skip])
        x = _convolve(x, filters)
    if shape.stem > 1:
        logits = layers.Conv2DTranspose(classes, 2 * shape.stem, strides=shape.stem, padding="same", dtype="float32")(x)
    else:
        logits = layers.Conv2D(classes, 1, dtype="float32")(x)
    return keras.Model(inputs, logits)


def _convolve(x: Any, filters: int, *, size: int = 3, stride: int = 1, dilation: int = 1) -> Any:
    from keras import layers

    x = layers.Conv2D(filters, size, stride, padding="same", dilation_rate=dilation, use_bias=False)(x)
    return layers.ReLU()(layers.BatchNormalization(momentum=0.9)(x))
