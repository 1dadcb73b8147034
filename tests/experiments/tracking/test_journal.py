"""The journal: every entry survives, and is delivered once, in order, by one process."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from experiments.errors import JournalDamaged, JournalInUse
from experiments.tracking.journal import Journal, is_held, left_behind

CREATE = {"op": "create", "uri": "sqlite:///nowhere.db", "name": "a run"}

ODD_PROGRESS = (
    '"next": -1, "postponed": []',
    '"next": 9, "postponed": []',
    '"next": 1, "postponed": 7',
)


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
    assert not is_held(tmp_path, journal.key)
    with pytest.raises(FileNotFoundError):
        Journal(tmp_path, journal.key, must_exist=True)
    assert list(tmp_path.iterdir()) == [], "a look does not bring it back"


def test_a_journal_is_removed_after_a_removal_that_was_killed(tmp_path: Path) -> None:
    journal = begin(tmp_path)
    for key in (journal.key, "0" * 32):
        half_removed = tmp_path / f".{key}"
        half_removed.mkdir()
        (half_removed / "entries.jsonl").touch()
    journal.delivered(0)
    journal.close()
    assert list(left_behind(tmp_path)) == []
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


@pytest.mark.parametrize(
    "progress",
    ["", "{", "[]", '{"next": 1}', *(f'{{"run_id": null, {odd}}}' for odd in ODD_PROGRESS)],
)
def test_an_odd_progress_is_none(tmp_path: Path, progress: str) -> None:
    """Everything is then delivered again."""
    journal = begin(tmp_path)
    journal.append({"op": "tags", "values": {}}, {"op": "end", "status": "FINISHED"})
    journal.delivered(0)
    journal.close()
    (journal.folder / "progress.json").write_text(progress)
    with Journal(tmp_path, journal.key) as again:
        assert ops(again) == ["create", "tags", "end"]


@pytest.mark.parametrize(
    "line",
    [
        "not JSON",
        "[]",
        '{"values": {}}',
        '{"op": "open"}',
        '{"op": "artifact", "path": "a", "folder": ".."}',
        '{"op": "artifact", "path": "../a", "folder": "000001"}',
        '{"op": "artifact", "path": "/a", "folder": "000001"}',
    ],
)
def test_a_line_that_is_no_entry_is_named_and_nothing_is_changed(tmp_path: Path, line: str) -> None:
    journal = begin(tmp_path)
    journal.close()
    file = journal.folder / "entries.jsonl"
    content = f'{file.read_text()}{line}\n{{"op": "end", "status": "KILLED"}}\n'
    file.write_text(content)
    with pytest.raises(JournalDamaged, match=r"entries.jsonl, line 2: "):
        Journal(tmp_path, journal.key)
    assert file.read_text() == content


def test_artifacts_without_entries_are_not_removed(tmp_path: Path) -> None:
    journal = begin(tmp_path)
    stage(journal, "plots/a.png", "a picture")
    journal.close()
    (journal.folder / "entries.jsonl").write_bytes(b"")
    with pytest.raises(JournalDamaged, match="artifacts"):
        Journal(tmp_path, journal.key)
    assert [file.read_text() for file in journal.folder.rglob("a.png")] == ["a picture"]


@pytest.mark.parametrize("key", ["", "..", "/tmp", "a" * 31, "A" * 32])
def test_a_journal_lies_nowhere_but_in_its_folder(tmp_path: Path, key: str) -> None:
    with pytest.raises(JournalDamaged, match="32 hexadecimal digits"):
        Journal(tmp_path / "journals", key)
    assert not is_held(tmp_path / "journals", key)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["", "files", "entries.jsonl"])
def test_a_journal_does_not_write_through_a_link(tmp_path: Path, name: str) -> None:
    key = "0" * 32
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "entries.jsonl").write_text("of another program")
    link = tmp_path / "journals" / key / name
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(outside / name if name.endswith("jsonl") else outside)
    with pytest.raises(JournalDamaged, match="link"):
        Journal(tmp_path / "journals", key)
    assert {file.name: file.read_text() for file in outside.iterdir()} == {
        "entries.jsonl": "of another program"
    }


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
    for must_exist in (True, False):
        with pytest.raises(JournalInUse):
            Journal(tmp_path, key, must_exist=must_exist)
    os.kill(other.pid, signal.SIGKILL)
    other.communicate()
    assert not is_held(tmp_path, key)
    assert list(left_behind(tmp_path)) == [key]
    with Journal(tmp_path, key, must_exist=True) as journal:
        assert journal.name == "of another process"
