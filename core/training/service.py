"""The worker process's own side: takes requests from a pipe, answers with reports."""

import os
import queue
import sys
import threading
import traceback
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import ExportError, MaskwrightError, TrainingError
from core.training.heap import give_back, share_heaps
from core.training.messages import (
    Alive,
    CompareHeads,
    ExportModel,
    ExportProgress,
    Failed,
    ImageMeasured,
    LoadModel,
    LookAt,
    LookedAt,
    MeasureImage,
    ModelExported,
    Predict,
    PredictionReady,
    Quit,
    ReadPicture,
    Report,
    Request,
    StopExport,
    StopTraining,
    Train,
    TrainedModel,
)
from core.training.quiet import load_keras
from core.training.sizes import out_of_memory

if TYPE_CHECKING:
    from core.prediction.inference import Predictor
    from core.training.inputs import Picture
    from core.training.network import Network

EXPORT_STOPPED = "The export was stopped. Nothing was written."
KEPT_NETWORKS = 2
"""So that two runs can be compared picture by picture: to build a network takes seconds."""
NICENESS = 10
"""The window comes first: on a busy machine it gets about nine times the processor time."""


def serve(connection: Connection) -> None:
    """Answer requests until Quit, or until the other end of the pipe is gone."""
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    share_heaps()
    _Service(connection).run()


