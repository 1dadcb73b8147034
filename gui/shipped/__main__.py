"""``python -m gui.shipped RUN``: makes the network that comes with the window from a logged run."""

from experiments.cli.arguments import Parser
from experiments.cli.entry import command
from gui.runs.library import RunLibrary
from gui.shipped.network import FILE, save_shipped, shipped_network
from nnscratch import weights_digest


@command()
def main() -> None:
    """Prints the size of the file, and the digest of the weights that it gives."""
    parser = Parser(prog="gui.shipped", description="Makes the network that comes with the window.")
    parser.add_argument("run", metavar="RUN", help="its id, or models:/NAME@ALIAS")
    save_shipped(RunLibrary().load(parser.parse_args().run).recognizer.network)
    digest = weights_digest(shipped_network())
    print(f"{FILE.stat().st_size:,} bytes, weights digest {digest}")  # noqa: T201


if __name__ == "__main__":
    main()
