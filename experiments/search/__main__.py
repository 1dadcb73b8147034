"""``python -m experiments.search [overrides]``: searches for the best config."""

from experiments.cli.entry import command


@command()
def main() -> None:
    """Exit status 0; 1 if a trial failed; 2 for bad input; 130 after Ctrl-C."""
    # Here, not above: the guard must be in place while Hydra is imported, which takes a second.
    from experiments.cli.hydra_command import run_hydra
    from experiments.search.job import job

    run_hydra(job, "search")


if __name__ == "__main__":
    main()
