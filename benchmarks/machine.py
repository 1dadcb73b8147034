"""The machine behind a measurement: processor, BLAS kernel, versions."""

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np  # noqa: F401  (threadpoolctl sees only loaded libraries)
from threadpoolctl import threadpool_info

PACKAGES = ("numpy", "torch", "jax", "scikit-learn")


def describe_machine() -> dict[str, Any]:
    """As JSON values: processor, cores, NumPy's BLAS and its environment variables, versions."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "blas": [
            f"{x['internal_api']} {x['version']}, kernel {x.get('architecture', '?')}"
            for x in threadpool_info()
            if x["user_api"] == "blas"
        ],
        "blas_environment": {k: v for k, v in os.environ.items() if k.startswith("OPENBLAS_")},
        "versions": {
            "python": platform.python_version(),
            **{package: found for package in PACKAGES if (found := _version(package))},
        },
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.processor())


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
