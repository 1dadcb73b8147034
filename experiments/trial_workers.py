"""Processes that train one trial after another, and ask after every epoch whether to go on."""

import multiprocessing
import signal
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum, auto
from multiprocessing.connection import Connection, wait
from typing import NoReturn, TypeAlias, final

from omegaconf import DictConfig

from nnscratch import DivergenceError, Epoch

# A fresh interpreter: a fork would share the parent's threads and connections.
_PROCESSES = multiprocessing.get_context("spawn")


@dataclass(frozen=True)
class Job:
    """One training, and the run that it belongs below."""

    config: DictConfig
    name: str
    parent_run_id: str


@dataclass(frozen=True)
class Reached:
    """An epoch is over; the worker waits for a ``Verdict``."""

    epoch: int
    val_accuracy: float


class Verdict(Enum):
    GO_ON = auto()
    PRUNE = auto()
    STOP = auto()


@dataclass(frozen=True)
class Ended:
    """The training is over: FINISHED with its validation accuracy (0–1), PRUNED, STOPPED, …"""

    status: str
    val_accuracy: float = -1.0
    error: str = ""


@dataclass(frozen=True)
class Died:
    """The process is gone, and what it was training with it."""


Message: TypeAlias = Reached | Ended | Died


@final
class Worker:
    """One process. Its death is a message like others, and costs only what it was training."""

    def __init__(self) -> None:
        self.pipe, theirs = _PROCESSES.Pipe()
        self._process = _PROCESSES.Process(target=_serve, args=(theirs,), daemon=True)
        self._process.start()
        theirs.close()  # so that the end of the process is the end of the pipe

    def send(self, message: Job | Verdict) -> None:
        """To a process that may have died: ``receive`` tells."""
        with suppress(OSError):
            self.pipe.send(message)

    def receive(self) -> Message:
        """What the process says, as soon as it does."""
        try:
            return self.pipe.recv()
        except (EOFError, OSError):
            self._process.join()
            return Died()

    def close(self) -> None:
        """Ends the process; a run that it is at ends KILLED."""
        self._process.terminate()
        self._process.join()
        self.pipe.close()


def speaking(workers: list[Worker], seconds: float) -> list[Worker]:
    """Those of the workers who have something to say, waited for no longer than ``seconds``."""
    pipes = wait([worker.pipe for worker in workers], seconds)
    return [worker for worker in workers if worker.pipe in pipes]


def _serve(pipe: Connection) -> None:
    """The life of a worker: from job to job, until the search is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to the search, which says what to do
    signal.signal(signal.SIGTERM, _interrupt)
    with suppress(EOFError, OSError, KeyboardInterrupt):
        while True:
            pipe.send(_train(pipe.recv(), pipe))


def _train(job: Job, pipe: Connection) -> Ended:
    from experiments.errors import one_line
    from experiments.reporting.terminal import Silent
    from experiments.running import run
    from experiments.stopping import Pruned, Stopped

    def watch(epoch: Epoch) -> None:
        try:
            pipe.send(Reached(epoch.number, epoch.val_accuracy or 0.0))
            verdict = pipe.recv()
        except (EOFError, OSError):
            verdict = Verdict.STOP  # the search is gone
        if verdict is Verdict.PRUNE:
            raise Pruned
        if verdict is Verdict.STOP:
            raise Stopped

    try:
        accuracy = run(
            job.config,
            name=job.name,
            report=Silent(),
            parent_run_id=job.parent_run_id,
            watch=watch,
        )
    except Pruned:
        return Ended("PRUNED")
    except Stopped:
        return Ended("STOPPED")
    except DivergenceError as error:
        return Ended("DIVERGED", error=one_line(error))
    except Exception as error:
        return Ended("FAILED", error=one_line(error))
    return Ended("FINISHED", accuracy)


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt
