"""Following the advice of a message: its command is run as it is printed."""

import re
import subprocess
from pathlib import Path

from harness import environment


def follow(message: str, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Runs the only command between backquotes in ``message``, in a shell in ``folder``."""
    [command] = re.findall("`([^`]+)`", message)
    return subprocess.run(
        command,
        shell=True,
        cwd=folder,
        env=environment(**variables),
        capture_output=True,
        text=True,
        check=False,
    )
