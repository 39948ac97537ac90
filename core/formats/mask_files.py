"""Masks that come from elsewhere: PNG files named like the images, whose pixels are class ids."""

from pathlib import Path

from core.errors import ImageError
from core.images import read_mask_file
from core.masks.tiles import Array


def read_mask_for(image: Path, masks: Path, root: Path | None = None) -> Array:
    """(height, width) uint8 class ids, 255 unlabelled: the mask in folder `masks` that is named like `image`.

    Args:
        root: the folder that `image` was found in; the mask may lie in the same place below `masks`.

    Raises:
        ImageError: there is no such file, or it cannot be used.
    """
    name = f"{image.stem}.png"
    places = [masks / name]
    if root is not None and image.parent != root:
        places.insert(0, masks / image.parent.relative_to(root) / name)
    for path in places:
        if path.exists():
            return read_mask_file(path)
    raise ImageError(f"{image.name} has no mask: {name} is not in {masks}. Put it there, or add the image without it.")
