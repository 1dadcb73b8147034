"""Damaged and foreign artifacts and journals of logged runs."""

import dataclasses
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any, final

import numpy as np

from benchmarks.reliability.attack import Attack
from benchmarks.reliability.attacks.damaged_files import mutated
from benchmarks.reliability.logged_runs import LoggedRuns
from nnscratch import (
    load_training_state,
    mlp,
    save_checkpoint,
    save_training_state,
    training_state_metadata,
)

_ODD: tuple[Any, ...] = (None, True, -1, 10**9, 1e308, float("nan"), "", "\x1b[2J", [], {}, [[0]])


@final
class DamagedRuns(Attack):
    """Changes one file of a run, or leaves an odd journal; then a command reads the store."""

    name = "damaged_runs"
    promise = (
        "leaderboard, resume, rerun, deliver and the window work or refuse with a few lines; no "
        "run resumes to other weights"
    )
    tries = 40

    def prepare(self, folder: Path) -> None:
        self._store = LoggedRuns(folder)

    def attempt(self, folder: Path, random: Random) -> None:
        self._store.reset()
        if random.random() < 0.5:
            _forge_state(self._store, random)
            self._store.resume()
            return
        damages = (_damage_file, _replace_file, _forge_network, _litter)
        random.choice(damages)(self._store, random)
        self._store.use(random)


def _artifact(store: LoggedRuns, random: Random) -> Path:
    files = sorted(path for path in store.home.glob("mlartifacts/**/*") if path.is_file())
    important = [path for path in files if path.suffix in (".npz", ".yaml", ".json")]
    return random.choice(important)


def _damage_file(store: LoggedRuns, random: Random) -> None:
    path = _artifact(store, random)
    path.write_bytes(mutated(path.read_bytes(), random))


def _replace_file(store: LoggedRuns, random: Random) -> None:
    """Another kind of file, which no reader may wait for, follow or fail at."""
    path = _artifact(store, random)
    path.unlink()
    make: Callable[[], object] = random.choice(
        (
            lambda: None,
            path.mkdir,
            lambda: os.mkfifo(path),
            lambda: path.symlink_to(path.name),
            lambda: path.symlink_to("/dev/zero"),
            lambda: path.symlink_to(store.home / "mlflow.db"),
        )
    )
    make()


def _forge_state(store: LoggedRuns, random: Random) -> None:
    """A valid file of a training, but not of this one: a field has an odd value."""
    path = store.stopped.artifacts / "checkpoints/state.npz"
    state, metadata = load_training_state(path), training_state_metadata(path)
    odd = random.choice(_ODD)
    match random.randrange(5):
        case 0:
            metadata[random.choice(sorted(metadata))] = odd
        case 1:
            epoch = random.choice(metadata["history"])
            epoch[random.choice(sorted(epoch))] = odd
        case 2:
            metadata["history"] = metadata["history"] * random.choice((0, 2))
        case 3:
            names = [field.name for field in dataclasses.fields(state) if field.name != "vectors"]
            state = dataclasses.replace(state, **{random.choice(names): odd})
        case _:
            vectors = dict(state.vectors)
            name = random.choice(sorted(vectors))
            vectors[name] = random.choice((vectors[name][:-1], np.full_like(vectors[name], np.nan)))
            state = dataclasses.replace(state, vectors=vectors)
    save_training_state(state, path, **metadata)


def _forge_network(store: LoggedRuns, random: Random) -> None:
    """A valid network of other sizes, or with weights that are no numbers."""
    run = random.choice(store.runs)
    network = mlp(random.choice(([784, 16, 10], [4, 3, 2], [784, 10], [784, 16, 1000])))
    network.parameters[:] = random.choice((0, np.nan, 1e38))
    save_checkpoint(network, run.artifacts / "checkpoints/best.npz", epoch=random.choice(_ODD))


def _litter(store: LoggedRuns, random: Random) -> None:
    """A journal that no version of the program wrote."""
    key = random.choice(("0" * 32, "not a key", f"{random.getrandbits(128):032x}", ".hidden"))
    journal = store.home / "mljournal" / key
    (journal / "files" / random.choice(("000001", "odd name", "-1"))).mkdir(parents=True)
    entries: list[Any] = [
        {"op": "reopen", "uri": f"sqlite:///{store.home}/mlflow.db", "run_id": "0" * 32},
        {"op": "create", "uri": "s3://nowhere", "name": "\x1b[2J"},
        {"op": "artifact", "path": "../../outside", "folder": "../.."},
        *({"op": odd} for odd in _ODD[:4]),
        {},
        [],
    ]
    lines = [json.dumps(random.choice(entries)) for _ in range(random.randint(0, 3))]
    (journal / "entries.jsonl").write_text("\n".join(lines) + random.choice(("", "\n")))
    progress = random.choice((None, "", "{}", "[]", '{"next": 10, "postponed": [7]}', "\0"))
    if progress is not None:
        (journal / "progress.json").write_text(progress)
    if random.random() < 0.2:
        shutil.rmtree(journal / "files")
