"""A journal on this machine's disk: what a run logs is safe here before any store has it.

One folder per run below a common root, ``mljournal`` by default:

    lock            held by the process that writes or delivers; the system frees it when
                    that process dies, however it dies
    entries.jsonl   one operation per line, in order, flushed to the disk
    progress.json   which of them the store has
    files/          artifacts that are not delivered yet

Once ``append`` has returned, its entries survive SIGKILL and a power cut. Nothing here
knows of MLflow: ``experiments.tracking.delivery`` sends the entries.
"""

import json
import os
import shutil
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import Any, Self, TypeAlias, final

from filelock import FileLock, Timeout

from experiments.errors import JournalInUse
from experiments.runtime.files import write_whole

Entry: TypeAlias = dict[str, Any]
"""One operation, JSON values only; ``op`` names it."""


@final
class Journal:
    """The operations of one run, delivered and not.

    ``Journal(root)`` begins a new one, ``Journal(root, key)`` continues an existing one; both
    hold it until ``close``. Raises ``JournalInUse``, and ``OSError`` if the disk refuses.
    """

    def __init__(self, root: Path, key: str | None = None) -> None:
        self.reopened = key is not None
        self.key = key or uuid.uuid4().hex
        self.folder = root / self.key
        self._files = self.folder / "files"
        self._files.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o700)  # the address of the store, with its password, is in it
        self._lock = FileLock(self.folder / "lock", thread_local=False)
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            raise JournalInUse(f"run journal {self.folder} is in use by another process") from None
        self._entries = list(_read(self.folder / "entries.jsonl"))
        progress = _read_progress(self.folder / "progress.json")
        self._next: int = progress["next"]
        self._postponed: list[int] = progress["postponed"]
        self.run_id: str | None = progress["run_id"]
        self._waiting = {e["path"]: e for _, e in self.pending() if e["op"] == "artifact"}
        # Above every number ever used: an entry that is sent again must not find another's file.
        used = [int(entry["folder"]) for entry in self._entries if entry["op"] == "artifact"]
        used += [int(folder.name.lstrip(".")) for folder in self._files.iterdir()]
        self._staged = max(used, default=0)
        mode = "r+b" if self._entries else "wb"
        self._log = (self.folder / "entries.jsonl").open(mode, buffering=0)
        self._log.seek(sum(len(_line(entry)) for entry in self._entries))
        self._log.truncate()  # half a line: its ``append`` never returned

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
        """Adds entries: all are on the disk when it returns, none if it raises ``OSError``."""
        before, rest = self._log.tell(), b"".join(map(_line, entries))
        try:
            while rest:
                rest = rest[self._log.write(rest) :]
            os.fsync(self._log.fileno())
        except OSError:
            self._log.seek(before)
            self._log.truncate()
            raise
        self._entries.extend(entries)
        for entry in entries:
            if entry["op"] == "artifact":
                replaced = self._waiting.get(entry["path"])
                self._waiting[entry["path"]] = entry
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
        return self._files / Path(entry["folder"]).name / PurePosixPath(entry["path"]).name

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
        progress = {"next": self._next, "postponed": self._postponed, "run_id": self.run_id}
        write_whole(self.folder / "progress.json", json.dumps(progress).encode())

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

    def close(self) -> None:
        """Releases the journal, and removes it if the store has everything."""
        self._log.close()
        if self.pending():
            with suppress(OSError):  # at worst some artifacts are sent again
                self._save_progress()
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


def is_held(root: Path, key: str) -> bool:
    """Whether a process on this machine holds the journal with this key."""
    file = root / key / "lock"
    if not file.is_file():
        return False
    try:
        with FileLock(file, timeout=0):
            return False
    except Timeout:
        return True


def left_behind(root: Path) -> Iterator[Journal]:
    """The journals of dead processes, one after the other; each is held while it is in use."""
    for folder in sorted(root.iterdir()) if root.is_dir() else ():
        if (folder / "entries.jsonl").is_file() and not folder.name.startswith("."):
            try:
                journal = Journal(root, folder.name)
            except (JournalInUse, FileNotFoundError):
                continue  # its process is alive, or has just removed it
            with journal:
                if journal.begun:
                    yield journal


def _line(entry: Entry) -> bytes:
    return json.dumps(entry, ensure_ascii=False).encode() + b"\n"


def _read(file: Path) -> Iterable[Entry]:
    """All entries that were written whole."""
    if not file.is_file():
        return
    for line in file.read_bytes().splitlines(keepends=True):
        try:
            entry = json.loads(line)
        except ValueError:
            return
        if not line.endswith(b"\n") or not isinstance(entry, dict):
            return
        yield entry


def _read_progress(file: Path) -> Entry:
    if not file.is_file():
        return {"next": 0, "postponed": [], "run_id": None}
    return json.loads(file.read_text())
