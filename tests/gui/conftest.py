"""What the tests of the window need: a display, tkinter, a trained network, logged runs."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from events import draw, wait_until
from threadpoolctl import threadpool_limits

from experiments.datasets.idx import read_idx
from nnscratch import Adam, Dataset, SoftmaxCrossEntropyLoss, fit, mlp, save_checkpoint

if TYPE_CHECKING:
    import tkinter as tk

    from gui.app import App


@pytest.fixture(scope="session")
def tcl(display: str) -> Iterator["tk.Tk"]:
    """One Tcl interpreter for all windows: Tcl aborts if another thread collects one."""
    import tkinter as tk

    interpreter = tk.Tk(screenName=display)
    interpreter.withdraw()
    yield interpreter
    interpreter.destroy()


@pytest.fixture
def root(tcl: "tk.Tk") -> Iterator["tk.Toplevel"]:
    """An empty window, shown."""
    import tkinter as tk

    window = tk.Toplevel(tcl)
    yield window
    window.destroy()
    tcl.update()


@pytest.fixture(scope="session")
def trained(mnist_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The checkpoint of a network trained on MNIST for five epochs."""
    images = read_idx(mnist_folder / "mnist" / "train-images-idx3-ubyte.gz")
    labels = read_idx(mnist_folder / "mnist" / "train-labels-idx1-ubyte.gz")
    train = Dataset(images.reshape(len(images), -1), labels)
    network = mlp([784, 128, 64, 10], seed=0)
    optimizer = Adam(learning_rate=1e-3)
    with threadpool_limits(1):  # on a busy machine two threads wait for each other
        list(fit(network, SoftmaxCrossEntropyLoss(), optimizer, train, epochs=5, batch_size=64))
    return save_checkpoint(network, tmp_path_factory.mktemp("trained") / "mnist.npz")


@pytest.fixture(scope="session")
def untrained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The checkpoint of an untrained network, which needs no data."""
    folder = tmp_path_factory.mktemp("untrained")
    return save_checkpoint(mlp([784, 16, 10], seed=1), folder / "untrained.npz")


@pytest.fixture(scope="session")
def runs_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a store of two runs, whose networks have 12 and 16–8 hidden units.

    The second is the champion.
    """
    from harness import place

    from experiments.tracking import RunStore, Tracker
    from experiments.tracking.models.export import export_model

    example = np.zeros((1, 784), np.float32)

    folder = tmp_path_factory.mktemp("runs")
    for hidden, accuracy in (([12], 0.91), ([16, 8], 0.9375)):
        parameters = {
            "data.name": "digits",
            "model.hidden": hidden,
            "model.activation": "relu",
            "model.init": "he_normal",
            "optimizer.name": "adam",
        }
        with Tracker(
            place(folder),
            name=f"digits · {hidden}",
            kind="run",
            parameters=parameters,
            tags={},
        ) as run:
            network = mlp([784, *hidden, 10], seed=len(hidden))
            run.log_metrics({"best_val_accuracy": accuracy, "val_accuracy": 0.5}, step=1)
            for epoch in (1, 2, 3):
                early = mlp([784, *hidden, 10], seed=10 * epoch)
                name = f"checkpoints/epochs/epoch_{epoch:04d}.npz"
                run.write_artifact(name, partial(save_checkpoint, early))
            run.write_artifact("checkpoints/best.npz", partial(save_checkpoint, network))
            run.write_artifact("model", partial(export_model, network, example=example))
    store = RunStore(f"sqlite:///{folder / 'mlflow.db'}")
    store.registry.promote(store.best_run().run_id)
    return folder


@pytest.fixture
def open_app(
    root: "tk.Toplevel", untrained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., "App"]]:
    """Opens the window on ``untrained``, by default in an empty folder."""
    from gui.app import App
    from gui.recognizer import Recognizer
    from gui.runs.library import RunLibrary
    from gui.runs.loaded_network import LoadedNetwork
    from gui.style.theme import theme_for

    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    opened: list[App] = []

    def start(folder: Path = tmp_path, *others: Path, scale: float = 1) -> App:
        monkeypatch.chdir(folder)
        networks = [
            LoadedNetwork(Recognizer.from_checkpoint(file), file.name)
            for file in (untrained, *others)
        ]
        app = App(root, networks, RunLibrary(), theme_for(root, scale=scale), folder / "drawings")
        opened.append(app)
        wait_until(root, lambda: app.message.cget("text") != "reading the runs …")
        return app

    yield start
    for app in opened:
        app.close()


@pytest.fixture
def with_runs(open_app, runs_folder):
    """The window with a drawing, in a folder with runs; the ids of the runs by hidden layers."""
    app = open_app(runs_folder)
    draw(app)
    rows = app.picker.table.get_children()
    return app, {app.picker.table.set(row, "hidden layers"): row for row in rows}
