"""The exit status of a command for each error, and one line that says what went wrong."""

import errno
import sys
from pathlib import Path
from typing import Any, NoReturn, TypeGuard

from experiments.errors import UserError
from experiments.runtime.signals import Terminated
from experiments.runtime.streams import print_error

BAD_INPUT, FAILED, INTERRUPTED, TERMINATED = 2, 1, 130, 143

_DISK = (
    *(errno.ENOSPC, errno.EDQUOT, errno.EFBIG),  # full
    *(errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOTDIR, errno.EEXIST, errno.EISDIR),
)
"""The system refuses to write a file."""

_HYDRA = ("hydra.errors.HydraException", "omegaconf.errors.OmegaConfBaseException")
_LOST = ("ray.exceptions.RayError", "submitit.core.utils.UncompletedJobError")
"""A cluster raises one of these when the process of a job died."""


def exit_with(error: BaseException) -> NoReturn:
    """Ends with one line for an error that a user can correct; a bug keeps its traceback."""
    status = status_of(error)
    if status is None:
        raise error
    print_error(one_line(error))
    raise SystemExit(status) from None


def status_of(error: BaseException) -> int | None:
    """The exit status of an error that a user can understand; None for a bug."""
    if isinstance(error, UserError):
        return error.exit_status
    if isinstance(error, KeyboardInterrupt):
        return TERMINATED if isinstance(error, Terminated) else INTERRUPTED
    if _is(error, *_HYDRA, "nnscratch.CheckpointError"):
        return BAD_INPUT
    if isinstance(error, OSError) and error.errno == errno.ENAMETOOLONG:
        return BAD_INPUT
    if isinstance(error, OSError | MemoryError) or _is(error, *_LOST, "nnscratch.DivergenceError"):
        return FAILED
    return None


def one_line(error: BaseException) -> str:
    """What went wrong, and what to do about it if that is known."""
    if isinstance(error, KeyboardInterrupt):
        return "interrupted: everything logged so far is kept"
    for memory in (error, error.__cause__):  # raised inside Hydra's instantiate, too
        if isinstance(memory, MemoryError):
            need = str(memory) or "none is left"
            return f"out of memory: {need}; a smaller model.hidden or batch_size needs less"
    if _is(error, *_HYDRA):
        from experiments.config.messages import explain  # here: it imports Hydra

        return explain(error)
    if _is(error, *_LOST):
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        reason = lines[0] if lines else type(error).__name__
        return f"a job was lost ({reason}): resume=true runs it again"
    if status_of(error) is not None and not isinstance(error, OSError):
        return " ".join(str(error).split())
    if isinstance(error, OSError) and error.errno == errno.ENAMETOOLONG:
        name = Path(str(error.filename)).name
        return f"{name[:40]}… is too long for the name of a file ({len(name):,} characters)"
    if isinstance(error, OSError) and error.errno in _DISK and error.filename is not None:
        return (
            f"{error.filename} can't be written: {error.strerror}; its folder needs free space and "
            "must be writable; finished epochs are kept, and resume=true continues after them"
        )
    return " ".join(f"{type(error).__name__}: {error}".split())


def _is(error: BaseException, *classes: str) -> TypeGuard[Any]:
    """``isinstance`` without an import: a module takes seconds to load, and may be missing."""
    found = (name.rpartition(".") for name in classes)
    return any(isinstance(error, getattr(sys.modules.get(m), n, ())) for m, _, n in found)
