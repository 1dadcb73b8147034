"""The command line of the commands that Hydra runs."""

import os
import re
import sys
from argparse import Namespace
from collections.abc import Callable, Sequence

from hydra._internal.utils import get_args_parser

from experiments.cli.arguments import Parser
from experiments.cli.exit_status import BAD_INPUT
from experiments.config.overrides import check_overrides
from experiments.config.schema import register_schema
from experiments.errors import UsageError
from experiments.runs.renamed import renamed_override

_COMPLETION = re.compile("(un)?install=(bash|fish|zsh)")
_MODES = ("run", "multirun", "cfg", "shell_completion", "info")


def run_hydra(job: Callable[[], object], name: str) -> None:
    """Runs a function that ``hydra.main`` made, as ``python -m experiments.NAME``.

    Raises ``UsageError``, and Hydra's errors.
    """
    # Without it, Hydra prints its errors on several lines and exits with 1. With it, Hydra raises.
    os.environ["HYDRA_FULL_ERROR"] = "1"
    try:
        register_schema()
        sys.argv[1:] = _arguments(sys.argv[1:], name)
        job()
    except SystemExit as ended:
        # Hydra has said that this part of the config does not exist.
        raise SystemExit(
            BAD_INPUT if ended.code == 1 and "--package" in sys.argv else ended.code
        ) from None
    finally:
        del os.environ["HYDRA_FULL_ERROR"]


def _arguments(typed: Sequence[str], name: str) -> list[str]:
    """The arguments as Hydra reads them: no flag between overrides, and keys by present names."""
    command = f"python -m experiments.{name}"
    parser = Parser(prog=command, parents=[get_args_parser()], add_help=False)
    read = parser.parse_intermixed_args(typed)
    _check_flags(read, name)
    overrides = [renamed_override(text) for text in read.overrides]
    if not read.shell_completion:
        check_overrides(overrides)
    flags = []
    for action in parser._actions:
        if action.option_strings and (value := getattr(read, action.dest, None)):
            flags += [action.option_strings[0], *([] if value is True else [value])]
    return [*flags, "--", *overrides]


def _check_flags(read: Namespace, name: str) -> None:
    """Raises ``UsageError`` for flags that Hydra would answer with a traceback."""
    other = {"config": "train", "search": "search"}.get(read.config_name, name)
    if other != name:
        raise UsageError(
            f"--config-name {read.config_name}: `python -m experiments.{other}` uses this config"
        )
    if read.multirun and name == "search":
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
    if read.package and not read.cfg:
        raise UsageError("--package: only together with --cfg")
    if (
        read.shell_completion
        and "COMP_LINE" not in os.environ
        and not _COMPLETION.fullmatch(" ".join(read.overrides))
    ):
        raise UsageError("--shell-completion: expected install=bash, or uninstall or fish or zsh")
