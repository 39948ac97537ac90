import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from core.evaluation.measure import measure_image
from core.labels import LabelSnapshot
from core.masks.rect import Rect
from core.masks.tiles import Mask
from core.prediction.inference import predict_image
from core.training.dataset import find_cells
from core.training.messages import (
    CheckpointReached,
    DeviceFound,
    ExportModel,
    Failed,
    ImageMeasured,
    LoadModel,
    LookAt,
    LookedAt,
    MeasureImage,
    ModelExported,
    Predict,
    PredictionReady,
    ReadPicture,
    Report,
    StepsDone,
    StopTraining,
    Train,
    TrainedModel,
    TrainingEnded,
)
from core.training.network import network_from
from core.training.settings import TrainingSettings
from core.training.worker import Worker
from tests.core.model_formats.models import origin
from tests.core.training.scenes import labelled, scene, snapshot

pytestmark = pytest.mark.slow

ENDLESS = TrainingSettings(budget_s=300, network="tiny", patch=64)
SHORT = replace(ENDLESS, max_steps=3)


@pytest.fixture(scope="module")
def lasting() -> Iterator[Worker]:
    worker = Worker()
    yield worker
    worker.close()


@pytest.fixture
def worker(lasting: Worker) -> Iterator[Worker]:
    """With a process or without, and nothing under way: to start a process takes five seconds."""
    yield lasting
    if lasting._waiting:  # the test failed in the middle
        lasting.close()


@pytest.fixture
def fresh() -> Iterator[Worker]:
    """A worker that has done nothing yet."""
    worker = Worker()
    yield worker
    worker.close()


@pytest.fixture
def data(tmp_path: Path) -> LabelSnapshot:
    return snapshot(labelled(tmp_path, 1), labelled(tmp_path, 2))


