"""The start and the end of every command."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

from experiments.cli.exit_status import exit_with
from experiments.errors import OutputLost
from experiments.runtime.signals import ignore_interrupts, interrupt, keep_interrupts, on_stop
from experiments.runtime.streams import output_failure, own_streams, print_error


@contextmanager
def command(
    *, shows_result: bool = False, on_signal: signal.Handlers | None = None
) -> Iterator[None]:
    """The whole ``main`` of a command, as a decorator. However it ends, there is an exit status.

    An error that a user can understand is one line, and so is Ctrl-C (130), SIGTERM or SIGHUP
    (143), unless ``on_signal`` says what they do instead. A reader of the output that leaves
    (``| head``) ends nothing. If a full disk cuts the output, one line says so; that is a failure
    if the output is the result (``shows_result``).

    Everything slow is imported inside, so that Ctrl-C finds this in place.
    """
    debugging = "HYDRA_FULL_ERROR" in os.environ
    own_streams()
    keep_interrupts()
    try:
        try:
            on_stop(interrupt if on_signal is None else on_signal)  # SIG_DFL counts as false
            yield
        finally:
            if on_signal is None:
                ignore_interrupts()
            failure = output_failure()
        if failure and shows_result:
            raise OutputLost(f"standard output is incomplete: {failure}")
    except SystemExit:
        raise
    except BaseException as error:
        if debugging:
            raise
        exit_with(error)
    if failure:
        print_error(f"standard output is incomplete: {failure}")
