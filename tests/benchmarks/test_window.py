"""``benchmarks.window``: real mouse events draw in a real window, and every answer is timed."""

import json
import subprocess
import sys

from live_window import own_environment

from benchmarks.window import POINTS

# A process of its own: this process can have only one Tcl interpreter.
SCRIPT = """
import json
from benchmarks.window import measure
print(json.dumps(measure({display!r}, drawings=1, settle=0.2)))
"""


def test_answers_are_timed_from_their_event(display, mouse) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(display=display)],
        env=own_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    milliseconds, points = json.loads(done.stdout)
    assert 2 <= points <= POINTS
    assert 2 <= len(milliseconds) <= points + 1
    # Since the event, not since the start of the display or of the machine.
    assert min(milliseconds) > 0
    assert max(milliseconds) < 60_000
