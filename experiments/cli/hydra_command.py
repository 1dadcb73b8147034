"""The command line of the commands that Hydra runs."""

import os
import sys
from collections.abc import Callable, Sequence

from hydra._internal.utils import get_args_parser

from experiments.cli.arguments import Parser
from experiments.config.overrides import check_overrides
from experiments.config.schema import register_schema
from experiments.errors import UsageError
from experiments.runs.renamed import renamed_override

_MODES = ("run", "multirun", "cfg", "shell_completion", "info")


def run_hydra(job: Callable[[], object], name: str, *, sweeps: bool) -> None:
    """Runs a function that ``hydra.main`` made, as ``python -m experiments.NAME``.

    Raises ``UsageError``, and Hydra's errors.
    """
    # Without it, Hydra prints its errors on several lines and exits with 1. With it, Hydra raises.
    os.environ["HYDRA_FULL_ERROR"] = "1"
    register_schema()
    sys.argv[1:] = _arguments(sys.argv[1:], f"python -m experiments.{name}", sweeps=sweeps)
    job()


def _arguments(typed: Sequence[str], command: str, *, sweeps: bool) -> list[str]:
    """The arguments as Hydra reads them: no flag between overrides, and keys by present names."""
    parser = Parser(prog=command, parents=[get_args_parser()], add_help=False)
    read = parser.parse_intermixed_args(typed)
    if read.multirun and not sweeps:
        raise UsageError("--multirun: a search is no sweep: its space is in conf/search")
    if read.experimental_rerun is not None:
        raise UsageError(
            "--experimental-rerun: not supported; `python -m experiments.rerun RUN_ID` trains a "
            "logged run again"
        )
    if len(modes := [mode for mode in _MODES if getattr(read, mode)]) > 1:
        flags = " and ".join(f"--{mode.replace('_', '-')}" for mode in modes)
        raise UsageError(f"{flags} exclude each other")
    if read.resolve and not (read.cfg or read.help):
        raise UsageError("--resolve: only together with --cfg job, --cfg hydra or --cfg all")
    overrides = [renamed_override(text) for text in read.overrides]
    check_overrides(overrides)
    flags = []
    for action in parser._actions:
        if action.option_strings and (value := getattr(read, action.dest, None)):
            flags += [action.option_strings[0], *([] if value is True else [value])]
    return [*flags, "--", *overrides]
