"""Where a result came from: the code, the config, the libraries."""

import hashlib
import json
import os
import platform
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from threadpoolctl import threadpool_info

_LATER: dict[str, Any] = {
    "augmentation.name": "none",
    "data.test_writers": 0,
    "data.wrong_labels": 0.0,
    "early_stopping.goal": None,
    "epoch_samples": None,
    "model.output_scale": 1.0,
}
"""Settings that came after runs had been logged, at the values which those runs had in effect."""

_LIBRARIES = ("nnscratch", "numpy", "hydra-core", "mlflow", "scikit-learn")


def tags(settings: dict[str, Any]) -> dict[str, str]:
    """The tags of a run with these (flattened) settings: git commit, config digest, versions."""
    return {
        **_git_tags(),
        "nnscratch.config_digest": config_digest(settings),
        **placement(),
        **versions(),
    }


def placement() -> dict[str, str]:
    """Where on a cluster this process was put: the id of the Ray node, that of the SLURM job."""
    found = {}
    ray: Any = sys.modules.get("ray")  # a worker of Ray's has imported it
    if ray is not None and ray.is_initialized():
        found["nnscratch.ray_node"] = ray.get_runtime_context().get_node_id()
    if job := os.environ.get("SLURM_JOB_ID"):
        found["nnscratch.slurm_job"] = job
    return found


def versions() -> dict[str, str]:
    """The libraries that a result depends on, as tags; BLAS and its kernel decide the last bits."""
    return {
        "version.python": platform.python_version(),
        "version.blas": _blas(),
        **{f"version.{name}": version(name) for name in _LIBRARIES},
    }


def deciding(settings: dict[str, Any]) -> dict[str, Any]:
    """The settings that decide the result: not where a run is logged, or how it was come by."""
    beside = ["progress", "resume"]
    if settings.get("data.name") != "mnist_and_pen" and not settings.get("data.test_writers"):
        beside.append("data.pen_strokes")  # nobody reads them
    return {k: v for k, v in settings.items() if k not in beside and not k.startswith("tracking.")}


def identity(settings: dict[str, Any]) -> dict[str, Any]:
    """The same without what changes nothing: so a new option leaves old runs what they were."""
    return {
        key: value
        for key, value in deciding(settings).items()
        if key not in _LATER or value != _LATER[key]
    }


def config_digest(settings: dict[str, Any]) -> str:
    """SHA-256 of everything that decides the result."""
    return hashlib.sha256(json.dumps(identity(settings), sort_keys=True).encode()).hexdigest()


def sweep_digest(combinations: Sequence[dict[str, Any]]) -> str:
    """SHA-256 of all combinations of a sweep, in whatever order they run."""
    digests = sorted(config_digest(settings) for settings in combinations)
    return hashlib.sha256("".join(digests).encode()).hexdigest()


def _blas() -> str:
    """NumPy's, as in ``openblas 0.3.31 Haswell``; SciPy brings another one."""
    found = [library for library in threadpool_info() if library["user_api"] == "blas"]
    found.sort(key=lambda library: "numpy" not in library["filepath"])
    facts = ("internal_api", "version", "architecture")
    return " ".join(str(found[0].get(fact)) for fact in facts) if found else "unknown"


@cache  # a process goes on with the code that it began with
def _git_tags() -> Mapping[str, str]:
    """The commit of this code, and whether it was changed since; empty outside a repository."""
    commit = _git("rev-parse", "HEAD")
    if not commit:
        return {}
    dirty = bool(_git("status", "--porcelain", "--untracked-files=no"))
    return {"mlflow.source.git.commit": commit, "nnscratch.git_dirty": str(dirty).lower()}


def _git(*arguments: str) -> str:
    folder = Path(__file__).resolve().parents[2]
    if not (folder / ".git").exists():
        return ""  # installed without its repository; one further up would be somebody else's
    try:
        return subprocess.run(
            ["git", "-C", str(folder), *arguments], capture_output=True, text=True, check=True
        ).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""
