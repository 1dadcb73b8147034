"""A place that takes no artifacts is named before a run begins, with its experiment and a cure."""

from dataclasses import replace
from pathlib import Path

import pytest
from harness import place, store
from mlflow import MlflowClient

from experiments.errors import RunStoreError
from experiments.tracking import Tracker


@pytest.mark.parametrize(
    ("artifacts", "cure"),
    [
        ("mlflow-artifacts:/1", "set tracking.uri to the address of that server"),
        ("ftp://127.0.0.1:1/folder", "Connection refused: make that place reachable"),
        ("unknown://bucket/folder", "Could not find a registered artifact repository"),
        ("/dev/null/folder", "can't be written to"),
    ],
)
def test_a_new_run_is_refused(tmp_path: Path, artifacts: str, cure: str) -> None:
    MlflowClient(store(tmp_path).uri).create_experiment("team", artifact_location=artifacts)
    where = replace(place(tmp_path), experiment="team")
    with pytest.raises(RunStoreError) as error:
        Tracker(where, name="a run", kind="run", parameters={}, tags={})
    message = str(error.value)
    assert message.startswith("tracking.experiment=team: ")
    assert artifacts in message
    assert cure in message
    assert "or choose another" in message
    assert "\n" not in message
    assert store(tmp_path).runs() == []
    assert list((tmp_path / "mljournal").iterdir()) == []


def test_a_resumed_run_is_refused(tmp_path: Path) -> None:
    with Tracker(place(tmp_path), name="a run", kind="run", parameters={}, tags={}) as tracker:
        tracker.write_text("note.txt", "a note")
    [run] = store(tmp_path).runs()
    (tmp_path / "mlartifacts").rename(tmp_path / "aside")
    (tmp_path / "mlartifacts").write_text("in the way")
    with pytest.raises(RunStoreError, match=f"run {run.run_id}: .* can't be written to"):
        Tracker(place(tmp_path), name="", kind="run", parameters={}, tags={}, resumed=run)
    assert [again.status for again in store(tmp_path).runs()] == ["FINISHED"]
