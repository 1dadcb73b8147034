"""Damaged files: checkpoints, weights of other programs, data, drawings, configs."""

import gzip
import json
import struct
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any, NamedTuple, final

import numpy as np
from omegaconf import OmegaConf

from benchmarks.reliability.attack import Attack, Failed, check
from experiments.cli.exit_status import BAD_INPUT, one_line, status_of
from experiments.config.compose import compose_config
from experiments.config.stored import stored_config
from experiments.datasets.idx import read_idx
from experiments.datasets.pen_strokes import PenStrokes, read_pen_strokes
from experiments.drawings.collection import DrawingFolder
from nnscratch import (
    Adam,
    Dataset,
    SoftmaxCrossEntropyLoss,
    fit,
    load_checkpoint,
    load_training_state,
    mlp,
    save_checkpoint,
    save_training_state,
    weights_digest,
)
from nnscratch.storage.plain_weights import load_plain_weights, save_plain_weights

_SIZES = [16, 6, 3]


class _File(NamedTuple):
    """A kind of file: where it is, and what a reader makes of it.

    ``facts`` are equal before and after harmless damage; the reader refuses any other.
    """

    path: str
    facts: Callable[[Path], Any]


_FILES = (
    _File("network.npz", lambda path: weights_digest(load_checkpoint(path))),
    _File("state.npz", lambda path: _state_facts(path)),
    _File("plain.npz", lambda path: _plain_shapes(path)),
    _File("images", lambda path: read_idx(path).dtype),
    _File("images.gz", lambda path: read_idx(path).dtype),
    _File("strokes.npz", lambda path: _all_drawn(read_pen_strokes(path))),
    _File("00001.json", lambda path: _all_labelled(path.parent)),
    _File("config.yaml", lambda path: sorted(map(str, stored_config(path)))),
)


@final
class DamagedFiles(Attack):
    """Changes bytes of a file, cuts it, or fills it with something else, and reads it."""

    name = "damaged_files"
    promise = (
        "the reader refuses the file with one line, or finds what was in it: no traceback, no "
        "other weights, no wrong shapes"
    )
    tries = 4000
    quick_tries = 200

    def prepare(self, folder: Path) -> None:
        _write_files(folder)
        self._contents = {file.path: (folder / file.path).read_bytes() for file in _FILES}
        self._facts = {file.path: file.facts(folder / file.path) for file in _FILES}

    def attempt(self, folder: Path, random: Random) -> None:
        file = random.choice(_FILES)
        path = folder / file.path
        path.write_bytes(mutated(self._contents[file.path], random))
        try:
            facts = file.facts(path)
        except Failed:
            raise
        except Exception as error:
            found = f"{file.path}: {type(error).__name__}: {error}"
            check(status_of(error) == BAD_INPUT, " ".join(found.split())[:300])
            check(len(one_line(error)) < 1000, f"{file.path}: a message of more than a line")
        else:
            check(facts == self._facts[file.path], f"{file.path} is read as something else")


def mutated(content: bytes, random: Random) -> bytes:
    """The content with a few bytes changed, cut, removed, inserted, repeated, or all replaced."""
    start, end = sorted(random.randint(0, len(content)) for _ in range(2))
    match random.randrange(8):
        case 0:
            return content[:start]
        case 1:
            return content[:start] + content[end:]
        case 2:
            return content[:start] + random.randbytes(random.randint(1, 64)) + content[start:]
        case 3:
            return content[:start] + bytes(end - start) + content[end:]
        case 4:
            return content[:end] + content[start:]
        case 5:
            return random.choice((b"", b"PK\x03\x04", b"{}", b"\0" * 64, b"\x1f\x8b", b"\xff\xfe"))
        case _:
            changed = bytearray(content)
            for _ in range(random.randint(1, 4)):
                changed[random.randrange(len(changed))] = random.randrange(256)
            return bytes(changed)


def _write_files(folder: Path) -> None:
    rng = np.random.default_rng(0)
    data = Dataset(rng.random((30, _SIZES[0]), dtype=np.float32), np.arange(30) % _SIZES[-1])
    network = mlp(_SIZES)
    training = fit(network, SoftmaxCrossEntropyLoss(), Adam(), data, epochs=1, batch_size=8)
    assert len(list(training)) == 1
    save_checkpoint(network, folder / "network.npz", epoch=1)
    save_training_state(training.state(), folder / "state.npz", history=[], digests=[])
    save_plain_weights(network, folder / "plain.npz")
    pixels = rng.integers(0, 256, (20, 28, 28), np.uint8)
    idx = struct.pack(">BBBB3I", 0, 0, 8, 3, *pixels.shape) + pixels.tobytes()
    (folder / "images").write_bytes(idx)
    (folder / "images.gz").write_bytes(gzip.compress(idx))
    count = 20
    starts = np.arange(count + 1)
    labels, writers = np.arange(count, dtype=np.uint8) % 10, np.arange(count) // 10
    points = rng.random((4 * count, 2), dtype=np.float32)
    PenStrokes(points, 4 * starts, starts, labels, writers, starts[:-1]).save(
        folder / "strokes.npz"
    )
    DrawingFolder(folder).add([points[:10]], 3, None)
    OmegaConf.save(compose_config([]), folder / "config.yaml", resolve=True)


def _state_facts(path: Path) -> tuple[Any, ...]:
    state = load_training_state(path)
    vectors = {name: vector.tobytes() for name, vector in state.vectors.items()}
    return state.epoch, state.step, json.dumps(state.settings), vectors


def _plain_shapes(path: Path) -> bool:
    """The file has no digest: some other weights are possible, but not other numbers of them."""
    network = mlp(_SIZES)
    load_plain_weights(network, path)
    return bool(np.isfinite(network.parameters).all())


def _all_drawn(pen: PenStrokes) -> bool:
    return all(
        0 <= label <= 9 and all(np.isfinite(stroke).all() for stroke in drawing)
        for label, drawing in zip(pen.labels, pen.drawings(), strict=True)
    )


def _all_labelled(folder: Path) -> bool:
    return all(0 <= drawing.label <= 9 for drawing in DrawingFolder(folder).read().drawings)
