"""Where a run was trained: the commit, the libraries, the place in a cluster."""

import os
import platform
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from threadpoolctl import threadpool_info

_LIBRARIES = ("nnscratch", "numpy", "hydra-core", "mlflow", "scikit-learn")


def tags() -> dict[str, str]:
    """The tags of a run that begins here and now."""
    return {**_git_tags(), **placement(), **versions()}


def placement() -> dict[str, str]:
    """The ids of the Ray node and of the SLURM job that this process belongs to, if any."""
    found = {}
    ray: Any = sys.modules.get("ray")  # every Ray worker has imported it
    if ray is not None and ray.is_initialized():
        found["nnscratch.ray_node"] = ray.get_runtime_context().get_node_id()
    if job := os.environ.get("SLURM_JOB_ID"):
        found["nnscratch.slurm_job"] = job
    return found


def versions() -> dict[str, str]:
    """The libraries that a result depends on; BLAS and its kernel decide the last bits."""
    return {
        "version.python": platform.python_version(),
        "version.blas": _blas(),
        **{f"version.{name}": version(name) for name in _LIBRARIES},
    }


def _blas() -> str:
    """The BLAS of NumPy, as in ``openblas 0.3.31 Haswell``; SciPy may load another one."""
    found = [library for library in threadpool_info() if library["user_api"] == "blas"]
    found.sort(key=lambda library: "numpy" not in library["filepath"])
    facts = ("internal_api", "version", "architecture")
    return " ".join(str(found[0].get(fact)) for fact in facts) if found else "unknown"


@cache  # a process keeps the code that it started with
def _git_tags() -> Mapping[str, str]:
    """The commit of this code, and whether files were changed since; empty without a repository."""
    commit = _git("rev-parse", "HEAD")
    if not commit:
        return {}
    dirty = bool(_git("status", "--porcelain", "--untracked-files=no"))
    return {"mlflow.source.git.commit": commit, "nnscratch.git_dirty": str(dirty).lower()}


def _git(*arguments: str) -> str:
    folder = Path(__file__).resolve().parents[2]
    if not (folder / ".git").exists():
        return ""  # installed without its repository; a parent folder may be another one
    try:
        return subprocess.run(
            ["git", "-C", str(folder), *arguments], capture_output=True, text=True, check=True
        ).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""
