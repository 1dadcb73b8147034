"""300 command lines at random: each ends with status 0, or with status 2 and one line.

They are made from the options, keys and choices that the commands have now.
"""

import logging
import os
import random
import re
import signal
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from hydra._internal.utils import get_args_parser
from omegaconf import DictConfig, OmegaConf

from experiments.config.compose import CONF, compose_config
from experiments.lessons.catalogue import LESSONS
from experiments.runtime.signals import STOP_SIGNALS

LONG = "x" * 5000
NONSENSE = (
    "",
    "[]",
    "[[]]",
    "{a:1}",
    "{}",
    "[1,2]",
    "nan",
    "9" * 30,
    "-1",
    "1.5",
    "0x",
    "a b",
    "ü",
)
OUT_OF_REACH = "tracking.uri=ftp://nowhere"  # ends a valid training before it begins
OPTION = re.compile(r"^  (?:-\w, )?(--[\w-]+)(?: (\{\S+\}|[^\s\[]+))?", re.MULTILINE)
WRONG_VALUES = {
    "--top": ("x", "0", "-1", "9" * 30, "", "½"),
    "--port": ("x", "0", "70000", "9" * 30, ""),
    "--seeds": ("x", "0", "101", ""),
    "--scale": ("x", "0", "1.3", "nan"),
    "--where": ("x", "=1", "seed=", "epochs={[]}", "nope=1", "seed=" + "[" * 999, "a\nb=1"),
    "--sweep": ("x", "a'b", "models:/x", "", "%"),
    "--uri": ("x", "ftp://x", "sqlite://", "postgresql+nope://x", f"sqlite:///{LONG}", "http://"),
    "--journal": ("", LONG, "s3://bucket"),
    "--folder": ("", LONG, "s3://bucket"),
    "--output": ("", LONG, "s3://bucket"),
    "--checkpoint": ("", LONG, "nowhere.npz", "."),
    "--run": ("x", "a'b", "models:/x"),
    "--compare": ("x", "a'b"),
}
WRONG_WORDS = {"rerun": ("x", "a'b", "models:/x", LONG), "lessons": ("zreos", "", LONG)}

Line = tuple[str, list[str], int]  # module, arguments, expected status


@pytest.fixture
def untouched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Gives back what a command changes in its process."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", [])
    monkeypatch.setattr(sys, "unraisablehook", sys.unraisablehook)
    for name in [name for name in os.environ if name.startswith("MLFLOW_")]:
        monkeypatch.delenv(name)
    root, handlers = logging.getLogger(), list(logging.getLogger().handlers)
    level, before = root.level, {number: signal.getsignal(number) for number in STOP_SIGNALS}
    yield
    root.handlers, root.level = handlers, level
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def end(untouched: None, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[Any, str, str]]:
    """Runs a command in this process: its exit status, output and errors."""

    def run(module: str, *arguments: str) -> tuple[int, str, str]:
        sys.argv = [module, *arguments]
        status: Any = 0
        try:
            import_module(module).main()
        except SystemExit as ended:
            status = ended.code or 0
        except Exception as error:
            status = f"{type(error).__name__}: {error}"
        output, errors = capsys.readouterr()
        return status, output, errors

    return run


def keys(config: DictConfig, prefix: str = "") -> Iterator[str]:
    for key in config:
        value = OmegaConf.select(config, str(key))
        yield f"{prefix}{key}"
        if isinstance(value, DictConfig):
            yield from keys(value, f"{prefix}{key}.")


