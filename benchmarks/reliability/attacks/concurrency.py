"""The same commands at the same time, in one folder."""

import time
from pathlib import Path
from random import Random
from typing import final

from benchmarks.reliability.commands import RESUME, RUN, SWEEP, check_polite, finish, start, succeed
from benchmarks.reliability.disturbance import Disturbance
from benchmarks.reliability.runs import check_whole

_TRAIN, _DELIVER = "experiments.train", "experiments.deliver"


@final
class Concurrency(Disturbance):
    """Two or three of: the run, the sweep that contains it, and ``deliver``, in a random order."""

    name = "concurrency"
    promise = "no run is trained twice with resume=true, none is lost, no journal is left over"
    tries = 10

    def attempt(self, folder: Path, random: Random) -> None:
        single, sweep = (*RUN, "seed=0", RESUME), (*SWEEP, RESUME)
        commands = [
            *((_TRAIN, random.choice((single, sweep))) for _ in range(2)),
            *((_DELIVER, ()) for _ in range(random.randint(0, 2))),
        ]
        random.shuffle(commands)
        started = []
        for module, arguments in commands:
            started.append(start(folder, *arguments, module=module))
            time.sleep(random.choice((0, 0, random.uniform(0, 2))))
        for process in started:
            # 1 or 2: another process is training the same run at this moment.
            check_polite(finish(process), 0, 1, 2)
        succeed(folder, *sweep)
        check_whole(folder, self.expected)
