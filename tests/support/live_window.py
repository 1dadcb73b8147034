"""The window as a user meets it: a process, a mouse, a keyboard, and what the title says."""

import os
import re
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from pen_strokes import Strokes

CANVAS_AT = (17, 45)  # where the canvas begins in the window
KEYS_AT = (CANVAS_AT[0] + 5, CANVAS_AT[1] + 5)
PATIENCE = 240  # seconds for what takes a moment, unless the machine is very busy
TITLE = re.compile(r"nnscratch — (\d) \((?:< )?(\d+) %\)")


class LiveWindow:
    """``python -m gui …`` on a display, driven by xdotool; a context manager."""

    def __init__(self, display: str, folder: Path, *arguments: str) -> None:
        self._environment = own_environment(DISPLAY=display)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "gui", *arguments],
            cwd=folder,
            env=self._environment,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._window = ""

    def __enter__(self) -> Self:
        deadline = time.monotonic() + PATIENCE
        while not self._window:
            if self._process.poll() is not None:
                _, error = self._process.communicate()
                raise AssertionError(f"the window ended at once: {error}")
            assert time.monotonic() < deadline, "the window never appeared"
            found = self._xdotool("search", "--onlyvisible", "--name", "^nnscratch", check=False)
            self._window = found.strip()
        return self

    def close(self) -> tuple[int, str]:
        """Closes the window with Ctrl-Q; the exit status and what was said on standard error."""
        deadline = time.monotonic() + PATIENCE
        while self._process.poll() is None:  # a new window may not have the keyboard yet
            assert time.monotonic() < deadline, "the window doesn't close"
            self._xdotool("mousemove", *map(str, KEYS_AT), "key", "ctrl+q", check=False)
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(2)
        _, error = self._process.communicate()
        return self._process.returncode, error

    def end_by(self, number: signal.Signals) -> int:
        """Sends a signal; the exit status."""
        self._process.send_signal(number)
        self._process.communicate(timeout=PATIENCE)
        return self._process.returncode

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._process.poll() is None:
            self._process.kill()
            self._process.communicate()

    @property
    def title(self) -> str:
        """What the window is called now."""
        return self._xdotool("getwindowname", self._window).strip()

    def draw(self, strokes: Strokes, *, lift: bool = True) -> None:
        """Draws with the left button down; without ``lift`` the last stroke stays unfinished."""
        steps: list[str] = []
        for stroke in strokes:
            x, y = (stroke + CANVAS_AT).T.tolist()
            steps += ["mousemove", str(x[0]), str(y[0]), "mousedown", "1"]
            for point in zip(x[1:], y[1:], strict=True):
                steps += ["mousemove", *map(str, point), "sleep", "0.012"]
            steps += ["mouseup", "1"]
        self._xdotool(*(steps if lift else steps[:-2]))

    def lift(self) -> None:
        """Lets the left button go."""
        self._xdotool("mouseup", "1")

    def click(self, x: int, y: int) -> None:
        """A click at a place in the window."""
        self._xdotool("mousemove", str(x), str(y), "click", "1")

    def press(self, key: str) -> None:
        """A key, with the pointer over the canvas: there is no window manager to give focus."""
        self._xdotool("mousemove", *map(str, KEYS_AT), "key", key)

    def wait_for(
        self, pattern: str | re.Pattern[str], *, clicking: tuple[int, int] | None = None
    ) -> re.Match[str]:
        """Waits until the whole title is as said; ``clicking`` there until then."""
        deadline, clicked = time.monotonic() + PATIENCE, 0.0
        while (match := re.fullmatch(pattern, self.title)) is None:
            assert time.monotonic() < deadline, f"the title stays {self.title!r}"
            if clicking and time.monotonic() > clicked + 2:
                self.click(*clicking)
                clicked = time.monotonic()
            time.sleep(0.02)
        return match

    def answer(self) -> int:
        """The digit in the title, once it has been the same for 0.3 seconds."""
        seen, since = "", 0.0
        while TITLE.fullmatch(seen) is None or time.monotonic() - since < 0.3:
            title = self.title
            if title != seen:
                seen, since = title, time.monotonic()
            time.sleep(0.02)
        return int(TITLE.fullmatch(seen)[1])  # pyright: ignore[reportOptionalSubscript]

    def _xdotool(self, *arguments: str, check: bool = True) -> str:
        done = subprocess.run(
            ["xdotool", *arguments],
            env=self._environment,
            capture_output=True,
            text=True,
            check=check,
            timeout=30,
        )
        return done.stdout


def own_environment(**changes: str) -> dict[str, str]:
    """The environment of a user who has neither a run store nor a display, and ``changes``."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("MLFLOW_", "DISPLAY"))}
    return {**inherited, **changes}
