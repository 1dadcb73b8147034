"""Initial weights: equal neurons stay equal, and random weights need the right scale."""

import math
from collections.abc import Mapping, Sequence
from functools import partial
from itertools import product
from typing import Any

from experiments.lessons.lesson import Drawing, Lesson
from experiments.lessons.lesson_runs import LessonRuns
from experiments.lessons.page import Claim
from experiments.lessons.requirements import always, each_of

_NAMES = {
    "zeros": "zeros",
    "constant": "constant 0.1",
    "uniform:0.5": "uniform ±0.5",
    "normal:0.01": "normal 0.01",
    "normal:1": "normal 1",
    "xavier_normal": "Xavier",
    "he_normal": "He",
}
"""The initializations as the reader sees them, those that fail first."""

_ALIKE = ("zeros", "constant")
_FITTED = ("xavier_normal", "he_normal")  # the scale depends on the layer's size
_CENTRED = ("relu", "tanh")  # 0 at 0: a layer of zeros outputs only zeros
_ACTIVATIONS = {"relu": "ReLU", "tanh": "tanh", "sigmoid": "sigmoid"}
_OPTIMIZERS = {"sgd": "SGD", "adam": "Adam"}
_COPIES = 8  # distinct neurons that rounding may make of one
_GUESSING = 0.13  # above the accuracy of always naming the same class
_MARGIN = 0.3  # of accuracy
_NEAR = 0.01  # to the loss of equal chances: the classes are almost equally frequent


def _no_gradient(runs: LessonRuns) -> Claim:
    dead = [runs.where("model.init=zeros", f"model.activation={name}") for name in _CENTRED]
    norms = [norm for group in dead for norm in _in_hidden_layers(group, "gradient_norm")]
    outputs = [count for group in dead for count in _in_output_layer(group, "distinct_units")]
    accuracies = [accuracy for group in dead for accuracy in group.all_values("val_accuracy")]
    losses = [group.latest("val_loss") for group in dead]
    return Claim(
        "If ReLU or tanh units start at zero, no hidden layer ever receives a gradient, whatever "
        "the depth and the optimizer. Only the output biases change: they learn how frequent each "
        "class is.",
        holds=max(norms) == 0
        and max(outputs) == 1
        and max(accuracies) < _GUESSING
        and all(abs(loss - math.log(10)) < _NEAR for loss in losses),
        figures=f"the largest of {len(norms):,} measured gradient norms is {max(norms):g}; in the "
        f"output layer, all units have equal weights (the number of distinct units is "
        f"{max(outputs):.0f}); the loss ends at {max(losses):.3f}, and would be ln 10 = "
        f"{math.log(10):.3f} if every class had the same probability; the best accuracy is "
        f"{max(accuracies):.1%}",
    )


def _identical(runs: LessonRuns) -> Claim:
    alike = [n for init in _ALIKE for n in _distinct(runs.where(f"model.init={init}"))]
    drawn = [i for i in runs.levels("model.init") if i not in _ALIKE]
    random = [n for init in drawn for n in _distinct(runs.where(f"model.init={init}"))]
    return Claim(
        "Equal neurons stay equal: if all weights of a hidden layer start at zero or at the same "
        "constant, all neurons of this layer remain copies of one neuron. Only the last bits may "
        "differ, because a processor can round each column of a product differently. Neurons with "
        "random initial weights all differ.",
        holds=max(alike) <= _COPIES < min(random),
        figures=f"the number of distinct neurons in a layer is at most {max(alike):.0f} with "
        "equal initial weights (copies that differ in their last bits are counted as distinct), "
        f"and at least {min(random):.0f} with random ones",
    )


def _scale(runs: LessonRuns) -> Claim:
    depth, deep = max(runs.by_depth().items())
    worst = {
        init: min(
            _accuracy(deep.where(f"model.activation={activation}", f"optimizer={optimizer}"), init)
            for activation, optimizer in product(_CENTRED, _OPTIMIZERS)
        )
        for init in runs.levels("model.init")
    }
    fitted = {init: worst[init] for init in worst if init in _FITTED}
    fixed = {init: worst[init] for init in worst if init not in (*_ALIKE, *_FITTED)}
    return Claim(
        f"With {depth} hidden layers of ReLU or tanh, networks learn with either "
        "optimizer if the scale of the initial weights fits the size of the layers. The sweep "
        "also contains scales that do not depend on the size of a layer. With every one of these "
        "scales, at least one network fails.",
        holds=min(fitted.values()) - max(fixed.values()) > _MARGIN,
        figures=f"the worst network {_listed(fitted)}; with the same scale for every layer, the "
        f"worst network {_listed(fixed)}",
    )


def _listed(accuracies: Mapping[str, float]) -> str:
    texts = {i: f"reaches {a:.0%}" if a else "diverges" for i, a in accuracies.items()}
    return ", ".join(f"{texts[i]} with {_NAMES[i]}" for i in _NAMES if i in accuracies)


def _paragraph(runs: LessonRuns) -> str:
    zeros = runs.where("model.init=zeros")
    relu = zeros.where("model.activation=relu", "optimizer=sgd")
    _, sigmoid = min(zeros.where("model.activation=sigmoid").by_depth().items())
    return (
        f"A ReLU network that starts at zero ends with a loss of {relu.latest('val_loss'):.3f}. It "
        "has learned how frequent the classes are, and nothing else: it classifies "
        f"{relu.latest('test_accuracy'):.2%} of the test images correctly. A sigmoid of 0 is ½, so "
        "with sigmoids the last layer does learn, and then the layers before it. But all neurons "
        "of a layer learn the same: the accuracy is "
        f"{sigmoid.where('optimizer=adam').latest('test_accuracy'):.1%} with Adam, "
        f"{sigmoid.where('optimizer=sgd').latest('test_accuracy'):.1%} with SGD. {_scales(runs)} "
        f"{_sigmoids(runs)}"
    )


