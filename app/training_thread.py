"""The background training thread: it owns the worker process, hands it requests and relays what it reports."""

from queue import Empty, SimpleQueue

from PySide6.QtCore import QObject, QThread, Signal

from core.training.messages import Quit, Request
from core.training.worker import Worker

STACK_BYTES = 8 * 2**20
"""macOS gives a thread 512 KB, too little for what unpickling and NumPy may need."""
POLL_S = 0.02
"""So long at most a request waits until it is passed on."""


class TrainingThread(QThread):
    """Starts a worker process at once, and anew when one is needed after it died."""

    reported = Signal(object)
    """A Report from the worker. It crosses threads, so it arrives queued."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.setStackSize(STACK_BYTES)
        self.setObjectName("training")
        self._requests: SimpleQueue[Request] = SimpleQueue()

    def send(self, request: Request) -> None:
        """Pass a request on, starting the thread with the first one."""
        self._requests.put(request)
        if not self.isRunning():
            self.start()

    def close(self) -> None:
        """End the worker and the thread, whatever they are doing."""
        if self.isRunning():
            self._requests.put(Quit())
            self.wait()

    def run(self) -> None:
        worker = Worker()
        worker.start()
        while self._pass_on(worker):
            report = worker.receive(POLL_S)
            if report is not None:
                self.reported.emit(report)
            elif not worker.alive:
                self.msleep(round(POLL_S * 1000))  # a dead worker answers at once, and comes back with a request
        worker.kill()
        worker.close()

    def _pass_on(self, worker: Worker) -> bool:
        """Send what has been asked for; False once the thread is to end."""
        try:
            while True:
                request = self._requests.get_nowait()
                if isinstance(request, Quit):
                    return False
                worker.send(request)
        except Empty:
            return True
