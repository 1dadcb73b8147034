"""A journal on this machine's disk: what a run logs is safe here before any store has it.

One folder per run below a common root, ``mljournal`` by default:

    lock            held by the process that writes or delivers; the system frees it when
                    that process dies, however it dies
    entries.jsonl   one operation per line, in order, flushed to the disk
    progress.json   which of them the store has
    files/          artifacts that are not delivered yet
    refusal.txt     why the store refused it for good, if it did

Once ``append`` has returned, its entries survive SIGKILL and a power cut. Nothing here
knows of MLflow: ``experiments.tracking.delivery`` sends the entries.
"""

import json
import os
import re
import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import chain
from pathlib import Path, PurePosixPath
from typing import NamedTuple, Self, final

from experiments.errors import JournalDamaged, JournalInUse, RunStoreError, StoreSilent
from experiments.runtime.files import make_folder, sync, tree, write_whole
from experiments.runtime.locks import Lock
from experiments.tracking.entries import Entry, line, read_entries

_KEY = re.compile("[0-9a-f]{32}")
_GLANCE = 0.05  # seconds in which another process looks whether a journal is held
_PATIENCE = 10.0  # seconds in which it removes an empty one
_STAGED = re.compile(r"\.?([0-9]+)")  # a folder in files/; with a dot while it is removed


@final
class Journal:
    """The operations of one run, delivered and not.

    ``Journal(root)`` begins a new one; ``Journal(root, key)`` continues that one, or begins it
    again unless it ``must_exist``. All hold it until ``close``. Raises ``JournalInUse`` if another
    process holds it, ``JournalDamaged`` if no run can have written it, and ``OSError`` if the disk
    refuses.
    """

    def __init__(self, root: Path, key: str | None = None, *, must_exist: bool = False) -> None:
        self.reopened = key is not None
        self.key = uuid.uuid4().hex if key is None else key
        if not is_key(self.key):
            raise JournalDamaged(f"{self.key!r} is no journal: expected 32 hexadecimal digits")
        self.folder = root / self.key
        self._files = self.folder / "files"
        for path in (self.folder, self._files, self._file):
            if path.is_symlink():
                raise JournalDamaged(f"{path} is a link, which no journal has: remove it")
        self._lock = Lock(self.folder / "lock")
        # Another process may look into a new journal before its first entry, and remove it.
        patience = _PATIENCE if key is None else _GLANCE
        if not (self._lock.take(patience) if must_exist else self._make_and_take(patience)):
            raise JournalInUse(f"run journal {self.folder} is in use by another process")
        try:
            self._open()
        except BaseException:
            self._lock.release()
            raise

    def _make_and_take(self, patience: float) -> bool:
        while True:
            make_folder(self.folder.parent)
            # Only for its owner: the address of the store, with its password, is in it.
            self.folder.mkdir(mode=0o700, exist_ok=True)
            with suppress(FileNotFoundError):  # another process has just removed it
                return self._lock.take(patience)

    @property
    def _file(self) -> Path:
        return self.folder / "entries.jsonl"

    def _open(self) -> None:
        self._files.mkdir(exist_ok=True)
        self._entries, size = read_entries(self._file)
        if not self._entries and any(self._files.iterdir()):
            raise JournalDamaged(
                f"{self._file} holds no entry, but {self._files} holds artifacts of a run: look at "
                f"them, then remove {self.folder}"
            )
        progress = _read_progress(self.folder / "progress.json", len(self._entries))
        self._next, self._postponed, self.run_id = progress
        self._waiting = {e["path"]: e for _, e in self.pending() if e["op"] == "artifact"}
        # Above every number ever used: an entry that is sent again must not find another's file.
        used = [int(entry["folder"]) for entry in self._entries if entry["op"] == "artifact"]
        staged = (_STAGED.fullmatch(folder.name) for folder in self._files.iterdir())
        self._staged = max([*used, *(int(match[1]) for match in staged if match)], default=0)
        self._log = self._file.open("r+b" if self._entries else "wb", buffering=0)
        self._log.seek(size)
        self._log.truncate()  # half a line: its ``append`` never returned
        if not self._entries:
            sync(self.folder, self.folder.parent)

    # --- writing ------------------------------------------------------------------------

    @property
    def name(self) -> str:
        """The name of the run, else its id or its key."""
        return self.first.get("name", self.run_id or self.key)

    @property
    def first(self) -> Entry:
        """The first entry, which names the store."""
        return self._entries[0]

    def append(self, *entries: Entry) -> None:
        """Adds entries: they and their files are on the disk when it returns; none if it raises."""
        before, rest = self._log.tell(), b"".join(map(line, entries))
        artifacts = [entry for entry in entries if entry["op"] == "artifact"]
        try:
            if artifacts:
                staged = (tree(self.file(entry).parent) for entry in artifacts)
                sync(self._files, *chain.from_iterable(staged))
            while rest:
                rest = rest[self._log.write(rest) :]
            os.fsync(self._log.fileno())
        except BaseException:
            self._log.seek(before)
            self._log.truncate()
            for artifact in artifacts:
                self.discard(artifact)
            raise
        self._entries.extend(entries)
        for artifact in artifacts:
            replaced = self._waiting.get(artifact["path"])
            self._waiting[artifact["path"]] = artifact
            if replaced is not None:  # the store does not need it any more
                self.discard(replaced)

    def stage(self, path: str, write: Callable[[Path], object]) -> Entry:
        """An entry, to be appended, for the artifact at ``path``: what ``write`` makes."""
        self._staged += 1
        folder = self._files / f"{self._staged:06d}"
        folder.mkdir()
        try:
            write(folder / PurePosixPath(path).name)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return {"op": "artifact", "path": path, "folder": folder.name}

    def file(self, entry: Entry) -> Path:
        """Where the artifact of an entry waits; missing once it is delivered or replaced."""
        return self._files / entry["folder"] / PurePosixPath(entry["path"]).name

    def discard(self, entry: Entry) -> None:
        """Removes the file of an artifact: the store has it, or will get a later one."""
        with suppress(OSError):
            _remove(self.file(entry).parent)

    # --- delivering ---------------------------------------------------------------------

    def pending(self) -> list[tuple[int, Entry]]:
        """The numbered entries that the store lacks, in order; postponed ones come first."""
        numbers = [*self._postponed, *range(self._next, len(self._entries))]
        return [(number, self._entries[number]) for number in numbers]

    def delivered(self, number: int, *, note: bool = True) -> None:
        """The store has this entry. Without ``note``, a later entry notes it on the disk."""
        self._move_on(number)
        if note:
            self._save_progress()

    def postpone(self, number: int) -> None:
        """Skips an entry for now: the next delivery tries it again."""
        if number not in self._postponed:
            self._move_on(number)
            self._postponed.append(number)
            self._save_progress()

    def _move_on(self, number: int) -> None:
        if number in self._postponed:
            self._postponed.remove(number)
        else:
            self._next = number + 1

    def _save_progress(self) -> None:
        progress = _Progress(self._next, self._postponed, self.run_id)
        text = json.dumps(progress._asdict())
        write_whole(self.folder / "progress.json", text.encode(), durable=False)

    # --- the end ------------------------------------------------------------------------

    @property
    def begun(self) -> bool:
        """Whether it holds anything; one that was just closed and removed does not."""
        return bool(self._entries)

    @property
    def ended(self) -> bool:
        """Whether the last entry is the end of the run."""
        return self._entries[-1]["op"] == "end"

    def abandon(self) -> None:
        """Removes the journal of a run that never began."""
        self._next, self._postponed = len(self._entries), []
        self.close()

    @property
    def refusal(self) -> str | None:
        """Why the store refused it for good, when it was closed; None if it did not."""
        with suppress(OSError, ValueError):
            return (self.folder / "refusal.txt").read_text(encoding="utf-8")
        return None

    def close(self, error: Exception | None = None) -> None:
        """Releases the journal, and removes it if the store has everything.

        ``error`` is why the store lacks something. If it is final, it is noted.
        """
        self._log.close()
        with suppress(OSError):  # at worst some entries are sent again
            if self.pending():
                self._save_progress()
                note = self.folder / "refusal.txt"
                note.unlink(missing_ok=True)
                if isinstance(error, RunStoreError) and not isinstance(error, StoreSilent):
                    write_whole(note, str(error).encode(), durable=False)
            else:
                _remove(self.folder)
        self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _remove(folder: Path) -> None:
    """Hides the folder first, so that nobody finds or delivers half of it."""
    gone = folder.with_name(f".{folder.name}")
    shutil.rmtree(gone, ignore_errors=True)  # a process may have been killed while it removed this
    folder.replace(gone)
    shutil.rmtree(gone, ignore_errors=True)


