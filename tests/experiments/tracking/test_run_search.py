"""Searching runs: in a database and through MLflow, beside more experiments than a page holds."""

import sqlite3
from contextlib import closing
from itertools import repeat
from pathlib import Path

import pytest
from harness import place, store
from mlflow import MlflowClient

from experiments.runs.tags import RunKind
from experiments.tracking import Tracker
from experiments.tracking.run_search import Rating, RunSearch, ServerSearch, Wanted, run_search

RUNS: dict[str, tuple[RunKind, str, float]] = {
    "oldest": ("run", "digits", 0.95),
    "sweep": ("sweep", "digits", -1.0),
    "best": ("run", "mnist", 0.99),
    "NaN": ("run", "mnist", float("nan")),
    "taught": ("tuned", "mnist", 0.97),
    "newest": ("run", "mnist", 0.25),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose store holds ``RUNS``, and 1,001 newer experiments of somebody else."""
    made = tmp_path_factory.mktemp("searched")
    for name, (kind, data, accuracy) in RUNS.items():
        with Tracker(
            place(made), name=name, kind=kind, parameters={"data.name": data}, tags={}
        ) as run:
            run.log_metrics({"best_val_accuracy": accuracy}, step=1)
    MlflowClient(store(made).uri).delete_run(_deleted(made))
    with closing(sqlite3.connect(made / "mlflow.db")) as database, database:
        database.executemany(
            "INSERT INTO experiments (experiment_id, name, lifecycle_stage, workspace, "
            "last_update_time) VALUES (?, ?, 'active', 'default', 9000000000000)",
            [(number, f"customer {number}") for number in range(1000, 2001)],
        )
    return made


def _deleted(folder: Path) -> str:
    tracker = Tracker(place(folder), name="deleted", kind="run", parameters={}, tags={})
    tracker.end("FINISHED")
    assert tracker.run_id is not None
    return tracker.run_id


@pytest.fixture(params=["database", "server"])
def search(request: pytest.FixtureRequest, folder: Path) -> RunSearch:
    """The way of a database, and the one of a server: MLflow's client, here on the same file."""
    client = MlflowClient(store(folder).uri)
    return run_search(client) if request.param == "database" else ServerSearch(client)


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        (Wanted(), ["newest", "taught", "NaN", "best", "sweep", "oldest"]),
        (Wanted({"nnscratch.kind": "run"}), ["newest", "NaN", "best", "oldest"]),
        (Wanted(parameters={"data.name": "digits"}), ["sweep", "oldest"]),
        (Wanted({"nnscratch.kind": "run"}, {"data.name": "digits"}), ["oldest"]),
        (Wanted({"nnscratch.kind": "search"}), []),
        (
            Wanted({"nnscratch.kind": "run"}, rating=Rating("best_val_accuracy", 0.5, 1.0)),
            ["best", "oldest"],
        ),
    ],
)
def test_the_runs_that_meet_all_conditions(search: RunSearch, wanted: Wanted, names) -> None:
    assert [run.name for run in search.runs(wanted)] == names
    first = search.first(wanted)
    assert (first and first.name) == next(iter(names), None)
    pages = [[run.name for run in page] for page in search.pages(wanted, repeat(2))]
    assert [page for page in pages if page] == [
        names[at : at + 2] for at in range(0, len(names), 2)
    ]


def test_a_run_by_the_start_of_its_id(search: RunSearch) -> None:
    [run] = search.runs(Wanted(parameters={"data.name": "digits"}, tags={"nnscratch.kind": "run"}))
    assert search.runs(Wanted(id_start=run.run_id[:12])) == [run]


def test_both_ways_read_the_same(folder: Path) -> None:
    client = MlflowClient(store(folder).uri)
    assert run_search(client).runs(Wanted()) == ServerSearch(client).runs(Wanted())


def test_the_best_network_for_digits_is_found_by_data_set_and_accuracy(folder: Path) -> None:
    assert store(folder).best_run().name == "best"
