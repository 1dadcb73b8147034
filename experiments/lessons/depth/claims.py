"""Depth needs care: what a layer does to signals and gradients, many layers do to the power."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from experiments.lessons.lesson import Lesson
from experiments.lessons.lesson_runs import LessonRuns
from experiments.lessons.page import Claim
from experiments.lessons.requirements import always, each_of

_KINDS = {
    "sigmoid": ("sigmoid", False),
    "ReLU": ("relu", False),
    "sigmoid, normalized": ("sigmoid", True),
    "ReLU, normalized": ("relu", True),
}
"""Activation, and whether batch normalization stands before it, as a reader is told them."""

_DEEP = 5  # layers from which on plain sigmoids don't learn
_STEADY = 10  # layers up to which plain ReLUs do
_GUESSING = 0.15  # accuracy that no single class comes to
_LEARNING = 0.6  # an accuracy that nobody comes to by chance
_SHRINKING = 2.5  # times smaller in each layer
_KEPT = 1.3  # times smaller or larger in each layer at most


def _claims(runs: LessonRuns) -> Sequence[Claim]:
    return [_vanishing(runs), _chance(runs), _rescued(runs)]


def _vanishing(runs: LessonRuns) -> Claim:
    sigmoid, relu = (_shrinkage(_deepest(runs, kind)) for kind in ("sigmoid", "ReLU"))
    return Claim(
        "On its way back to the pixels the gradient of a sigmoid network gets several times "
        "smaller with each layer, before training has begun. ReLU with He's weights hands it "
        "through.",
        holds=sigmoid > _SHRINKING and 1 / _KEPT < relu < _KEPT,
        figures=f"{sigmoid:.1f} times smaller in each of {_depths(runs)[-1]} layers of sigmoids, "
        f"{relu:.2f} times in each of ReLUs",
    )


def _chance(runs: LessonRuns) -> Claim:
    sigmoid, relu = (_accuracies(runs, kind) for kind in ("sigmoid", "ReLU"))
    stuck = max(accuracy for depth, accuracy in sigmoid.items() if depth >= _DEEP)
    steady = min(accuracy for depth, accuracy in relu.items() if depth <= _STEADY)
    return Claim(
        f"From {_DEEP} layers on sigmoids learn nothing, while ReLUs learn with up to {_STEADY}.",
        holds=stuck < _GUESSING and steady > _LEARNING,
        figures=f"{stuck:.1%} at most, against {steady:.1%} or more",
    )


def _rescued(runs: LessonRuns) -> Claim:
    worst = min(_accuracies(runs, "sigmoid, normalized").values())
    return Claim(
        "Batch normalization before each of them makes the same sigmoids learn at every depth, "
        "from the same weights at the same rate.",
        holds=worst > _LEARNING,
        figures=f"{worst:.1%} or more with {_depths(runs)[0]} to {_depths(runs)[-1]} layers",
    )


def _paragraph(runs: LessonRuns) -> str:
    deepest = _depths(runs)[-1]
    sigmoid, normalized = (_deepest(runs, kind) for kind in ("sigmoid", "sigmoid, normalized"))
    first, last = (_by_layer(sigmoid, "activation", "sample_std")[n] for n in (0, -1))
    kept = _by_layer(normalized, "activation", "sample_std")[-1]
    gradients = _by_layer(sigmoid, "linear", "gradient_norm")
    plain, rescued = (_accuracies(runs, f"ReLU{n}")[deepest] for n in ("", ", normalized"))
    towards = _by_layer(_deepest(runs, "ReLU, normalized"), "linear", "gradient_norm")
    return (
        f"In the first layer of sigmoids the output of a unit differs by {first:.2g} between "
        f"images (standard deviation), in layer {deepest} by {last:.1g}: a sigmoid passes a "
        "quarter of a difference on at most, so that a deep network of them says the same of "
        "every image, but for rounding. What goes forward "
        f"so badly comes back no better: the gradient has the norm {gradients[-1]:.2g} in the last "
        f"hidden layer and {gradients[0]:.1g} in the first, which stands still. Batch "
        f"normalization stretches the differences again, layer by layer (to {kept:.2g}). It helps "
        f"ReLU, too, once the network is very deep: {rescued:.1%} against {plain:.1%} with "
        f"{deepest} layers. It isn't free of effects of its own: before the first step it makes "
        f"the gradient of that network {towards[0] / towards[-1]:.0f} times larger in the first "
        "layer than in the last hidden one."
    )


def _picture(runs: LessonRuns, file: Path, heading: str) -> None:
    from experiments.lessons.depth import picture

    deepest = {kind: _deepest(runs, kind) for kind in _KINDS}
    picture.picture(
        file,
        heading=heading,
        signals={k: _by_layer(found, "activation", "sample_std") for k, found in deepest.items()},
        gradients={k: _by_layer(found, "linear", "gradient_norm") for k, found in deepest.items()},
        accuracies={kind: _accuracies(runs, kind) for kind in _KINDS},
    )


# --- reading the runs ------------------------------------------------------------------------


def _of(runs: LessonRuns, kind: str) -> LessonRuns:
    activation, normalized = _KINDS[kind]
    return runs.where(f"model.activation={activation}", f"model.batch_norm={normalized}")


def _depths(runs: LessonRuns) -> list[int]:
    return sorted(len(hidden) for hidden in runs.levels("model.hidden"))


def _deepest(runs: LessonRuns, kind: str) -> LessonRuns:
    deepest = max(runs.levels("model.hidden"), key=len)
    return _of(runs, kind).where(f"model.hidden={deepest}")


def _accuracies(runs: LessonRuns, kind: str) -> Mapping[int, float]:
    """The best of each depth; 0 where the network diverged."""
    found = {}
    for hidden in sorted(runs.levels("model.hidden"), key=len):
        here = _of(runs, kind).where(f"model.hidden={hidden}")
        found[len(hidden)] = here.latest("best_val_accuracy", diverged=0.0)
    return found


def _shrinkage(runs: LessonRuns) -> float:
    """How many times smaller the gradient gets with each hidden layer towards the pixels."""
    gradients = _by_layer(runs, "linear", "gradient_norm")
    return (gradients[-1] / gradients[0]) ** (1 / (len(gradients) - 1))


def _by_layer(runs: LessonRuns, part: str, name: str) -> list[float]:
    """A measure in every hidden layer, before the first step; all runs are of one kind."""
    [normalized], [hidden] = runs.levels("model.batch_norm"), runs.levels("model.hidden")
    [activation] = runs.levels("model.activation")
    kinds = ["Linear", *(["BatchNorm"] if normalized else []), _LAYERS[activation]]
    place = 0 if part == "linear" else len(kinds) - 1
    return [
        runs.curve(f"diagnostics/{n * len(kinds) + place + 1}.{kinds[place]}/{name}")[0]
        for n in range(len(hidden))
    ]


_LAYERS = {"sigmoid": "Sigmoid", "relu": "ReLU"}


def _deep_and_not(values: Sequence[Any]) -> str | None:
    depths = [len(hidden) for hidden in values]
    compared = max(depths) >= _DEEP and 0 < min(depths) <= _STEADY
    wanted = f"needs a network of {_DEEP} hidden layers or more, and one of 1 to {_STEADY}"
    return None if compared else wanted


LESSON = Lesson(
    name="depth",
    title="Depth needs care",
    finding=(
        "Deep networks of sigmoids tell no two images apart and get no gradient; "
        "batch normalization gives them both back"
    ),
    claims=_claims,
    paragraph=_paragraph,
    picture=_picture,
    requirements={
        "model.activation": each_of(*_LAYERS),
        "model.batch_norm": each_of(False, True),
        "model.hidden": _deep_and_not,
        "diagnostics": always(True),
    },
)
