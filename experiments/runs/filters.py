"""Choosing runs by their config: ``model.activation=relu``, typed as for a training."""

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from experiments.errors import FilterError
from experiments.runs.renamed import KEYS
from experiments.runs.summary import RunSummary

_OLD_ENDINGS = {old.rpartition(".")[2]: new for old, new in KEYS.items()}
_WORDS = {"true": True, "false": False, "null": None}


@dataclass(frozen=True)
class Filter:
    """``key=value``, where the key may be short.

    The name of a group stands for its choice: ``optimizer=adam``. The last part of a key, as
    leaderboards show it, stands for the whole key if no other key ends with it.
    """

    key: str
    value: str

    def choose(self, runs: Sequence[RunSummary]) -> list[RunSummary]:
        """The runs that match. Raises ``FilterError`` if no run does."""
        key = self._logged_key(runs)
        wanted = meaning(self.value)
        chosen = [run for run in runs if key in run.params and meaning(run.params[key]) == wanted]
        if not chosen:
            values = ", ".join(sorted({run.params[key] for run in runs if key in run.params}))
            raise FilterError(f"{self.key}={self.value}: no run has this value; allowed: {values}")
        return chosen

    def _logged_key(self, runs: Sequence[RunSummary]) -> str:
        known = {key for run in runs for key in run.params}
        for key in (self.key, f"{self.key}.name"):
            if key in known:
                return key
        endings = [key for key in known if key.endswith(f".{self.key}")]
        if len(endings) == 1:
            return endings[0]
        groups = {key.removesuffix(".name") for key in known}
        close = get_close_matches(self.key, known | groups)
        hint = (
            f"did you mean {' or '.join(close)}?"
            if close
            else f"allowed: {', '.join(sorted(groups))}"
        )
        raise FilterError(f"{self.key}={self.value}: the runs have no such key; {hint}")


def parse(text: str) -> Filter:
    """``key=value`` as typed. Raises ``FilterError``."""
    key, equals, value = text.partition("=")
    if not (key and equals and value):
        raise FilterError(f"{text}: expected key=value, such as model.activation=relu")
    known = {**_OLD_ENDINGS, **KEYS}
    return Filter(known.get(key.strip(), key.strip()), value.strip())


def meaning(text: str) -> Any:
    """The value that a typed or logged text means: 1e-3 is 0.001, [128,64] is [128, 64]."""
    if text in _WORDS:
        return _WORDS[text]
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return text  # {[]} or a thousand brackets: whatever somebody logged
