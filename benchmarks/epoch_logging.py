"""How long it takes to log one epoch to an SQLite store."""

import shutil
import time
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.statistics import Spread
from experiments.tracking.delivery import Delivery
from experiments.tracking.journal import Journal
from nnscratch import (
    Adam,
    Dataset,
    Network,
    SoftmaxCrossEntropyLoss,
    Training,
    fit,
    mlp,
    save_checkpoint,
    save_training_state,
)

_EPOCHS, _WARM_UP = 60, 10
_METRICS = (
    *("train_loss", "train_accuracy", "val_loss", "val_accuracy"),
    *("learning_rate", "epoch_seconds", "training_seconds", "best_val_accuracy"),
)


def measure(folder: Path) -> Spread:
    """Seconds until the store has an epoch's metrics, weights and training state.

    They are delivered before the next epoch begins.
    """
    data = Dataset(np.zeros((64, 784), np.float32), np.zeros(64, np.int64))
    network = mlp([784, 128, 64, 10])
    loss, optimizer = SoftmaxCrossEntropyLoss(), Adam()
    training = fit(network, loss, optimizer, data, epochs=_EPOCHS, batch_size=64)
    taken = []
    with Journal(folder / "journal") as journal:
        delivery = Delivery(journal)
        journal.append(_new_run(folder))
        delivery.deliver()
        for epoch in training:
            started = time.perf_counter()
            _append_epoch(journal, epoch.number, network, training)
            delivery.deliver()
            taken.append(time.perf_counter() - started)
    return Spread.of(taken[_WARM_UP:])


def _new_run(folder: Path) -> dict[str, Any]:
    return {
        "op": "create",
        "uri": f"sqlite:///{folder / 'logging.db'}",
        "experiment": "logging",
        "artifacts": (folder / "artifacts").as_uri(),
        "name": "logging",
        "time": 0,
        "parameters": {},
        "tags": {},
    }


def _append_epoch(journal: Journal, number: int, network: Network, training: Training) -> None:
    """What a ``Recorder`` logs after each epoch."""
    values = dict.fromkeys(_METRICS, 0.5)
    last = journal.stage("checkpoints/last.npz", partial(save_checkpoint, network))
    copy = partial(shutil.copyfile, journal.file(last))
    copies = ("checkpoints/best.npz", f"checkpoints/epochs/epoch_{number:04d}.npz")
    state = partial(save_training_state, training.state())
    journal.append(
        {"op": "metrics", "time": 0, "step": number, "values": values},
        *(journal.stage(path, copy) for path in copies),
        last,
        journal.stage("checkpoints/state.npz", state),
    )
