"""Files and folders of this machine, as a user types them."""

import os
import re
from argparse import ArgumentTypeError
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from experiments.errors import ConfigError

_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:/|file:", re.IGNORECASE)


def is_address(text: str) -> bool:
    """Whether ``text`` is an address such as ``s3://bucket/folder`` or ``file:///folder``."""
    return _ADDRESS.match(text) is not None


def local_path(text: str, setting: str) -> Path:
    """The path that ``text`` names; ``~`` and ``file://`` are understood.

    Raises ``ConfigError``, which names ``setting``, if it is no place on this machine.
    """
    try:
        return _path(text)
    except ValueError as error:
        raise ConfigError(setting, text, str(error)) from None


def path_argument(text: str) -> Path:
    """The same for an argument of ``argparse``."""
    try:
        return _path(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r}: {error}") from None


def _path(text: str) -> Path:
    if not text.strip() or "\0" in text:
        raise ValueError("expected the name of a file or folder")
    if max(len(os.fsencode(part)) for part in text.split("/")) > 255 or len(text) > 4000:
        raise ValueError("this is longer than the name of a file can be")
    if not is_address(text):
        try:
            return Path(text).expanduser()
        except RuntimeError:
            user = Path(text).parts[0]
            raise ValueError(f"there is no home folder for {user}; ./{user} is a folder") from None
    parts = urlsplit(text)
    if parts.scheme != "file" or parts.netloc not in ("", "localhost") or not parts.path:
        raise ValueError("expected a file or folder of this machine, not another address")
    return Path(url2pathname(parts.path))
