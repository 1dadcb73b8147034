"""What a store says about a run, checked: the rows of strangers can be listed too.

A database keeps whatever a program or a person wrote. A value that can't be right counts as
missing, so that one odd row never stops the reading of the others.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import urlsplit

from experiments.runs.renamed import KEYS, METRICS, renamed
from experiments.runs.summary import UNKNOWN_TIME, RunSummary

_LATEST = 4_102_444_800_000  # 1 January 2100, in milliseconds since 1970
_CENTURY = 3.2e9  # seconds


def summary(
    *,
    run_id: str,
    name: object,
    status: object,
    start_time: object,
    end_time: object,
    experiment: object,
    params: Mapping[str, object],
    metrics: Mapping[str, object],
    tags: Mapping[str, object],
    artifact_uri: object,
) -> RunSummary:
    """A run from the values that a store gives; times are milliseconds since 1970."""
    began, ended = _time(start_time), _time(end_time)
    return RunSummary(
        run_id=run_id,
        name=_text(name) or run_id,
        status=_text(status) or "UNKNOWN",
        started=UNKNOWN_TIME if began is None else datetime.fromtimestamp(began, UTC),
        # A resumed run still has its old end.
        seconds=None if status == "RUNNING" else _difference(began, ended),
        experiment=_text(experiment),
        params=renamed(_texts(params), KEYS),
        metrics=renamed(possible(metrics), METRICS),
        tags=_texts(tags),
        artifact_uri=_address(artifact_uri),
    )


def possible(metrics: Mapping[str, object]) -> dict[str, float]:
    """The metrics whose values are possible."""
    return {
        key: value
        for key, value in metrics.items()
        if isinstance(value, float | int) and _is_possible(key, value)
    }


def _time(milliseconds: object) -> float | None:
    """Seconds since 1970; None for a time before 1970 or after 2100."""
    if isinstance(milliseconds, int) and 0 < milliseconds < _LATEST:
        return milliseconds / 1000
    return None


def _difference(began: float | None, ended: float | None) -> float | None:
    if began is None or ended is None or ended < began:
        return None
    return ended - began


def _text(value: object) -> str:
    return value if isinstance(value, str) else "" if value is None else str(value)


def _texts(values: Mapping[str, object]) -> dict[str, str]:
    return {_text(key): _text(value) for key, value in values.items()}


def _is_possible(metric: str, value: float) -> bool:
    """NaN counts as missing; an accuracy is 0–1, a time not negative and under a century."""
    if metric.endswith("accuracy"):
        return 0 <= value <= 1
    return 0 <= value <= _CENTURY if metric.endswith("seconds") else value == value


def _address(uri: object) -> str:
    try:
        urlsplit(_text(uri))
    except ValueError:  # such as file://[
        return ""
    return _text(uri)
