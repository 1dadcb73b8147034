"""A child process that holds one prepared peer and trains for one epoch at each request."""

import importlib
import multiprocessing
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import NamedTuple

from benchmarks.peers.problem import Problem, Work


class Turn(NamedTuple):
    """One epoch of one peer."""

    seconds: float
    cpu_seconds: float  # of all threads of the child, without waiting for a busy core
    work: Work


class Worker:
    """One peer in a process of its own, limited to ``threads`` threads and as many cores.

    The environment holds the limits before the child imports anything, because most libraries
    read them only once.
    """

    def __init__(self, name: str, module: str, problem: Problem, threads: int) -> None:
        self.name = name
        context = multiprocessing.get_context("spawn")
        self._connection, theirs = context.Pipe()
        arguments = (theirs, module, name, problem, threads)
        self._process = context.Process(target=_serve, args=arguments, daemon=True)
        with _environment(thread_limits(threads)):
            self._process.start()
        theirs.close()

    def epoch(self) -> Turn:
        """Waits for one epoch. Raises ``RuntimeError`` with the child's message if it failed."""
        try:
            self._connection.send("epoch")
            answer = self._connection.recv()
        except (EOFError, OSError) as error:
            raise RuntimeError(f"{self.name}: its process died") from error
        if isinstance(answer, str):
            raise RuntimeError(f"{self.name}: {answer}")
        return answer

    def close(self) -> None:
        """Ends the child."""
        self._connection.close()
        self._process.join(timeout=10)
        if self._process.is_alive():
            self._process.terminate()


def thread_limits(threads: int) -> dict[str, str]:
    """Environment variables that limit every library here to this number of threads."""
    names = ("OMP", "OPENBLAS", "MKL", "NUMEXPR", "VECLIB_MAXIMUM")
    eigen = "true" if threads > 1 else "false"
    return {
        **{f"{name}_NUM_THREADS": str(threads) for name in names},
        "XLA_FLAGS": f"--xla_cpu_multi_thread_eigen={eigen}",
        "JAX_PLATFORMS": "cpu",
    }


@contextmanager
def _environment(variables: dict[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _serve(connection: Connection, module: str, name: str, problem: Problem, threads: int) -> None:
    if hasattr(os, "sched_setaffinity"):  # Linux: XLA obeys nothing else
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, cores[:threads])
    try:
        run_epoch = importlib.import_module(module).VARIANTS[name](problem, threads)
        while True:
            connection.recv()
            started, cpu_started = time.perf_counter(), time.process_time()
            work = run_epoch()
            seconds, cpu_seconds = time.perf_counter() - started, time.process_time() - cpu_started
            connection.send(Turn(seconds, cpu_seconds, work))
    except EOFError:
        pass  # the parent has closed its end
    except Exception as error:
        connection.send(f"{type(error).__name__}: {error}")
