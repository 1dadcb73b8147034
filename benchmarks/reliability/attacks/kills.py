"""SIGKILL at random moments, then ``resume=true``."""

import time
from pathlib import Path
from random import Random
from typing import ClassVar, final

from benchmarks.forked_command import ForkedCommand
from benchmarks.reliability.commands import (
    EPOCHS,
    RESUME,
    RUN,
    SEEDS,
    SWEEP,
    finish,
    kept_epochs,
    kill,
    kill_one,
    start,
    succeed,
    wait_for,
)
from benchmarks.reliability.disturbance import Disturbance
from benchmarks.reliability.runs import check_whole


class _Killing(Disturbance):
    """Kills a training up to three times, after random epochs, and resumes it to its end."""

    trained: ClassVar[int]  # runs

    def attempt(self, folder: Path, random: Random) -> None:
        for _ in range(random.randint(1, 3)):
            process = start(folder, *self.arguments, RESUME)
            kept = random.randint(0, EPOCHS * self.trained)  # all: while it ends
            wait_for(lambda kept=kept: kept_epochs(folder) >= kept, process)
            time.sleep(random.uniform(0, 0.5))
            self.strike(process, random)
            finish(process)
        succeed(folder, *self.arguments, RESUME)
        check_whole(folder, self.expected)

    def strike(self, process: ForkedCommand, random: Random) -> None:
        kill(process)


@final
class Kills(_Killing):
    name = "kills"
    promise = (
        "a single run, killed up to three times and resumed, ends with the same weights and every "
        "epoch once"
    )
    tries = 20
    arguments, trained = RUN, 1


@final
class SweepKills(_Killing):
    """Half of the kills hit all processes of the sweep, half only one of them."""

    name = "sweep_kills"
    promise = "the same for each run of a sweep with two workers"
    tries = 10
    arguments, trained = SWEEP, len(SEEDS)

    def strike(self, process: ForkedCommand, random: Random) -> None:
        if random.random() < 0.5:
            kill_one(process, random)
        else:
            kill(process)
