"""The start and the end of a Hydra command."""

import os
import signal
import sys
from collections.abc import Callable

from experiments.cli.exit_status import exit_with
from experiments.config.schema import register_schema
from experiments.runs.renamed import renamed_override
from experiments.runtime.signals import interrupt, keep_interrupts


def run_command(
    job: Callable[[], object], *, on_error: Callable[[BaseException], object] = lambda error: None
) -> None:
    """Runs a Hydra entry. However it ends, the process gets an exit status.

    If an exception ends it, ``on_error`` is called with the exception first.
    """
    debugging = "HYDRA_FULL_ERROR" in os.environ
    # Without it, Hydra prints its errors on several lines and exits with 1. With it, Hydra raises.
    os.environ["HYDRA_FULL_ERROR"] = "1"
    try:
        keep_interrupts()
        signal.signal(signal.SIGTERM, interrupt)
        register_schema()
        sys.argv[1:] = [renamed_override(text) for text in sys.argv[1:]]
        job()
    except BaseException as error:
        on_error(error)
        if debugging:
            raise
        exit_with(error)
