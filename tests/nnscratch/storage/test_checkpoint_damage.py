"""Damaged and foreign files: one error names the file, and nothing in it is executed."""

import io
import os
import pickle
import signal
import struct
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from archives import arrays_of, rewritten
from hypothesis import given, settings
from hypothesis import strategies as st

from nnscratch import (
    Adam,
    CheckpointError,
    Dataset,
    Network,
    SoftmaxCrossEntropyLoss,
    checkpoint_metadata,
    fit,
    load_checkpoint,
    load_training_state,
    mlp,
    save_checkpoint,
    save_training_state,
)
from nnscratch.storage.checkpoint import _digest

METADATA = {"epoch": 3, "val_accuracy": 0.5}


def small_network() -> Network:
    return mlp([2, 2, 2], batch_norm=True, seed=0)


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A small checkpoint."""
    path = tmp_path_factory.mktemp("good") / "best.npz"
    return save_checkpoint(small_network(), path, **METADATA).read_bytes()


@pytest.fixture(scope="module")
def good_state(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A small training state, after one epoch."""
    train = Dataset(np.eye(4, 2, dtype=np.float32), np.array([0, 1, 0, 1]))
    network = small_network()
    training = fit(
        network, SoftmaxCrossEntropyLoss(), Adam(), train, epochs=2, batch_size=2, seed=0
    )
    next(training)
    path = tmp_path_factory.mktemp("good") / "state.npz"
    return save_training_state(training.state(), path).read_bytes()


