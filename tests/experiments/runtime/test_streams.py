"""Output that nobody can read: the process continues, and knows what was lost."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]

SCRIPT = """
import logging, os, sys
from experiments.runtime.streams import output_failure, own_streams, print_error

own_streams()
for number in range(100_000):
    print(number)
    print_error("an error")
logging.warning("a warning")
os.write(1, b"past Python")
report = os.open("report", os.O_WRONLY | os.O_CREAT)
assert report > 2, "no file gets the place of a closed stream"
os.write(report, str(output_failure()).encode())
"""


def report(folder: Path, redirection: str) -> tuple[int, str, str]:
    """Exit status, the loss that was reported, and what the shell shows."""
    (folder / "script.py").write_text(SCRIPT)
    command = f"set -o pipefail; {sys.executable} script.py {redirection}"
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, (folder / "report").read_text(), done.stdout + done.stderr


@pytest.mark.parametrize(
    ("redirection", "lost", "shown"),
    [
        ("2>&1 >&- | true", "None", ""),
        ("2>/dev/null | head -1", "None", "0\n"),
        ("> /dev/full 2>&1", "No space left on device", ""),
        (">&- 2>&-", "None", ""),
    ],
)
def test_a_process_outlives_its_readers(
    tmp_path: Path, redirection: str, lost: str, shown: str
) -> None:
    assert report(tmp_path, redirection) == (0, lost, shown)
