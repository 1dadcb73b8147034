"""A secret that a server keeps in its folder, readable to the owner of the folder alone."""

import os
from pathlib import Path


def keep(file: Path, secret: str) -> str:
    """The secret in ``file``, which is written if there is none yet."""
    if not file.exists():
        scratch = file.with_name(f".{file.name}.tmp")
        scratch.unlink(missing_ok=True)
        with os.fdopen(os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            out.write(secret)
        scratch.replace(file)
    return file.read_text()
