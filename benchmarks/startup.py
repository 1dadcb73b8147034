"""How long commands take to start, and what they import: ``python -m benchmarks.startup``."""

import subprocess
import sys
from functools import partial

from benchmarks.statistics import Spread, seconds_of

REPEATS = 9
HEAVY = ("mlflow", "sklearn", "matplotlib", "scipy", "PIL", "rich")
ENTRIES = ("nnscratch", "experiments.train", "experiments.datasets")


def main() -> None:
    """Prints the times of ``--help`` and of importing Hydra and NumPy, then the heavy imports."""
    commands = {
        "experiments.train --help": ["-m", "experiments.train", "--help"],
        "import hydra, numpy": ["-c", "import hydra, numpy"],
    }
    taken: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(REPEATS):
        for name, arguments in commands.items():
            command = [sys.executable, *arguments]
            run = partial(subprocess.run, command, check=True, stdout=subprocess.DEVNULL)
            taken[name].append(seconds_of(run))
    for name, values in taken.items():
        spread = Spread.of(values)
        print(f"{name:28} {spread.median:.2f} s ({spread.lower:.2f}–{spread.upper:.2f})")
    for entry in ENTRIES:
        print(f"import {entry:21} brings {', '.join(_heavy_imports(entry)) or 'nothing heavy'}")


def _heavy_imports(entry: str) -> list[str]:
    script = f"import sys, {entry}; print(*[m for m in {HEAVY} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True
    )
    return done.stdout.split()


if __name__ == "__main__":
    main()
