"""Why softmax and cross-entropy are paired: p − t grows with a mistake, other gradients fade."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from experiments.lessons.lesson import Lesson
from experiments.lessons.lesson_runs import LessonRuns
from experiments.lessons.page import Claim
from experiments.lessons.requirements import above, always, each_of, one_number
from nnscratch import (
    CrossEntropyLoss,
    Loss,
    MSELoss,
    Sigmoid,
    SigmoidCrossEntropyLoss,
    Softmax,
    SoftmaxCrossEntropyLoss,
)
from nnscratch.inspection.diagnostics import UNHEARD
from nnscratch.typing import FloatArray


@dataclass(frozen=True)
class Pair:
    """An output and a loss, as the runs and as a reader name them."""

    name: str
    loss: str
    output: str
    objective: Loss
    squashing: Sigmoid | Softmax | None = None  # between the logits and the loss

    @property
    def conditions(self) -> tuple[str, str]:
        """What the runs of this pair have in common."""
        return f"loss={self.loss}", f"loss.output={self.output}"

    def gradient(self, logits: FloatArray, targets: FloatArray) -> FloatArray:
        """dL/d(logits), (batch, classes)."""
        outputs = self.squashing.apply(logits) if self.squashing else logits
        _, gradient = self.objective.per_sample(outputs, targets)
        return self.squashing.apply_backward(gradient, outputs) if self.squashing else gradient


SOFTMAX = Pair(
    "softmax + cross-entropy", "softmax_cross_entropy", "logits", SoftmaxCrossEntropyLoss()
)
SIGMOID = Pair(
    "sigmoid + cross-entropy", "sigmoid_cross_entropy", "sigmoid_logits", SigmoidCrossEntropyLoss()
)
APART = Pair(
    "softmax then cross-entropy", "cross_entropy", "softmax", CrossEntropyLoss(), Softmax()
)
SOFTMAX_MSE = Pair("softmax + squared error", "mse", "softmax", MSELoss(), Softmax())
SIGMOID_MSE = Pair("sigmoid + squared error", "mse", "sigmoid", MSELoss(), Sigmoid())
LINEAR_MSE = Pair("linear + squared error", "mse", "linear", MSELoss())
_PAIRS = (SOFTMAX, SIGMOID, APART, SOFTMAX_MSE, SIGMOID_MSE, LINEAR_MSE)

_GOAL = 0.9  # accuracy
_LONGER = 2  # times as many steps, behind a sigmoid
_UNHEARD = 0.05  # share of the misread samples
_GRADIENT = "diagnostics/misread_gradient"
_MARGINS = np.arange(0, 121, dtype=np.float32)


def _claims(runs: LessonRuns) -> Sequence[Claim]:
    return [_all_learn(runs), _recover(runs), _fades(runs)]


def _all_learn(runs: LessonRuns) -> Claim:
    calm, _ = _starts(runs)
    steps = {pair.name: _fewest_steps(calm, pair) for pair in _PAIRS}
    return Claim(
        "From ordinary weights every output learns with every loss: each pair reads "
        f"{_GOAL:.0%} at one of the learning rates.",
        holds=max(steps.values()) < math.inf,
        figures=_listed(steps),
    )


def _recover(runs: LessonRuns) -> Claim:
    _, sure = _starts(runs)
    pairs = (SOFTMAX, SOFTMAX_MSE, SIGMOID, SIGMOID_MSE)
    steps = {pair: _fewest_steps(sure, pair) for pair in pairs}
    return Claim(
        f"From an output layer that is {_factor(runs)} times too large, and sure of everything, "
        f"both cross-entropies come to {_GOAL:.0%}. A squared error behind the same softmax takes "
        "longer, behind the same sigmoid more than twice as long, if they get there at all.",
        holds=steps[SOFTMAX] < steps[SOFTMAX_MSE]
        and steps[SIGMOID] < math.inf
        and steps[SIGMOID_MSE] > _LONGER * steps[SIGMOID],
        figures=_listed({pair.name: count for pair, count in steps.items()}),
    )


def _fades(runs: LessonRuns) -> Claim:
    calm, sure = _starts(runs)
    change = {
        pair: _first(sure, pair, _GRADIENT) / _first(calm, pair, _GRADIENT)
        for pair in (SOFTMAX, SIGMOID, SOFTMAX_MSE, SIGMOID_MSE)
    }
    unheard = {
        pair: _first(sure, pair, "diagnostics/misread_unheard")
        for pair in (SOFTMAX, SIGMOID, APART, SOFTMAX_MSE)
    }
    return Claim(
        "The surer the network of its mistakes, the longer the gradient p − t of the pairs "
        "(probabilities minus targets), and the shorter that of a squared error behind softmax or "
        "sigmoid. Where softmax and logarithm are apart, or the error is squared, many mistakes "
        f"go unheard: their gradient is shorter than {UNHEARD:g}.",
        holds=(
            min(change[SOFTMAX], change[SIGMOID])
            > 1
            > max(change[SOFTMAX_MSE], change[SIGMOID_MSE])
            and max(unheard[SOFTMAX], unheard[SIGMOID]) == 0
            and min(unheard[APART], unheard[SOFTMAX_MSE]) > _UNHEARD
        ),
        figures="the gradient with respect to the logits changes "
        + ", ".join(f"{change[pair]:.2f}-fold ({pair.name})" for pair in change)
        + f"; unheard are {unheard[APART]:.0%} of the mistakes with the logarithm apart, "
        f"{unheard[SOFTMAX_MSE]:.0%} with softmax and squared error, "
        f"{max(unheard[SOFTMAX], unheard[SIGMOID]):.0%} with p − t",
    )


def _paragraph(runs: LessonRuns) -> str:
    calm, sure = _starts(runs)
    rates = {pair: _best_rate(calm, pair) for pair in (SOFTMAX, SOFTMAX_MSE)}
    best = {pair: _highest(sure, pair) for pair in (SOFTMAX, SOFTMAX_MSE, APART, LINEAR_MSE)}
    return (
        "On easy data a squared error merely wants a larger learning rate: behind a softmax it is "
        f"quickest at {rates[SOFTMAX_MSE]:g}, and the pair at {rates[SOFTMAX]:g}. The difference "
        "is what happens after a mistake. With respect to the logits, cross-entropy has the "
        "gradient p − t: the larger the mistake, the longer it is. That of a squared error keeps "
        "the slope of the output as a factor, which is next to 0 where the output is sure. At the "
        "start with large weights, the gradient of a misread image had the length "
        f"{_first(sure, SOFTMAX, _GRADIENT):.2f} on average from "
        f"softmax and cross-entropy, {_first(sure, SOFTMAX_MSE, _GRADIENT):.3f} from softmax "
        f"and squared error, which came to {best[SOFTMAX_MSE]:.0%} then at its best rate, and the "
        f"pair to {best[SOFTMAX]:.0%}. "
        "The logarithm of a softmax that was computed before is the same function, and comes to "
        f"{best[APART]:.0%} here; but where a probability falls below what the logarithm is "
        "clipped at, and at last below the smallest number of float32, its gradient is gone. A "
        "linear output has no slope to lose. Its errors grow without bound instead, which at these "
        f"rates ended at {best[LINEAR_MSE]:.0%}."
    )


def _picture(runs: LessonRuns, file: Path, heading: str) -> None:
    from experiments.lessons.pairing import picture

    calm, sure = _starts(runs)
    starts = {"ordinary weights": calm, f"output weights {_factor(runs)} times too large": sure}
    picture.picture(
        file,
        heading=heading,
        goal=_GOAL,
        steps={
            pair.name: [_fewest_steps(start, pair) for start in starts.values()] for pair in _PAIRS
        },
        accuracies={
            title: {pair.name: _by_rate(start, pair) for pair in _PAIRS}
            for title, start in starts.items()
        },
        margins=_MARGINS,
        gradients={pair.name: _gradient_lengths(pair) for pair in _PAIRS},
    )


def _gradient_lengths(pair: Pair) -> FloatArray:
    """At each of ``_MARGINS``, by which the wrong class of ten is ahead of the right one."""
    classes = 10
    logits = np.repeat(-_MARGINS[:, None] / 2, classes, axis=1)
    logits[:, 1] = _MARGINS / 2
    right = np.eye(classes, dtype=np.float32)[np.zeros(len(_MARGINS), int)]
    gradient = pair.gradient(logits, right).astype(np.float64)  # in float32 its squares vanish
    return np.linalg.norm(gradient, axis=1)


# --- reading the runs ------------------------------------------------------------------------


def _starts(runs: LessonRuns) -> tuple[LessonRuns, LessonRuns]:
    """From ordinary output weights, and from large ones."""
    key = "model.output_scale"
    return runs.where(f"{key}=1.0"), runs.where(f"{key}={runs.levels(key)[-1]}")


def _factor(runs: LessonRuns) -> str:
    return f"{runs.levels('model.output_scale')[-1]:g}"


def _first(runs: LessonRuns, pair: Pair, metric: str) -> float:
    """Before the first step, where the learning rate makes no difference."""
    return runs.where(*pair.conditions).curve(metric)[0]


def _by_rate(runs: LessonRuns, pair: Pair) -> Mapping[float, float]:
    """The accuracy after the last epoch; NaN where the training diverged."""
    here = runs.where(*pair.conditions)
    rates = here.levels("optimizer.learning_rate")
    return {
        rate: here.where(f"optimizer.learning_rate={rate}").latest("val_accuracy") for rate in rates
    }


def _highest(runs: LessonRuns, pair: Pair) -> float:
    """At any time; 0 if none came to the end of an epoch."""
    return max(runs.where(*pair.conditions).all_values("val_accuracy"), default=0.0)


def _steps_by_rate(runs: LessonRuns, pair: Pair) -> Mapping[float, float]:
    """After how many steps the goal is first seen to be reached; infinity for never."""
    here = runs.where(*pair.conditions)
    [samples], [batch] = here.levels("epoch_samples"), here.levels("batch_size")
    found = {}
    for rate in here.levels("optimizer.learning_rate"):
        mine = here.where(f"optimizer.learning_rate={rate}")
        # One that diverged in its first epoch has no curve.
        curve = mine.curve("val_accuracy") if mine.all_values("val_accuracy") else {}
        reached = (epoch for epoch, accuracy in curve.items() if accuracy >= _GOAL)
        found[rate] = math.ceil(samples / batch) * next(reached, math.inf)
    return found


def _fewest_steps(runs: LessonRuns, pair: Pair) -> float:
    return min(_steps_by_rate(runs, pair).values())


def _best_rate(runs: LessonRuns, pair: Pair) -> float:
    steps = _steps_by_rate(runs, pair)
    return min(steps, key=lambda rate: steps[rate])


def _listed(steps: Mapping[str, float]) -> str:
    texts = {n: f"after {s:,.0f} steps" if s < math.inf else "never" for n, s in steps.items()}
    return ", ".join(f"{name} {text}" for name, text in texts.items())


LESSON = Lesson(
    name="pairing",
    title="Why softmax and cross-entropy are paired",
    finding=(
        "Of a confident mistake cross-entropy hears everything, a squared error behind the same "
        "output next to nothing"
    ),
    claims=_claims,
    paragraph=_paragraph,
    picture=_picture,
    requirements={
        "loss.name": each_of(*{pair.loss: None for pair in _PAIRS}),
        "loss.output": each_of(*{pair.output: None for pair in _PAIRS}),
        "model.output_scale": above(1),
        "epoch_samples": one_number,
        "batch_size": one_number,
        "diagnostics": always(True),
    },
)
