"""The journal: every entry survives, and is delivered once, in order, by one process."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from experiments.errors import JournalInUse
from experiments.tracking.journal import Journal, is_held, left_behind

CREATE = {"op": "create", "uri": "sqlite:///nowhere.db", "name": "a run"}


def begin(root: Path) -> Journal:
    journal = Journal(root)
    journal.append(CREATE)
    return journal


def stage(journal: Journal, path: str, text: str) -> None:
    journal.append(journal.stage(path, lambda file: file.write_text(text)))


def ops(journal: Journal) -> list[str]:
    return [entry["op"] for _, entry in journal.pending()]


def test_another_process_finds_the_undelivered_entries(tmp_path: Path) -> None:
    journal = begin(tmp_path)
    journal.append({"op": "tags", "values": {"a": "1"}}, {"op": "end", "status": "FINISHED"})
    journal.delivered(0)
    journal.close()
    with Journal(tmp_path, journal.key) as again:
        assert ops(again) == ["tags", "end"]
        assert again.ended
        assert again.name == "a run"


def test_a_delivered_journal_is_removed(tmp_path: Path) -> None:
    journal = begin(tmp_path)
    stage(journal, "plots/a.png", "a picture")
    journal.delivered(0)
    journal.delivered(1)
    journal.close()
    assert list(tmp_path.iterdir()) == []


def test_a_journal_is_removed_after_a_removal_that_was_killed(tmp_path: Path) -> None:
    journal = begin(tmp_path)
    half_removed = tmp_path / f".{journal.key}"
    half_removed.mkdir()
    (half_removed / "entries.jsonl").touch()
    journal.delivered(0)
    journal.close()
    assert list(tmp_path.iterdir()) == []


def test_half_a_line_is_dropped(tmp_path: Path) -> None:
    journal = begin(tmp_path)
    journal.close()
    file = journal.folder / "entries.jsonl"
    file.write_bytes(file.read_bytes() + b'{"op": "metrics", "values": {"train_l')
    with Journal(tmp_path, journal.key) as again:
        assert ops(again) == ["create"]
        again.append({"op": "end", "status": "KILLED"})
    with Journal(tmp_path, journal.key) as third:
        assert ops(third) == ["create", "end"]


def test_a_later_artifact_replaces_a_waiting_one(tmp_path: Path) -> None:
    with begin(tmp_path) as journal:
        for text in ("first", "second"):
            stage(journal, "checkpoints/last.npz", text)
        stage(journal, "checkpoints/best.npz", "best")
        texts = [
            journal.file(entry).read_text() if journal.file(entry).is_file() else None
            for _, entry in journal.pending()
            if entry["op"] == "artifact"
        ]
        assert texts == [None, "second", "best"]


def test_a_folder_is_staged_and_discarded_like_a_file(tmp_path: Path) -> None:
    def fill(folder: Path) -> None:
        folder.mkdir()
        (folder / "MLmodel").write_text("a model")

    with begin(tmp_path) as journal:
        for _ in range(2):
            journal.append(journal.stage("model", fill))
        first, second = (journal.file(entry) for _, entry in journal.pending()[1:])
        assert not first.parent.exists()
        assert (second / "MLmodel").read_text() == "a model"


def test_a_postponed_entry_is_kept_and_delivered_later(tmp_path: Path) -> None:
    journal = begin(tmp_path)
    stage(journal, "a", "a")
    journal.append({"op": "tags", "values": {}})
    journal.delivered(0)
    journal.postpone(1)
    journal.delivered(2)
    journal.close()
    with Journal(tmp_path, journal.key) as again:
        assert ops(again) == ["artifact"]
        again.delivered(1)
    assert list(tmp_path.iterdir()) == []


def test_an_artifact_that_is_sent_twice_does_not_replace_a_later_one(tmp_path: Path) -> None:
    """Its arrival is noted with that of the next entry, before which a process may die."""
    journal = begin(tmp_path)
    stage(journal, "plots/a.png", "first")
    [_, (number, arrived)] = journal.pending()
    journal.delivered(0)
    journal.discard(arrived)
    progress = (journal.folder / "progress.json").read_bytes()
    journal.delivered(number, note=False)
    assert (journal.folder / "progress.json").read_bytes() == progress
    journal.append({"op": "tags", "values": {}})
    journal.close()
    (journal.folder / "progress.json").write_bytes(progress)  # as after a SIGKILL
    with Journal(tmp_path, journal.key) as again:
        assert ops(again) == ["artifact", "tags"]
        stage(again, "other/a.png", "second")
        assert not again.file(arrived).exists()


def test_a_closed_journal_remembers_what_is_delivered(tmp_path: Path) -> None:
    journal = begin(tmp_path)
    stage(journal, "plots/a.png", "a picture")
    journal.append({"op": "tags", "values": {}})
    journal.delivered(0)
    journal.delivered(1, note=False)
    journal.close()
    with Journal(tmp_path, journal.key) as again:
        assert ops(again) == ["tags"]


def test_a_journal_belongs_to_one_process_until_it_dies(tmp_path: Path) -> None:
    script = (
        "import pathlib, sys, time\n"
        "from experiments.tracking.journal import Journal\n"
        "journal = Journal(pathlib.Path(sys.argv[1]))\n"
        "journal.append({'op': 'create', 'name': 'of another process'})\n"
        "print(journal.key, flush=True)\n"
        "time.sleep(600)\n"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert other.stdout is not None
    key = other.stdout.readline().strip()
    assert is_held(tmp_path, key)
    assert list(left_behind(tmp_path)) == []
    with pytest.raises(JournalInUse):
        Journal(tmp_path, key)
    os.kill(other.pid, signal.SIGKILL)
    other.communicate()
    assert not is_held(tmp_path, key)
    assert [journal.name for journal in left_behind(tmp_path)] == ["of another process"]
