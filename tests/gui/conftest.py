"""What the tests of the window need: a display, tkinter, a trained network, logged runs."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from live_window import own_environment, wait_until

from experiments.datasets.idx import read_idx
from nnscratch import Adam, Dataset, SoftmaxCrossEntropyLoss, fit, mlp, save_checkpoint

if TYPE_CHECKING:
    import tkinter as tk

    from gui.app import App


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
    """A display of our own, so that no test draws on somebody's desktop."""
    if shutil.which("Xvfb") is None:
        pytest.skip("needs a display for tests: apt install xvfb")
    ready, told = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(told), "-screen", "0", "1280x800x24", "-nolisten", "tcp"],
        pass_fds=[told],
        stderr=subprocess.DEVNULL,
    )
    os.close(told)
    with os.fdopen(ready) as number:
        name = number.readline().strip()  # blocks until the display is there
    assert name, f"Xvfb ended with status {server.wait()}"
    yield f":{name}"
    server.terminate()
    server.wait()


@pytest.fixture(scope="session")
def mouse() -> None:
    """The real pointer of a display can be moved."""
    if shutil.which("xdotool") is None:
        pytest.skip("needs real mouse events: apt install xdotool")


@pytest.fixture
def root(display: str) -> Iterator["tk.Tk"]:
    """An empty window, shown."""
    import tkinter as tk

    window = tk.Tk(screenName=display)
    yield window
    window.destroy()


@pytest.fixture(scope="session")
def trained(mnist_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The checkpoint of a network that learnt MNIST for five epochs."""
    images = read_idx(mnist_folder / "mnist" / "train-images-idx3-ubyte.gz")
    labels = read_idx(mnist_folder / "mnist" / "train-labels-idx1-ubyte.gz")
    train = Dataset(images.reshape(len(images), -1), labels)
    network = mlp([784, 128, 64, 10], seed=0)
    optimizer = Adam(learning_rate=1e-3)
    for _ in fit(network, SoftmaxCrossEntropyLoss(), optimizer, train, epochs=5, batch_size=64):
        pass
    return save_checkpoint(network, tmp_path_factory.mktemp("trained") / "mnist.npz")


@pytest.fixture(scope="session")
def untrained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint that needs no data: it answers, whatever it answers."""
    folder = tmp_path_factory.mktemp("untrained")
    return save_checkpoint(mlp([784, 16, 10], seed=1), folder / "untrained.npz")


@pytest.fixture(scope="session")
def runs_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which four small networks were trained on the embedded digits."""
    folder = tmp_path_factory.mktemp("runs")
    subprocess.run(
        [
            *(sys.executable, "-m", "experiments.train", "-m"),
            *("data=digits", "epochs=2", "model.hidden=[12],[16,8],[20],[24]"),
        ],
        cwd=folder,
        env=own_environment(),
        check=True,
        capture_output=True,
    )
    return folder


@pytest.fixture
def open_app(
    root: "tk.Tk", untrained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., "App"]:
    """Opens the window on ``untrained``, in an empty folder unless told otherwise."""
    from gui.app import App
    from gui.recognizer import Recognizer

    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)

    def start(folder: Path = tmp_path) -> App:
        monkeypatch.chdir(folder)
        app = App(root, Recognizer.from_checkpoint(untrained), untrained.name)
        wait_until(root, lambda: app.message.cget("text") != "reading the runs …")
        return app

    return start
