"""``python -m experiments.train [overrides] [-m]``: trains one network, or all of a sweep."""

import sys

from experiments.cli.entry import command


@command()
def main() -> None:
    """Exit status 0; 1 if a run failed; 2 for bad input; 130 after Ctrl-C."""
    # Here, not above: the guard must be in place while Hydra is imported, which takes a second.
    from experiments.cli.hydra_command import run_hydra
    from experiments.sweeps import callback
    from experiments.sweeps.job import job
    from experiments.sweeps.local_launcher import expect_workers
    from experiments.sweeps.registration import register_plugins

    expect_workers(sys.argv[1:])
    register_plugins()
    try:
        run_hydra(job, "train")
    except BaseException as error:
        callback.abandon(error)
        raise


if __name__ == "__main__":
    main()
