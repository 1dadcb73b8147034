"""Hydra launchers for clusters: they run the jobs of a sweep as Ray tasks or submitit jobs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from hydra.core.utils import JobReturn
from omegaconf import DictConfig, OmegaConf

from experiments.sweeps.job_launcher import Job, JobLauncher, JobLost, Outcomes

if TYPE_CHECKING:
    from ray.exceptions import RayError
    from submitit import AutoExecutor
    from submitit import Job as SubmittedJob
    from submitit.helpers import DelayedSubmission


class RayLauncher(JobLauncher):
    """Runs each job as a Ray task; Ray repeats a task whose process has died.

    ``ray``: the arguments of ``ray.init`` and of ``ray.remote``.
    """

    def __init__(self, ray: DictConfig) -> None:
        self._settings = ray

    def outcomes(self, jobs: Iterator[Job], count: int) -> Outcomes:
        import ray
        from ray.exceptions import RayError

        if not ray.is_initialized():
            ray.init(**_plain(self._settings.init))
        settings = _plain(self._settings.remote)
        remote = ray.remote(**settings) if settings else ray.remote
        task = remote(Job.run)
        waiting = {task.remote(job): job for job in jobs}
        while waiting:
            [ended], _ = ray.wait(list(waiting), num_returns=1)
            job = waiting.pop(ended)
            try:
                yield job, ray.get(ended)
            except RayError as error:
                yield job, JobLost(_reason(error))


def _reason(error: RayError) -> str:
    from ray import exceptions

    from experiments.errors import first_line

    died = (
        exceptions.LocalRayletDiedError,
        exceptions.NodeDiedError,
        exceptions.OutOfMemoryError,
        exceptions.WorkerCrashedError,
    )
    if isinstance(error, died):
        return f"died ({type(error).__name__}), maybe because memory ran out"
    cause = error.cause if isinstance(error, exceptions.RayTaskError) else error
    return f"failed: {type(cause).__name__}: {first_line(cause)}"


class SubmititLauncher(JobLauncher):
    """Gives all jobs to submitit at once, as a job array if the cluster supports that.

    It takes the settings of Hydra's own plugin.
    """

    cluster = "slurm"

    def __init__(self, **settings: Any) -> None:
        self._settings = settings

    def outcomes(self, jobs: Iterator[Job], count: int) -> Outcomes:
        todo = list(jobs)
        submitted = self._executor().map_array(_Work(), todo)
        for job, handle in zip(todo, submitted, strict=True):
            yield job, self.outcome(handle)

    def outcome(self, submitted: SubmittedJob[JobReturn]) -> JobReturn | JobLost:
        """The result of one job; waits until the job has ended."""
        from submitit.core.utils import FailedJobError, UncompletedJobError

        try:
            return submitted.results()[0]
        except FailedJobError as error:
            trace = str(error).rpartition("\n---")[0]  # below it submitit names its logs
            return JobLost(f"failed: {trace.strip().splitlines()[-1]}")
        except UncompletedJobError:
            return self.lost(submitted)

    def lost(self, submitted: SubmittedJob[JobReturn]) -> JobLost:
        """What is known about a job that left no result."""
        paths = submitted.paths
        output = paths.stderr if paths.stderr.exists() else paths.stdout
        return JobLost(f"died, maybe because memory ran out; its output is in {output}")

    def _executor(self) -> AutoExecutor:
        from hydra_plugins.hydra_submitit_launcher.config import BaseQueueConf
        from submitit import AutoExecutor

        settings = _plain(OmegaConf.create(self._settings))
        folder = settings.pop("submitit_folder")
        retries = {}
        if "max_num_timeout" in settings:
            retries["slurm_max_num_timeout"] = settings.pop("max_num_timeout")
        for_all = {field.name for field in fields(BaseQueueConf)}
        named = {
            name if name in for_all else f"{self.cluster}_{name}": value
            for name, value in settings.items()
        }
        executor = AutoExecutor(folder, cluster=self.cluster, **retries)
        executor.update_parameters(**named)
        return executor


class LocalSubmititLauncher(SubmititLauncher):
    """The same with processes of this machine instead of cluster jobs."""

    cluster = "local"

    def outcome(self, submitted: SubmittedJob[JobReturn]) -> JobReturn | JobLost:
        submitted.wait()
        # No result arrives late on a local disk, unlike on a cluster's.
        if not submitted.paths.result_pickle.exists():
            return self.lost(submitted)
        return super().outcome(submitted)


class _Work:
    """What submitit calls in a job, again if the cluster has interrupted it."""

    def __call__(self, job: Job) -> JobReturn:
        return job.run()

    def checkpoint(self, job: Job) -> DelayedSubmission:
        from submitit.helpers import DelayedSubmission

        return DelayedSubmission(self, job)


def _plain(config: DictConfig) -> dict[str, Any]:
    values: Any = OmegaConf.to_container(config, resolve=True)
    return values
