"""Where a training stands, as bytes: packed beside the training, so that no step waits, and unpacked to go on."""

import io
import threading
import zipfile
from collections.abc import Callable
from dataclasses import replace
from time import monotonic

import numpy as np

from core.errors import TrainingError
from core.records import Checkpoint
from core.training.best import Arrays, Best
from core.training.messages import CheckpointReached, Report
from core.training.network import Network
from core.training.step import Step

FIRST_S = 5.0
EVERY_S = 30.0
"""Seconds of wall clock to the first checkpoint, and from one to the next: what a crash costs at most."""

DAMAGED = (
    "Where the last training stood is damaged and cannot be gone on from. Your labels and runs are safe: train anew."
)


def take_state(network: Network, averaged: Network, step: Step) -> dict[str, Arrays]:
    """Copies of all that the next step depends on, but for which patches it draws.

    What Best.to_state() gives belongs to a checkpoint as well.
    """
    return {
        "network": network.model.get_weights(),
        "averaged": averaged.model.get_weights(),
        "optimizer": step.memory(),
    }


def restore_state(state: bytes, network: Network, averaged: Network, step: Step) -> None:
    """Let a freshly built network go on where another one stood; TrainingError, and nothing changed, if it cannot."""
    parts = unpack_state(state)
    for name, model in (("network", network.model), ("averaged", averaged.model)):
        if [a.shape for a in parts.get(name, ())] != [tuple(w.shape) for w in model.weights]:
            raise TrainingError(DAMAGED)
    step.remember(parts.get("optimizer", ()))
    network.model.set_weights(parts["network"])
    averaged.model.set_weights(parts["averaged"])


def take_best(state: bytes, averaged: Network) -> Best:
    """The best weights of before the checkpoint; TrainingError if they are no weights of this network."""
    best = Best.from_state(unpack_state(state))
    if best.glance is not None and [a.shape for a in best.weights] != [tuple(w.shape) for w in averaged.model.weights]:
        raise TrainingError(DAMAGED)
    return best


def pack_state(parts: dict[str, Arrays]) -> bytes:
    buffer = io.BytesIO()
    named = {f"{name}.{i:04d}": array for name, arrays in parts.items() for i, array in enumerate(arrays)}
    np.savez(buffer, **named)  # type: ignore[arg-type]
    return buffer.getvalue()


def unpack_state(data: bytes) -> dict[str, Arrays]:
    parts: dict[str, Arrays] = {}
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as stored:
            for name in sorted(stored.files):
                parts.setdefault(name.partition(".")[0], []).append(stored[name])
    except (ValueError, OSError, EOFError, KeyError, zipfile.BadZipFile):
        raise TrainingError(DAMAGED) from None
    return parts


class Checkpoints:
    """Makes a checkpoint now and then. Packing and sending it happens in a thread of its own."""

    def __init__(self, report: Callable[[Report], None], every_s: float = EVERY_S) -> None:
        self._report, self._every = report, every_s
        self._next = monotonic() + min(FIRST_S, every_s)
        self._thread: threading.Thread | None = None
        self.newest: Checkpoint | None = None

    @property
    def due(self) -> bool:
        return monotonic() >= self._next and not (self._thread and self._thread.is_alive())

    def take(self, where: Checkpoint, state: dict[str, Arrays]) -> None:
        """Send `where` with `state` packed into it."""
        self._next = monotonic() + self._every
        self._thread = threading.Thread(target=self._send, args=(where, state), name="checkpoint", daemon=True)
        self._thread.start()

    def finish(self) -> None:
        """Wait for the one under way: none comes after the end of its training."""
        if self._thread is not None:
            self._thread.join()

    def _send(self, where: Checkpoint, state: dict[str, Arrays]) -> None:
        self.newest = replace(where, state=pack_state(state))
        self._report(CheckpointReached(self.newest))
