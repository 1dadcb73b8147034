"""After the death of processes: each of their journals is judged by itself."""

import json
import shutil
from pathlib import Path

from harness import place, store

from experiments.tracking import Tracker, clear_up
from experiments.tracking.journal import Journal


def left(folder: Path) -> Path:
    """The journal of a run that was killed."""
    run = Tracker(place(folder), name="a run", kind="run", parameters={}, tags={})
    run.log_metrics({"val_loss": 0.5}, step=1)
    [journal] = (folder / "mljournal").iterdir()
    shutil.copytree(journal, folder / "kept")
    run.end("KILLED")
    (folder / "kept").rename(journal)
    return journal


def test_a_journal_that_cannot_be_read_does_not_keep_the_others_back(tmp_path: Path) -> None:
    good = left(tmp_path)
    without_op, linked = Journal(good.parent), Journal(good.parent)
    for journal in (without_op, linked):
        journal.append({"op": "create", "name": "bad"})
        journal.close()
    file = without_op.folder / "entries.jsonl"
    file.write_text(file.read_text() + json.dumps({"values": {}}) + "\n")
    shutil.move(linked.folder, tmp_path / "elsewhere")
    linked.folder.symlink_to(tmp_path / "elsewhere")
    (good.parent / "of another program").mkdir()
    (good / "files" / "strange").mkdir()
    (good / "progress.json").write_text("")
    told: list[str] = []
    clear_up(good.parent, told.append)
    assert len(told) == 3
    for text in (without_op.key, linked.key, "is KILLED now"):
        assert len([line for line in told if text in line]) == 1
    [run] = store(tmp_path).runs()
    assert run.status == "KILLED"
    assert store(tmp_path).history(run.run_id, "val_loss") == [(1, 0.5)]
    assert not good.exists()
    assert {path.name for path in good.parent.iterdir()} == {
        without_op.key,
        linked.key,
        "of another program",
    }
