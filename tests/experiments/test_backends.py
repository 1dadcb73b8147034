"""Runs in other stores than one user's SQLite file: many writers, PostgreSQL, a server."""

import subprocess
import sys
from collections import Counter
from pathlib import Path

from harness import environment

from experiments.servers import PostgresServer
from experiments.tracking import RunStore

CONF = Path(__file__).resolve().parents[2] / "conf"
EPOCHS = 2
# Forked, so that the imports are paid for once and all writers meet the fresh database at the
# same moment. The pictures are left out: the database has no part in them, and they would take
# most of the time.
WRITERS = f"""
import multiprocessing
import sys
from hydra import compose, initialize_config_dir
from experiments.config import register_schema
from experiments.reporting import plots
from experiments.reporting.terminal import Silent
from experiments.running import run

def write(writer):
    for config.seed in range(runs * writer, runs * (writer + 1)):
        run(config, name=str(config.seed), report=Silent())

plots.learning_curves = plots.confusion_matrix = lambda *_, file, **__: file.touch()
register_schema()
with initialize_config_dir("{CONF}", version_base="1.3"):
    config = compose("config", ["experiment=xor", "epochs={EPOCHS}"])
writers, runs = map(int, sys.argv[1:])
fork = multiprocessing.get_context("fork")
processes = [fork.Process(target=write, args=[writer]) for writer in range(writers)]
for process in processes:
    process.start()
for process in processes:
    process.join()
sys.exit(any(process.exitcode for process in processes))
"""


def write_at_once(folder: Path, uri: str, *, writers: int, runs: int) -> None:
    """``writers`` processes that train ``runs`` networks each, all at the same time."""
    done = subprocess.run(
        [sys.executable, "-c", WRITERS, str(writers), str(runs)],
        cwd=folder,
        env=environment(MLFLOW_TRACKING_URI=uri),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def assert_complete(uri: str, *, runs: int) -> None:
    """Every run is FINISHED, with each metric of each epoch exactly once."""
    store = RunStore(uri)
    found = store.runs()
    assert Counter(run.status for run in found) == {"FINISHED": runs}
    assert len({run.params["seed"] for run in found}) == runs
    for run in found:
        for metric in ("train_loss", "train_accuracy", "val_loss", "val_accuracy"):
            assert [step for step, _ in store.history(run.run_id, metric)] == [1, 2]
        assert "test_accuracy" in run.metrics


def test_eight_writers_on_postgresql_lose_nothing(postgres: PostgresServer, tmp_path: Path) -> None:
    uri = postgres.create_database("writers")
    write_at_once(tmp_path, uri, writers=8, runs=25)
    assert_complete(uri, runs=200)


def test_eight_writers_on_sqlite_lose_nothing(tmp_path: Path) -> None:
    uri = f"sqlite:///{tmp_path / 'mlflow.db'}"
    write_at_once(tmp_path, uri, writers=8, runs=3)
    assert_complete(uri, runs=24)
