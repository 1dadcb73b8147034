"""The arguments of the commands that are not Hydra's."""

import argparse
from collections.abc import Callable
from typing import NoReturn, final

from experiments.errors import UsageError
from experiments.servers.address import DEFAULT_PORT


@final
class Parser(argparse.ArgumentParser):
    """A parser whose complaint is one line: it raises ``UsageError``."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}; `{self.prog} --help` lists what is allowed")

    def add_store(self) -> None:
        """Adds ``--uri``, a run store."""
        self.add_argument("--uri", help="the store (default: MLFLOW_TRACKING_URI or ./mlflow.db)")

    def add_port(self) -> None:
        """Adds ``--port``, of a server on this machine."""
        self.add_argument(
            "--port",
            type=whole_number(1, 65535),
            default=DEFAULT_PORT,
            help="on 127.0.0.1 (default %(default)s)",
        )


def whole_number(low: int, high: int) -> Callable[[str], int]:
    """A type of arguments: whole numbers from ``low`` to ``high``."""

    def read(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            number = low - 1
        if not low <= number <= high:
            raise argparse.ArgumentTypeError(f"{text!r}: expected a whole number, {low} to {high}")
        return number

    return read