def wait_for(worker: Worker, *kinds: type, seconds: float = 120) -> Report:
    """The next report of one of these kinds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        report = worker.receive(0.2)
        if report is not None and isinstance(report, kinds):
            return report
        assert not isinstance(report, Failed), report
    raise AssertionError(f"no {kinds} within {seconds} s")


def trained(worker: Worker, data: LabelSnapshot) -> TrainedModel:
    worker.send(Train(data, SHORT))
    ended = wait_for(worker, TrainingEnded)
    assert isinstance(ended, TrainingEnded)
    return TrainedModel(5, ended.settings, ended.classes, ended.weights)


def test_train_predict_export_in_the_process(worker: Worker, data: LabelSnapshot, tmp_path: Path) -> None:
    model = trained(worker, data)
    worker.send(LoadModel(model))
    worker.send(Predict(2, data.images[1].path))
    answer = wait_for(worker, PredictionReady)
    assert isinstance(answer, PredictionReady)
    assert (answer.image_id, answer.run_id) == (2, 5)
    expected, _ = predict_image(network_from(model), scene(2)[0])
    assert (answer.class_map == expected).mean() > 0.999  # another process may round a tie the other way
    assert answer.entropy is not None and answer.entropy.shape == answer.confidence.shape
    cells = find_cells(data.images[1], 3)
    worker.send(MeasureImage(cells))
    measured = wait_for(worker, ImageMeasured)
    assert isinstance(measured, ImageMeasured) and measured.figures is not None and measured.image_id == 2
    counted = measure_image(network_from(model), cells).confusion
    assert abs(measured.figures.confusion - counted).sum() < 0.002 * counted.sum()
    worker.send(MeasureImage(replace(cells, image=replace(data.images[1], path=str(tmp_path / "gone.png")))))
    refused = wait_for(worker, ImageMeasured)
    assert isinstance(refused, ImageMeasured) and "gone.png is missing" in refused.problem
    looks_and_gives_way(worker, model, data, tmp_path)


def looks_and_gives_way(worker: Worker, model: TrainedModel, data: LabelSnapshot, tmp_path: Path) -> None:
    """A look is answered, in the midst of it a prediction, and anything longer ends it."""
    path, large = data.images[1].path, tmp_path / "large.png"
    empty = Mask(*scene(2)[1].shape)
    worker.send(LookAt(2, path, empty, classes=frozenset(range(3)), accept_above=0))
    found = wait_for(worker, LookedAt)
    assert isinstance(found, LookedAt) and (found.image_id, found.run_id) == (2, 5)
    assert found.accepted is not None and (found.accepted < 3).all() and found.regions is not None
    worker.send(ReadPicture(str(tmp_path / "none.png")))
    worker.send(Predict(2, path, region=Rect(0, 0, 50, 60), step=4))
    rough = wait_for(worker, PredictionReady)
    assert isinstance(rough, PredictionReady) and rough.step == 4 and rough.class_map.shape == (13, 15)
    cv2.imwrite(str(large), np.zeros((2000, 2000, 3), np.uint8))
    look = LookAt(3, str(large), Mask(2000, 2000), classes=frozenset(range(3)))
    worker.send(look)
    worker.send(Predict(2, path))
    assert isinstance(wait_for(worker, PredictionReady, LookedAt), PredictionReady)
    found = wait_for(worker, LookedAt)
    assert isinstance(found, LookedAt) and found.regions is not None, "it went on"
    worker.send(look)
    worker.send(ExportModel(model, origin(model), "keras", str(tmp_path / "out")))
    found = wait_for(worker, LookedAt)
    assert isinstance(found, LookedAt) and found.regions is None
    wait_for(worker, ModelExported)
    assert (tmp_path / "out" / "model.keras").exists()


def test_previews_and_stop_are_answered_while_training(worker: Worker, data: LabelSnapshot) -> None:
    worker.send(Train(data, ENDLESS))
    wait_for(worker, StepsDone)
    worker.send(Predict(1, data.images[0].path, preview=True))
    answer = wait_for(worker, PredictionReady, seconds=10)
    assert isinstance(answer, PredictionReady) and answer.run_id == 0
    worker.send(StopTraining())
    ended = wait_for(worker, TrainingEnded, seconds=15)
    assert isinstance(ended, TrainingEnded) and ended.stopped


def test_a_stop_does_not_reach_the_training_asked_for_after_it(worker: Worker, data: LabelSnapshot) -> None:
    worker.send(Train(data, ENDLESS))
    wait_for(worker, StepsDone)
    worker.send(StopTraining())
    worker.send(Train(data, SHORT))
    first, second = wait_for(worker, TrainingEnded), wait_for(worker, TrainingEnded)
    assert isinstance(first, TrainingEnded) and first.stopped
    assert isinstance(second, TrainingEnded) and not second.stopped and second.metrics["steps"] == 3


def test_predicting_without_a_model_fails_with_a_sentence(fresh: Worker, data: LabelSnapshot) -> None:
    fresh.start()
    assert isinstance(wait_for(fresh, DeviceFound), DeviceFound)
    fresh.send(Predict(1, data.images[0].path))
    while (report := fresh.receive(30)) is None:
        pass
    assert report == Failed("predict", "There is no trained model yet. Train first, then predict.")


def test_what_a_person_can_mend_leaves_the_process_ready(worker: Worker, data: LabelSnapshot) -> None:
    worker.send(Train(snapshot(), SHORT))
    while not isinstance(report := worker.receive(30), Failed):
        assert report is None or isinstance(report, DeviceFound)
    assert "Nothing is labelled" in report.message and not report.trace
    trained(worker, data)


def test_a_killed_process_answers_with_a_sentence_and_starts_again(worker: Worker, data: LabelSnapshot) -> None:
    model = trained(worker, data)
    worker.send(LoadModel(model))
    worker.send(Train(data, ENDLESS))
    wait_for(worker, StepsDone)
    assert worker.pid is not None
    os.kill(worker.pid, signal.SIGKILL)
    while not isinstance(report := worker.receive(5), Failed):
        assert report is not None
    assert report.request == "train" and "ended unexpectedly" in report.message
    assert worker.receive(0.1) is None
    worker.send(Predict(1, data.images[0].path))
    answer = wait_for(worker, PredictionReady)
    assert isinstance(answer, PredictionReady) and answer.run_id == model.run_id


def test_a_crash_in_the_middle_leaves_a_checkpoint_to_go_on_from(worker: Worker, data: LabelSnapshot) -> None:
    worker.send(Train(data, ENDLESS))
    reached = wait_for(worker, CheckpointReached)
    assert isinstance(reached, CheckpointReached) and worker.pid is not None
    os.kill(worker.pid, signal.SIGKILL)
    while not isinstance(report := worker.receive(5), Failed):
        assert report is not None
    worker.send(Train(data, TrainingSettings(), resume=reached.checkpoint))
    again = wait_for(worker, StepsDone)
    assert isinstance(again, StepsDone) and again.step > reached.checkpoint.step
    worker.send(StopTraining())
    ended = wait_for(worker, TrainingEnded, seconds=15)
    assert isinstance(ended, TrainingEnded) and ended.settings["network"] == "tiny"
    assert ended.seconds > reached.checkpoint.seconds


def test_a_process_that_hangs_is_ended_with_a_sentence_and_starts_again(
    data: LabelSnapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once it hangs, a minute passes in three seconds; until then it may take its time."""
    from core.training import worker as module

    worker = Worker(silence_s=60.0)
    try:
        worker.start()
        wait_for(worker, DeviceFound)
        worker.send(Train(data, ENDLESS))
        wait_for(worker, StepsDone)
        assert worker.pid is not None
        os.kill(worker.pid, signal.SIGSTOP)
        end = time.monotonic() + 30
        with monkeypatch.context() as faster:
            faster.setattr(module, "monotonic", lambda: 20 * time.monotonic())
            while not isinstance(report := worker.receive(0.2), Failed):
                assert time.monotonic() < end
        assert report.request == "train" and "no sign of life" in report.message
        assert not worker.alive
        worker = Worker()
        trained(worker, data)
    finally:
        worker.close()


