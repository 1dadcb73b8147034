"""Choosing runs by their config."""

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from experiments.errors import FilterError
from experiments.runs.filters import parse
from experiments.runs.summary import RunSummary


def run(params: Mapping[str, str]) -> RunSummary:
    return RunSummary(
        run_id="a",
        name="a",
        status="FINISHED",
        started=datetime(2026, 1, 1, tzinfo=UTC),
        seconds=None,
        experiment="test",
        params=params,
        metrics={},
        tags={},
        artifact_uri="",
    )


LOGGED = {
    "model.hidden": "[128, 64]",
    "model.batch_norm": "False",
    "optimizer.name": "adam",
    "optimizer.learning_rate": "0.001",
    "max_gradient_norm": "None",
    "model.init": "normal:0.5",
}


@pytest.mark.parametrize(
    "condition",
    [
        "optimizer=adam",
        "optimizer.name=adam",
        "optimizer.learning_rate=1e-3",
        "optimizer.learning_rate=.001",
        "model.hidden=[128,64]",
        "model.batch_norm=false",
        "max_gradient_norm=null",
        "model.init=normal:0.5",
    ],
)
def test_a_filter_is_typed_like_an_override(condition: str) -> None:
    wanted, other = run(LOGGED), run(dict.fromkeys(LOGGED, "7"))
    assert parse(condition).choose([other, wanted]) == [wanted]


@pytest.mark.parametrize(
    ("condition", "answer"),
    [
        ("model.hiden=[8]", "did you mean model.hidden"),
        ("optimiser=adam", "did you mean optimizer"),
        ("colour=red", "allowed: max_gradient_norm, model.batch_norm"),
        ("optimizer=sgd", "no run has this value; allowed: adam"),
        ("adam", "expected key=value"),
        ("=adam", "expected key=value"),
    ],
)
def test_an_invalid_filter_is_one_line(condition: str, answer: str) -> None:
    with pytest.raises(FilterError) as caught:
        parse(condition).choose([run(LOGGED)])
    assert str(caught.value).startswith(condition)
    assert answer in str(caught.value)
    assert "\n" not in str(caught.value)
