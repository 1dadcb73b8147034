"""Waiting with a limit."""

import threading

import pytest

from experiments.runtime import patience
from experiments.runtime.patience import patiently, within


def test_a_call_that_never_returns_is_left() -> None:
    answered = threading.Event()
    with pytest.raises(TimeoutError, match="no answer within 0 seconds"):
        within(0.01, answered.wait)
    answered.set()
    assert within(240, answered.wait)


def test_what_may_pass_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([ConnectionError, ConnectionError, None])

    def call() -> str:
        error = next(answers)
        if error is not None:
            raise error
        return "an answer"

    assert patiently(call, passing=ConnectionError) == "an answer"
    monkeypatch.setattr(patience, "PATIENCE", -1.0)
    with pytest.raises(ConnectionError):
        patiently(_fail, passing=ConnectionError)


def _fail() -> None:
    raise ConnectionError
