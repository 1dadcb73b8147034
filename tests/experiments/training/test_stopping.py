"""A request to stop: it ends a training after the epoch in which it was made."""

from pathlib import Path

import pytest

from experiments.errors import Stopped
from experiments.training.stopping import StopRequest
from nnscratch import Epoch


def epoch(number: int) -> Epoch:
    return Epoch(number, 0.1, 0.9, 0.2, 0.8, 0.01, 1.0)


def test_a_request_stops_the_training_after_its_epoch(tmp_path: Path) -> None:
    request, of_a_worker = StopRequest(tmp_path / "stop"), StopRequest(tmp_path / "stop")
    for each in (request, of_a_worker):
        each.watch(epoch(1))
    request.make()
    for each in (request, of_a_worker):
        with pytest.raises(Stopped, match="stopped after epoch 2"):
            each.watch(epoch(2))
