"""Loading the network of a logged run."""

import pytest
from harness import checkpoint

from gui.runs.library import RunLibrary


@pytest.mark.parametrize("runs", ["no runs", "only runs on 8x8 digits"])
def test_without_a_run_on_real_images_the_network_that_ships_comes_first(
    runs_folder, tmp_path, monkeypatch, runs
) -> None:
    monkeypatch.chdir(tmp_path if runs == "no runs" else runs_folder)
    network = RunLibrary().load_first()
    assert network.run_id is None
    assert "comes with" in network.source


@pytest.mark.parametrize(
    "table",
    [
        "[]",
        '{"edges": [0, 1], "samples": [], "right": []}',
        '{"edges": [0, 1], "samples": ["x"], "right": [1]}',
        '{"edges": [0, 0.5, 1], "samples": [9, 9], "right": [1]}',
        '{"edges": [0, 1], "samples": [Infinity], "right": [1]}',
    ],
)
def test_a_damaged_calibration_is_ignored(runs_folder, monkeypatch, table) -> None:
    from experiments.tracking import RunStore

    monkeypatch.chdir(runs_folder)
    run = RunStore().best_run().run_id
    file = checkpoint(RunStore(), run).parents[1] / "calibration.json"
    file.write_text(table)
    calibration = RunLibrary().load(run).calibration
    file.unlink()
    assert calibration is None
