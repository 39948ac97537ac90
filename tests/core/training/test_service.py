"""The worker's own side, without the process."""

import multiprocessing
from dataclasses import replace

import pytest

from core.training.messages import LoadModel, TrainedModel
from core.training.service import _Service


def test_two_models_in_turn_are_built_once_each(monkeypatch: pytest.MonkeyPatch) -> None:
    built: list[int] = []

    def build(model: TrainedModel) -> int:
        built.append(model.run_id)
        return model.run_id

    monkeypatch.setattr("core.training.network.network_from", build)
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
