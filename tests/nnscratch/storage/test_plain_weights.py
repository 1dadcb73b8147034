"""Plain weight files: several conventions are read, everything else is refused."""

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


@pytest.mark.parametrize("names", ["W{}, b{}", "weights_{}, bias_{}", "layer{}.W, layer{}.b"])
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
    ("changes", "complaint"),
    [
        ({"W2": np.ones((3, 5))}, r"layer 2 has weights \(3, 5\) .* \(3, 2\)"),
        ({"W1": np.ones((3, 4))}, r"layer 1 has weights .* \(4, 3\)"),  # columns, but not all
        ({"b1": np.ones(4)}, r"layer 1 .* biases \(4,\)"),
        ({"W3": np.ones((2, 2)), "b3": np.ones(2)}, "3 layers, the network has 2"),
        ({"W3": np.ones((2, 2))}, "one W and one b for each layer"),
        ({"w1": np.ones((4, 3))}, "one W and one b for each layer"),
        ({"accuracy": np.array(0.97)}, "'accuracy' is neither"),
        ({"W1": np.ones((4, 3), int)}, "'W1' holds other things"),
        ({"W1": np.full((4, 3), np.nan)}, "'W1' holds other things"),
        ({"W1": np.zeros(200_000)}, "larger than the whole network"),
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


def test_a_pickle_is_never_executed(tmp_path: Path) -> None:
    np.savez(tmp_path / "pickled.npz", W1=np.array([print], dtype=object))
    with pytest.raises(CheckpointError, match="allow_pickle"):
        load_plain_weights(mlp(SIZES), tmp_path / "pickled.npz")


def test_a_network_with_more_than_linear_layers_needs_a_checkpoint(tmp_path: Path) -> None:
    network = Network([Linear(3, 2), BatchNorm(2)])
    with pytest.raises(ValueError, match="checkpoint"):
        save_plain_weights(network, tmp_path / "weights.npz")
    assert not list(tmp_path.iterdir())
