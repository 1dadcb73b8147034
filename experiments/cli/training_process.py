"""``python -m experiments.train`` as a part of another command."""

import subprocess
import sys


def run_training(*arguments: str) -> int:
    """Its exit status, once it is over. Ctrl-C reaches it too, and it then ends in good order."""
    training = subprocess.Popen([sys.executable, "-m", "experiments.train", *arguments])
    while True:
        try:
            return training.wait()
        except KeyboardInterrupt:
            continue
