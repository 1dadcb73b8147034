"""``python -m experiments.rerun RUN_ID``: trains a logged run again, and compares the weights."""

from experiments.cli.arguments import Parser
from experiments.cli.entry import command


@command(shows_result=True)
def main() -> None:
    """Exit status 0 if the weights are equal, 1 if not, 2 if they can't be compared."""
    parser = Parser(
        prog="python -m experiments.rerun",
        description="Trains a run again from its logged config, and compares the weights after "
        "each epoch, bit for bit. Logs nothing and changes nothing.",
    )
    parser.add_argument("run", metavar="RUN_ID", help="the run's id, or the start of it")
    parser.add_store()
    parser.add_argument(
        "--trust",
        action="store_true",
        help="read the files that the logged config names, also outside of NNSCRATCH_DATA",
    )
    arguments = parser.parse_args()

    # Here, not above: --help need not wait for MLflow.
    from experiments.reporting import terminal
    from experiments.tracking import RunStore
    from experiments.training.rerun import Rerun, changed_versions

    rerun = Rerun.of(RunStore(arguments.uri), arguments.run, trust=arguments.trust)
    run = rerun.run
    terminal.print_text(f"training {run.name} ({run.run_id[:8]}) again")
    difference = rerun.difference()
    if difference is None:
        terminal.print_text("the same weights, bit for bit, after every epoch")
        return
    for line in (difference, *changed_versions(run.tags)):
        terminal.print_text(line)
    raise SystemExit(1)


if __name__ == "__main__":
    main()