def hydra_lines(dice: random.Random) -> Iterator[Line]:
    """Of train and search; only few of them are composed, which takes a second."""
    known = [key for key in keys(compose_config([])) if "_target_" not in key]
    groups = {folder.name: sorted(folder.glob("[!_]*.yaml")) for folder in CONF.iterdir()}
    groups = {name: [file.stem for file in files] for name, files in groups.items() if files}
    flags = [action for action in get_args_parser()._actions if action.option_strings]
    modules = ("experiments.train", "experiments.search.__main__")
    for _ in range(100):
        prefix = dice.choice(("", "", "", "+", "++"))
        key = dice.choice([*known, *groups])
        typed = f"{prefix}{key}={dice.choice(NONSENSE)}"
        line = [typed, "epochs=many"]  # if the first is valid, the second is not
        yield dice.choice(modules), line, 2
    for _ in range(40):
        name = dice.choice(dice.choice(flags).option_strings)
        mistake = dice.choice(
            (
                [f"{name}-nope"],
                ["--run", "-c", "job"],
                ["--resolve"],
                ["--package", "x"],
                ["--cfg", dice.choice(("x", "", LONG))],
                ["-cn", "search"],
                ["--experimental-rerun", "x"],
                ["--multirun", "--cfg", "job"],
                ["-sc", dice.choice(("", "install=nope", "query=bash"))],
            )
        )
        dice.shuffle(rest := ["epochs=many", *(["seed=1"] if dice.random() < 0.5 else [])])
        yield "experiments.train", [*rest, *mistake], 2
    for group in dice.sample(sorted(groups.keys() - {"search", "sweep"}), 2):
        typed = f"{group}={dice.choice(groups[group])}"
        yield "experiments.train", [typed, "--cfg", "job", "seed=1"], 0
        yield "experiments.train", [f"{group}={dice.choice(NONSENSE[-1:])}", OUT_OF_REACH], 2
    mistakes = ("model.hidden=${seed}", "seed=${nope}", "~seed", "++nope=1", "nope=1")
    for typed in dice.sample(mistakes, 2):
        yield "experiments.train", ["data=xor", typed, OUT_OF_REACH], 2


def other_lines(dice: random.Random, shown: dict[str, str]) -> Iterator[Line]:
    """Of the commands with options of their own, as ``--help`` shows them."""
    for _ in range(104):
        module = dice.choice(sorted(shown))
        options = OPTION.findall(shown[module])
        name, value = dice.choice(options)
        mistakes = [[f"{name}x"]]
        mistakes.append([name] if value else [f"{name}=x"])
        mistakes += [[name, wrong] for wrong in WRONG_VALUES.get(name, ()) if value]
        mistakes += [[word] for word in WRONG_WORDS.get(module.split(".")[1], ("x",))]
        yield module, dice.choice(mistakes), 2
    for _ in range(20):
        yield dice.choice(sorted(shown)), [dice.choice(("-h", "--help"))], 0
    valid = (["--top", "2"], ["--format", "csv"], ["--format=json"], ["--where", "seed=0"])
    for _ in range(15):
        options = sum(dice.sample(valid, 2), ["--sweep", "all"])
        yield "experiments.leaderboard", options, 0
    for _ in range(15):
        yield "experiments.deliver", ["--journal", dice.choice(("a b", "nowhere", "[x]", "~"))], 0


def test_no_command_line_ends_in_a_traceback(end: Callable[..., tuple[Any, str, str]]) -> None:
    dice = random.Random(18)
    status, _, errors = end("experiments.train", "experiment=xor", "epochs=1")
    assert (status, errors) == (0, "")
    commands = ("leaderboard", "rerun", "reproduce", "deliver", "ui", "server", "lessons.__main__")
    modules = [*(f"experiments.{name}" for name in commands), "gui.__main__"]
    shown = {module: end(module, "--help")[1] for module in modules}
    assert all(name in shown["experiments.lessons.__main__"] for name in LESSONS)
    lines = [*hydra_lines(dice), *other_lines(dice, shown)]
    assert Counter(expected for *_, expected in lines) == {2: 248, 0: 52}
    wrong = []
    for module, arguments, expected in lines:
        status, output, errors = end(module, *arguments)
        good = (0, True, 0) if expected == 0 else (2, False, 1)
        if (status, bool(output), len(errors.splitlines())) != good:
            wrong.append(f"{module} {arguments}: {status}, {errors}"[:300])
    assert wrong == []
