"""Seconds per epoch of this core and of its peers, in turns: ``python -m benchmarks.peers``."""

import argparse
import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks.machine import describe_machine
from benchmarks.peers.chart import draw
from benchmarks.peers.comparison import CORE, installed_peers, measure
from benchmarks.peers.problem import Problem

PROBLEMS = {
    "default": Problem((784, 128, 64, 10), 64, "adam"),
    "default-sgd": Problem((784, 128, 64, 10), 64, "sgd"),
    "large": Problem((784, 512, 256, 10), 128, "adam"),
    "linear": Problem((784, 10), 32, "adam"),
}


def main() -> None:
    """Measures, prints a table per network and number of threads, writes JSON and a chart."""
    arguments = _arguments()
    peers, missing = _chosen_peers(arguments.peers)
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
            # After each result, so that an interrupted command keeps what it has measured.
            (arguments.output / "peers.json").write_text(json.dumps(report, indent=1) + "\n")
            draw(report, arguments.output / "peers.png")
    print(f"\nwritten: {arguments.output / 'peers.json'} and peers.png beside it")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers", description=__doc__)
    parser.add_argument("--net", nargs="+", choices=PROBLEMS, default=list(PROBLEMS))
    parser.add_argument("--threads", nargs="+", type=int, default=[1, 2])
    parser.add_argument("--repeats", type=int, default=15, help="timed epochs per peer")
    parser.add_argument("--peers", nargs="+", help="only these, by their names in the table")
    parser.add_argument("--data", default="mnist", help="digits is small and needs no file")
    parser.add_argument("--quick", action="store_true", help="3 epochs, one network, one thread")
    # Not benchmarks/results: that folder holds the published measurements.
    parser.add_argument("--output", type=Path, default=Path("outputs/benchmarks"))
    arguments = parser.parse_args()
    if arguments.quick:
        arguments.net, arguments.threads, arguments.repeats = ["default"], [1], 3
    return arguments


def _chosen_peers(wanted: list[str] | None) -> tuple[dict[str, str], list[str]]:
    """The installed peers, or the core and those of them that are wanted; and the missing ones."""
    peers, missing = installed_peers()
    unknown = set(wanted or ()) - {*peers, *missing}
    if unknown:
        known = ", ".join([*peers, *missing])
        raise SystemExit(f"unknown peer: {', '.join(sorted(unknown))}; choose from {known}")
    if wanted:
        peers = {name: peers[name] for name in peers if name == CORE or name in wanted}
    return peers, missing


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
