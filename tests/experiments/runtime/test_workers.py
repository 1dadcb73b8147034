"""Workers that die, are interrupted or outlive their parent: real processes, real signals."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from experiments.runtime.workers import WorkerDied, Workers, processes


def test_one_process_for_each_core_that_this_process_may_use() -> None:
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(allowed)})
    try:
        assert (processes(-1), processes(3)) == (1, 3)
    finally:
        os.sched_setaffinity(0, allowed)


def square_or_die(number: int) -> int:
    if number == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    if number == 5:
        os._exit(7)
    return number**2


def test_a_dead_worker_loses_only_its_own_job() -> None:
    with Workers(2) as workers:
        outcomes = dict(workers.run(square_or_die, range(8)))
    deaths = {job: outcomes.pop(job) for job in (3, 5)}
    assert outcomes == {number: number**2 for number in (0, 1, 2, 4, 6, 7)}
    assert deaths == {3: WorkerDied(-signal.SIGKILL), 5: WorkerDied(7)}
    assert str(deaths[3]) == "was killed (SIGKILL)"
    assert str(deaths[5]) == "ended with exit status 7"


def test_a_job_may_depend_on_earlier_outcomes() -> None:
    seen: list[int] = []

    def jobs():
        yield 2
        while seen[-1] < 1000:
            yield seen[-1]

    with Workers(1) as workers:
        for _, value in workers.run(square_or_die, jobs()):
            assert isinstance(value, int)
            seen.append(value)
    assert seen == [4, 16, 256, 65536]


def test_the_exception_of_a_job_is_raised() -> None:
    def fail(number: int) -> None:
        raise ValueError(f"no {number}")

    with Workers(1) as workers, pytest.raises(ValueError, match="no 1") as raised:
        list(workers.run(fail, [1]))
    assert "in fail" in raised.value.__notes__[0]


def alive(file: Path) -> bool:
    return psutil.pid_exists(int(file.read_text()))


SCRIPT = """
import os, sys, time
from pathlib import Path
from experiments.runtime.workers import Workers

class Slow:
    def __init__(self, file):
        self.file = file

    def __del__(self):
        self.file.write_text(str(os.getpid()))
        time.sleep(1000)

def work(name):
    try:
        if name == "two":
            Slow(Path("two.pid"))
        else:
            Path(f"{name}.pid").write_text(str(os.getpid()))
        time.sleep(0 if name == "short" else 1000)
    except KeyboardInterrupt:
        Path(f"{name}.interrupted").touch()
        raise

if __name__ == "__main__":
    with Workers(2) as workers:
        for job, _ in workers.run(work, ["short", "one", "two"]):
            pass
"""


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGKILL])
def test_no_worker_survives_its_parent(tmp_path: Path, end: signal.Signals) -> None:
    """Its job is interrupted, so that it can end its run; a signal to all is for the parent.

    One is at a destructor, where Python drops an interrupt.
    """
    (tmp_path / "script.py").write_text(SCRIPT)
    process = subprocess.Popen(
        [sys.executable, "script.py"],
        cwd=tmp_path,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    pids = [tmp_path / "one.pid", tmp_path / "two.pid"]
    wait_until(lambda: all(file.is_file() and file.read_text() for file in pids))
    if end == signal.SIGINT:
        os.killpg(process.pid, end)
    else:
        process.kill()
    process.wait(timeout=60)
    wait_until(lambda: not any(alive(file) for file in pids))
    assert {file.name for file in tmp_path.glob("*.interrupted")} == {
        "one.interrupted",
        "two.interrupted",
    }


def wait_until(ready) -> None:
    deadline = time.monotonic() + 60
    while not ready():
        assert time.monotonic() < deadline
        time.sleep(0.05)
