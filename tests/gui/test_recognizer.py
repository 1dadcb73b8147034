"""One image in, one prediction out."""

import numpy as np
import pytest

from gui.recognizer import Recognizer
from nnscratch import CheckpointError, mlp, save_checkpoint

IMAGE = np.random.default_rng(0).random((28, 28)).astype(np.float32)


@pytest.mark.parametrize("hidden", [[], [2], [128, 64], [7, 300, 3, 50], [20] * 10])
@pytest.mark.parametrize("output", ["logits", "softmax", "sigmoid", "sigmoid_logits", "linear"])
def test_a_prediction_equals_the_output_of_the_network(hidden, output) -> None:
    network = mlp([784, *hidden, 10], activation="tanh", output=output, seed=3)
    prediction = Recognizer(network).recognize(IMAGE)
    assert prediction.digit == network.predict(IMAGE.reshape(1, -1))[0]
    np.testing.assert_allclose(
        prediction.probabilities, network.predict_proba(IMAGE.reshape(1, -1))[0]
    )
    assert prediction.probabilities.shape == (10,)
    assert prediction.confidence == pytest.approx(prediction.probabilities.max())
    assert [len(layer) for layer in prediction.activations] == list(network.layer_sizes)


def test_the_runner_up_is_the_most_probable_other_digit() -> None:
    prediction = Recognizer(mlp([784, 10], seed=3)).recognize(IMAGE)
    order = prediction.probabilities.argsort()
    assert (prediction.runner_up, prediction.digit) == tuple(order[-2:])


@pytest.mark.parametrize("sizes", [[2, 8, 2], [784, 16, 2], [64, 16, 10], [784, 16, 1]])
def test_a_network_of_another_size_is_refused(sizes) -> None:
    with pytest.raises(ValueError, match=rf"784 inputs.*has {sizes[0]} and {sizes[-1]}$"):
        # Logits of sigmoids: one of them is allowed, where one of a softmax is not.
        Recognizer(mlp(sizes, output="sigmoid_logits"))


def test_weights_that_are_not_finite_are_refused() -> None:
    network = mlp([784, 4, 10])
    network.parameters[17] = np.nan
    with pytest.raises(ValueError, match="diverged"):
        Recognizer(network)


def test_an_image_of_another_shape_is_refused() -> None:
    with pytest.raises(ValueError, match=r"\(28, 28\), got \(784,\)"):
        Recognizer(mlp([784, 10])).recognize(IMAGE.ravel())


def test_a_checkpoint_contains_its_network(tmp_path) -> None:
    network = mlp([784, 12, 10], seed=5)
    loaded = Recognizer.from_checkpoint(save_checkpoint(network, tmp_path / "network.npz"))
    np.testing.assert_array_equal(loaded.network.parameters, network.parameters)


def test_a_damaged_checkpoint_is_an_error_that_names_the_file(tmp_path) -> None:
    path = tmp_path / "broken.npz"
    path.write_bytes(b"not a network")
    with pytest.raises(CheckpointError, match=r"broken\.npz"):
        Recognizer.from_checkpoint(path)
