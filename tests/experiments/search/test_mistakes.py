"""Mistakes in the config of a search: each is one line, before anything is written."""

from pathlib import Path

import pytest
from hydra import compose, initialize_config_dir
from hydra.errors import HydraException

from experiments.config.compose import CONF
from experiments.config.messages import explain
from experiments.config.schema import register_schema
from experiments.errors import ConfigError
from experiments.search.search import Search
from experiments.sweeps.registration import register_plugins
from experiments.training.stopping import StopRequest


def complaint(*overrides: str) -> str:
    """The one line that a user would see."""
    register_schema()
    register_plugins()
    with initialize_config_dir(str(CONF), version_base="1.3"):
        try:
            Search(compose("search", [*overrides]), overrides, StopRequest(Path("stop")))
        except HydraException as error:
            return explain(error)
        except ConfigError as error:
            return str(error)
    raise AssertionError(f"{overrides} was accepted")


@pytest.mark.parametrize(
    ("mistake", "said"),
    [
        (["search.sampler=tpee"], "choose one of tpe, random"),
        (["search.trails=3"], "did you mean trials"),
        (["search.n_jobs=0"], "-1 for one per core"),
        (["+search.space={model.dropuot:{low:0.0,high:0.5}}"], "did you mean dropout"),
        (["search.space={model.dropout:{low:0.0,high:1.5}}"], "less than 1"),
        (["search.space={model.dropout:{low:0.5,high:0.1}}"], "must be more than low"),
        (["search.space={model.bias_init:{choices:[zeros]}}"], "with a + in front"),
        (["search.space={model.dropout:{lwo:0.5}}"], "did you mean low"),
        (["search.space={model.dropout:{low:a}}"], "expected a number"),
        (["search.space={model.init:{choices:[he_normal,heee]}}"], "heee"),
        (["search.space={optimizer.momentum:{when:{optimizer:nope}}}"], "nope"),
        (["search.space={optimizer.momentum:{when:{optimiser:sgd}}}"], "optimiser"),
        (["+search.space={batch_size:{when:{model.dropout:0.1}}}"], "must stand above"),
        (["+search.space={tracking.experiment:{choices:[a]}}"], "decides the result"),
        (["search.storage=nowhere"], "sqlite:///FILE"),
        (["sweep=zeros_vs_he"], "space"),
        (["launcher=serial"], "n_jobs"),
    ],
)
def test_a_mistake_is_one_line_before_any_work(
    mistake: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert said in complaint("data=digits", *mistake)
    assert list(tmp_path.iterdir()) == []
