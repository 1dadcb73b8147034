"""Checks the overrides of a command line, before Hydra composes a config from them."""

from collections.abc import Sequence

from hydra.core.override_parser.overrides_parser import OverridesParser


def check_overrides(overrides: Sequence[str]) -> None:
    """Raises ``ConfigError``, or Hydra's error, for the first override that means nothing."""
    OverridesParser.create().parse_overrides(list(overrides))
