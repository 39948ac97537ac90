"""Which models from elsewhere a person has agreed to on this computer. Others that come with a project do not run."""

import json

from app.places import window_settings
from core.records import IMPORTED, TrainingRun

STORED = "trusted-models"


def is_trusted(run: TrainingRun) -> bool:
    """Whether a run's model may be opened: it was trained, or its very file was agreed to."""
    return not run.imported or _file_of(run) in _stored()


def trust(run: TrainingRun) -> None:
    """Remember that a person agreed to a run's model."""
    if not is_trusted(run):
        window_settings().setValue(STORED, json.dumps([*_stored(), _file_of(run)]))


def _file_of(run: TrainingRun) -> str:
    """The SHA-256 of its model, which is checked against the model itself before that is opened."""
    facts = run.settings[IMPORTED]
    return str(facts.get("sha256", "")) if isinstance(facts, dict) else ""


def _stored() -> list[str]:
    try:
        stored = json.loads(str(window_settings().value(STORED, "[]")))
    except ValueError:
        return []
    return [str(each) for each in stored] if isinstance(stored, list) else []
