"""What every layer promises. Each class in ``LAYERS`` is tested, a new one without being asked."""

import inspect
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnscratch import Dropout, Layer, Linear, Network
from nnscratch.inspection.attribution import logit_gradient
from nnscratch.inspection.gradient_check import numerical_gradient, relative_error
from nnscratch.layers import LAYERS, ParametricLayer

SIZE = 3
REQUIRED = {"fan_in": SIZE, "fan_out": SIZE, "size": SIZE, "learning_rate": 0.5}
CHOSEN = {
    "Linear": {"init": "normal:0.5", "bias_init": "uniform"},
    "LeakyReLU": {"slope": 0.3},
    "ELU": {"alpha": 1.7},
    "Dropout": {"rate": 0.4},
    "BatchNorm": {"momentum": 0.2, "epsilon": 0.1},
}
TRAINS_AS_IT_PREDICTS = LAYERS.keys() - {"Dropout", "BatchNorm"}
WRONG_ON_PURPOSE = {"HastyLinear", "MisderivedSigmoid"}
PARAMETRIC = {name for name, kind in LAYERS.items() if issubclass(kind, ParametricLayer)}
RIGHT = [name for name in LAYERS if name not in WRONG_ON_PURPOSE]
TOLERANCE = 1e-7


def build(name: str) -> Layer:
    """A layer of this class with settings other than the defaults."""
    kind = LAYERS[name]
    arguments = inspect.signature(kind).parameters.values()
    required = {each.name: REQUIRED[each.name] for each in arguments if each.default is each.empty}
    return kind(**required, **CHOSEN.get(name, {}))


def placed(name: str, seed: int = 0) -> Layer:
    """The layer in a float64 network, which gives it parameters and statistics."""
    layer, rng = build(name), np.random.default_rng(seed)
    network = Network([Linear(SIZE, SIZE), layer], dtype=np.float64)
    network.parameters[:] = rng.normal(size=network.parameters.shape)
    network.statistics[:] = rng.uniform(0.5, 2, network.statistics.shape)
    return layer


def sample(seed: int, batch: int) -> tuple[np.ndarray, np.ndarray]:
    """Inputs and a gradient with respect to the outputs, both (batch, SIZE) and read-only.

    The inputs of a feature keep a distance from each other and from 0: ReLU has a kink at 0,
    and BatchNorm nearly has one where two inputs of a feature meet.
    """
    rng = np.random.default_rng(seed)
    inputs = np.cumsum(rng.uniform(0.5, 1.5, (batch, SIZE)), axis=0) - batch / 2
    inputs += 0.01 * np.sign(inputs)
    gradient = rng.normal(size=(batch, SIZE))
    for array in (inputs, gradient):
        array.setflags(write=False)
    return inputs, gradient


def forward(layer: Layer, inputs: np.ndarray) -> np.ndarray:
    """A training pass with the same dropout mask every time."""
    if isinstance(layer, Dropout):
        layer.generator = np.random.default_rng(0)
    return layer.forward(inputs)


def input_error(layer: Layer, seed: int, batch: int) -> float:
    """The relative error of dL/d(inputs)."""
    inputs, gradient = sample(seed, batch)
    forward(layer, inputs)
    computed, varied = layer.backward(gradient).copy(), inputs.copy()
    expected = numerical_gradient(lambda: np.sum(forward(layer, varied) * gradient), varied)
    return relative_error(computed, expected)


def subclasses(kind: type[Layer]) -> set[type[Layer]]:
    return {kind}.union(*(subclasses(each) for each in kind.__subclasses__()))


def test_every_layer_of_the_package_is_in_layers() -> None:
    ours = {kind for kind in subclasses(Layer) if kind.__module__.startswith("nnscratch.")}
    assert {kind for kind in ours if not inspect.isabstract(kind)} == set(LAYERS.values())


@pytest.mark.parametrize("name", RIGHT)
@settings(max_examples=25, deadline=None, derandomize=True)
@given(seed=st.integers(0, 10**6), batch=st.integers(1, 6))
def test_the_input_gradient_agrees_with_central_differences(
    name: str, seed: int, batch: int
) -> None:
    assert input_error(placed(name, seed), seed, batch) < TOLERANCE


@pytest.mark.parametrize("name", sorted(WRONG_ON_PURPOSE))
def test_a_wrong_input_gradient_does_not_agree(name: str) -> None:
    """A gradient check that cannot fail checks nothing."""
    assert input_error(placed(name), seed=0, batch=5) > 1e-2


@pytest.mark.parametrize("name", sorted(PARAMETRIC))
@settings(max_examples=25, deadline=None, derandomize=True)
@given(seed=st.integers(0, 10**6), batch=st.integers(1, 6))
def test_parameter_gradients_agree_with_central_differences(
    name: str, seed: int, batch: int
) -> None:
    layer = placed(name, seed)
    inputs, gradient = sample(seed, batch)
    forward(layer, inputs)
    layer.backward(gradient)
    assert isinstance(layer, ParametricLayer)
    names = list(layer.parameter_shapes)
    for parameter, computed in [(p, getattr(layer, f"grad_{p}").copy()) for p in names]:
        expected = numerical_gradient(
            lambda: np.sum(forward(layer, inputs) * gradient), getattr(layer, parameter)
        )
        assert relative_error(computed, expected) < TOLERANCE, parameter


