"""A run of a project, ready to predict with."""

import hashlib
from typing import Any

from core.errors import ModelError, TrainingError
from core.foreign.facts import Facts
from core.foreign.network import ForeignNetwork
from core.foreign.opened import open_foreign
from core.prediction.inference import Predictor
from core.project import Project
from core.records import IMPORTED
from core.training.messages import TrainedModel
from core.training.network import network_from


def trained_model(project: Project, run_id: int | None = None) -> TrainedModel:
    """A run of a project, the newest by default, as what rebuilds its network."""
    run = project.run(run_id)
    return TrainedModel(run.id, run.settings, run.classes, project.run_weights(run.id))


def predictor_from(model: TrainedModel) -> Predictor:
    """What predicts: a run's network, rebuilt, or its imported model, opened after the same checks as at first.

    Raises:
        TrainingError: it cannot be rebuilt or opened.
    """
    stored: Any = model.settings.get(IMPORTED)
    if stored is None:
        return network_from(model)
    facts = Facts.from_mapping(stored)
    if hashlib.sha256(model.weights).hexdigest() != facts.sha256:
        raise TrainingError(f"{facts.file} is not in the project as it was imported. Import it again.")
    try:
        opened = open_foreign(facts.format, model.weights, facts.file)
    except ModelError as error:
        raise TrainingError(str(error)) from None
    return ForeignNetwork(facts, model.classes, opened.run)
