"""Jobs in parallel processes; if one dies, the others continue."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import queue
import signal
import threading
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import forkserver, resource_tracker
from multiprocessing.connection import Connection, wait
from typing import Any, Generic, Self, TypeVar, final

import cloudpickle

from experiments.runtime.signals import STOP_SIGNALS, keep_interrupts, on_stop
from experiments.runtime.streams import own_streams

_GRACE = 20.0  # seconds for interrupted workers to end their runs
_END = b""  # instead of a job: there are no more jobs

Job = TypeVar("Job")
Value = TypeVar("Value")


# Not forked from this process: its threads, of MLflow and BLAS, may block a forked process.
_CONTEXT = multiprocessing.get_context("forkserver")


def begin_imports(*modules: str) -> None:
    """Lets the server of the workers import ``modules``, in the background."""
    _CONTEXT.set_forkserver_preload(["__main__", *modules])
    with _signals_blocked():
        resource_tracker.ensure_running()  # it unblocks some of the signals in this process
    with _signals_blocked():
        forkserver.ensure_running()


def processes(n_jobs: int) -> int:
    """``n_jobs``; for −1 one per core that this process may use.

    These can be fewer than the machine has: by affinity, by the quota of a container or a cluster.
    """
    from joblib import cpu_count  # here: a single run needs no joblib

    return cpu_count() if n_jobs == -1 else n_jobs


@contextmanager
def _signals_blocked() -> Iterator[None]:
    """Processes that start inside inherit the block, until they can handle signals."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@dataclass(frozen=True)
class WorkerDied:
    """The outcome of a job whose process died."""

    exit_code: int | None

    def __str__(self) -> str:
        if self.exit_code is None or self.exit_code >= 0:
            return f"ended with exit status {self.exit_code}"
        return f"was killed ({signal.Signals(-self.exit_code).name})"


@final
class Packed(Generic[Value]):
    """A call that is pickled in advance, so that it is ready when a worker is free."""

    def __init__(self, call: Callable[[], Value]) -> None:
        self._content = cloudpickle.dumps(call)

    def __call__(self) -> Value:
        return cloudpickle.loads(self._content)()


@final
class Workers:
    """``count`` processes that do jobs, one at a time each; a context manager.

    They are forked from a server process that has only done the imports of ``begin_imports``,
    so they start quickly and share memory. If a worker dies, only its job is lost, and another
    worker replaces it. (joblib and ``concurrent.futures`` end all workers then.) Leaving the
    context while jobs are running raises ``KeyboardInterrupt`` in them, and so does the death of
    this process: workers survive it only for the time that ending a run takes.

    Workers ignore SIGINT, SIGTERM and SIGHUP, which a terminal sends to the whole process group:
    this process decides how they stop.
    """

    def __init__(self, count: int) -> None:
        begin_imports()  # unless that was done before
        self._idle = [_Worker() for _ in range(count)]
        self._busy: dict[_Worker, Any] = {}

    def run(
        self, function: Callable[[Job], Value], jobs: Iterable[Job]
    ) -> Iterator[tuple[Job, Value | WorkerDied]]:
        """Each job with the value of ``function(job)``, in the order in which the jobs end.

        A job is taken from ``jobs`` when a worker is free, so it may depend on the outcome of
        earlier jobs. Raises what ``function`` raises.
        """
        todo = iter(jobs)
        while True:
            while self._idle:
                try:
                    job = next(todo)
                except StopIteration:
                    break
                worker = self._idle.pop()
                if not worker.alive:
                    worker = _Worker()
                self._busy[worker] = job
                worker.give(function, job)
            if not self._busy:
                return
            for worker in self._ready():
                outcome = worker.outcome()
                job = self._busy.pop(worker)
                self._idle.append(worker)
                yield job, outcome

    def _ready(self) -> list[_Worker]:
        ready = wait([sign for worker in self._busy for sign in worker.signs])
        return [worker for worker in self._busy if not {*worker.signs}.isdisjoint(ready)]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Dismisses idle workers, interrupts busy ones, and kills those that take too long."""
        deadline = time.monotonic() + _GRACE
        for worker in self._idle:
            worker.dismiss()
        for worker in self._busy:
            worker.interrupt()
        for worker in (*self._idle, *self._busy):
            worker.join(deadline - time.monotonic())


@final
class _Worker:
    """This process's side of one worker."""

    def __init__(self) -> None:
        self._pipe, theirs = _CONTEXT.Pipe()
        self._process = _CONTEXT.Process(target=_serve, args=(theirs,), daemon=True)
        with _signals_blocked():
            self._process.start()
        theirs.close()  # now the pipe breaks if either process ends
        self.signs = (self._pipe, self._process.sentinel)

    @property
    def alive(self) -> bool:
        return self._process.is_alive()

    def give(self, function: Callable[[Any], Any], job: Any) -> None:
        message = cloudpickle.dumps((function, job))
        with suppress(OSError):  # it has died; see ``outcome``
            self._pipe.send_bytes(message)

    def outcome(self) -> Any | WorkerDied:
        """The value that the job returned. Raises what it raised."""
        try:
            if not self._pipe.poll():
                raise EOFError
            good, value = pickle.loads(self._pipe.recv_bytes())
        except (EOFError, OSError):
            self._process.join()
            self._pipe.close()
            return WorkerDied(self._process.exitcode)
        if not good:
            raise value
        return value

    def dismiss(self) -> None:
        with suppress(OSError):
            self._pipe.send_bytes(_END)

    def interrupt(self) -> None:
        self._pipe.close()

    def join(self, seconds: float) -> None:
        self._process.join(max(seconds, 0.0))
        self._process.kill()
        self._process.join()


# --- in the worker --------------------------------------------------------------------------


def _serve(pipe: Connection) -> None:
    """The worker's main thread: one job after the other."""
    abandoned = threading.Event()

    def interrupt(*_: object) -> None:
        if abandoned.is_set():
            raise KeyboardInterrupt

    own_streams()
    keep_interrupts()
    on_stop(interrupt)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)
    inbox: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(pipe, inbox, abandoned), daemon=True).start()
    with suppress(KeyboardInterrupt):
        while message := inbox.get():
            pipe.send_bytes(_answer(message))


def _listen(pipe: Connection, inbox: queue.SimpleQueue[bytes], abandoned: threading.Event) -> None:
    """The worker's second thread, which notices a broken pipe during a job."""
    try:
        while message := pipe.recv_bytes():
            inbox.put(message)
    except (EOFError, OSError):
        abandoned.set()
        os.kill(os.getpid(), signal.SIGINT)  # wakes the main thread if it waits
    inbox.put(_END)


def _answer(message: bytes) -> bytes:
    try:
        function, job = cloudpickle.loads(message)
        return cloudpickle.dumps((True, function(job)))
    except Exception as error:
        error.add_note(f"in a worker process:\n{traceback.format_exc()}")
        return cloudpickle.dumps((False, error))
