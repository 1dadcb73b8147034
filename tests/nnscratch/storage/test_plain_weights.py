"""Plain weight files: several conventions are read, everything else is refused."""

import random
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from nnscratch import (
    BatchNorm,
    CheckpointError,
    Linear,
    Network,
    load_plain_weights,
    mlp,
    save_plain_weights,
    weights_digest,
)

SIZES = [4, 3, 2]
INPUTS = np.array([[0.1, -0.4, 0.7, 1.0], [1.0, 0.0, -1.0, 0.5]], np.float32)


@pytest.fixture
def trained() -> Network:
    return mlp(SIZES, bias_init="normal:1", seed=7)


def arrays_of(network: Network) -> list[tuple[np.ndarray, np.ndarray]]:
    return [(x.weights, x.biases) for x in network.layers if isinstance(x, Linear)]


def test_saved_weights_are_read_by_numpy_and_by_us(trained: Network, tmp_path: Path) -> None:
    path = save_plain_weights(trained, tmp_path / "mnist_weights.npz")
    with np.load(path, allow_pickle=False) as archive:
        assert sorted(archive) == ["W1", "W2", "b1", "b2"]
        hidden = np.maximum(INPUTS @ archive["W1"] + archive["b1"], 0)
        outputs = hidden @ archive["W2"] + archive["b2"]
    np.testing.assert_allclose(outputs, trained.apply(INPUTS), rtol=1e-6)
    other = mlp(SIZES)
    load_plain_weights(other, path)
    assert weights_digest(other) == weights_digest(trained)


@pytest.mark.parametrize(
    "names",
    [
        "W{}, b{}",
        "weights_{}, bias_{}",
        "layer{}.W, layer{}.b",
        "linear_relu_stack.{}.weight, linear_relu_stack.{}.bias",
    ],
)
@pytest.mark.parametrize("first", [0, 1, 9])
@pytest.mark.parametrize("columns", [False, True])
def test_files_of_other_conventions_are_read(
    trained: Network, tmp_path: Path, names: str, first: int, columns: bool
) -> None:
    weights_name, biases_name = names.split(", ")
    arrays = {}
    for number, (weights, biases) in reversed(list(enumerate(arrays_of(trained), start=first))):
        arrays[weights_name.format(number)] = weights.T if columns else weights
        arrays[biases_name.format(number)] = biases[:, np.newaxis] if columns else biases
    np.savez_compressed(tmp_path / "foreign.npz", allow_pickle=False, **arrays)
    other = mlp(SIZES)
    load_plain_weights(other, tmp_path / "foreign.npz")
    np.testing.assert_array_equal(other.apply(INPUTS), trained.apply(INPUTS))


@pytest.mark.parametrize(
    "names",
    [
        ("arr_0", "arr_1", "arr_2", "arr_3"),
        ("hidden_weights", "hidden_bias", "output_weights", "output_bias"),
        ("dense/kernel:0", "dense/bias:0", "dense_1/kernel:0", "dense_1/bias:0"),
    ],
)
@pytest.mark.parametrize("columns", [False, True])
def test_arrays_without_numbers_are_read_in_the_only_order_that_fits(
    trained: Network, tmp_path: Path, names: tuple[str, ...], columns: bool
) -> None:
    arrays = [array.T if columns else array for pair in arrays_of(trained) for array in pair]
    named = dict(reversed([*zip(names, arrays, strict=True)]))
    np.savez(tmp_path / "foreign.npz", allow_pickle=False, **named)
    other = mlp(SIZES)
    load_plain_weights(other, tmp_path / "foreign.npz")
    assert weights_digest(other) == weights_digest(trained)


def test_two_orders_that_fit_are_not_guessed(tmp_path: Path) -> None:
    network = mlp([4, 4, 4, 2])
    arrays = [array for pair in arrays_of(network) for array in pair]
    np.savez(tmp_path / "foreign.npz", *arrays)
    with pytest.raises(CheckpointError, match=r"holds arr_0 float32 \(4, 4\), .* only if"):
        load_plain_weights(network, tmp_path / "foreign.npz")


HOLDS = (
    r"holds W1 float32 \(4, 3\), b1 .* the network needs W1 \(4, 3\), b1 \(3,\), W2 \(3, 2\), b2"
)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"W2": np.ones((3, 5))}, r"W2 float64 \(3, 5\), .* needs .* W2 \(3, 2\)"),
        ({"W1": np.ones((3, 4))}, r"W1 float64 \(3, 4\), .* needs W1 \(4, 3\)"),  # not in all
        ({"b1": np.ones(4)}, r"b1 float64 \(4,\), .* needs .* b1 \(3,\)"),
        ({"W3": np.ones((2, 2)), "b3": np.ones(2)}, HOLDS),
        ({"W3": np.ones((2, 2))}, HOLDS),
        ({"w1": np.ones((4, 3))}, HOLDS),
        ({"accuracy": np.array(0.97)}, HOLDS),
        ({"W1": np.zeros(200_000)}, r"W1 float64 \(200000,\)"),
        ({"W1": np.ones((4, 3), int)}, "'W1' holds other things"),
        ({"W1": np.full((4, 3), np.nan)}, "'W1' holds other things"),
        ({"b2": np.array([0, 1e300])}, r"'b2' holds 1e\+300, too large for float32"),
        ({"b2": np.array([0, -1e39])}, r"'b2' holds 1e\+39, too large for float32"),
    ],
)
def test_arrays_that_do_not_fit_are_named_and_change_nothing(
    trained: Network, tmp_path: Path, changes: dict[str, np.ndarray], complaint: str
) -> None:
    path = tmp_path / "foreign.npz"
    (w1, b1), (w2, b2) = arrays_of(trained)
    arrays = {"W1": w1, "b1": b1, "W2": w2, "b2": b2, **changes}
    np.savez_compressed(path, allow_pickle=False, **arrays)
    other = mlp(SIZES)
    before = weights_digest(other)
    with pytest.raises(CheckpointError, match=complaint) as raised:
        load_plain_weights(other, path)
    assert str(path) in str(raised.value)
    assert weights_digest(other) == before


@pytest.mark.parametrize("content", [None, b"", b"PK\x03\x04 cut"])
def test_an_invalid_file_is_named(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "mnist_weights.npz"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CheckpointError, match=r"mnist_weights\.npz"):
        load_plain_weights(mlp(SIZES), path)


def test_a_network_with_more_than_linear_layers_needs_a_checkpoint(tmp_path: Path) -> None:
    network = Network([Linear(3, 2), BatchNorm(2)])
    with pytest.raises(ValueError, match="checkpoint"):
        save_plain_weights(network, tmp_path / "weights.npz")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("seed", range(3))
def test_damaged_weights_are_refused_or_finite(trained: Network, tmp_path: Path, seed: int) -> None:
    moment, path = random.Random(seed), tmp_path / "weights.npz"
    good = save_plain_weights(trained, path).read_bytes()
    for _ in range(70):
        damaged = bytearray(good)
        for _ in range(moment.choice((1, 3, 30))):
            damaged[moment.randrange(len(damaged))] = moment.randrange(256)
        path.write_bytes(damaged[: moment.choice((len(damaged), moment.randrange(len(damaged))))])
        other = mlp(SIZES)
        with suppress(CheckpointError):
            load_plain_weights(other, path)
        assert np.isfinite(other.parameters).all()
