"""The disk fills up at a random size, then has room again."""

import resource
from contextlib import ExitStack, suppress
from pathlib import Path
from random import Random
from typing import final

from benchmarks.reliability.commands import (
    EPOCHS,
    RESUME,
    RUN,
    SEEDS,
    SWEEP,
    check_polite,
    finish,
    kept_epochs,
    run,
    start,
    succeed,
    wait_for,
)
from benchmarks.reliability.disk import Disk, cannot_mount
from benchmarks.reliability.disturbance import Disturbance
from benchmarks.reliability.runs import check_whole


@final
class FullDisk(Disturbance):
    """A run or a sweep writes to a disk of its own that another file fills.

    Where nothing can be mounted, the system limits the size of each file instead.
    """

    name = "full_disk"
    promise = (
        "the command ends with a few lines, no traceback; with room again, resume=true gives "
        "the same weights and every file"
    )
    tries = 10

    def attempt(self, folder: Path, random: Random) -> None:
        whole_sweep = random.random() < 0.5
        arguments, runs = (SWEEP, len(SEEDS)) if whole_sweep else ((*RUN, "seed=0"), 1)
        expected = self.expected if whole_sweep else {"0": self.expected["0"]}
        kept = random.randint(1, EPOCHS * runs)
        mounts = cannot_mount() is None
        with ExitStack() as stack:
            disk = stack.enter_context(Disk(folder, random)).path if mounts else folder
            process = start(disk, *arguments)
            wait_for(lambda: kept_epochs(disk) >= kept, process)
            if mounts:
                _fill(disk, free=random.choice((0, 0, random.randint(1, 1 << 17))))
            elif process.poll() is None:
                size = random.randint(1, 1 << 19)
                resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (size, size))
            check_polite(finish(process), 0, 1)
            check_polite(run(disk, module="experiments.deliver"), 0, 1)
            (disk / "filler").unlink(missing_ok=True)
            succeed(disk, *arguments, RESUME)
            check_whole(disk, expected)


def _fill(disk: Path, free: int) -> None:
    """Writes a file until only ``free`` bytes are left, while the program writes too."""
    with (disk / "filler").open("wb", buffering=0) as file:
        with suppress(OSError):
            while True:
                file.write(bytes(1 << 16))
        file.truncate(max(file.tell() - free, 0))
