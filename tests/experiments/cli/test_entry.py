"""Every command has the same end: its exit status, and one line if something stopped it."""

import re
import signal
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
from harness import environment

ROOT = Path(__file__).resolve().parents[3]
COMMANDS = [
    ".".join(file.relative_to(ROOT).with_suffix("").parts)
    for package in ("experiments", "gui")
    for file in (ROOT / package).rglob("*.py")
    if 'if __name__ == "__main__":' in file.read_text()
]


@pytest.mark.parametrize("module", COMMANDS)
def test_every_command_is_guarded(module: str) -> None:
    assert hasattr(import_module(module).main, "__wrapped__")


SCRIPT = """
import sys, time
from experiments.cli.entry import command

@command(shows_result=True)
def main():
    print("begun", flush=True)
    if len(sys.argv) == 1:
        time.sleep(1000)

main()
"""


def begun(*command: str) -> subprocess.Popen[str]:
    """The script in a process of its own, inside its command."""
    process = subprocess.Popen(
        command,
        env=environment(PYTHONPATH=str(ROOT)),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "begun\n"
    return process


@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 143)]
)
def test_a_signal_ends_a_command_with_one_line(number: signal.Signals, status: int) -> None:
    process = begun(sys.executable, "-c", SCRIPT)
    process.send_signal(number)
    _, errors = process.communicate(timeout=240)
    assert process.returncode == status
    assert re.fullmatch("interrupted: .*\n", errors)


def test_a_signal_that_nohup_ignores_ends_nothing() -> None:
    process = begun("bash", "-c", 'trap "" HUP; exec "$0" -c "$1"', sys.executable, SCRIPT)
    process.send_signal(signal.SIGHUP)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=240)
    assert process.returncode == 143, "SIGHUP would have come first"


def test_a_full_disk_under_the_result_is_one_line() -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT, "at once"],
            env=environment(PYTHONPATH=str(ROOT)),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr == "standard output is incomplete: No space left on device\n"
