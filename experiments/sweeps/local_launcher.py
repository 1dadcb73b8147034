"""The Hydra launcher for this machine: it runs the jobs of a sweep in parallel processes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from omegaconf import DictConfig

from experiments.config.schema import LOCAL_LAUNCHER
from experiments.errors import ConfigError
from experiments.runtime.workers import WorkerDied, Workers, begin_imports, processes
from experiments.sweeps.job_launcher import Job, JobLauncher, JobLost, Outcomes

WORKER_IMPORTS = "experiments.sweeps.worker_imports"


def expect_workers(arguments: Sequence[str]) -> None:
    """Starts the imports of the worker processes if the command line looks like a sweep.

    This is long before the config is composed, and saves two seconds.
    """
    if {"-m", "--multirun"} & {*arguments} or any(a.startswith("sweep=") for a in arguments):
        begin_imports(WORKER_IMPORTS)


def prepare_workers(config: DictConfig) -> None:
    """Starts the imports of the worker processes, while this process prepares the sweep."""
    if config.hydra.launcher._target_ == LOCAL_LAUNCHER:
        _processes(config.hydra.launcher.n_jobs)  # first, to report a mistake at once
        begin_imports(WORKER_IMPORTS)


def _processes(n_jobs: int) -> int:
    if n_jobs != -1 and n_jobs < 1:
        allowed = "expected the number of processes, or -1 for one per core"
        raise ConfigError("hydra.launcher.n_jobs", n_jobs, allowed)
    return processes(n_jobs)


class LocalLauncher(JobLauncher):
    """Runs jobs in ``n_jobs`` processes."""

    def __init__(self, n_jobs: int) -> None:
        self._n_jobs = n_jobs

    def outcomes(self, jobs: Iterator[Job], count: int) -> Outcomes:
        with Workers(min(_processes(self._n_jobs), count)) as workers:
            for job, outcome in workers.run(Job.run, jobs):
                if isinstance(outcome, WorkerDied):
                    yield job, JobLost(f"{outcome}, maybe because memory ran out")
                else:
                    yield job, outcome
