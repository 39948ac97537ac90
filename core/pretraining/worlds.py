"""All the pictures there are to learn from, drawn at random."""

from core.pretraining.cells import cells
from core.pretraining.leaves import leaves
from core.pretraining.streets import street
from core.pretraining.surfaces import Bytes, Rng, Surfaces


def draw(rng: Rng, surfaces: Surfaces, side: int) -> tuple[Bytes, Bytes]:
    """A picture (side, side, 3) and what every pixel is, (side, side) numbers of KINDS or 255.

    A third are leaves or cells, so that what is learned serves other pictures than streets too.
    """
    world = rng.random()
    make = street if world < 0.66 else leaves if world < 0.88 else cells
    return make(rng, surfaces, side)
