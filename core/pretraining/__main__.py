"""`python -m core.pretraining --minutes 30` draws pictures, teaches a network on them and keeps its weights."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from core.errors import MaskwrightError, TrainingError
from core.pretraining.gallery import Gallery, drawn
from core.pretraining.surfaces import Floats
from core.pretraining.teach import taught
from core.training.network import Network, pack_weights, unpack_weights
from core.training.quiet import load_keras

HELD_OUT = 100
"""Pictures that are not trained on."""


def main(arguments: Sequence[str] | None = None) -> None:
    options = _options(arguments)
    start = _weights(options.start) if options.start else []
    options.out.parent.mkdir(parents=True, exist_ok=True)

    def keep(line: str, network: Network) -> None:
        print(line, flush=True)
        part = options.out.with_suffix(".part")
        part.write_bytes(pack_weights([weights.astype(np.float16) for weights in network.model.get_weights()]))
        part.replace(options.out)

    with drawn(options.pictures + HELD_OUT, options.seed, _tell_drawn) as gallery:
        load_keras()
        training = Gallery(gallery.pictures[HELD_OUT:], gallery.kinds[HELD_OUT:])
        held_out = Gallery(gallery.pictures[:HELD_OUT], gallery.kinds[:HELD_OUT])
        taught(options.network, training, held_out, seconds=60 * options.minutes, report=keep, start=start)
    print(f"{options.out}: {options.out.stat().st_size / 1e6:.1f} MB")


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m core.pretraining", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30, help="how long to teach, once the pictures are drawn")
    parser.add_argument("--pictures", type=int, default=4000, help="how many to draw; 0.4 MB each, in a passing folder")
    parser.add_argument("--start", type=Path, help="weights to go on from")
    parser.add_argument("--out", type=Path, default=Path("resources/networks/quick.npz"))
    parser.add_argument("--network", default="quick")
    parser.add_argument("--seed", type=int, default=0, help="another one draws other pictures")
    return parser.parse_args(arguments)


def _weights(file: Path) -> list[Floats]:
    try:
        return unpack_weights(file.read_bytes())
    except OSError as error:
        raise TrainingError(f"{file} cannot be read: {error.strerror}. Name a file of weights.") from None


def _tell_drawn(count: int) -> None:
    if count % 500 == 0:
        print(f"{count} pictures drawn", flush=True)


if __name__ == "__main__":
    try:
        main()
    except MaskwrightError as error:
        sys.exit(str(error))