@pytest.mark.parametrize("name", RIGHT)
def test_the_gradient_of_a_prediction_agrees_with_central_differences(name: str) -> None:
    network = Network([Linear(SIZE, SIZE), build(name), Linear(SIZE, SIZE)], dtype=np.float64)
    rng = np.random.default_rng(0)
    network.parameters[:] = rng.normal(size=network.parameters.shape)
    network.statistics[:] = rng.uniform(0.5, 2, network.statistics.shape)
    inputs, chosen = rng.normal(size=(4, SIZE)), np.array([2, 0, 1, 2])
    expected = numerical_gradient(
        lambda: float(network.apply(inputs)[range(4), chosen].sum()), inputs
    )
    assert relative_error(logit_gradient(network, inputs, chosen), expected) < TOLERANCE


@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_writes_into_no_array_that_it_was_given(name: str) -> None:
    """The arrays of ``sample`` are read-only: writing into one raises ``ValueError``."""
    layer = placed(name)
    inputs, gradient = sample(seed=0, batch=5)
    predicted, out = layer.apply(inputs), np.empty((5, SIZE))
    assert layer.apply(inputs, out=out) is out
    np.testing.assert_array_equal(out, predicted)
    layer.forward(inputs)
    layer.backward(gradient)


@pytest.mark.parametrize("name", LAYERS)
def test_training_computes_what_prediction_computes(name: str) -> None:
    """Dropout and BatchNorm are the exceptions, and do differ."""
    layer = placed(name)
    inputs, _ = sample(seed=0, batch=5)
    same = np.array_equal(forward(layer, inputs), layer.apply(inputs))
    assert same == (name in TRAINS_AS_IT_PREDICTS)


@pytest.mark.parametrize("name", LAYERS)
def test_a_shorter_batch_is_computed_as_by_a_fresh_layer(name: str) -> None:
    """The last batch of an epoch reuses the first rows of the buffers."""
    used, fresh = placed(name), placed(name)
    inputs, gradient = sample(seed=0, batch=8)
    forward(used, inputs)
    used.backward(gradient)
    inputs, gradient = sample(seed=1, batch=2)
    np.testing.assert_array_equal(forward(used, inputs), forward(fresh, inputs))
    np.testing.assert_array_equal(used.backward(gradient), fresh.backward(gradient))


@pytest.mark.parametrize("name", sorted(LAYERS.keys() - PARAMETRIC))
def test_a_batch_of_another_dtype_is_computed_in_it(name: str) -> None:
    used, fresh = placed(name), placed(name)
    inputs, gradient = sample(seed=0, batch=5)
    forward(used, inputs)
    used.backward(gradient)
    inputs, gradient = inputs.astype(np.float32), gradient.astype(np.float32)
    for layer in (used, fresh):
        assert forward(layer, inputs).dtype == layer.backward(gradient).dtype == np.float32
    np.testing.assert_array_equal(used.backward(gradient), fresh.backward(gradient))


@pytest.mark.parametrize("name", LAYERS)
def test_prediction_leaves_what_training_remembers_alone(name: str) -> None:
    layer, undisturbed = placed(name), placed(name)
    inputs, gradient = sample(seed=0, batch=4)
    others, _ = sample(seed=1, batch=4)
    outputs = forward(layer, inputs)
    expected = forward(undisturbed, inputs)
    layer.apply_backward(gradient, layer.apply(others))
    layer.apply(others, out=np.empty_like(others))
    np.testing.assert_array_equal(outputs, expected)
    np.testing.assert_array_equal(layer.backward(gradient), undisturbed.backward(gradient))


@pytest.mark.parametrize("name", LAYERS)
def test_several_threads_predict_what_one_predicts(name: str) -> None:
    """Nobody looks at an answer before all threads have computed theirs."""
    layer, threads = placed(name), 8
    batches = [sample(seed, batch=400)[0] for seed in range(threads)]
    alone = [layer.apply(inputs).copy() for inputs in batches]
    all_ready = threading.Barrier(threads, timeout=60)

    def predict(inputs: np.ndarray) -> list[np.ndarray]:
        all_ready.wait()
        answers = [layer.apply(inputs) for _ in range(10)]
        all_ready.wait()
        return answers

    with ThreadPoolExecutor(threads) as pool:
        for expected, answers in zip(alone, pool.map(predict, batches), strict=True):
            for answer in answers:
                np.testing.assert_array_equal(answer, expected)


@pytest.mark.parametrize("name", LAYERS)
def test_settings_rebuild_the_layer(name: str) -> None:
    layer = build(name)
    assert LAYERS[name](**layer.settings()).settings() == layer.settings()
    assert CHOSEN.get(name, {}).items() <= layer.settings().items()
