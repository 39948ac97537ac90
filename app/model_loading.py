"""Which run's model the worker has: loaded when a prediction is asked for, and once for all that follow."""

from collections.abc import Callable

from app.job import JobQueue
from app.starting import trained_model
from app.training_thread import TrainingThread
from core.project import Project
from core.records import TrainingRun
from core.training.messages import LoadModel, TrainedModel

Then = Callable[[], None]
Failed = Callable[[Exception | None], None]
"""Takes what went wrong, or None where another model was asked for in the meantime."""


class ModelLoading:
    """Reads weights off the window's thread, and hands them to the worker before what needs them."""

    def __init__(self, jobs: JobQueue, thread: TrainingThread) -> None:
        self._jobs = jobs
        self._thread = thread
        self._run_id = 0
        """What the worker has, or will have when the jobs under way are through; 0 for none."""
        self._under_way = 0
        """Models that are being read."""

    def use(self, project: Project, run: TrainingRun, then: Then, failed: Failed) -> None:
        """Call `then` when the worker has this run's model, or `failed` where it has not."""
        if self.ready(run.id):
            then()
            return
        wanted = _Wanted(self, run.id, then, failed)
        if self._run_id == run.id:
            self._jobs.run(_nothing, done=wanted.go_on)  # after those jobs
        else:
            self._run_id = run.id
            self._under_way += 1
            self._jobs.run(trained_model, project, run, done=wanted.load, failed=wanted.fail)

    def forget(self) -> None:
        """Another project has other runs under the same numbers."""
        self._run_id = 0

    def send(self, model: TrainedModel) -> None:
        self._under_way -= 1
        self._thread.send(LoadModel(model))

    def ready(self, run_id: int) -> bool:
        """Whether the worker has this run's model now."""
        return self._run_id == run_id and not self._under_way

    def has(self, run_id: int) -> bool:
        return self._run_id == run_id

    def lose(self, run_id: int) -> None:
        self._under_way -= 1
        if self._run_id == run_id:
            self._run_id = 0


class _Wanted:
    """A model on its way, and what comes after."""

    def __init__(self, loading: ModelLoading, run_id: int, then: Then, failed: Failed) -> None:
        self._loading, self._run_id, self._then, self._failed = loading, run_id, then, failed

    def load(self, model: TrainedModel) -> None:
        self._loading.send(model)
        self._then()

    def go_on(self, _: None) -> None:
        if self._loading.has(self._run_id):
            self._then()
        else:
            self._failed(None)

    def fail(self, error: Exception) -> None:
        self._loading.lose(self._run_id)
        self._failed(error)


def _nothing() -> None:
    """Waits for its turn."""
