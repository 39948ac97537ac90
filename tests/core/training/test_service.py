"""The worker's own side, without the process."""

import multiprocessing
from dataclasses import replace
from typing import cast

import pytest

from core.training.messages import ExportModel, Failed, LoadModel, StopExport, TrainedModel
from core.training.network import Network
from core.training.service import _Service
from tests.core.model_formats.models import origin


def test_two_models_in_turn_are_built_once_each(monkeypatch: pytest.MonkeyPatch) -> None:
    built: list[int] = []

    def build(model: TrainedModel) -> int:
        built.append(model.run_id)
        return model.run_id

    monkeypatch.setattr("core.prediction.trained.predictor_from", build)
    here, there = multiprocessing.Pipe()
    service = _Service(here)
    for number in (0, 1, 0, 1, 0, 2, 0, 1):
        service._answer(LoadModel(TrainedModel(number, {}, (), b"")))
        network, model = service._loaded()
        assert (str(network), model.run_id) == (str(number), number)
    assert built == [0, 1, 2, 1]
    service._answer(LoadModel(replace(TrainedModel(1, {}, (), b""), weights=b"other")))
    service._loaded()
    assert built[-1] == 1 and len(built) == 5, "run 1 of another project"
    here.close()
    there.close()


def test_an_export_that_waits_for_a_training_need_not_wait_to_be_stopped() -> None:
    here, there = multiprocessing.Pipe()
    service, network = _Service(here), cast(Network, None)
    model = TrainedModel(1, {}, (), b"")
    service._requests.put(ExportModel(model, origin(model), "keras", "out"))
    service._between_steps(network)
    assert not there.poll() and len(service._later) == 1
    service._requests.put(StopExport())
    service._between_steps(network)
    assert there.recv() == Failed("export", "The export was stopped. Nothing was written.")
    assert service._later == []
    here.close()
    there.close()
