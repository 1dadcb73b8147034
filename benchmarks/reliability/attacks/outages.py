"""The MLflow server goes away while a sweep trains, and comes back."""

import os
import signal
import time
from pathlib import Path
from random import Random
from typing import final

from benchmarks.forked_command import ForkedCommand
from benchmarks.reliability.commands import (
    EPOCHS,
    RESUME,
    SEEDS,
    SWEEP,
    check_polite,
    finish,
    logged_epochs,
    start,
    succeed,
    wait_for,
)
from benchmarks.reliability.disturbance import Disturbance
from benchmarks.reliability.runs import check_whole
from experiments.servers.mlflow_server import MlflowServer
from experiments.servers.postgres import free_port


@final
class Outages(Disturbance):
    """The server is stopped, killed, or frozen; it is back after some epochs or after the end."""

    name = "outages"
    promise = (
        "training continues; afterwards, with deliver and resume=true, the server has every "
        "epoch once, every file and the same weights"
    )
    tries = 6
    quick_tries = 1

    def attempt(self, folder: Path, random: Random) -> None:
        server = MlflowServer(
            f"sqlite:///{folder / 'mlflow.db'}",
            folder / "mlartifacts",
            port=free_port(),
            log=folder / "log",
        )
        arguments = (*SWEEP, f"tracking.uri={server.uri}")
        with server:
            process = start(folder, *arguments)
            epochs = random.randint(1, EPOCHS)
            wait_for(lambda: max(logged_epochs(folder), default=0) >= epochs, process)
            self._interrupt(server, process, folder, random)
            check_polite(finish(process), 0, 1)
            succeed(folder, module="experiments.deliver")
            succeed(folder, *arguments, RESUME)
        check_whole(folder, self.expected)

    def _interrupt(
        self, server: MlflowServer, process: ForkedCommand, folder: Path, random: Random
    ) -> None:
        assert server.process is not None
        how = random.choice(("stop", "kill", "freeze"))
        if how == "freeze":
            os.killpg(server.process.pid, signal.SIGSTOP)
        elif how == "kill":
            os.killpg(server.process.pid, signal.SIGKILL)
        else:
            server.stop()
        before = sum(logged_epochs(folder))
        missed = random.choice((1, EPOCHS // 2, EPOCHS * len(SEEDS)))  # all: until the end
        wait_for(lambda: sum(logged_epochs(folder)) >= before + missed, process)
        time.sleep(random.uniform(0, 1))
        if how == "freeze":
            os.killpg(server.process.pid, signal.SIGCONT)
        else:
            server.stop()
            server.start()
