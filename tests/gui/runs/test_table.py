"""The table of runs without its widget."""

from datetime import UTC, datetime

import pytest

from experiments.runs.summary import RunSummary
from gui.runs.table import COLUMNS, arranged, row, short


def run(hidden: str) -> RunSummary:
    return RunSummary(
        run_id=hidden,
        name="",
        status="FINISHED",
        started=datetime(2026, 11, 24, tzinfo=UTC),
        seconds=1.0,
        experiment="nnscratch",
        params={"model.hidden": hidden},
        metrics={},
        tags={},
        artifact_uri="",
    )


@pytest.mark.parametrize(
    ("hidden", "shown"),
    [
        ("[]", "none"),
        ("[12]", "12"),
        ("[16, 16]", "16–16"),
        ("[512, 256, 128]", "512–256–128"),
        (str([32] * 10), "10 × 32"),
    ],
)
def test_hidden_layers_are_abbreviated(hidden, shown) -> None:
    assert row(run(hidden)).cells[list(COLUMNS).index("hidden layers")] == shown


def test_networks_are_sorted_by_their_units() -> None:
    rows = [row(run(hidden)) for hidden in ("[200]", str([32] * 10), "[16, 8]", "[]")]
    sizes = [r.run_id for r in arranged(rows, "", "hidden layers", descending=True)]
    assert sizes == [str([32] * 10), "[200]", "[16, 8]", "[]"]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("model.init=zeros optimizer.learning_rate=0.01", "init=zeros learning_rate=0.01"),
        ("mnist · 128-64 · relu · he_normal · adam", "mnist · 128-64 · relu · he_normal · adam"),
    ],
)
def test_names_are_shortened(name, shown) -> None:
    assert short(name) == shown
