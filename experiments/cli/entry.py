"""How a command of Hydra's starts and ends."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NoReturn

from experiments.cli.exit_status import one_line, status_of
from experiments.config.schema import register_schema
from experiments.reporting import terminal
from experiments.runtime.signals import interrupt, keep_interrupts


def run_command(
    job: Callable[[], object], *, on_error: Callable[[BaseException], object] = lambda error: None
) -> None:
    """Runs a Hydra entry; every way that it may end becomes an exit status.

    ``on_error`` is called first with whatever exception ended it.
    """
    debugging = "HYDRA_FULL_ERROR" in os.environ
    # Hydra would print its own errors on several lines and exit with 1; this hands them over.
    os.environ["HYDRA_FULL_ERROR"] = "1"
    try:
        keep_interrupts()
        signal.signal(signal.SIGTERM, interrupt)
        register_schema()
        job()
    except BaseException as error:
        on_error(error)
        if debugging:
            raise
        exit_with(error)


@contextmanager
def errors_exit() -> Iterator[None]:
    """An exception inside ends the command as ``exit_with`` does."""
    try:
        yield
    except BaseException as error:
        exit_with(error)


def exit_with(error: BaseException) -> NoReturn:
    """Ends with one line for what a user can mend; a bug keeps its traceback."""
    status = status_of(error)
    if status is None:
        raise error
    terminal.print_error(one_line(error))
    raise SystemExit(status) from None
