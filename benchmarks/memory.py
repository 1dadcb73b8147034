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
from collections.abc import Callable, Sequence
from contextlib import suppress
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
    before, peak, _ = _measured(_core_run)
    print(f"a run's memory beyond the data      {(peak - before) / MEGABYTE:6.1f} MB")

    _, peak, modules = _measured(_harness_run)
    bare, _, _ = _measured(_bare_imports, modules)
    print(f"a worker, over the same imports     {(peak - bare) / MEGABYTE:6.1f} MB")
    print(f"                (the imports alone: {bare / MEGABYTE:6.1f} MB)")
    del mapped


def _mapped() -> Splits:
    """The data set with every page of it mapped into this process."""
    splits = load(DATA, val_fraction=0.1, seed=0)
    for part in (splits.train, splits.test):
        part.inputs.max()
    return splits


def _measured(
    work: Callable[[Connection], None], modules: Sequence[str] = ()
) -> tuple[int, int, list[str]]:
    """Unshared bytes of a child that runs ``work``: when it is ready, and at its peak.

    The child receives ``modules`` first. At its end it sends the modules that it has imported.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=work, args=(theirs,))
    process.start()
    theirs.close()
    child = psutil.Process(process.pid)
    ours.send(modules)
    ours.recv()  # ready
    before = peak = child.memory_full_info().uss
    ours.send("go")
    while not ours.poll():
        peak = max(peak, child.memory_full_info().uss)
        time.sleep(0.005)
    modules = ours.recv()
    process.join()
    return before, peak, list(modules)


def _core_run(connection: Connection) -> None:
    """Two epochs of the default network, with validation."""
    from nnscratch import Adam, SoftmaxCrossEntropyLoss, fit, mlp

    connection.recv()
    splits = _mapped()
    connection.send("ready")
    connection.recv()
    network = mlp([784, 128, 64, 10])
    epochs = fit(
        network,
        SoftmaxCrossEntropyLoss(),
        Adam(),
        splits.train,
        splits.validation,
        epochs=2,
        batch_size=64,
    )
    list(epochs)
    connection.send([])


def _harness_run(connection: Connection) -> None:
    """The default run as the command line starts it, with a store of its own."""
    connection.recv()
    connection.send("ready")
    connection.recv()
    connection.send(_train())


def _bare_imports(connection: Connection) -> None:
    """The imports of a harness run and nothing else."""
    for name in connection.recv():
        with suppress(Exception):
            importlib.import_module(name)
    connection.send("ready")
    connection.recv()
    connection.send([])


def _train() -> list[str]:
    """Trains two epochs through ``experiments.train`` and returns the imported modules."""
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
    return sorted(name for name in sys.modules if not name.startswith("__"))


if __name__ == "__main__":
    main()
