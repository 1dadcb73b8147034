"""Which module may import which, read from the source: data flows one way."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("nnscratch", "experiments", "gui")

# The libraries that a module or package may import, beside the standard library without tkinter
# and the packages of this project. The longest match counts.
LIBRARIES = {
    "nnscratch": {"numpy"},
    "experiments": {"numpy", "hydra", "omegaconf"},
    "experiments.config": {"hydra", "omegaconf", "yaml"},
    "experiments.datasets": {"numpy", "sklearn", "filelock", "platformdirs"},
    "experiments.drawings": {"numpy", "PIL"},
    "experiments.lessons": {"numpy", "matplotlib"},
    "experiments.reporting": {"numpy", "matplotlib", "rich"},
    "experiments.runs": set(),
    "experiments.runs.environment": {"threadpoolctl"},
    "experiments.runtime": {"cloudpickle", "filelock", "joblib"},
    "experiments.search": {"numpy", "hydra", "omegaconf", "optuna", "sqlalchemy", "yaml"},
    "experiments.servers": {"filelock"},
    "experiments.sweeps": {"hydra", "hydra_plugins", "omegaconf", "ray", "submitit"},
    "experiments.tracking": {
        "alembic",
        "filelock",
        "mlflow",
        "numpy",
        "platformdirs",
        "requests",
        "sqlalchemy",
    },
    "experiments.training": {"numpy", "hydra", "omegaconf", "PIL", "threadpoolctl"},
    "experiments.training.pure_python.mlp": set(),
    "gui": {"numpy", "PIL", "tkinter"},
}

# Inside `experiments` an import points to an earlier line, or stays within its package. Modules at
# the top that stand on no line of their own are commands: nobody imports one.
FLOORS = (
    ("errors",),
    ("runtime",),
    ("drawings", "runs", "servers"),
    ("datasets", "reporting"),
    ("config", "tracking"),
    ("training", "cli"),
    ("sweeps", "lessons"),
    ("search",),
)

# What the window may know of the harness; nothing else of it.
WINDOW = {
    "gui": {"experiments.runs", "experiments.errors", "experiments.runtime.printable"},
    "gui.shipped.__main__": {"experiments.cli"},
    "gui.__main__": {"experiments.cli", "experiments.errors", "experiments.runtime"},
    "gui.drawing": {"experiments.drawings"},
    "gui.input": {"experiments.drawings"},
    "gui.preprocessing": {"experiments.drawings"},
    "gui.recognizer": set(),
    "gui.style.snapshot": {"experiments.runtime"},
    "gui.runs.library": {
        "experiments.tracking",
        "experiments.runs",
        "experiments.errors",
        "experiments.runtime.printable",
    },
    "gui.test_images.gallery": {"experiments.datasets", "experiments.errors"},
    "gui.teaching.teacher": {
        "experiments.drawings",
        "experiments.tracking",
        "experiments.training",
    },
}

# Inside the core: the building blocks know nothing of what is built from them.
BLOCKS = ("layers", "losses", "optimizers", "schedules", "augmentation")
BUILT = ("network", "architectures", "readout", "training", "evaluation", "storage", "inspection")

# Packages and modules that a window or a script can import in a moment.
LIGHT = (
    "experiments.drawings",
    "experiments.errors",
    "experiments.runs",
    "gui.app",
    "gui.input.steps",
    "gui.preprocessing",
    "gui.recognizer",
    "gui.teaching.teacher",
)
HEAVY = ("mlflow", "matplotlib", "ray", "submitit", "hydra", "hydra_plugins", "optuna", "sklearn")


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
    return sorted(name for name in imports(source) if not _may_import(module, name))


def _may_import(module: str, name: str) -> bool:
    package, target = module.partition(".")[0], name.partition(".")[0]
    if target in PACKAGES:
        if PACKAGES.index(target) > PACKAGES.index(package):
            return False
        if package == target == "nnscratch":
            return not (_within_any(module, BLOCKS) and _within_any(name, BUILT))
        if package == target == "experiments":
            return _points_down(module, name)
        if package == "gui" and target == "experiments":
            return any(_overlap(name, allowed) for allowed in WINDOW[_rule(WINDOW, module)])
        return True
    if target in sys.stdlib_module_names and target != "tkinter":
        return True
    return target in LIBRARIES[_rule(LIBRARIES, module)]


def _points_down(module: str, name: str) -> bool:
    """Inside ``experiments``: to an earlier line of ``FLOORS``, or within one package."""
    if name == "experiments":
        return True
    here, there = module.split(".")[1], name.split(".")[1]
    return here == there or _floor(there) < min(_floor(here), len(FLOORS))


def _floor(part: str) -> int:
    return next((line for line, parts in enumerate(FLOORS) if part in parts), len(FLOORS))


def _rule(rules: dict[str, set[str]], module: str) -> str:
    return max((name for name in rules if _within(module, name)), key=len)


def _within_any(module: str, parts: tuple[str, ...]) -> bool:
    return any(_within(module, f"nnscratch.{part}") for part in parts)


def _overlap(name: str, allowed: str) -> bool:
    return _within(name, allowed) or _within(allowed, name)


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
        ("experiments.sweeps.sweep", "import matplotlib.figure"),
        ("experiments.sweeps.sweep", "def f():\n    from rich.console import Console"),
        ("experiments.sweeps.sweep", "import optuna"),
        ("experiments.reporting.search_plots", "import optuna"),
        ("experiments.training.pure_python.mlp", "import numpy"),
        ("experiments.drawings.mnist_format", "import mlflow"),
        ("experiments.sweeps.champions", "import mlflow"),
        # Upwards, or sideways to another package of the same floor.
        ("experiments.errors", "import experiments.runtime.files"),
        ("experiments.runs.ranking", "from experiments.tracking import RunStore"),
        ("experiments.drawings.raster", "from experiments import datasets"),
        ("experiments.reporting.plots", "import experiments.config"),
        ("experiments.config.compose", "from experiments.sweeps import registration"),
        ("experiments.tracking.tracker", "from experiments.config.schema import Config"),
        ("experiments.training.run", "def f():\n    import experiments.cli.entry"),
        ("experiments.sweeps.sweep", "from experiments.lessons.lesson import Lesson"),
        ("experiments.lessons.lesson", "import experiments.search.search"),
        # Nobody imports a command.
        ("experiments.config.compose", "from experiments.train import main"),
        ("experiments.search.search", "from experiments import train"),
        ("experiments.lessons.__main__", "import experiments.train"),
        ("experiments.rerun", "import experiments.leaderboard"),
        ("gui.app", "from experiments.train import main"),
        ("gui.app", "import mlflow"),
        ("gui.app", "from experiments.datasets import load"),
        ("gui.drawing.canvas", "from experiments.tracking import RunStore"),
        ("gui.recognizer", "from experiments.runs.summary import RunSummary"),
        ("gui.app", "from hydra import compose"),
    ],
)
def test_a_forbidden_import_is_found(module: str, statement: str) -> None:
    assert forbidden(module, statement) != []


def test_the_core_prints_nothing_and_touches_files_in_one_package_only() -> None:
    for name, file in modules().items():
        if not _within(name, "nnscratch"):
            continue
        source = file.read_text(encoding="utf-8")
        calls = {
            node.func.id
            for node in ast.walk(ast.parse(source))
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        }
        assert "print" not in calls, name
        if not _within(name, "nnscratch.storage"):
            assert "open" not in calls, name
            assert "pathlib" not in imports(source), name


@pytest.mark.parametrize("module", LIGHT)
def test_light_modules_start_without_heavy_libraries(module: str) -> None:
    """The sources say so; a fresh interpreter agrees."""
    loaded = ", ".join(name for name in modules() if _within(name, module))
    script = f"import sys, {loaded}; print([m for m in {HEAVY} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout.strip() == "[]"


def test_no_folder_holds_more_than_15_modules() -> None:
    for package in (*PACKAGES, "benchmarks", "tests"):
        for folder in (ROOT / package, *(ROOT / package).rglob("*/")):
            assert len(list(folder.glob("*.py"))) <= 15, folder


def test_the_public_names_are_the_ones_that_exist() -> None:
    import nnscratch

    assert sorted(nnscratch.__all__) == sorted(set(nnscratch.__all__))
    for name in nnscratch.__all__:
        assert getattr(nnscratch, name) is not None
