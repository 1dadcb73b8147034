"""The config of a logged run is untrusted data."""

import copy
import random
from pathlib import Path
from typing import Any

import pytest
import yaml
from composing import config
from omegaconf import OmegaConf

from experiments.cli.exit_status import status_of
from experiments.config.stored import stored_config
from experiments.errors import StoredConfigError
from experiments.training.build import build_early_stopping, build_training, load_splits


@pytest.mark.parametrize("group", ["data", "model", "loss", "optimizer", "schedule"])
def test_a_foreign_target_is_refused(tmp_path: Path, group: str) -> None:
    composed = config("data=xor")
    OmegaConf.save(composed, tmp_path / "config.yaml", resolve=True)
    assert stored_config(tmp_path / "config.yaml") == composed
    composed[group]._target_ = "os.system"
    OmegaConf.save(composed, tmp_path / "config.yaml", resolve=True)
    with pytest.raises(
        StoredConfigError, match=rf"^{group}\.name=.* stands for .*, not os\.system"
    ):
        stored_config(tmp_path / "config.yaml")


@pytest.mark.parametrize(
    ("key", "value", "complaint"),
    [
        ("early_stopping", "patience", r"str is not a subclass of EarlyStoppingConfig"),
        ("early_stopping", [], r"list is not a subclass of EarlyStoppingConfig"),
        ("loss", None, r"^loss\.name=None: choose one of"),
        ("model.hidden", {"a": 1}, r"Cannot merge"),
        ("model.hidden", [1] * 2_000, r"^model\.hidden=\[1, 1, .* …: must be 1,000 hidden layers"),
        ("model.hidden", [10**9], r"1 to 1,000,000 units"),
        ("model.hidden", ["x" * 9_000], r"a list of whole numbers"),
    ],
)
def test_a_value_that_could_not_be_typed_is_one_short_line(
    tmp_path: Path, key: str, value: Any, complaint: str
) -> None:
    values: Any = OmegaConf.to_container(config("data=xor"), resolve=True)
    group, _, name = key.rpartition(".")
    (values[group] if group else values)[name] = value
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(values))
    with pytest.raises(StoredConfigError, match=complaint) as refused:
        stored_config(tmp_path / "config.yaml")
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 500


HOSTILE = (
    *(None, True, False, 0, -1, 2**64, 10**30, 0.5, 1e308, float("nan"), float("inf")),
    *("", "x", "???", "1e3", "nan", "\x1b[2J\n", "a" * 5000, "${seed}", "adam", "os.system"),
    *([], [0], [1.5], ["a"], [[1]], [None], {}, {"a": 1}, {1: 2}, {None: 1}, b"ab"),
)
KEYS = ("", "x", "a.b", 1, None, "_target_", "_convert_", "_args_", "${a}")


def mutated(values: dict[Any, Any], moment: random.Random) -> dict[Any, Any]:
    """A hostile value, a strange key, or a missing key somewhere in the config."""
    values = copy.deepcopy(values)
    for _ in range(moment.choice((1, 1, 2))):
        groups = [values, *(group for group in values.values() if isinstance(group, dict))]
        group = moment.choice(groups)
        key = moment.choice(list(group) or [""])
        what = moment.random()
        if what < 0.1:
            group.pop(key, None)
        else:
            group[moment.choice(KEYS) if what < 0.2 else key] = moment.choice(HOSTILE)
    return values


@pytest.mark.parametrize("seed", range(2))
def test_a_hostile_config_is_refused_or_builds_a_training(tmp_path: Path, seed: int) -> None:
    moment, file = random.Random(seed), tmp_path / "config.yaml"
    pure_python = ("engine=pure_python", "loss=mse_sigmoid", "model.activation=sigmoid")
    bases = [
        OmegaConf.to_container(config("data=xor", *overrides), resolve=True)
        for overrides in (
            (),
            ("optimizer=adamw", "schedule=one_cycle", "ema_decay=0.9"),
            ("optimizer=sgd", *pure_python),
        )
    ]
    for _ in range(15):
        base: Any = moment.choice(bases)
        file.write_text(yaml.safe_dump(mutated(base, moment)))
        try:
            stored = stored_config(file)
            build_early_stopping(stored)
            if stored.data.name == "xor":
                build_training(stored, load_splits(stored))
        except Exception as error:
            if status_of(error) is None:
                raise


def test_random_bytes_are_refused_or_harmless(tmp_path: Path) -> None:
    moment, file = random.Random(0), tmp_path / "config.yaml"
    OmegaConf.save(config("data=xor"), file, resolve=True)
    good = file.read_bytes()
    for _ in range(20):
        damaged = bytearray(good)
        for _ in range(3):
            damaged[moment.randrange(len(damaged))] = moment.randrange(256)
        file.write_bytes(damaged)
        try:
            stored_config(file)
        except StoredConfigError as error:
            assert "\n" not in str(error)  # noqa: PT017
