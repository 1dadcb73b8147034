"""A display of their own for the tests that open windows, and a mouse that moves on it."""

import shutil
from collections.abc import Iterator

import pytest

from benchmarks.display import virtual_display


@pytest.fixture(scope="session")
def tkinter_here() -> None:
    """This Python can open windows."""
    try:
        import tkinter  # noqa: F401

        from PIL import ImageTk  # noqa: F401
    except ImportError as error:
        pytest.skip(f"needs tkinter: apt install python3-tk python3-pil.imagetk ({error})")


@pytest.fixture(scope="session")
def display(tkinter_here: None) -> Iterator[str]:
    """The name of a virtual display, so that no test draws on a user's desktop."""
    if shutil.which("Xvfb") is None:
        pytest.skip("needs a display for tests: apt install xvfb")
    with virtual_display() as name:
        yield name


@pytest.fixture(scope="session")
def mouse() -> None:
    """The real pointer of a display can be moved."""
    if shutil.which("xdotool") is None:
        pytest.skip("needs real mouse events: apt install xdotool")
