"""The five published systems: each preset is what ``docs/systems.md`` says, and it learns."""

import dataclasses

import numpy as np
import pytest
from composing import config

from experiments.config.compose import CONF
from experiments.config.digests import flatten
from experiments.training.build import build_network, build_training, load_splits
from nnscratch.layers.published_mistakes import HastyLinear, MisderivedSigmoid

pytestmark = pytest.mark.usefixtures("home")

SYSTEMS = {
    "relu_adam": "system_0",
    "sigmoid_squared_error": "system_1",
    "one_image_at_a_time": "system_2",
    "two_layers": "system_3",
    "compact_sgd": "system_4",
}


@dataclasses.dataclass(frozen=True)
class Published:
    """What a preset has to come to; the shares are of all images, in percent."""

    hidden: list[int]
    layers: str
    optimizer: tuple[str, float]
    batch_size: int
    epochs: int
    split: tuple[float, float, float] | None  # training, validation, test; None: official


PUBLISHED = {
    "system_0": Published([128, 64], "relu relu logits", ("adam", 0.001), 64, 10, None),
    "system_1": Published([112, 16], "sigmoid sigmoid sigmoid", ("sgd", 5.0), 32, 10, (70, 10, 20)),
    "system_2": Published([64, 32], "sigmoid sigmoid softmax", ("sgd", 0.01), 1, 8, None),
    "system_3": Published([128], "relu logits", ("sgd", 0.1), 64, 10, (72, 8, 20)),
    "system_4": Published([128, 64], "relu relu logits", ("sgd", 0.05), 128, 50, (72, 8, 20)),
}


@pytest.mark.parametrize(("name", "published"), PUBLISHED.items())
def test_a_preset_is_the_system_that_was_published(name: str, published: Published) -> None:
    composed = config(f"experiment={name}")
    data, model = composed.data, composed.model
    held_out = data.test_fraction or 0
    validation = (1 - held_out) * data.val_fraction
    shares = tuple(100 * share for share in (1 - held_out - validation, validation, held_out))
    found = Published(
        hidden=list(model.hidden),
        layers=" ".join([*[model.activation] * len(model.hidden), composed.loss.output]),
        optimizer=(composed.optimizer.name, composed.optimizer.learning_rate),
        batch_size=composed.batch_size,
        epochs=composed.epochs,
        split=None if published.split is None else published.split,
    )
    assert found == published
    assert data.name == "mnist"
    assert (data.test_fraction is None) == (published.split is None)
    if published.split is not None:
        assert shares == pytest.approx(published.split)


@pytest.mark.parametrize(("alias", "name"), SYSTEMS.items())
def test_every_system_has_a_descriptive_alias(alias: str, name: str) -> None:
    assert flatten(config(f"experiment={alias}")) == flatten(config(f"experiment={name}"))


def test_the_docs_name_every_system_and_its_alias() -> None:
    page = (CONF.parent / "docs" / "systems.md").read_text(encoding="utf-8")
    for alias, name in SYSTEMS.items():
        assert f"`{name}`" in page
        assert f"`{alias}`" in page


def test_system_1_starts_from_biases_of_one() -> None:
    composed = config("experiment=system_1", "data=xor")
    network = build_training(composed, load_splits(composed)).network
    for part, biases in zip(network.layer_parts.values(), (112, 16, 1), strict=True):
        parameters = network.parameters[part]
        assert (parameters[-biases:] == 1).all()
        assert (abs(parameters[:-biases]) <= 0.5).all()
        assert parameters[:-biases].std() > 0.2


def test_a_batch_is_one_image_several_or_all() -> None:
    for batch_size, steps in (("1", 4), ("3", 2), ("null", 1)):
        composed = config("data=xor", f"batch_size={batch_size}")
        trainee = build_training(composed, load_splits(composed))
        next(trainee.training)
        assert trainee.optimizer.t == steps


@pytest.mark.parametrize(("name", "epochs"), [("system_1", 30), ("system_2", 8), ("system_3", 10)])
def test_a_system_learns(name: str, epochs: int) -> None:
    """Each on a few embedded digits, from its own start and with its own steps."""
    composed = config(
        f"experiment={name}", "data=digits", "data.train_size=500", f"epochs={epochs}"
    )
    splits = load_splits(composed)
    *_, last = build_training(composed, splits).training
    assert last.train_accuracy > 0.5


@pytest.mark.parametrize(
    ("name", "mistake", "expected"),
    [
        ("system_1", "slope_of_activation", "Linear MisderivedSigmoid " * 3),
        (
            "system_2",
            "update_before_propagating",
            "HastyLinear Sigmoid " * 2 + "HastyLinear Softmax",
        ),
    ],
)
def test_a_published_mistake_is_made_only_on_request(
    name: str, mistake: str, expected: str
) -> None:
    right, wrong = (
        config(f"experiment={name}", f"mistake={choice}", "optimizer.learning_rate=0.2")
        for choice in ("null", mistake)
    )
    assert config(f"experiment={name}").mistake is None
    correct, mistaken = build_network(right, 784, 10), build_network(wrong, 784, 10)
    assert [type(layer).__name__ for layer in mistaken.layers] == expected.split()
    assert not [
        layer for layer in correct.layers if isinstance(layer, MisderivedSigmoid | HastyLinear)
    ]
    np.testing.assert_array_equal(mistaken.parameters, correct.parameters)
    rates = [layer.learning_rate for layer in mistaken.layers if isinstance(layer, HastyLinear)]
    assert rates == [0.2] * len(rates)
