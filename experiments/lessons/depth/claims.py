"""Depth needs care: what one layer does to signals and gradients, every layer does again."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from experiments.lessons.lesson import Drawing, Lesson
from experiments.lessons.lesson_runs import LessonRuns
from experiments.lessons.page import Claim
from experiments.lessons.requirements import always, each_of

_KINDS = {
    "sigmoid": ("sigmoid", False),
    "ReLU": ("relu", False),
    "sigmoid, normalized": ("sigmoid", True),
    "ReLU, normalized": ("relu", True),
}
"""By their name for the reader: activation, and whether batch normalization precedes it."""

_DEEP = 5  # layers, with which and more plain sigmoids don't learn
_STEADY = 10  # layers, with which and fewer plain ReLUs do
_GUESSING = 0.15  # above the accuracy of always naming the same class
_LEARNING = 0.6  # accuracy that chance does not reach
_SHRINKING = 2.5  # times smaller in each layer, at least
_KEPT = 1.3  # times smaller or larger in each layer, at most


def _vanishing(runs: LessonRuns) -> Claim:
    sigmoid, relu = (_shrinkage(_deepest(runs, kind)) for kind in ("sigmoid", "ReLU"))
    return Claim(
        "Before training, the gradient of a sigmoid network gets several times smaller with each "
        "layer on its way back to the pixels. With He's initialization, ReLU layers keep the "
        "gradient's size.",
        holds=sigmoid > _SHRINKING and 1 / _KEPT < relu < _KEPT,
        figures=f"with {max(runs.by_depth())} layers, each sigmoid layer divides the norm of the "
        f"gradient by {sigmoid:.1f}, and each ReLU layer by {relu:.2f}, so the norm "
        + ("grows a little" if relu < 1 else "hardly changes"),
    )


def _stuck(runs: LessonRuns) -> Claim:
    sigmoid, relu = (_accuracies(runs, kind) for kind in ("sigmoid", "ReLU"))
    stuck = max(accuracy for depth, accuracy in sigmoid.items() if depth >= _DEEP)
    steady = min(accuracy for depth, accuracy in relu.items() if depth <= _STEADY)
    return Claim(
        f"With {_DEEP} or more layers, sigmoid networks learn nothing. ReLU networks learn with up "
        f"to {_STEADY} layers.",
        holds=stuck < _GUESSING and steady > _LEARNING,
        figures=f"the sigmoid networks reach at most {stuck:.1%} accuracy, and the ReLU networks "
        f"at least {steady:.1%}",
    )


def _normalized(runs: LessonRuns) -> Claim:
    accuracies = _accuracies(runs, "sigmoid, normalized")
    worst = min(accuracies.values())
    return Claim(
        "With batch normalization before each sigmoid, the same networks learn at every depth, "
        "with the same initial weights and learning rate.",
        holds=worst > _LEARNING,
        figures=f"with {min(accuracies)} to {max(accuracies)} layers, they reach at least "
        f"{worst:.1%} accuracy",
    )


def _paragraph(runs: LessonRuns) -> str:
    deepest = max(runs.by_depth())
    sigmoid, normalized = (_deepest(runs, kind) for kind in ("sigmoid", "sigmoid, normalized"))
    first, last = (_by_layer(sigmoid, "activation", "sample_std")[n] for n in (0, -1))
    kept = _by_layer(normalized, "activation", "sample_std")[-1]
    gradients = _by_layer(sigmoid, "linear", "gradient_norm")
    plain, rescued = (_accuracies(runs, f"ReLU{n}")[deepest] for n in ("", ", normalized"))
    towards = _by_layer(_deepest(runs, "ReLU, normalized"), "linear", "gradient_norm")
    return (
        "From image to image, the output of a sigmoid unit varies with a standard deviation of "
        f"{first:.2g} in the first layer, and of {last:.1g} in layer {deepest}. The slope of a "
        "sigmoid is at most ¼, so differences shrink at every layer: the deep network has the same "
        "outputs for every image, apart from rounding. The gradient shrinks on its way back: its "
        f"norm is {gradients[-1]:.2g} in the last hidden layer and {gradients[0]:.1g} in the "
        "first, whose weights hardly change. Batch normalization restores the differences in each "
        f"layer: the standard deviation is {kept:.2g} in the last. It also helps very deep ReLU "
        f"networks: with {deepest} layers, the accuracy is {rescued:.1%} instead of {plain:.1%}. "
        "Batch normalization has side effects. Before the first step, the gradient of these ReLU "
        f"networks is {towards[0] / towards[-1]:.0f} times larger in the first layer than in the "
        "last hidden layer."
    )


def _picture(runs: LessonRuns) -> Drawing:
    from experiments.lessons.depth import picture

    deepest = {kind: _deepest(runs, kind) for kind in _KINDS}
    return partial(
        picture.picture,
        signals={k: _by_layer(found, "activation", "sample_std") for k, found in deepest.items()},
        gradients={k: _by_layer(found, "linear", "gradient_norm") for k, found in deepest.items()},
        accuracies={kind: _accuracies(runs, kind) for kind in _KINDS},
    )


def _of(runs: LessonRuns, kind: str) -> LessonRuns:
    activation, normalized = _KINDS[kind]
    return runs.where(f"model.activation={activation}", f"model.batch_norm={normalized}")


def _deepest(runs: LessonRuns, kind: str) -> LessonRuns:
    return _of(runs, kind).by_depth()[max(runs.by_depth())]


def _accuracies(runs: LessonRuns, kind: str) -> Mapping[int, float]:
    """The best accuracy at each depth; 0 if the network diverged."""
    return {
        depth: found.latest("best_val_accuracy", diverged=0.0)
        for depth, found in _of(runs, kind).by_depth().items()
    }


def _shrinkage(runs: LessonRuns) -> float:
    """How many times smaller the gradient gets with each hidden layer towards the pixels."""
    gradients = _by_layer(runs, "linear", "gradient_norm")
    return (gradients[-1] / gradients[0]) ** (1 / (len(gradients) - 1))


def _by_layer(runs: LessonRuns, part: str, name: str) -> list[float]:
    """The metric ``name`` in every hidden layer, before the first step; for runs of one kind."""
    [depth], [normalized] = runs.by_depth(), runs.levels("model.batch_norm")
    [activation] = runs.levels("model.activation")
    kinds = ["Linear", *(["BatchNorm"] if normalized else []), _LAYERS[activation]]
    place = 0 if part == "linear" else len(kinds) - 1
    return [
        runs.curve(f"diagnostics/{n * len(kinds) + place + 1}.{kinds[place]}/{name}")[0]
        for n in range(depth)
    ]


_LAYERS = {"sigmoid": "Sigmoid", "relu": "ReLU"}


def _deep_and_shallow(values: Sequence[Any]) -> str | None:
    depths = [len(hidden) for hidden in values]
    compared = max(depths) >= _DEEP and 0 < min(depths) <= _STEADY
    missing = f"needs a network with at least {_DEEP} hidden layers, and one with 1 to {_STEADY}"
    return None if compared else missing


LESSON = Lesson(
    name="depth",
    title="Depth needs care",
    finding="In deep sigmoid networks, all images have the same outputs, and the first layers "
    "receive almost no gradient. Batch normalization prevents both.",
    claims=(_vanishing, _stuck, _normalized),
    paragraph=_paragraph,
    picture=_picture,
    requirements={
        "model.activation": each_of(*_LAYERS),
        "model.batch_norm": each_of(False, True),
        "model.hidden": _deep_and_shallow,
        "diagnostics": always(True),
    },
)
