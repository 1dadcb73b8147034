"""``python -m experiments.train`` as a subprocess of another command."""

import subprocess
import sys


def run_training(*arguments: str) -> int:
    """Waits for its end; the exit status. Ctrl-C reaches the training too, and it stops itself."""
    training = subprocess.Popen([sys.executable, "-m", "experiments.train", *arguments])
    while True:
        try:
            return training.wait()
        except KeyboardInterrupt:
            continue
