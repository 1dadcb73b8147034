"""``python -m gui.shipped RUN``: makes the network that comes with the window from a logged run."""

import sys

from experiments.tracking import RunStore
from gui.shipped.network import FILE, save_shipped, shipped_network
from nnscratch import load_checkpoint, weights_digest


def main() -> None:
    """Prints the size of the file, and the digest of the weights that it gives."""
    [run] = sys.argv[1:]
    with RunStore().checkpoint(run) as file:
        save_shipped(load_checkpoint(file))
    print(f"{FILE.stat().st_size:,} bytes, weights digest {weights_digest(shipped_network())}")  # noqa: T201


if __name__ == "__main__":
    main()
