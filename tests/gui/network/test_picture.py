"""The picture of a network: every architecture, and colours that follow the activations."""

import numpy as np
import pytest
from PIL import ImageColor

from gui.network import picture as picture_module
from gui.network.columns import arrange
from gui.network.edges import strongest
from gui.network.picture import NetworkPicture
from gui.network.stages import stages
from gui.network.unit_facts import UnitFacts
from gui.recognizer import Recognizer
from gui.style.palette import DARK, LIGHT
from nnscratch import mlp

SIZE = (620, 482)
IMAGE = np.zeros((28, 28), np.float32)
IMAGE[4:24, 12:15] = 1

ARCHITECTURES = [
    *([], [2], [2000], [128, 64], [2000, 2, 2000], [33, 7, 500], [512, 256, 128, 32]),
    *([2] * 10, [100] * 10, [2000, 2] * 5),
]


def amber(pixels: np.ndarray) -> np.ndarray:
    """The difference of red and blue: the light of positive values."""
    return pixels[..., 0].astype(int) - pixels[..., 2]


@pytest.mark.parametrize("hidden", ARCHITECTURES, ids=str)
@pytest.mark.parametrize("activation", ["relu", "sigmoid", "tanh"])
def test_every_architecture_is_painted(hidden, activation) -> None:
    network = mlp([784, *hidden, 10], activation=activation)
    picture = NetworkPicture(network, SIZE)
    lit = picture.paint(Recognizer(network).recognize(IMAGE))
    assert lit.size == SIZE
    assert lit.mode == "RGB"
    assert np.count_nonzero(np.asarray(lit) != np.asarray(picture.paint())) > 500


@pytest.mark.parametrize("hidden", [*ARCHITECTURES, [2000] * 10], ids=str)
@pytest.mark.parametrize("size", [SIZE, (430, 330), (1900, 700)], ids=str)
def test_columns_do_not_overlap_and_fit_into_the_picture(hidden, size) -> None:
    columns = arrange([*hidden, 10], *size)
    assert [column.units for column in columns] == [784, *hidden, 10]
    edges = [0, *(x for c in columns for x in (c.left, c.left + c.width)), size[0] - 20]
    assert edges == sorted(edges)
    for column in columns:
        x, y = column.centres
        assert len(set(zip(x.tolist(), y.tolist(), strict=True))) == column.units
        assert column.top >= 0
        assert column.top + column.height <= size[1]


def test_a_unit_is_as_bright_as_its_activation() -> None:
    network = mlp([784, 24, 10], activation="tanh", seed=2)
    prediction = Recognizer(network).recognize(IMAGE)
    picture = NetworkPicture(network, SIZE)
    pixels = np.asarray(picture.paint(prediction))
    column = arrange([24, 10], SIZE[0], SIZE[1] - 46)[1]
    x, y = (np.rint(centre).astype(int) for centre in column.centres)
    shown = amber(pixels[y, x])
    activations = prediction.activations[1]
    assert shown[activations.argmax()] > 60 or activations.max() < 0.5
    assert shown[activations.argmin()] < -60 or activations.min() > -0.5
    assert np.corrcoef(shown, activations)[0, 1] > 0.9


def test_the_largest_output_has_the_full_colour() -> None:
    network = mlp([784, 10], seed=0)
    network.parameters[:] = 0
    network.layers[0].biases[7] = 50  # pyright: ignore[reportAttributeAccessIssue]
    picture = NetworkPicture(network, SIZE)
    pixels = np.asarray(picture.paint(Recognizer(network).recognize(IMAGE)))
    x, y = (np.rint(at).astype(int) for at in arrange([10], SIZE[0], SIZE[1] - 46)[1].centres)
    assert tuple(pixels[y[7], x[7]]) == ImageColor.getrgb(DARK.positive)
    assert tuple(pixels[y[3], x[3]]) == ImageColor.getrgb(DARK.resting)


def test_a_network_in_float64_looks_the_same() -> None:
    pictures = []
    for dtype in (np.float32, np.float64):
        network = mlp([784, 30, 10], seed=1, dtype=dtype)
        prediction = Recognizer(network).recognize(IMAGE)
        pictures.append(np.asarray(NetworkPicture(network, SIZE).paint(prediction)))
    assert np.mean(pictures[0] != pictures[1]) < 0.01


def test_a_picture_does_not_depend_on_the_one_before() -> None:
    network = mlp([784, 30, 10], seed=1)
    recognizer, picture = Recognizer(network), NetworkPicture(network, SIZE)
    first = picture.paint(recognizer.recognize(IMAGE))
    picture.paint(recognizer.recognize(IMAGE.T))
    assert first == picture.paint(recognizer.recognize(IMAGE))


def test_a_dead_network_is_painted_without_edges() -> None:
    network = mlp([784, 30, 10], init="zeros")
    picture = NetworkPicture(network, SIZE)
    lit = np.asarray(picture.paint(Recognizer(network).recognize(IMAGE)))
    resting = np.asarray(picture.paint())
    middle = slice(150, 300)  # between the pixels and the hidden units
    np.testing.assert_array_equal(lit[:, middle], resting[:, middle])