def test_a_computer_that_slept_has_not_been_waiting(data: LabelSnapshot, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half an hour between two looks counts for seconds."""
    from core.training import worker as module

    worker = Worker(silence_s=60.0)
    try:
        worker.send(Train(data, ENDLESS))
        worker.receive(0.01)
        monkeypatch.setattr(module, "monotonic", lambda: time.monotonic() + 1800)
        assert not isinstance(worker.receive(0.01), Failed)
        assert worker.alive
    finally:
        worker.close()


def test_close_ends_the_process_also_while_it_trains(worker: Worker, data: LabelSnapshot) -> None:
    worker.send(Train(data, ENDLESS))
    wait_for(worker, StepsDone)
    worker.close()
    assert not worker.alive


def test_a_killed_window_leaves_no_process_behind(data: LabelSnapshot, tmp_path: Path) -> None:
    script = tmp_path / "window.py"
    script.write_text(
        textwrap.dedent(
            """
            import pickle, sys, time
            from core.training.messages import StepsDone, Train
            from core.training.worker import Worker
            if __name__ == "__main__":
                worker = Worker()
                worker.send(pickle.loads(open(sys.argv[1], "rb").read()))
                while not isinstance(worker.receive(1), StepsDone):
                    pass
                print(worker.pid, flush=True)
                time.sleep(300)
            """
        )
    )
    import pickle

    (tmp_path / "request").write_bytes(pickle.dumps(Train(data, ENDLESS)))
    root = str(Path(__file__).parents[3])
    window = subprocess.Popen(
        [sys.executable, str(script), str(tmp_path / "request")],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": root},
        text=True,
    )
    assert window.stdout is not None
    pid = int(window.stdout.readline())
    window.kill()
    window.wait()
    end = time.monotonic() + 10
    while Path(f"/proc/{pid}").exists() and time.monotonic() < end:
        time.sleep(0.1)
    assert not Path(f"/proc/{pid}").exists()


def test_importing_the_worker_brings_in_neither_keras_nor_qt() -> None:
    code = (
        "import sys, core.training.worker, core.training.messages, core.training.settings\n"
        "heavy = {'keras', 'tensorflow', 'PySide6', 'sqlalchemy'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[3])
