"""Seconds per epoch of this core and its peers, in turns: ``python -m benchmarks.peers``.

Every peer sits in a process of its own with the same data, initial weights, batches
and number of threads. The parent asks one after the other for an epoch, in an order
that rotates, so that whatever else the machine does falls on all alike; a ratio is
the median over the rounds of (peer's seconds / this core's seconds in that round).
The ratio of CPU times leaves out what a busy machine makes a peer wait.
The first epoch is not timed: there the losses must agree.
"""

import argparse
import importlib
import importlib.util
import json
import pkgutil
import time
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, cast

import benchmarks
from benchmarks.chart import draw
from benchmarks.machine import describe_machine
from benchmarks.problem import PeerModule, Problem
from benchmarks.statistics import Spread
from benchmarks.worker import Turn, Worker

CORE = "nnscratch"
# Relative, of the first epoch's mean loss. PyTorch and the float64 textbook come within 5e-4;
# JAX's float32 ends 2e-3 away (its float64 does not), and scikit-learn's Adam, which adds its
# epsilon before the bias correction, 2.5e-3.
LOSS_TOLERANCE = 5e-3

PROBLEMS = {
    "default": Problem((784, 128, 64, 10), 64, "adam"),
    "default-sgd": Problem((784, 128, 64, 10), 64, "sgd"),
    "large": Problem((784, 512, 256, 10), 128, "adam"),
    "linear": Problem((784, 10), 32, "adam"),
}


def main() -> None:
    """Measures, prints a table per net and number of threads, writes JSON and a chart."""
    arguments = _arguments()
    peers, missing = _installed_peers()
    unknown = set(arguments.peers or ()) - {*peers, *missing}
    if unknown:
        known = ", ".join([*peers, *missing])
        raise SystemExit(f"no such peer: {', '.join(sorted(unknown))}; there are {known}")
    if arguments.peers:
        peers = {name: peers[name] for name in peers if name == CORE or name in arguments.peers}
    results: list[dict[str, Any]] = []
    report = {
        "date": date.today().isoformat(),
        "machine": describe_machine(),
        "repeats": arguments.repeats,
        "not_installed": missing,
        "results": results,
    }
    print(_machine_line(report["machine"]))
    if missing:
        print("not installed (pip install -e '.[bench]'): " + ", ".join(missing))
    arguments.output.mkdir(parents=True, exist_ok=True)
    for threads in arguments.threads:
        for net in arguments.net:
            problem = replace(PROBLEMS[net], data=arguments.data)
            results.append(measure(problem, peers, threads, arguments.repeats))
            _print_table(results[-1], missing)
            # After each, so that an interrupted run keeps what it has measured.
            (arguments.output / "peers.json").write_text(json.dumps(report, indent=1) + "\n")
            draw(report, arguments.output / "peers.png")
    print(f"\nwritten: {arguments.output / 'peers.json'} and peers.png beside it")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers", description=__doc__)
    parser.add_argument("--net", nargs="+", choices=PROBLEMS, default=list(PROBLEMS))
    parser.add_argument("--threads", nargs="+", type=int, default=[1, 2])
    parser.add_argument("--repeats", type=int, default=15, help="timed epochs per peer")
    parser.add_argument("--peers", nargs="+", help="only these, by the names in the table")
    parser.add_argument("--data", default="mnist", help="digits is small and needs no file")
    parser.add_argument("--quick", action="store_true", help="3 epochs, one net, one thread")
    # Not benchmarks/results: that holds the published measurement.
    parser.add_argument("--output", type=Path, default=Path("outputs/benchmarks"))
    arguments = parser.parse_args()
    if arguments.quick:
        arguments.net, arguments.threads, arguments.repeats = ["default"], [1], 3
    return arguments


def _installed_peers() -> tuple[dict[str, str], list[str]]:
    """The module of each peer by the peer's name, and the names of those not installed."""
    names = [m.name for m in pkgutil.iter_modules(benchmarks.__path__, "benchmarks.")]
    peers: dict[str, str] = {}
    missing: list[str] = []
    for name in sorted(name for name in names if name.startswith("benchmarks.peer_")):
        module = cast(PeerModule, importlib.import_module(name))
        if importlib.util.find_spec(module.PACKAGE):
            peers |= dict.fromkeys(module.VARIANTS, name)
        else:
            missing += module.VARIANTS
    return peers, missing


def measure(problem: Problem, peers: dict[str, str], threads: int, repeats: int) -> dict[str, Any]:
    """One problem with one number of threads: the spread of every peer's seconds and ratio."""
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
    """Raises ``RuntimeError`` if a peer's first epoch came to another loss than the core's."""
    expected = losses[CORE]
    assert expected is not None
    for name, loss in losses.items():
        if loss is not None and abs(loss - expected) > LOSS_TOLERANCE * expected:
            raise RuntimeError(f"{name} did other work: loss {loss:.6f}, the core's {expected:.6f}")


def _summary(turns: list[Turn], core: list[Turn]) -> dict[str, Any]:
    timed = list(zip(turns, core, strict=True))[1:]
    return {
        "seconds": Spread.of([turn.seconds for turn, _ in timed])._asdict(),
        "ratio": Spread.of([turn.seconds / ours.seconds for turn, ours in timed])._asdict(),
        "cpu_ratio": Spread.of([t.cpu_seconds / ours.cpu_seconds for t, ours in timed])._asdict(),
        "first_loss": turns[0].work.loss,
        "last_accuracy": turns[-1].work.accuracy,
    }


def _machine_line(machine: dict[str, Any]) -> str:
    versions = ", ".join(f"{name} {v}" for name, v in machine["versions"].items())
    blas = ", ".join(machine["blas"])
    return f"{machine['processor']}, {machine['cores']} cores; {blas}; {versions}"


def _print_table(result: dict[str, Any], missing: list[str]) -> None:
    line = "{:28} {:>6} {:>13} {:>9}   {:>7} {:>13} {:>10} {:>8}"
    print(f"\n{result['net']}, {result['threads']} thread(s), {result['data']}")
    spread = "quartiles"
    print(line.format("", "ratio", spread, "CPU ratio", "s/epoch", spread, "loss 1", "accuracy"))
    for name, peer in sorted(result["peers"].items(), key=lambda i: i[1]["ratio"]["median"]):
        ratio, seconds = peer["ratio"], peer["seconds"]
        loss, accuracy = peer["first_loss"], peer["last_accuracy"]
        print(
            line.format(
                name,
                f"{ratio['median']:.2f}",
                f"{ratio['lower']:.2f}–{ratio['upper']:.2f}",
                f"{peer['cpu_ratio']['median']:.2f}",
                f"{seconds['median']:.3f}",
                f"{seconds['lower']:.3f}–{seconds['upper']:.3f}",
                "" if loss is None else f"{loss:.5f}",
                "" if accuracy is None else f"{accuracy:.2%}",
            )
        )
    for name in missing:
        print(f"{name:28} not installed")


if __name__ == "__main__":
    main()
