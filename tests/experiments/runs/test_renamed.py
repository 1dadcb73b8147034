"""Renamed keys and metrics: runs that were logged under the old names stay what they were."""

from pathlib import Path
from typing import Any

import pytest
from composing import config
from mlflow import MlflowClient
from omegaconf import OmegaConf
from optuna.trial import FixedTrial

from experiments.config.compose import compose_config
from experiments.config.digests import config_digest, flatten
from experiments.config.schema import DimensionConfig
from experiments.config.stored import stored_config
from experiments.errors import ConfigError
from experiments.runs.renamed import KEYS, METRICS, renamed_override
from experiments.search.space import Space
from experiments.tracking import RunStore

OTHER = [
    *("augmentation=affine", "augmentation.turn=0.2", "augmentation.slant=0"),
    *("augmentation.stretch=0.3", "augmentation.shift=1.5"),
    *("data=digits", "data.wrong_labels=0.1", "seed=3"),
]


@pytest.mark.parametrize(
    ("overrides", "logged"),
    [
        ([], "b13959063048aadcbc80b4f51c1901c9dc5eb30120a565149caf5d472a545f01"),
        (
            ["augmentation=affine"],
            "7ea703faac9291e8230e52ec3ce7868b9312dd742d973d1e56a1fd35bdd5d01a",
        ),
        (OTHER, "7881cbe2dc6bcb21eaaecd8479d58fd9f35aed210aa0d4469c05ae78bf7ba320"),
    ],
    ids=["default", "affine", "other values"],
)
def test_a_config_keeps_the_digest_that_0_1_0_logged(overrides: list[str], logged: str) -> None:
    assert config_digest(flatten(config(*overrides))) == logged
    assert config_digest(flatten(config(*map(renamed_override, overrides)))) == logged


@pytest.mark.parametrize(("old", "new"), KEYS.items())
@pytest.mark.parametrize("sign", ["", "+", "++"])
def test_the_old_key_may_be_typed(old: str, new: str, sign: str) -> None:
    if sign == "+":  # Hydra refuses to add what is there; the message has the new name
        with pytest.raises(Exception, match=new):
            compose_config(["augmentation=affine", f"+{old}=0.4"])
    else:
        composed = compose_config(["augmentation=affine", f"{sign}{old}=0.4"])
        assert OmegaConf.select(composed, new) == 0.4
        in_braces = f"augmentation={{name: affine, {old.removeprefix('augmentation.')} : 0.4}}"
        assert f", {new.removeprefix('augmentation.')}: 0.4" in renamed_override(in_braces)


def test_a_logged_config_with_the_old_keys_is_read(tmp_path: Path) -> None:
    composed = config(*OTHER)
    text = OmegaConf.to_yaml(composed, resolve=True)  # as runs log it
    for old, new in KEYS.items():
        text = text.replace(f"  {new.partition('.')[2]}: ", f"  {old.partition('.')[2]}: ")
    text = text.replace("  _target_: experiments.datasets.load\n", "")
    assert "turn: 0.2" in text
    file = tmp_path / "config.yaml"
    file.write_text(text)
    assert stored_config(file) == composed


def test_a_space_of_a_search_may_name_the_old_key() -> None:
    settings = OmegaConf.create({"augmentation.turn": DimensionConfig(low=0.1, high=0.3)})

    def compose(overrides):
        return compose_config(["augmentation=affine", *overrides])

    trial: Any = FixedTrial({"augmentation.turn": 0.2})
    [override] = Space(settings, (), compose).suggest(trial)
    assert override == "augmentation.rotation=0.2"
    with pytest.raises(ConfigError, match="every key is fixed"):
        Space(settings, ("augmentation.rotation",), compose)


@pytest.fixture
def logged(tmp_path: Path) -> tuple[RunStore, str]:
    """A run that was logged under the old names, and resumed under the new ones."""
    uri = f"sqlite:///{tmp_path / 'mlflow.db'}"
    client = MlflowClient(uri)
    run = client.create_run(client.create_experiment("old"), run_name="augmented").info.run_id
    for old, new in METRICS.items():
        client.log_metric(run, old, 0.1, step=0)
        client.log_metric(run, old, 0.2, step=1)
        client.log_metric(run, new, 0.3, step=2)
    client.log_metric(run, "val_loss", 1.0, step=2)
    for old in KEYS:
        client.log_param(run, old, "0.5")
    return RunStore(uri), run


def test_a_run_shows_its_new_names(logged: tuple[RunStore, str]) -> None:
    runs, run = logged
    summary = runs.run(run)
    assert summary.params == dict.fromkeys(KEYS.values(), "0.5")
    assert summary.metrics == dict.fromkeys(METRICS.values(), 0.3) | {"val_loss": 1.0}


def test_the_history_of_a_metric_spans_both_names(logged: tuple[RunStore, str]) -> None:
    runs, run = logged
    for new in METRICS.values():
        assert runs.history(run, new) == [(0, 0.1), (1, 0.2), (2, 0.3)]
    assert runs.logged_steps(run) == dict.fromkeys([*METRICS.values(), "val_loss"], 2)
