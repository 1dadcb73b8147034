"""The memory of a run and of a sweep's worker: ``python -m benchmarks.memory``.

Unshared memory (USS) is what the system gets back when the process ends. This process also maps
the data set, as the other workers of a sweep do. So the pages of the data count as shared.
"""

import importlib
import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from multiprocessing.connection import Connection

import psutil  # pyright: ignore[reportMissingModuleSource]

from benchmarks.peers.worker import thread_limits
from experiments.datasets import Splits, load

DATA = "mnist"
MEGABYTE = 1e6


def main() -> None:
    """Prints the memory of the default run, first in the core alone, then in the whole harness."""
    os.environ.update(thread_limits(1))
    mapped = _mapped()
    before, peak, _ = _measured(_mapped, _core_run)
    print(f"a run's memory beyond the data      {(peak - before) / MEGABYTE:6.1f} MB")

    _, peak, modules = _measured(_nothing, _harness_run)
    bare, _, _ = _measured(partial(_import, modules), _nothing)
    print(f"a worker, over the same imports     {(peak - bare) / MEGABYTE:6.1f} MB")
    print(f"                (the imports alone: {bare / MEGABYTE:6.1f} MB)")
    del mapped


def _measured(
    prepare: Callable[[], object], work: Callable[..., object]
) -> tuple[int, int, list[str]]:
    """Unshared bytes of a child that is prepared, then of its peak at work; and its imports."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_child, args=(theirs, prepare, work))
    process.start()
    theirs.close()
    child = psutil.Process(process.pid)
    ours.recv()  # ready
    before = peak = child.memory_full_info().uss
    ours.send("go")
    while not ours.poll():
        peak = max(peak, child.memory_full_info().uss)
        time.sleep(0.005)
    modules = ours.recv()
    process.join()
    return before, peak, modules


def _child(
    connection: Connection, prepare: Callable[[], object], work: Callable[..., object]
) -> None:
    prepared = prepare()
    connection.send("ready")
    connection.recv()
    work(prepared)
    connection.send(sorted(name for name in sys.modules if not name.startswith("__")))


def _nothing(*_prepared: object) -> None:
    pass


def _mapped() -> Splits:
    """The data set with every page of it mapped into this process."""
    splits = load(DATA, val_fraction=0.1, seed=0)
    for part in (splits.train, splits.test):
        part.inputs.max()
    return splits


def _import(modules: Iterable[str]) -> None:
    for name in modules:
        with suppress(Exception):
            importlib.import_module(name)


def _core_run(splits: Splits) -> None:
    """Two epochs of the default network, with validation."""
    from nnscratch import Adam, SoftmaxCrossEntropyLoss, fit, mlp

    network, loss = mlp([784, 128, 64, 10]), SoftmaxCrossEntropyLoss()
    list(fit(network, loss, Adam(), splits.train, splits.validation, epochs=2, batch_size=64))


def _harness_run(_prepared: object) -> None:
    """The default run as the command line starts it, with a store of its own."""
    from experiments import train

    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        sys.argv = [
            "train",
            f"data={DATA}",
            "epochs=2",
            f"tracking.uri=sqlite:///{folder}/mlflow.db",
            f"tracking.artifacts={folder}/artifacts",
            f"tracking.journal={folder}/journal",
            f"hydra.run.dir={folder}/outputs",
        ]
        train.main()


if __name__ == "__main__":
    main()
