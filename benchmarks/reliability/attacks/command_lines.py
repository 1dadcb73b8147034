"""Command lines at random, from the commands' real options and keys."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from random import Random
from typing import Any, cast, final, get_type_hints

from benchmarks.reliability.attack import Attack
from benchmarks.reliability.commands import check_polite, run, succeed
from experiments.config import schema

_QUICK = ("data=xor", "model.hidden=[3]", "epochs=1")
_WORDS = """0 1 -1 2.5 1e400 nan null true '' x é ? ??? [1,2] [] [[]] {a:1} {} [a a,b 1,2 a=b
${seed} ${nothing} ~x * interval(0,1) range(2) choice(1,2) glob(*) \\ x/y '" adam xor mlp none relu
@champion s3://b/k /dev/null"""
_VALUES = (*_WORDS.split(), "9" * 30, "x" * 300, "a b", "\x1b[2J")
_GROUPS = ("data", "model", "loss", "optimizer", "schedule", "augmentation", "experiment", "sweep")
_HYDRA = ("launcher", "engine", "hydra.launcher.n_jobs", "hydra.run.dir", "hydra/sweeper", "search")
_SIGNS = ("", "", "", "", "+", "++", "~")
_FLAGS = ("-m", "--cfg=job", "--resolve", "--info", "--help", "--config-name=x", "-cd", "--package")
_OPTIONS = {
    "experiments.leaderboard": ("--sweep", "--where", "--top", "--format", "--uri"),
    "experiments.rerun": ("--uri", ""),
    "experiments.deliver": ("--journal",),
    "experiments.reproduce": ("--seeds", "--output"),
    "experiments.ui": ("--port",),
    "experiments.server": ("--port", "--folder"),
    "gui": ("--run", "--checkpoint", "--compare", "--scale", "--drawings"),
}
_LONG = ("epochs", "batch_size", "data.train_size")  # a valid value may train for hours


@final
class CommandLines(Attack):
    """One command with a few random arguments, in a folder with one logged run."""

    name = "command_lines"
    promise = "exit status 0, or 2 with one line (1 if the training itself fails); no traceback"
    tries = 200
    quick_tries = 10

    def prepare(self, folder: Path) -> None:
        self._keys = [key for key in _keys(schema.SearchedConfig) if key not in _LONG]
        self._folder = folder
        succeed(folder, *_QUICK)

    def attempt(self, folder: Path, random: Random) -> None:
        trainings = (*6 * ("experiments.train",), *2 * ("experiments.search",))
        module = random.choice((*trainings, *_OPTIONS))
        if module in _OPTIONS:
            arguments = list(self._options(module, random))
        else:
            arguments = [
                *_QUICK,
                *(self._override(random) for _ in range(random.choice((1, 1, 2)))),
            ]
            if random.random() < 0.25:
                arguments.insert(random.randint(0, len(arguments)), random.choice(_FLAGS))
            arguments += ["search.trials=1"] * (module == "experiments.search")
        check_polite(run(self._folder, *arguments, module=module), 0, 1, 2)

    def _override(self, random: Random) -> str:
        groups = random.random() < 0.4
        key = random.choice((*_GROUPS, *_HYDRA) if groups else self._keys)
        if random.random() < 0.1:
            key = key[: random.randint(0, len(key))] + random.choice((".x", "", "=", " "))
        sign = random.choice(_SIGNS)
        value = "" if sign == "~" else f"={random.choice(_VALUES)}"
        return f"{sign}{key}{value}"

    def _options(self, module: str, random: Random) -> Iterator[str]:
        # A server or a window that starts would not end: one argument is always refused.
        if module in ("experiments.ui", "experiments.server", "experiments.reproduce", "gui"):
            yield random.choice(("--help", "--nonsense", "nonsense", "--port=0", "--seeds=0"))
        for _ in range(random.randint(0, 3)):
            option = random.choice(_OPTIONS[module])
            if option and random.random() < 0.9:
                yield option
            if random.random() < 0.9:
                yield random.choice(_VALUES)


def _keys(kind: type[Any], prefix: str = "") -> Iterator[str]:
    """Every key of the schema; keys of one choice of a group among them."""
    hints = get_type_hints(kind)
    for field in fields(kind):
        declared = hints[field.name]
        yield f"{prefix}{field.name}"
        if is_dataclass(declared):
            for choice in (declared, *cast(type, declared).__subclasses__()):
                yield from _keys(cast(Any, choice), f"{prefix}{field.name}.")