@pytest.mark.parametrize("shape", [(784, 128), (64, 10), (5, 3), (2, 2000)], ids=str)
@pytest.mark.parametrize("count", [12, 50])
def test_the_strongest_edges_are_found(shape, count) -> None:
    rng = np.random.default_rng(4)
    values, weights, gradient = (rng.normal(size=size) for size in (shape[0], shape, shape[1]))
    values[::2], gradient[::3] = 0, 0
    edges = strongest(values, weights, gradient, count)
    every = values[:, None] * weights * gradient
    expected = np.sort(np.abs(every[every != 0]))[-count:]
    np.testing.assert_allclose(np.sort(np.abs(edges.shares)), expected)
    np.testing.assert_allclose(edges.shares, every[edges.sources, edges.targets])


def test_the_shares_of_all_edges_of_a_stage_add_up_to_the_logit(monkeypatch) -> None:
    """In a network of ReLUs without biases; so every lit edge is on a path to the answer."""
    network = mlp([784, 24, 13, 10], seed=2)
    prediction = Recognizer(network).recognize(IMAGE)
    monkeypatch.setattr(picture_module, "EDGES", 100_000)
    for unit, digit in ((None, prediction.digit), ((2, 6), 6)):
        for edges in NetworkPicture(network, SIZE).edges(prediction, unit):
            assert edges.shares.sum() == pytest.approx(prediction.activations[-1][digit], rel=1e-4)
            assert edges.shares.all()


def test_a_hidden_unit_shows_only_its_own_edges() -> None:
    network = mlp([784, 24, 13, 10], seed=2)
    prediction = Recognizer(network).recognize(IMAGE)
    unit = int(prediction.activations[3].argmax())
    before, entering, leaving = NetworkPicture(network, SIZE).edges(prediction, (1, unit))
    assert len(before.shares) == 0
    assert {*entering.targets.tolist()} == {*leaving.sources.tolist()} == {unit}


@pytest.mark.parametrize(
    ("output", "last"),
    [
        ("logits", "softmax"),
        ("softmax", "softmax"),
        ("sigmoid", "sigmoid"),
        ("sigmoid_logits", "sigmoid"),
        ("linear", "linear"),
    ],
)
def test_columns_are_named_after_what_they_show(output, last) -> None:
    named = stages(mlp([784, 9, 8, 10], activation="tanh", output=output))
    assert [(s.linear.fan_out, s.name) for s in named] == [(9, "Tanh"), (8, "Tanh"), (10, last)]


def test_batch_norm_and_dropout_have_no_column_of_their_own() -> None:
    """Dropout does nothing in prediction, so a column keeps the name of its activation."""
    network = mlp([784, 9, 8, 10], batch_norm=True, dropout=0.5, input_dropout=0.2)
    named = [(stage.linear.fan_out, stage.name) for stage in stages(network)]
    assert named == [(9, "ReLU"), (8, "ReLU"), (10, "softmax")]
    picture = NetworkPicture(network, SIZE).paint(Recognizer(network).recognize(IMAGE))
    assert picture.size == SIZE


@pytest.mark.parametrize("hidden", [[2], [128, 64], [2000, 7]], ids=str)
@pytest.mark.parametrize("scale", [1, 2])
def test_every_unit_is_found_where_it_is_painted(hidden, scale) -> None:
    network = mlp([784, *hidden, 10])
    size = (SIZE[0] * scale, SIZE[1] * scale)
    picture = NetworkPicture(network, size, LIGHT, scale)
    columns = arrange([*hidden, 10], size[0], size[1] - 46 * scale, scale)[1:]
    for layer, column in enumerate(columns):
        x, y = column.centres
        for unit in {0, column.units // 2, column.units - 1}:
            assert picture.unit_at(round(x[unit]), round(y[unit])) == (layer, unit)
    assert picture.unit_at(0, 0) is None
    assert picture.unit_at(-1, -1) is None


def test_a_unit_is_described_by_its_weights_bias_and_activation() -> None:
    network = mlp([784, 24, 13, 10], activation="tanh", bias_init="normal", seed=2)
    prediction = Recognizer(network).recognize(IMAGE)
    picture = NetworkPicture(network, SIZE)
    first, second, _ = stages(network)

    pixels = picture.describe(0, 5, prediction)
    np.testing.assert_array_equal(pixels.weights, first.linear.weights[:, 5].reshape(28, 28))
    assert pixels.activation == prediction.activations[1][5]
    assert f"{first.linear.biases[5]:+.3g}" in pixels.numbers
    assert pixels.picture(DARK).size == (28, 28)

    units = picture.describe(1, 12, None)
    shown = units.weights[np.isfinite(units.weights)]
    np.testing.assert_array_equal(shown, second.linear.weights[:, 12])
    assert "activation" not in units.numbers

    assert picture.describe(2, 3, prediction).activation == prediction.probabilities[3]
    assert picture.describe(2, 3, prediction).name == "digit 3"


def test_missing_weights_show_the_background() -> None:
    weights = np.array([[0.5, -1.0], [0.25, np.nan]])
    picture = np.asarray(UnitFacts("unit", weights, 0.1, None, "").picture(DARK))
    assert picture.shape == (2, 2, 3)
    assert tuple(picture[1, 1]) == (13, 17, 23)  # the background
    assert picture[0, 0, 0] > picture[0, 0, 2]
    assert picture[0, 1, 2] > picture[0, 1, 0]
