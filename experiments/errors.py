"""Every error that a user may meet, in one tree. Each class knows its exit status.

A message is one line: what was wrong, what is allowed, what to do instead.
"""

import re
from typing import ClassVar

_SHOWN = 200  # characters of a value in a message


class UserError(Exception):
    """An error that the user can correct, or a stop that the user asked for."""

    exit_status: ClassVar[int] = 2


class UsageError(UserError):
    """A command line cannot be read."""


class OutputLost(UserError):
    """Standard output, which is the result of the command, could not be written."""

    exit_status = 1


class ConfigError(UserError):
    """A config value is not allowed; the message names the key, the value and what is allowed."""

    def __init__(self, key: str, value: object, allowed: str) -> None:
        text = str(value)
        shown = text if len(text) <= _SHOWN else f"{text[:_SHOWN]} …"
        super().__init__(f"{key}={shown}: {allowed}")
        self.allowed = allowed


class StoredConfigError(UserError):
    """This version cannot use the config of a logged run."""


class DatasetError(UserError):
    """A data set cannot be loaded; the message names the file and the remedy."""


class DrawingsError(UserError):
    """A drawing cannot be read or saved."""


class FilterError(UserError):
    """A filter names a key that no run has, or no run matches it."""


class RunStoreError(UserError):
    """A store, or a run in it, cannot be read or written."""


class NoRuns(RunStoreError):
    """The store does not exist yet, or has no run of the kind that is wanted."""


class StoreSilent(RunStoreError):
    """The store does not answer; the data it has not received stays in the journal."""


class RunNotLogged(RunStoreError):
    """The store no longer takes what a run logs; the rest stays in its journal."""

    exit_status = 1


class JournalInUse(UserError):
    """Another process writes or delivers this journal, so its run is alive."""


class JournalDamaged(UserError):
    """What no run has written stands where a journal should be; it is left as it is."""


class RunInUse(UserError):
    """Another process still trains the run that should be resumed."""


class ResumeError(UserError):
    """The files of a stopped run do not fit it, so it can't continue from them."""


class TeachingError(UserError):
    """The network of a run cannot be taught from drawings."""


class LessonError(UserError):
    """The runs are not the ones that the lesson needs."""


class ServerError(UserError):
    """A server cannot be started."""


class Stopped(UserError):
    """Training was asked to stop after an epoch. The run ends as KILLED and can be resumed."""

    exit_status = 130


class Pruned(Stopped):
    """A search stops a trial because others were better at the same epoch."""


def masked(text: str) -> str:
    """``text`` with ``***`` for every password in a URI."""
    text = re.sub(r"(://[^:/@\s]*):\S*@", r"\1:***@", text)
    return re.sub(r"([?&]password=)[^&\s]*", r"\1***", text)


def first_line(error: BaseException) -> str:
    """The first line of an error's message, without passwords."""
    lines = str(error).strip().splitlines()
    return masked(lines[0]) if lines else type(error).__name__
