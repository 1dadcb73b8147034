"""Every error that a user may meet: one tree, in which each class knows its exit status.

The message of each is one line: what was wrong, what is allowed, what to do instead.
"""

import re
from typing import ClassVar


class UserError(Exception):
    """Something that the user can mend, or has asked for."""

    exit_status: ClassVar[int] = 2


class ConfigError(UserError):
    """A config value is not allowed; the message names the key, the value and what is allowed."""

    def __init__(self, key: str, value: object, allowed: str) -> None:
        super().__init__(f"{key}={value}: {allowed}")


class StoredConfigError(UserError):
    """The config of a logged run can't be used by this version."""


class DatasetError(UserError):
    """A data set can't be loaded; the message names the file and how to mend it."""


class DrawingsError(UserError):
    """A drawing, or the file of one's own drawings, can't be read or kept."""


class FilterError(UserError):
    """A filter names a key that no run has, or no run passes it."""


class RunStoreError(UserError):
    """A store, or a run in it, can't be read or written."""


class StoreSilent(RunStoreError):
    """The store does not answer at the moment; what it lacks stays in the journal."""


class JournalInUse(UserError):
    """Another process writes or delivers this journal: its run is alive."""


class RunInUse(UserError):
    """Another process is training the run that should be resumed."""


class TeachingError(UserError):
    """The network of a run can't be taught from drawings."""


class LessonError(UserError):
    """The runs are not those that the lesson is about."""


class ServerError(UserError):
    """A server can't be started."""


class Stopped(UserError):
    """Training was told to stop after an epoch: the run ends KILLED and can be resumed."""

    exit_status = 130


class Pruned(Stopped):
    """A search stops a trial because others were better by then."""


def masked(text: str) -> str:
    """``text`` with ``***`` for every password in a URI."""
    text = re.sub(r"(://[^:/@\s]*):\S*@", r"\1:***@", text)
    return re.sub(r"([?&]password=)[^&\s]*", r"\1***", text)


def first_line(error: BaseException) -> str:
    """The first line of an error's message, without passwords."""
    lines = str(error).strip().splitlines()
    return masked(lines[0]) if lines else type(error).__name__
