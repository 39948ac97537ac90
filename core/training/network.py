"""A network with all that its use needs, and its way to bytes and back."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from core.classes import LabelClass
from core.errors import TrainingError
from core.records import IMPORTED
from core.training.heads import Head, head_named
from core.training.inputs import Inputs
from core.training.messages import TrainedModel
from core.training.settings import TrainingSettings
from core.training.unet import Shape, build_network, shape_from

if TYPE_CHECKING:
    import keras

NOT_OURS = "Run {run} is a model from elsewhere: it predicts, but cannot be trained or exported. Choose another run."


@dataclass(slots=True, eq=False)
class Network:
    """The Keras model between `inputs` and `head`."""

    model: "keras.Model"
    shape: Shape
    inputs: Inputs
    head: Head
    classes: tuple[LabelClass, ...]
    forward: Any = None
    """The compiled way from pixels to class map and confidence; made on first use."""

    def to_mapping(self) -> dict[str, Any]:
        """What rebuilds it, together with TrainingSettings, the classes and the weights."""
        return {"head": self.head.name, "shape": self.shape.to_mapping(), "inputs": self.inputs.to_mapping()}


def new_network(
    shape: Shape, inputs: Inputs, head: Head, classes: Sequence[LabelClass], *, to_train: bool = True
) -> Network:
    model = build_network(shape, inputs.depth, len(classes), to_train=to_train)
    return Network(model, shape, inputs, head, tuple(classes))


def network_from(trained: TrainedModel) -> Network:
    """Rebuild a run's network from its settings and weights; nothing in them is ever executed.

    Raises:
        TrainingError: settings or weights that do not fit together, or that this version does not know; a model from
            elsewhere, which core.prediction.trained opens.
    """
    settings = trained.settings
    if IMPORTED in settings:
        raise TrainingError(NOT_OURS.format(run=trained.run_id))
    shape, inputs = shape_from(_part(settings, "shape")), Inputs.from_mapping(_part(settings, "inputs"))
    head = head_named(TrainingSettings.from_mapping(settings).head)
    network = new_network(shape, inputs, head, trained.classes, to_train=False)
    arrays = unpack_weights(trained.weights)
    wanted = [tuple(w.shape) for w in network.model.weights]
    if [a.shape for a in arrays] != wanted:
        raise TrainingError("This run's weights do not fit its settings. Train again.")
    network.model.set_weights(arrays)
    return network


def _part(settings: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = settings.get(name)
    if not isinstance(part, Mapping):
        raise TrainingError("This model's settings are incomplete. Train again.")
    return part


def pack_weights(arrays: Sequence[npt.NDArray[np.float32]]) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, **{f"w{i:03d}": a for i, a in enumerate(arrays)})  # type: ignore[arg-type]
    return buffer.getvalue()


def unpack_weights(data: bytes) -> list[npt.NDArray[np.float32]]:
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as stored:
            return [stored[name] for name in sorted(stored.files)]
    except (ValueError, OSError, EOFError, zipfile.BadZipFile):
        raise TrainingError("This run's weights are damaged. Train again.") from None