def zipped(content: bytes, change: Callable[[list[tuple[zipfile.ZipInfo, bytes]]], None]) -> bytes:
    """The file with other zip entries."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        entries = [(entry, archive.read(entry)) for entry in archive.infolist()]
    change(entries)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for entry, data in entries:
            archive.writestr(entry, data, entry.compress_type)
    return buffer.getvalue()


def refused(tmp_path: Path, content: bytes, reason: str, load: Callable = load_checkpoint) -> None:
    file = tmp_path / "bad.npz"
    file.write_bytes(content)
    with pytest.raises(CheckpointError, match=reason) as caught:
        load(file)
    message = str(caught.value)
    assert "bad.npz" in message
    assert len(message) < 500 + 4 * len(str(file))
    assert "\n" not in message


# --- random damage -----------------------------------------------------------------------


def same_or_refused(file: Path, content: bytes, expected: Network) -> bool:
    """Whether the file was refused. If not, it must hold the saved network."""
    file.write_bytes(content)
    try:
        network = load_checkpoint(file)
    except CheckpointError:
        return True
    np.testing.assert_array_equal(network.state, expected.state)
    assert network.description() == expected.description()
    assert checkpoint_metadata(file) == METADATA
    return False


def test_a_file_cut_anywhere_is_refused(tmp_path: Path, good: bytes) -> None:
    for end in [*range(0, len(good), 7), *range(len(good) - 30, len(good))]:
        assert same_or_refused(tmp_path / "bad.npz", good[:end], small_network()), end


def test_a_flipped_bit_is_refused_or_harmless(tmp_path: Path, good: bytes) -> None:
    """A date or a permission in the zip's tables is harmless."""
    network, found = small_network(), 0
    positions = range(0, 8 * len(good), 37)  # 37 is odd: every bit of a byte has its turn
    for bit in positions:
        flipped = bytearray(good)
        flipped[bit // 8] ^= 1 << bit % 8
        found += same_or_refused(tmp_path / "bad.npz", bytes(flipped), network)
    assert found > 0.9 * len(positions)


@settings(max_examples=150, deadline=None, database=None)
@given(st.data())
def test_random_damage_is_refused_or_harmless(
    tmp_path_factory: pytest.TempPathFactory, good: bytes, data: st.DataObject
) -> None:
    """Bytes are overwritten, removed or inserted anywhere, most often in the zip's tables."""
    start = data.draw(st.integers(0, len(good)) | st.integers(len(good) - 500, len(good)))
    replaced = data.draw(st.integers(0, 16))
    replacement = data.draw(st.binary(max_size=16))
    content = good[:start] + replacement + good[start + replaced :]
    file = tmp_path_factory.getbasetemp() / "damaged.npz"
    same_or_refused(file, content, small_network())


def test_a_damaged_training_state_is_refused(tmp_path: Path, good_state: bytes) -> None:
    for end in (0, 100, len(good_state) // 2, len(good_state) - 1):
        refused(tmp_path, good_state[:end], "bad", load_training_state)
    moments = good_state.index(b"moment.first.npy") + 200
    flipped = good_state[:moments] + bytes([good_state[moments] ^ 1]) + good_state[moments + 1 :]
    refused(tmp_path, flipped, "damaged", load_training_state)


@pytest.mark.parametrize("name", ["parameters", "statistics", "description"])
def test_the_digest_covers_everything(tmp_path: Path, good: bytes, name: str) -> None:
    """Also if the zip's own checksums fit."""
    arrays = arrays_of(good)
    if name == "description":
        arrays[name] = np.str_(str(arrays[name]).replace("0.5", "0.6"))
    else:
        arrays[name][0] += 1
    np.savez(tmp_path / "bad.npz", allow_pickle=True, **arrays)
    refused(tmp_path, (tmp_path / "bad.npz").read_bytes(), "does not match its digest")


# --- foreign files --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arrays", "reason"),
    [
        ({"x": np.zeros(3), "y": np.zeros(3)}, "foreign"),
        ({"W1": np.zeros((3, 2))}, "foreign.*W1"),
        ({"parameters": np.zeros(3)}, "foreign"),
        ({"description": np.str_("{}")}, "not that of a network"),
        ({"description": np.str_("[1]"), "parameters": np.zeros(3)}, "not that of a network"),
        ({"description": np.str_('{"format": 99}'), "parameters": np.zeros(3)}, "format 99"),
        ({"parameters": np.array([object()])}, r"foreign .npz file of parameters object \(1,\)"),
        ({"parameters": np.zeros(3, np.int64)}, r"foreign .npz file of parameters int64 \(3,\)"),
    ],
)
def test_a_foreign_archive_is_refused(
    tmp_path: Path, arrays: dict[str, np.ndarray], reason: str
) -> None:
    file = tmp_path / "foreign.npz"
    np.savez(file, allow_pickle=True, **arrays)
    refused(tmp_path, file.read_bytes(), reason)


class Bomb:
    """Unpickling one ends the process."""

    def __reduce__(self):
        return os._exit, (99,)


def test_a_pickle_is_never_opened(tmp_path: Path, good: bytes) -> None:
    refused(tmp_path, pickle.dumps(Bomb()), "is a pickle, which can run any program")
    array = io.BytesIO()
    np.save(array, np.array([Bomb()], dtype=object), allow_pickle=True)
    inside = zipped(good, lambda entries: entries.append(named("average.npy", array.getvalue())))
    refused(tmp_path, inside, "neither a vector of floats nor a text")


# --- malicious zips ------------------------------------------------------------------------------


def named(name: str, data: bytes = b"", **attributes: int) -> tuple[zipfile.ZipInfo, bytes]:
    entry = zipfile.ZipInfo(name)
    for attribute, value in attributes.items():
        setattr(entry, attribute, value)
    return entry, data


@pytest.mark.parametrize(
    "name", ["../../evil.npy", "/etc/evil.npy", "a/b.npy", "..\\evil.npy", "evil\n.npy", "evil.so"]
)
def test_a_name_outside_the_archive_is_refused(tmp_path: Path, good: bytes, name: str) -> None:
    refused(tmp_path, zipped(good, lambda entries: entries.append(named(name))), "foreign")
    assert [file.name for file in tmp_path.iterdir()] == ["bad.npz"]


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_entries_of_one_name_are_refused(tmp_path: Path, good: bytes) -> None:
    refused(tmp_path, zipped(good, lambda entries: entries.append(entries[2])), "one name")


def test_a_symbolic_link_is_refused(tmp_path: Path, good: bytes) -> None:
    link = named("average.npy", b"/etc/passwd", external_attr=0o120777 << 16, create_system=3)
    refused(tmp_path, zipped(good, lambda entries: entries.append(link)), "neither a vector")


def test_a_compressed_entry_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    """64 MB of zeros in 64 kB."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("parameters.npy", bytes(1 << 26))
    tracemalloc.start()
    refused(tmp_path, buffer.getvalue(), "compressed")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1 << 22


def test_an_encrypted_entry_is_refused(tmp_path: Path, good: bytes) -> None:
    entry = good.index(b"PK\x01\x02")
    encrypted = good[: entry + 8] + b"\x01\x00" + good[entry + 10 :]
    refused(tmp_path, encrypted, "encrypted")


@pytest.mark.parametrize("size", [0, 1, 10**6, 2**32 - 1])
def test_wrong_sizes_in_the_directory_are_refused(tmp_path: Path, good: bytes, size: int) -> None:
    lies = struct.pack("<II", size, size)
    entry = good.index(b"PK\x01\x02")
    refused(tmp_path, good[: entry + 20] + lies + good[entry + 28 :], "bad")


def test_wrong_64_bit_sizes_in_the_directory_are_refused(tmp_path: Path, good: bytes) -> None:
    entry = good.index(b"PK\x01\x02")
    name_length = int.from_bytes(good[entry + 28 : entry + 30], "little")
    extra = struct.pack("<HHQQ", 1, 16, 2**62, 2**62)
    changed = bytearray(good)
    changed[entry + 46 + name_length : entry + 46 + name_length] = extra
    changed[entry + 20 : entry + 28] = b"\xff" * 8
    changed[entry + 30 : entry + 32] = len(extra).to_bytes(2, "little")
    end = changed.rindex(b"PK\x05\x06")
    length = int.from_bytes(changed[end + 12 : end + 16], "little") + len(extra)
    changed[end + 12 : end + 16] = length.to_bytes(4, "little")
    refused(tmp_path, bytes(changed), "claim more room")


@pytest.mark.parametrize(
    "shape", ["(1000000000000,)", "(-1,)", "(99999999999999999999,)", "(7,)", "((((1,),),),)", "()"]
)
def test_a_header_that_claims_other_sizes_is_refused(
    tmp_path: Path, good: bytes, shape: str
) -> None:
    """Without making room for what it claims."""

    def lie(entries: list[tuple[zipfile.ZipInfo, bytes]]) -> None:
        [place] = [i for i, (entry, _) in enumerate(entries) if entry.filename == "parameters.npy"]
        header = f"{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}".ljust(117) + "\n"
        data = b"\x93NUMPY\x01\x00" + struct.pack("<H", 118) + header.encode()
        entries[place] = named("parameters.npy", data + bytes(8))

    refused(tmp_path, zipped(good, lie), "its parameters")


# --- descriptions that lie ------------------------------------------------------------------------


def layer(index: int, **settings: Any) -> Callable[[dict[str, Any], dict[str, Any]], None]:
    return lambda _, description: description["network"]["layers"][index].update(settings)


def entry(path: str, value: Any) -> Callable[[dict[str, Any], dict[str, Any]], None]:
    def change(_: dict[str, Any], description: dict[str, Any]) -> None:
        *parents, last = path.split(".")
        for parent in parents:
            description = description[parent]
        description[last] = value

    return change


def vector(name: str, value: np.ndarray) -> Callable[[dict[str, Any], dict[str, Any]], None]:
    return lambda arrays, _: arrays.update({name: value})


NAN = float("nan")


@pytest.mark.parametrize(
    "change",
    [
        *(layer(0, fan_out=size) for size in (10**9, 10**400, -2, 0, 1.5, NAN, "2", [2], None)),
        *(layer(0, init=name) for name in ("", 3, None, ["zeros"], "normal:nan", "zeros" * 10**5)),
        *(layer(1, epsilon=value) for value in (0, NAN, "1", None)),
        *(layer(2, type=name) for name in ("os.system", 3, None, ["ReLU"], {"ReLU": 1})),
        layer(2, surplus=1),
        *(entry("network", value) for value in (None, 3, [], {}, "network")),
        *(entry("network.layers", value) for value in (None, 3, [], [[]], [3], "ab", {"type": 1})),
        *(entry("network.dtype", value) for value in (None, "float64", "object", 3, "U9", ["f4"])),
        *(entry("network.outputs", value) for value in (None, "tanh", ["logits"])),
        *(entry("network.output_activation", value) for value in (None, "tanh", ["softmax"])),
        *(entry("metadata", value) for value in (None, 3, [1])),
        *(entry("kind", value) for value in (None, 3, ["network"], "training")),
        *(entry("format", value) for value in (None, 0, 3, "2", [2])),
        vector("parameters", np.zeros(1, np.float32)),  # would fit by broadcasting
        vector("parameters", np.zeros(0, np.float32)),
        vector("parameters", np.zeros(14)),
        vector("statistics", np.zeros(1, np.float32)),
        vector("surplus", np.zeros(1, np.float32)),
    ],
)
def test_an_invalid_description_is_refused(tmp_path: Path, good: bytes, change) -> None:
    """Its digest fits: somebody may have written it on purpose."""
    refused(tmp_path, rewritten(good, change), "bad")


@pytest.mark.parametrize(
    "text", ["[" * 10**5, "1" * 10**5, "{", '{"format": 2, "kind": "network"}']
)
def test_a_text_that_is_no_description_is_refused(tmp_path: Path, good: bytes, text: str) -> None:
    arrays = arrays_of(good)
    del arrays["description"], arrays["digest"]
    file = tmp_path / "bad.npz"
    np.savez(
        file,
        allow_pickle=True,
        description=np.str_(text),
        digest=np.str_(_digest(arrays, text)),
        **arrays,
    )
    refused(tmp_path, file.read_bytes(), "bad")


@pytest.mark.parametrize(
    "change",
    [
        *(entry("epoch", value) for value in (-1, 1.0, NAN, True, "1", None)),
        *(entry("generators", value) for value in (None, [], {"shuffle": {}}, {"shuffle": 3})),
        *(entry("optimizer", value) for value in (None, 3)),
        *(entry("settings", value) for value in (None, 3)),
        lambda _, description: description.pop("generators"),
        layer(0, fan_out=10**9),
        vector("moment.first", np.zeros(1, np.float32)),
        vector("average", np.zeros(14)),
        vector("surplus", np.zeros(14, np.float32)),
    ],
)
def test_an_invalid_state_is_refused(tmp_path: Path, good_state: bytes, change) -> None:
    refused(tmp_path, rewritten(good_state, change), "bad", load_training_state)


# --- the disk -----------------------------------------------------------------------------------


def test_a_full_disk_leaves_the_old_file_and_no_other(tmp_path: Path) -> None:
    """The system's limit on file sizes acts as a full disk."""
    resource = pytest.importorskip("resource")
    path = save_checkpoint(mlp([3, 2], seed=0), tmp_path / "last.npz")
    before = path.read_bytes()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, hard))
    try:
        with pytest.raises(OSError, match=r"last\.npz"):
            save_checkpoint(mlp([300, 200], seed=0), path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, handler)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["last.npz"]


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "checkpoints").write_text("a file in the way")
    with pytest.raises(OSError, match=r"checkpoints"):
        save_checkpoint(mlp([3, 2], seed=0), tmp_path / "checkpoints" / "best.npz")
