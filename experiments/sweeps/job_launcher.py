"""What all launchers share: the jobs of a sweep, and their results."""

from __future__ import annotations

import itertools
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

from hydra.core.hydra_config import HydraConfig
from hydra.core.plugins import Plugins
from hydra.core.singleton import Singleton
from hydra.core.utils import JobReturn, configure_log, run_job, setup_globals
from hydra.plugins.launcher import Launcher
from hydra.types import HydraContext, TaskFunction
from omegaconf import DictConfig, open_dict

from experiments.config.digests import config_digest, flatten
from experiments.runtime.streams import print_error
from experiments.runtime.workers import Packed
from experiments.sweeps.multirun import JobConfigs, job_name, swept_keys
from experiments.training.stopping import stop_request


@dataclass(frozen=True)
class JobLost:
    """Why a job has no result; completes the sentence "its worker process …"."""

    reason: str


Outcomes: TypeAlias = "Iterator[tuple[Job, JobReturn | JobLost]]"


class JobLauncher(Launcher, ABC):
    """A launcher whose jobs may die without harm to the others.

    Hydra's own plugins give up a sweep when the first process dies. This one returns the results
    of all jobs that ended.
    """

    def setup(
        self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig
    ) -> None:
        self._hydra_context, self._task_function = hydra_context, task_function
        self._config = config  # the sweep's

    def launch(
        self, job_overrides: Sequence[Sequence[str]], initial_job_idx: int
    ) -> Sequence[JobReturn]:
        setup_globals()
        configure_log(self._config.hydra.hydra_logging, self._config.hydra.verbose)
        swept = swept_keys(job_overrides)
        request = stop_request(self._config.hydra)
        jobs = itertools.takewhile(
            lambda _: not request.made, _ahead(self._jobs(job_overrides, initial_job_idx))
        )
        returned: dict[int, JobReturn] = {}
        for job, outcome in self.outcomes(jobs, len(job_overrides)):
            if isinstance(outcome, JobReturn):
                returned[job.number] = outcome
            elif not request.made:  # otherwise Ctrl-C may have killed it
                name = job_name(job.overrides, swept) or "the run"
                print_error(
                    f"{name}: its worker process {outcome.reason}; the sweep continues, "
                    "resume=true runs it again"
                )
        return [returned[number] for number in sorted(returned)]

    @abstractmethod
    def outcomes(self, jobs: Iterator[Job], count: int) -> Outcomes:
        """Runs all ``jobs``, at most ``count``; yields each with its result, in any order."""

    def _jobs(self, job_overrides: Sequence[Sequence[str]], initial_job_idx: int) -> Iterator[Job]:
        singletons = Singleton.get_state()
        configs = JobConfigs(self._config)
        begun = set[str]()
        for number, overrides in enumerate(job_overrides, start=initial_job_idx):
            if self._config.resume:  # the run of an equal combination is the run of this one, too
                digest = config_digest(flatten(configs.compose_task(overrides)))
                if digest in begun:
                    continue
                begun.add(digest)
            config = configs.compose(overrides)
            with open_dict(config):
                config.hydra.job.id = f"{config.hydra.job.name}_{number}"
                config.hydra.job.num = number
            work = partial(_run, config, self._hydra_context, self._task_function, singletons)
            yield Job(number, overrides, Packed(work))


def _ahead(jobs: Iterator[Job]) -> Iterator[Job]:
    """The same jobs. Each is made while the one before runs, so that no worker waits for it."""
    with ThreadPoolExecutor(1) as maker:
        upcoming = maker.submit(next, jobs, None)
        while job := upcoming.result():
            upcoming = maker.submit(next, jobs, None)
            yield job


@dataclass(frozen=True)
class Job:
    """One Hydra job, with its own overrides."""

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
    """Runs one job as Hydra would, in a worker process."""
    setup_globals()
    # Hydra would search for its plugins before every job; once per process is enough.
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
