"""Hydra's launcher for this machine: the jobs of a sweep in parallel processes."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

from hydra.core.hydra_config import HydraConfig
from hydra.core.plugins import Plugins
from hydra.core.singleton import Singleton
from hydra.core.utils import JobReturn, configure_log, run_job, setup_globals
from hydra.plugins.launcher import Launcher
from hydra.types import HydraContext, TaskFunction
from omegaconf import DictConfig, open_dict

from experiments.config import ConfigError
from experiments.stopping import stop_request
from experiments.sweeps.multirun import JobConfigs, job_name, swept_keys
from experiments.sweeps.workers import Packed, WorkerDied, Workers, begin_imports

WORKER_IMPORTS = "experiments.sweeps.worker_imports"
TARGET = "hydra_plugins.nnscratch.LocalLauncher"
"""What a config names to have its jobs run here."""


def expect_workers(arguments: Sequence[str]) -> None:
    """Begins the imports of a sweep's processes if the command line looks like one.

    Long before its config is composed: a sweep of two minutes gains two seconds by that.
    """
    if {"-m", "--multirun"} & {*arguments} or any(a.startswith("sweep=") for a in arguments):
        begin_imports(WORKER_IMPORTS)


def prepare_workers(config: DictConfig) -> None:
    """Lets the processes of a sweep import what takes seconds, while this one prepares it."""
    if config.hydra.launcher._target_ == TARGET:
        _processes(config.hydra.launcher.n_jobs)  # first, so that a mistake is said at once
        begin_imports(WORKER_IMPORTS)


def _processes(n_jobs: int) -> int:
    from joblib import cpu_count  # it knows of containers, and of cores set apart

    if n_jobs != -1 and n_jobs < 1:
        allowed = "give the number of processes, or -1 for one per core"
        raise ConfigError("hydra.launcher.n_jobs", n_jobs, allowed)
    return cpu_count() if n_jobs == -1 else n_jobs


class LocalLauncher(Launcher):
    """Runs jobs in ``n_jobs`` processes; one that is killed costs the job that it was at.

    The results that Hydra gets are those of the jobs that came to their end.
    """

    def __init__(self, n_jobs: int) -> None:
        self._n_jobs = n_jobs

    def setup(
        self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig
    ) -> None:
        self._hydra_context, self._task_function = hydra_context, task_function
        self._config = config  # of the whole sweep

    def launch(
        self, job_overrides: Sequence[Sequence[str]], initial_job_idx: int
    ) -> Sequence[JobReturn]:
        from experiments.reporting import terminal

        setup_globals()
        configure_log(self._config.hydra.hydra_logging, self._config.hydra.verbose)
        swept = swept_keys(job_overrides)
        request = stop_request(self._config.hydra)
        jobs = itertools.takewhile(
            lambda _: not request.made, _ahead(self._jobs(job_overrides, initial_job_idx))
        )
        returned: dict[int, JobReturn] = {}
        with Workers(min(_processes(self._n_jobs), len(job_overrides))) as workers:
            for job, outcome in workers.run(_Job.run, jobs):
                if isinstance(outcome, WorkerDied):
                    name = job_name(job.overrides, swept) or "the run"
                    terminal.print_error(
                        f"{name}: its worker process {outcome}, perhaps for want of memory; "
                        "the sweep goes on, resume=true runs it again"
                    )
                else:
                    returned[job.number] = outcome
        return [returned[number] for number in sorted(returned)]

    def _jobs(self, job_overrides: Sequence[Sequence[str]], initial_job_idx: int) -> Iterator[_Job]:
        singletons = Singleton.get_state()
        configs = JobConfigs(self._config)
        for number, overrides in enumerate(job_overrides, start=initial_job_idx):
            config = configs.compose(overrides)
            with open_dict(config):
                config.hydra.job.id = f"{config.hydra.job.name}_{number}"
                config.hydra.job.num = number
            work = partial(_run, config, self._hydra_context, self._task_function, singletons)
            yield _Job(number, overrides, Packed(work))


def _ahead(jobs: Iterator[_Job]) -> Iterator[_Job]:
    """The same, each made while the one before it is being done: no worker waits for that."""
    with ThreadPoolExecutor(1) as maker:
        upcoming = maker.submit(next, jobs, None)
        while job := upcoming.result():
            upcoming = maker.submit(next, jobs, None)
            yield job


@dataclass(frozen=True)
class _Job:
    """One job of Hydra's, and what sets it apart."""

    number: int
    overrides: Sequence[str]
    work: Packed[JobReturn]

    def run(self) -> JobReturn:
        return self.work()


def _run(
    config: DictConfig,
    hydra_context: HydraContext,
    task_function: TaskFunction,
    singletons: dict[Any, Any],
) -> JobReturn:
    """Runs one job as Hydra would, in a process of its own."""
    setup_globals()
    # Hydra would look for its plugins before every job; a process finds them once.
    singletons["instances"][Plugins] = Plugins.instance()
    Singleton.set_state(singletons)
    HydraConfig.instance().set_config(config)
    return run_job(
        hydra_context=hydra_context,
        task_function=task_function,
        config=config,
        job_dir_key="hydra.sweep.dir",
        job_subdir_key="hydra.sweep.subdir",
    )
