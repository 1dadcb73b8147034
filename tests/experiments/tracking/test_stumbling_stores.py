"""Stores that restart, freeze or vanish under a run: it ends in time, and says what is lost."""

import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from harness import place, store
from mlflow import MlflowClient

from experiments.errors import RunNotLogged, StoreSilent
from experiments.runs.tags import ERROR
from experiments.servers.postgres import PostgresServer
from experiments.tracking import (
    Place,
    RunStore,
    Tracker,
    delivery,
    end_lost_children,
    lacks_artifacts,
    recover,
    tracker,
)
from experiments.tracking.database import limits


def begin(where: Place, parent: str | None = None) -> Tracker:
    run = Tracker(where, name="a run", kind="run", parameters={}, tags={}, parent_run_id=parent)
    run.log_metrics({"val_loss": 1.0}, step=1)
    run.write_artifact("checkpoints/best.npz", lambda file: file.write_bytes(b"weights"))
    return run


# --- PostgreSQL -----------------------------------------------------------------------------


@pytest.fixture
def on_postgres(postgres: PostgresServer, tmp_path: Path) -> Place:
    return replace(place(tmp_path), uri=postgres.create_database(tmp_path.name))


@pytest.mark.timeout(300)
def test_a_restart_of_postgresql_fails_no_run(postgres: PostgresServer, on_postgres: Place) -> None:
    with begin(on_postgres) as run:
        postgres.stop()
        run.log_metrics({"val_loss": 0.5}, step=2)
        postgres.start()
    assert [found.kept for found in recover(on_postgres.journals)] in ([], [0])
    reading = RunStore(on_postgres.uri)
    assert run.run_id is not None
    assert reading.run(run.run_id).status == "FINISHED"
    assert reading.history(run.run_id, "val_loss") == [(1, 1.0), (2, 0.5)]


@pytest.mark.timeout(300)
def test_a_frozen_postgresql_holds_neither_readers_nor_the_end_of_a_run(
    postgres: PostgresServer,
    on_postgres: Place,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(limits, "TO_ANSWER", 1)
    monkeypatch.setattr(limits, "TO_CONNECT", 1)
    run, reading = begin(on_postgres), RunStore(on_postgres.uri)
    assert len(reading.runs()) == 1
    assert postgres.process is not None
    server = psutil.Process(postgres.process.pid)
    frozen = [server, *server.children()]
    for process in frozen:
        process.suspend()
    try:
        with pytest.raises(StoreSilent, match="no answer within 1 seconds"):
            reading.runs()
        run.end("FINISHED")
    finally:
        for process in frozen:
            process.resume()
    assert "experiments.deliver" in caplog.text
    assert [found.kept for found in recover(on_postgres.journals)] == [0]
    assert [found.status for found in reading.runs()] == ["FINISHED"]


# --- other stores ---------------------------------------------------------------------------


def test_a_store_that_takes_too_long_is_given_up_and_delivered_to_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """SQLite waits 20 seconds for a lock, longer than the end of the run waits here."""
    monkeypatch.setattr(delivery, "PATIENCE", 0.1)
    monkeypatch.setattr(tracker, "_PATIENCE", 0.1)
    run = begin(place(tmp_path))
    with closing(sqlite3.connect(tmp_path / "mlflow.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        run.end("FINISHED")
        assert "is frozen" in caplog.text
        assert "experiments.deliver" in caplog.text
        assert list(recover(tmp_path / "mljournal")) == []  # the run still holds its journal
        other.execute("ROLLBACK")
    run._sender._thread.join(240)
    run._journal.close()
    assert [found.kept for found in recover(tmp_path / "mljournal")] in ([], [0])
    assert [found.status for found in store(tmp_path).runs()] == ["FINISHED"]


def test_a_removed_database_is_not_a_success(tmp_path: Path) -> None:
    run = begin(place(tmp_path))
    assert run.run_id is not None
    (tmp_path / "mlflow.db").unlink()
    with pytest.raises(RunNotLogged, match=r"mlflow\.db was removed or replaced") as error, run:
        run.log_metrics({"val_loss": 0.5}, step=2)
    assert error.value.exit_status == 1
    assert len(list((tmp_path / "mljournal").iterdir())) == 1


def test_removed_artifacts_are_not_a_success(tmp_path: Path) -> None:
    with begin(place(tmp_path)):
        pass
    [finished] = store(tmp_path).runs()
    assert not lacks_artifacts(finished, tmp_path / "mljournal")
    run = begin(place(tmp_path))
    run._sender.finish(tracker._PATIENCE)  # it has delivered the first artifact
    shutil.rmtree(tmp_path / "mlartifacts")
    run.write_text("note.txt", "a note")
    run._delivery.deliver()
    with pytest.raises(FileNotFoundError, match="removed while their run was logged"), run:
        run.write_text("note.txt", "another note")
    assert lacks_artifacts(finished, tmp_path / "mljournal")
    elsewhere = replace(finished, tags={**finished.tags, "nnscratch.host": "another machine"})
    assert not lacks_artifacts(elsewhere, tmp_path / "mljournal")


def test_a_run_that_its_sweep_gave_up_ends_as_its_journal_says(tmp_path: Path) -> None:
    """The store was locked when the sweep ended, and the journal was delivered afterwards."""
    where, client = place(tmp_path), MlflowClient(store(tmp_path).uri)
    with Tracker(where, name="a sweep", kind="sweep", parameters={}, tags={}) as sweep:
        pass
    run = begin(where, parent=sweep.run_id)
    run._sender.finish(tracker._PATIENCE)
    run._journal.append({"op": "end", "status": "FINISHED", "time": 1})
    run._journal.close()
    assert sweep.run_id is not None
    assert run.run_id is not None
    lost = {"status": "FAILED", "reason": "lost"}
    end_lost_children(store(tmp_path), sweep.run_id, where.journals, **lost)
    assert store(tmp_path).run(run.run_id).status == "RUNNING"
    client.set_tag(run.run_id, ERROR, "lost")  # as a version without that rule left it
    client.set_terminated(run.run_id, "FAILED")
    assert [found.kept for found in recover(where.journals)] == [0]
    healed = store(tmp_path).run(run.run_id)
    assert (healed.status, healed.tags.get(ERROR, "")) == ("FINISHED", "")