def is_key(text: str) -> bool:
    """Whether ``text`` can be the key of a journal, and so nothing else than a folder's name."""
    return _KEY.fullmatch(text) is not None


def is_held(root: Path, key: str) -> bool:
    """Whether a process on this machine holds the journal with this key."""
    if not is_key(key):
        return False
    lock = Lock(root / key / "lock")
    try:
        held = lock.file.is_file() and not lock.take(_GLANCE)
    except FileNotFoundError:  # its process has just removed it
        return False
    except PermissionError:  # it is the journal of another user, who may be training
        return True
    lock.release()
    return held


def left_behind(root: Path) -> Iterator[str]:
    """The keys of all journals below ``root``; first, what killed removals left is removed."""
    folders = sorted(root.iterdir()) if root.is_dir() else []
    for folder in folders:
        if folder.name.startswith(".") and is_key(folder.name[1:]):
            shutil.rmtree(folder, ignore_errors=True)
    yield from (folder.name for folder in folders if is_key(folder.name))


class _Progress(NamedTuple):
    """Which entries the store has, and the id that it gave the run."""

    next: int  # the first that was not tried yet
    postponed: list[int]  # earlier ones that it lacks
    run_id: str | None


def _read_progress(file: Path, entries: int) -> _Progress:
    """If the file can't be read, everything is sent again, which changes nothing."""
    try:
        progress = _Progress(**json.loads(file.read_text()))
    except (OSError, TypeError, ValueError, RecursionError):
        return _Progress(0, [], None)
    later, postponed, run_id = progress
    numbers = [later, *postponed] if isinstance(postponed, list) else [None]
    if not all(type(number) is int and 0 <= number <= entries for number in numbers):
        return _Progress(0, [], None)
    known = run_id is None or isinstance(run_id, str)
    return progress if known and max(postponed, default=-1) < later else _Progress(0, [], None)
