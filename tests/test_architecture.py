"""Which module may import which, read from the source: data flows one way."""

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("nnscratch", "experiments", "gui")

# What stands here is all that the module (or package) may import, beside the standard
# library without tkinter and the modules of its own package. The longest match counts.
ALLOWED = {
    "nnscratch": {"numpy"},
    "experiments": {"nnscratch", "numpy", "hydra", "omegaconf"},
    "experiments.datasets.embedded_digits": {"nnscratch", "numpy", "sklearn"},
    "experiments.datasets.openml": {"nnscratch", "numpy", "sklearn"},
    "experiments.datasets.image_cache": {"nnscratch", "numpy", "filelock", "platformdirs"},
    "experiments.handwriting": {"nnscratch", "numpy", "PIL"},
    "experiments.journal": {"filelock"},
    "experiments.canvas": {"numpy"},
    "experiments.hands": {"nnscratch", "numpy"},
    "experiments.own_drawings": {"numpy"},
    "experiments.pen": {"nnscratch", "numpy"},
    "experiments.presentation": {"nnscratch", "numpy", "PIL"},
    "experiments.sweeps.local_launcher": {"hydra", "omegaconf", "joblib"},
    "experiments.sweeps.cluster_launchers": {
        *("hydra", "hydra_plugins", "omegaconf", "ray", "submitit"),
    },
    "experiments.pure_python.mlp": set(),
    "experiments.provenance": {"threadpoolctl"},
    "experiments.rerun": {"nnscratch", "omegaconf", "threadpoolctl"},
    "experiments.stored_config": {"hydra", "omegaconf", "yaml"},
    "experiments.running": {"nnscratch", "numpy", "omegaconf", "threadpoolctl"},
    "experiments.search.searching": {"hydra", "omegaconf", "yaml"},
    "experiments.search.trials": {"nnscratch", "omegaconf", "optuna"},
    "experiments.search.study": {"numpy", "optuna", "sqlalchemy"},
    "experiments.search.space": {"omegaconf", "optuna"},
    "experiments.servers": {"filelock"},
    "experiments.sweeps.workers": {"cloudpickle"},
    "experiments.tracking": {"filelock", "mlflow", "platformdirs", "sqlalchemy"},
    "experiments.tracking.model_export": {"nnscratch", "numpy", "mlflow"},
    "experiments.tracking.served_network": {"nnscratch", "mlflow"},
    "experiments.reporting": {"nnscratch", "numpy", "matplotlib", "rich"},
    "gui": {"nnscratch", "numpy", "PIL", "tkinter"},
    "gui.gallery": {"nnscratch", "numpy", "experiments.datasets"},
    "gui.run_library": {"nnscratch", "experiments.tracking"},
    "gui.run_table": {"experiments.tracking"},
    "gui.teacher": {
        *("tkinter", "experiments.tracking"),
        *("experiments.teaching", "experiments.own_drawings"),
    },
    "gui.preprocessing": {
        *("numpy", "experiments.canvas", "experiments.pen", "experiments.presentation"),
    },
    "gui.steps_picture": {"numpy", "PIL", "experiments.presentation"},
    "gui.steps": {"numpy", "nnscratch", "experiments.pen", "experiments.presentation"},
    "gui.recognizer": {"numpy", "PIL", "nnscratch"},
}

# Inside the core: the building blocks know nothing of what is built from them.
BLOCKS = ("layers", "losses", "optimizers", "initializers", "schedules", "clipping", "averaging")
BUILT = (
    "network",
    "training",
    "training_state",
    "evaluation",
    "data",
    "checkpoint",
    "plain_weights",
)
FILES = ("nnscratch.checkpoint", "nnscratch.npz_file", "nnscratch.plain_weights")

# Inside the harness: how digits are presented is what the window shares, and stays pure.
PURE = (
    "experiments.canvas",
    "experiments.own_drawings",
    "experiments.pen",
    "experiments.presentation",
    "gui.preprocessing",
    "gui.recognizer",
    "gui.steps",
)


