"""Hydra's launchers for clusters: the jobs of a sweep as tasks of Ray's, or as submitit's jobs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from hydra.core.utils import JobReturn
from omegaconf import DictConfig, OmegaConf

from experiments.sweeps.job_launcher import Job, JobLauncher, JobLost

if TYPE_CHECKING:
    from submitit import AutoExecutor
    from submitit.helpers import DelayedSubmission

_FOR_ALL = ("cpus_per_task", "gpus_per_node", "mem_gb", "name", "nodes", "stderr_to_stdout")
_FOR_ALL += ("tasks_per_node", "timeout_min")
"""Settings that submitit takes for every kind of cluster, under these names."""


class RayLauncher(JobLauncher):
    """Runs each job as a task of Ray's, which begins one again whose process has died.

    ``ray``: the arguments of ``ray.init`` and of ``ray.remote``.
    """

    def __init__(self, ray: DictConfig) -> None:
        self._settings = ray

    def outcomes(
        self, jobs: Iterator[Job], count: int
    ) -> Iterator[tuple[Job, JobReturn | JobLost]]:
        import ray
        from ray.exceptions import RayError, RayTaskError

        if not ray.is_initialized():
            ray.init(**_plain(self._settings.init))
        task = ray.remote(Job.run).options(**_plain(self._settings.remote))
        waiting = {task.remote(job): job for job in jobs}
        while waiting:
            [ended], _ = ray.wait(list(waiting), num_returns=1)
            job = waiting.pop(ended)
            try:
                yield job, ray.get(ended)
            except RayTaskError:  # what the job itself has raised
                raise
            except RayError as error:
                yield job, JobLost(f"died ({type(error).__name__})")


class SubmititLauncher(JobLauncher):
    """Hands all jobs to submitit at once, as an array if the cluster has such.

    The settings are those of Hydra's own plugin.
    """

    cluster = "slurm"

    def __init__(self, **settings: Any) -> None:
        self._settings = settings

    def outcomes(
        self, jobs: Iterator[Job], count: int
    ) -> Iterator[tuple[Job, JobReturn | JobLost]]:
        from submitit.core.utils import UncompletedJobError

        todo = list(jobs)
        for job, submitted in zip(todo, self._executor().map_array(_Work(), todo), strict=True):
            try:
                yield job, submitted.results()[0]
            except UncompletedJobError:
                yield job, JobLost(f"died (its output is in {submitted.paths.stderr})")

    def _executor(self) -> AutoExecutor:
        from submitit import AutoExecutor

        settings = _plain(OmegaConf.create(self._settings))
        folder = settings.pop("submitit_folder")
        retries = {
            f"{self.cluster}_{name}": settings.pop(name)
            for name in ("max_num_timeout",)
            if name in settings
        }
        executor = AutoExecutor(folder, cluster=self.cluster, **retries)
        executor.update_parameters(
            **{
                name if name in _FOR_ALL else f"{self.cluster}_{name}": value
                for name, value in settings.items()
            }
        )
        return executor


class LocalSubmititLauncher(SubmititLauncher):
    """The same with processes of this machine for the jobs of a cluster."""

    cluster = "local"


class _Work:
    """What submitit calls in a job; one that the cluster takes back is begun again later."""

    def __call__(self, job: Job) -> JobReturn:
        return job.run()

    def checkpoint(self, job: Job) -> DelayedSubmission:
        from submitit.helpers import DelayedSubmission

        return DelayedSubmission(self, job)


def _plain(config: DictConfig) -> dict[str, Any]:
    values: Any = OmegaConf.to_container(config, resolve=True)
    return values
