"""All peers train in turns: the time of each epoch, as a ratio to the time of this core.

Every peer runs in a process of its own, with the same data, initial weights, batches and number
of threads. The parent asks one peer after the other for an epoch. The order rotates, so other
work on the machine slows all peers alike. A ratio is the median over the rounds of the peer's
seconds divided by this core's seconds in the same round. The ratio of CPU times leaves out how
long a peer waited for a busy core.
"""

import importlib.util
import time
from typing import Any

from benchmarks.peers.problem import Problem
from benchmarks.peers.worker import Turn, Worker
from benchmarks.statistics import Spread

# Each defines PACKAGE, the module that must be installed, and VARIANTS, its peers by name.
MODULES = ("core", "floor", "jax_cpu", "pytorch", "scikit_learn", "textbook")
CORE = "nnscratch"
# Relative, for the mean loss of the first epoch. PyTorch and the float64 textbook differ from the
# core by at most 5e-4. JAX in float32 differs by 2e-3 (in float64 it agrees). scikit-learn's Adam
# adds epsilon before the bias correction: 2.5e-3.
LOSS_TOLERANCE = 5e-3


def installed_peers() -> tuple[dict[str, str], list[str]]:
    """The module of each installed peer by the peer's name, and the names of the missing peers."""
    peers: dict[str, str] = {}
    missing: list[str] = []
    for name in (f"benchmarks.peers.{module}" for module in MODULES):
        module = importlib.import_module(name)
        if importlib.util.find_spec(module.PACKAGE):
            peers |= dict.fromkeys(module.VARIANTS, name)
        else:
            missing += module.VARIANTS
    return peers, missing


def measure(problem: Problem, peers: dict[str, str], threads: int, repeats: int) -> dict[str, Any]:
    """One problem with one number of threads: the spread of each peer's seconds and ratio.

    The first epoch is not timed. It checks that all peers do the same work.
    """
    workers = [Worker(name, module, problem, threads) for name, module in peers.items()]
    turns: dict[str, list[Turn]] = {worker.name: [] for worker in workers}
    try:
        for start in range(repeats + 1):
            shift = start % len(workers)
            for worker in workers[shift:] + workers[:shift]:
                turns[worker.name].append(worker.epoch())
                time.sleep(0.05)  # until the threads of this peer have stopped spinning
            if start == 0:
                _check_same_work({name: turn[0].work.loss for name, turn in turns.items()})
    finally:
        for worker in workers:
            worker.close()
    return {
        "net": problem.name,
        "data": problem.data,
        "threads": threads,
        "peers": {name: _summary(turn, turns[CORE]) for name, turn in turns.items()},
    }


def _check_same_work(losses: dict[str, float | None]) -> None:
    """Raises ``RuntimeError`` if the loss of a peer's first epoch differs from the core's."""
    expected = losses[CORE]
    assert expected is not None
    for name, loss in losses.items():
        if loss is not None and abs(loss - expected) > LOSS_TOLERANCE * expected:
            raise RuntimeError(
                f"{name} did different work: its loss is {loss:.6f}, the core's {expected:.6f}"
            )


def _summary(turns: list[Turn], core: list[Turn]) -> dict[str, Any]:
    timed = list(zip(turns, core, strict=True))[1:]
    return {
        "seconds": Spread.of([turn.seconds for turn, _ in timed])._asdict(),
        "ratio": Spread.of([turn.seconds / ours.seconds for turn, ours in timed])._asdict(),
        "cpu_ratio": Spread.of([t.cpu_seconds / ours.cpu_seconds for t, ours in timed])._asdict(),
        "first_loss": turns[0].work.loss,
        "last_accuracy": turns[-1].work.accuracy,
    }