def modules() -> dict[str, Path]:
    found = {}
    for package in PACKAGES:
        for file in (ROOT / package).rglob("*.py"):
            name = ".".join(file.relative_to(ROOT).with_suffix("").parts)
            found[name.removesuffix(".__init__")] = file
    return found


def imports(source: str) -> set[str]:
    """Every module that the source imports, wherever the statement stands."""
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute, so that these rules can read them"
            names.add(str(node.module))
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def forbidden(module: str, source: str) -> list[str]:
    """The imports of ``source``, read as ``module``, that break a rule."""
    package = module.partition(".")[0]
    rule = max((name for name in ALLOWED if _within(module, name)), key=len)
    broken = []
    for name in imports(source):
        top = name.partition(".")[0]
        if any(_within(name, allowed) or _within(allowed, name) for allowed in ALLOWED[rule]):
            continue
        if top == package or (top in sys.stdlib_module_names and top != "tkinter"):
            continue
        broken.append(name)
    if any(_within(module, f"nnscratch.{block}") for block in BLOCKS):
        broken += [n for n in imports(source) if n.removeprefix("nnscratch.") in BUILT]
    return sorted(broken)


def _within(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


@pytest.mark.parametrize("module", sorted(modules()))
def test_imports_follow_the_architecture(module: str) -> None:
    assert forbidden(module, modules()[module].read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("module", "statement"),
    [
        ("nnscratch.layers", "import scipy"),
        ("nnscratch.layers", "from nnscratch.network import Network"),
        ("nnscratch.layers.linear", "from nnscratch.network import Network"),
        ("nnscratch.optimizers", "import nnscratch.training"),
        ("nnscratch.network", "from experiments import datasets"),
        ("experiments.train", "import gui"),
        ("experiments.train", "import tkinter"),
        ("experiments.train", "from mlflow import MlflowClient"),
        ("experiments.sweeps.sweeping", "import matplotlib.figure"),
        ("experiments.sweeps.sweeping", "def f():\n    from rich.console import Console"),
        ("experiments.search", "import optuna"),
        ("experiments.reporting.search_plots", "import optuna"),
        ("experiments.pure_python.mlp", "import numpy"),
        ("experiments.presentation", "import experiments.tracking, mlflow"),
        ("experiments.sweeps.champions", "import mlflow"),
        ("experiments.tracking.served_network", "import sqlalchemy"),
        ("gui.app", "import mlflow"),
        ("gui.app", "from experiments.datasets import load"),
        ("gui.canvas", "from experiments.tracking import RunStore"),
        ("gui.recognizer", "from tkinter import Tk"),
        ("gui.preprocessing", "import tkinter"),
        ("gui.app", "from hydra import compose"),
    ],
)
def test_a_forbidden_import_is_found(module: str, statement: str) -> None:
    assert forbidden(module, statement) != []


def test_the_core_prints_nothing_and_touches_files_in_three_modules_only() -> None:
    for name, file in modules().items():
        if not _within(name, "nnscratch"):
            continue
        calls = {
            node.func.id
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        }
        assert "print" not in calls, name
        if name not in FILES:
            assert "open" not in calls, name
            assert "pathlib" not in imports(file.read_text(encoding="utf-8")), name


def test_pure_modules_start_without_the_heavy_libraries() -> None:
    """The sources say so; a fresh interpreter agrees."""
    import subprocess

    for module in PURE:
        script = (
            f"import sys, {module}; print([m for m in ('tkinter', 'mlflow', 'matplotlib') "
            "if m in sys.modules])"
        )
        done = subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT
        )
        assert done.stdout.strip() == "[]", module


def test_the_public_names_are_the_ones_that_exist() -> None:
    import nnscratch

    assert sorted(nnscratch.__all__) == sorted(set(nnscratch.__all__))
    for name in nnscratch.__all__:
        assert getattr(nnscratch, name) is not None
