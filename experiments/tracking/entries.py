"""The lines of a journal: what a run logs, one JSON value per line."""

import json
import re
from pathlib import Path, PurePosixPath
from typing import Any, TypeAlias

from experiments.errors import JournalDamaged

Entry: TypeAlias = dict[str, Any]
"""One operation, JSON values only; ``op`` names it."""

_OPERATIONS = ("create", "reopen", "metrics", "tags", "dataset", "artifact", "end")
_NUMBER = re.compile("[0-9]+")


def line(entry: Entry) -> bytes:
    """An entry as it stands in the journal."""
    return json.dumps(entry, ensure_ascii=False).encode() + b"\n"


def read_entries(file: Path) -> tuple[list[Entry], int]:
    """All entries that were written whole, and how many bytes they take.

    After them there may be half a line: its process died before it was written. Raises
    ``JournalDamaged`` if there is anything else, and ``OSError``.
    """
    *lines, _ = file.read_bytes().split(b"\n") if file.exists() else [b""]
    values = [_parsed(line) for line in lines]
    while values and values[-1] is None:
        values.pop()
    for number, value in enumerate(values, start=1):
        if not _is_entry(value):
            raise JournalDamaged(
                f"{file}, line {number}: this is no entry of a run: mend or remove the line"
            )
    return values, sum(len(line) + 1 for line in lines[: len(values)])


def _parsed(text: bytes) -> Any:
    """None if it is no JSON."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _is_entry(value: Any) -> bool:
    """Whether it is an operation, on files of the journal and of the run only."""
    if not isinstance(value, dict) or value.get("op") not in _OPERATIONS:
        return False
    if value["op"] != "artifact":
        return True
    path, folder = value.get("path"), value.get("folder")
    if not isinstance(path, str) or not isinstance(folder, str):
        return False
    pure = PurePosixPath(path)
    inside = bool(pure.name) and not pure.is_absolute() and ".." not in pure.parts
    return inside and "\0" not in path and _NUMBER.fullmatch(folder) is not None