def _scales(runs: LessonRuns) -> str:
    by_depth = runs.where("model.activation=relu", "optimizer=adam").by_depth()
    (few, shallow), *_, (many, deep) = by_depth.items()
    first, *_, last = _first_gradients(deep.where("model.init=normal:0.01"))
    return (
        "The scale of the weights matters little in a shallow network and decides everything in a "
        "deep one. Take networks with ReLU and Adam. With weights from N(0, 0.01²), the accuracy "
        f"is {_accuracy(shallow, 'normal:0.01'):.1%} with {few} hidden layers, but "
        f"{_accuracy(deep, 'normal:0.01'):.1%} with {many}. With He's initialization it is "
        f"{_accuracy(shallow, 'he_normal'):.1%} with {few} and {_accuracy(deep, 'he_normal'):.1%} "
        f"with {many}. With the small weights, the first gradient of the deep network has a norm "
        f"of {last:.1g} in the last layer and {first:.1g} in the first layer."
    )


def _sigmoids(runs: LessonRuns) -> str:
    depth, deep = max(runs.where("model.activation=sigmoid").by_depth().items())
    best = max(deep, key=lambda run: run.val_accuracy)
    which = f"{_NAMES[best.params['model.init']]}, {_OPTIMIZERS[best.params['optimizer.name']]}"
    he = _accuracy(deep.where("optimizer=sgd"), "he_normal")
    return (
        "The slope of a sigmoid is at most ¼, so gradients shrink at every layer: with "
        f"{depth} layers, SGD and He's initialization, the accuracy stays at "
        f"{he:.1%}. The best deep sigmoid network ({which}) reaches {best.val_accuracy:.1%}."
    )


def _picture(runs: LessonRuns) -> Drawing:
    from experiments.lessons.zeros import picture

    inits = [init for init in _NAMES if init in runs.levels("model.init")]
    _, deep = max(runs.where("model.activation=relu").by_depth().items())
    return partial(
        picture.picture,
        accuracies={
            f"{_ACTIVATIONS[activation]}, {_OPTIMIZERS[optimizer]}": _table(
                runs.where(f"optimizer={optimizer}", f"model.activation={activation}"), inits
            )
            for optimizer, activation in product(_OPTIMIZERS, _ACTIVATIONS)
        },
        gradients={
            _NAMES[init]: _first_gradients(deep.where(f"model.init={init}")) for init in inits
        },
        neurons={
            _NAMES[init]: [int(n) for n in _distinct(runs.where(f"model.init={init}"))]
            for init in inits
        },
    )


def _table(runs: LessonRuns, inits: Sequence[str]) -> Mapping[str, Mapping[str, float]]:
    """Accuracies by depth and initialization; NaN where the run diverged."""
    return {
        f"{depth} layers": {
            _NAMES[init]: here.where(f"model.init={init}").latest("val_accuracy") for init in inits
        }
        for depth, here in runs.by_depth().items()
    }


def _accuracy(runs: LessonRuns, init: str) -> float:
    """After the last epoch; 0 for a network that diverged."""
    return runs.where(f"model.init={init}").latest("val_accuracy", diverged=0.0)


def _first_gradients(runs: LessonRuns) -> list[float]:
    """The gradient norm of every linear layer before the first step."""
    [depth] = runs.by_depth()
    return [runs.curve(_measure(n, "gradient_norm"))[0] for n in range(depth + 1)]


def _distinct(runs: LessonRuns) -> list[float]:
    return _in_hidden_layers(runs, "distinct_units")


def _in_hidden_layers(runs: LessonRuns, name: str) -> list[float]:
    """All values that the runs logged: at the start, and after every epoch."""
    return [
        value
        for depth, here in runs.by_depth().items()
        for number in range(depth)
        for value in here.all_values(_measure(number, name))
    ]


def _in_output_layer(runs: LessonRuns, name: str) -> list[float]:
    """The same for the output layer."""
    return [
        value
        for depth, here in runs.by_depth().items()
        for value in here.all_values(_measure(depth, name))
    ]


def _measure(number: int, name: str) -> str:
    """The metric of a linear layer, counted from 0; an activation follows each of them."""
    return f"diagnostics/{2 * number + 1}.Linear/{name}"


def _two_depths(values: Sequence[Any]) -> str | None:
    depths = {len(hidden) for hidden in values}
    compared = len(depths) > 1 and min(depths) > 0
    return None if compared else "compares at least two depths, each with a hidden layer"


LESSON = Lesson(
    name="zeros",
    title="Initial weights: zero, equal, random",
    finding="Neurons with equal initial weights stay equal. Random weights need the right scale, "
    "above all in deep networks.",
    claims=(_no_gradient, _identical, _scale),
    paragraph=_paragraph,
    picture=_picture,
    requirements={
        "model.init": each_of(*_ALIKE, "normal:0.01", "he_normal"),
        "model.activation": each_of(*_ACTIVATIONS),
        "model.hidden": _two_depths,
        "optimizer.name": each_of(*_OPTIMIZERS),
        "diagnostics": always(True),
    },
)
