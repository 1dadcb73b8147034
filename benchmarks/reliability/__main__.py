"""Attacks the program and counts failures: ``python -m benchmarks.reliability``.

Every try has a seed, so that it can be repeated. A full measurement of an attack replaces its row
in the table of docs/reliability.md.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from random import Random
from typing import NamedTuple

from benchmarks.reliability.attack import Attack, Failed
from benchmarks.reliability.attacks.command_lines import CommandLines
from benchmarks.reliability.attacks.concurrency import Concurrency
from benchmarks.reliability.attacks.damaged_files import DamagedFiles
from benchmarks.reliability.attacks.damaged_runs import DamagedRuns
from benchmarks.reliability.attacks.full_disk import FullDisk
from benchmarks.reliability.attacks.hostile_rows import HostileRows
from benchmarks.reliability.attacks.kills import Kills, SweepKills
from benchmarks.reliability.attacks.outages import Outages
from benchmarks.reliability.attacks.power_cuts import PowerCuts

ATTACKS: tuple[type[Attack], ...] = (
    Kills,
    SweepKills,
    PowerCuts,
    Outages,
    FullDisk,
    Concurrency,
    DamagedFiles,
    DamagedRuns,
    HostileRows,
    CommandLines,
)
_ROOT = Path(__file__).resolve().parents[2]
_PAGE = _ROOT / "docs" / "reliability.md"
_HEAD = "| attack | what must hold after each try | tries | failures |\n|---|---|---|---|"
_BEGIN, _END = "<!-- table: begin -->\n", "<!-- table: end -->\n"


class Result(NamedTuple):
    """How the tries of one attack ended."""

    attack: type[Attack]
    tries: int
    failures: int
    missing: str | None  # what the machine lacks for it

    @property
    def row(self) -> str:
        """The row of the table."""
        counts = f"{self.tries:,} | {self.failures}"
        if self.missing is not None:
            counts = f"– | left out: {self.missing}"
        return f"| `{self.attack.name}` | {self.attack.promise} | {counts} |"


def main(arguments: Sequence[str] | None = None) -> None:
    """Exit status 1 if a try failed."""
    options = _parser().parse_args(arguments)
    os.environ["PYTHONPATH"] = str(_ROOT)
    results = []
    for attack in ATTACKS:
        if options.only in (None, attack.name):
            results.append(_measure(attack, options))
            if not options.quick and options.attempt is None and results[-1].missing is None:
                _write(results[-1])
    print(_HEAD, *(result.row for result in results), sep="\n")
    raise SystemExit(any(result.failures for result in results))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reliability", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a few tries of each attack")
    names = [attack.name for attack in ATTACKS]
    parser.add_argument("--only", choices=names, metavar="NAME", help=f"one of {', '.join(names)}")
    parser.add_argument("--try", type=int, metavar="N", dest="attempt", help="repeats one try")
    return parser


def _measure(attack: type[Attack], options: argparse.Namespace) -> Result:
    tries = attack.quick_tries if options.quick else attack.tries
    numbers = range(tries) if options.attempt is None else [options.attempt]
    began = time.monotonic()
    result = run(attack, numbers)
    print(
        f"{attack.name}: {result.tries} tries, {result.failures} failures, "
        f"{time.monotonic() - began:.0f} s",
        flush=True,
    )
    return result


def run(attack: type[Attack], numbers: Iterable[int]) -> Result:
    """The tries with these numbers; prints one line for each failure."""
    attacker = attack()
    if (missing := attacker.missing()) is not None:
        return Result(attack, 0, 0, missing)
    tries = failures = 0
    with tempfile.TemporaryDirectory(prefix="nnscratch-", ignore_cleanup_errors=True) as prepared:
        attacker.prepare(Path(prepared))
        for number in numbers:
            tries += 1
            failure = _failure(attacker, number)
            if failure is not None:
                failures += 1
                again = f"python -m benchmarks.reliability --only {attack.name} --try {number}"
                print(f"{attack.name} {number} failed: {failure}; again: {again}", flush=True)
    return Result(attack, tries, failures, None)


def _failure(attacker: Attack, number: int) -> str | None:
    random = Random(f"{attacker.name} {number}")
    with tempfile.TemporaryDirectory(prefix="nnscratch-", ignore_cleanup_errors=True) as folder:
        try:
            attacker.attempt(Path(folder), random)
        except Failed as failed:
            return str(failed)
        except Exception as error:
            return " ".join(f"{type(error).__name__}: {error}".split())[:500]
    return None


def _write(result: Result) -> None:
    """Replaces the row of the attack in the page."""
    rows = {attack.name: f"| `{attack.name}` | {attack.promise} | – | – |" for attack in ATTACKS}
    before, _, rest = _PAGE.read_text(encoding="utf-8").partition(_BEGIN)
    table, _, after = rest.partition(_END)
    for line in table.splitlines():
        name = line.split("`")[1] if line.startswith("| `") else ""
        if name in rows:
            rows[name] = line
    rows[result.attack.name] = result.row
    lines = "\n".join((_HEAD, *rows.values()))
    _PAGE.write_text(f"{before}{_BEGIN}{lines}\n{_END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