class _Service:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._sending = threading.Lock()
        self._requests: queue.Queue[Request] = queue.Queue()
        self._later: list[Request] = []
        """Came during a training, or another job that went on, and wait for its end."""
        self._trainings_received = 0
        self._trainings_begun = 0
        self._stopped_through = 0
        """Trainings up to this number are to stop: a stop never hits one that was asked for after it."""
        self._export_stopped = False
        """For the last one asked for."""
        self._model: LoadModel | None = None
        self._networks: list[tuple[TrainedModel, Predictor]] = []
        """Those used last, the newest first."""
        self._shown: tuple[tuple[Path, int, int], Picture] | None = None

    def run(self) -> None:
        threading.Thread(target=self._listen, name="requests", daemon=True).start()
        load_keras()
        from core.training.device import find_device

        self._report(find_device())
        while not isinstance(request := self._next(), Quit):
            self._answer(request)

    def _listen(self) -> None:
        """Read the pipe in a thread of its own, so that Stop, Quit and the parent's death are seen at any time."""
        while True:
            try:
                request: Request = self._connection.recv()
            except (EOFError, OSError):
                os._exit(1)  # nobody is left to report to
            if isinstance(request, StopTraining):
                self._stopped_through = self._trainings_received
                continue
            if isinstance(request, StopExport | ExportModel):
                self._export_stopped = isinstance(request, StopExport)
            if isinstance(request, Train | CompareHeads):
                self._trainings_received += 1
            if isinstance(request, Quit):
                self._stopped_through = sys.maxsize
            self._requests.put(request)

    def _next(self) -> Request:
        return self._later.pop(0) if self._later else self._requests.get()

    def _report(self, report: Report) -> None:
        try:
            with self._sending:  # checkpoints come from a thread of their own
                self._connection.send(report)
        except OSError:
            os._exit(1)

    def _answer(self, request: Request) -> None:
        match request:
            case Train():
                self._learn("train", lambda: self._train(request))
            case CompareHeads():
                self._learn("compare", lambda: self._compare(request))
            case LoadModel():
                self._model = request
            case Predict():
                self._attempt("predict", lambda: self._predict(request))
            case ReadPicture():
                with suppress(MaskwrightError):  # who asks for it is told
                    self._picture(Path(request.path))
            case LookAt():
                self._attempt("look", lambda: self._look(request))
            case MeasureImage():
                self._attempt("measure", lambda: self._measure(request))
            case ExportModel():
                self._attempt("export", lambda: self._export(request))

    def _attempt(self, kind: str, job: Callable[[], None]) -> None:
        """Run a job; whatever goes wrong becomes a report, and the process is ready for the next."""
        try:
            job()
        except MaskwrightError as error:
            self._report(Failed(kind, str(error)))
        except Exception as error:
            self._report(Failed(kind, *_explain(error)))

    def _learn(self, kind: str, job: Callable[[], None]) -> None:
        """A training, and then a clean sweep: what it held is large."""
        self._attempt(kind, job)
        give_back()

    def _train(self, request: Train) -> None:
        from core.training.fit import train

        self._trainings_begun += 1
        self._report(
            train(
                request.snapshot,
                request.settings,
                report=self._report,
                stop=lambda: self._stopped_through >= self._trainings_begun,
                between=self._between_steps,
                start_from=request.start_from,
                resume=request.resume,
            )
        )

    def _compare(self, request: CompareHeads) -> None:
        from core.training.head_lab import compare_heads

        self._trainings_begun += 1
        number = self._trainings_begun
        self._report(
            compare_heads(
                request.snapshot,
                request.settings,
                request.seeds,
                report=self._report,
                stop=lambda: self._stopped_through >= number,
                between=self._between_steps,
            )
        )

    def _between_steps(self, averaged: "Network") -> None:
        """Answer what can be answered while training; the rest waits."""
        while not self._requests.empty():
            request = self._requests.get()
            match request:
                case Predict(preview=True):
                    self._attempt("predict", partial(self._send_prediction, request, averaged, 0))
                case Predict() | LoadModel() | ReadPicture():
                    self._answer(request)
                case StopExport():
                    self._drop_export()
                case _:
                    self._later.append(request)

    def _drop_export(self) -> None:
        """One that waits for the end of a training need not wait to be stopped."""
        kept = [request for request in self._later if not isinstance(request, ExportModel)]
        if len(kept) < len(self._later):
            self._later = [*kept]
            self._report(Failed("export", EXPORT_STOPPED))

    def _predict(self, request: Predict) -> None:
        network, model = self._loaded()
        self._send_prediction(request, network, model.run_id)

    def _loaded(self) -> tuple["Predictor", TrainedModel]:
        """The model last loaded, built when it is first needed, and kept for when it is loaded again."""
        from core.prediction.trained import predictor_from

        if self._model is None:
            raise TrainingError("There is no trained model yet. Train first, then predict.")
        model = self._model.model
        known = next((pair for pair in self._networks if pair[0] == model), None)
        network = predictor_from(model) if known is None else known[1]
        self._networks = [(model, network), *(pair for pair in self._networks if pair is not known)][:KEPT_NETWORKS]
        return network, model

    def _look(self, request: LookAt) -> None:
        from core.images import read_image
        from core.prediction.look import look_at

        network, model = self._loaded()
        picture = read_image(Path(request.path))  # not kept: the one that is shown is asked for part by part
        look = look_at(
            network,
            picture,
            request.labels,
            classes=request.classes,
            accept_above=request.accept_above,
            stop=self._give_way,
        )
        found = (None, None) if look is None else (look.regions, look.accepted)
        self._report(LookedAt(request.image_id, model.run_id, *found))

    def _give_way(self) -> bool:
        """Amid a look: answer who waits for a prediction; True if something waits that takes longer."""
        self._report(Alive())
        while not self._requests.empty():
            request = self._requests.get()
            if isinstance(request, Predict | LoadModel | ReadPicture):
                self._answer(request)
            else:
                self._later.append(request)
        return bool(self._later)

    def _measure(self, request: MeasureImage) -> None:
        from core.evaluation.measure import measure_image

        network, _ = self._loaded()
        try:
            answer = ImageMeasured(
                request.cells.image.image_id, measure_image(network, request.cells, stop=self._live_on)
            )
        except TrainingError as error:
            answer = ImageMeasured(request.cells.image.image_id, None, str(error))
        self._report(answer)

    def _send_prediction(self, request: Predict, network: "Predictor", run_id: int) -> None:
        from core.prediction.inference import predict_planes, predict_roughly

        picture, region = self._picture(Path(request.path)), request.region
        if request.step > 1:
            found = predict_roughly(network, picture, request.step, region=region, stop=self._live_on)
        else:
            found = predict_planes(network, picture, region=region, stop=self._live_on)
        about = request.image_id, run_id
        self._report(PredictionReady(*about, found.class_map, found.confidence, region, found.entropy, request.step))

    def _picture(self, path: Path) -> "Picture":
        """The decoded file; the last one is kept, since a large picture is asked for part by part."""
        from core.images import read_image

        with suppress(OSError):  # what cannot be read is for read_image to say
            stat = path.stat()
            version = (path, stat.st_mtime_ns, stat.st_size)
            if self._shown is None or self._shown[0] != version:
                self._shown = (version, read_image(path))
            return self._shown[1]
        return read_image(path)

    def _live_on(self) -> bool:
        """Asked before each tile of a prediction whether to stop: a large picture takes long, but nothing hangs."""
        self._report(Alive())
        return False

    def _export(self, request: ExportModel) -> None:
        from core.model_formats import model_format
        from core.model_formats.check import CHECKING
        from core.model_formats.export import export_model

        told = ""

        def report(doing: str) -> None:
            nonlocal told
            if self._export_stopped:
                raise ExportError(EXPORT_STOPPED)
            if doing != told:
                self._report(ExportProgress(doing))
            told = doing
            if doing == CHECKING:
                self._give_way()
            else:  # models that are built now would be put where the one that is written is
                self._report(Alive())

        format, folder = model_format(request.format), Path(request.folder)
        written = export_model(request.model, request.origin, format, folder, report, held_out=request.held_out)
        self._report(ModelExported(request.folder, written.figures))


def _explain(error: Exception) -> tuple[str, str]:
    """A sentence for a person, and the traceback for the report where it is a bug."""
    if out_of_memory(error):
        return "There was not enough memory. Choose a smaller network or patch, or close other programs.", ""
    return "Something went wrong inside Maskwright. The report says where.", "".join(traceback.format_exception(error))
