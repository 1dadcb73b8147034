"""Why softmax and cross-entropy are paired: the gradient p − t grows with the mistake."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from experiments.lessons.lesson import Drawing, Lesson
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
from nnscratch.inspection.diagnostics import VANISHING
from nnscratch.typing import FloatArray


@dataclass(frozen=True)
class Pair:
    """An output and a loss, with their names for the reader and in the runs."""

    name: str
    loss: str
    output: str
    objective: Loss
    squashing: Sigmoid | Softmax | None = None  # between the logits and the loss

    @property
    def conditions(self) -> tuple[str, str]:
        """Choose the runs of this pair."""
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
_LONGER = 2  # times as many steps, after a sigmoid
_MANY = 0.05  # share of the misclassified samples
_GRADIENT = "diagnostics/misclassified_gradient"
_MARGINS = np.arange(0, 121, dtype=np.float32)


def _all_learn(runs: LessonRuns) -> Claim:
    ordinary, _ = _starts(runs)
    steps = {pair.name: _fewest_steps(ordinary, pair) for pair in _PAIRS}
    return Claim(
        "With ordinary initial weights, every pair of output and loss learns: each reaches "
        f'{_GOAL:.0%} accuracy at one of the learning rates. (On this page, "softmax then '
        'cross-entropy" means that the two are computed one after the other, and "softmax + '
        'cross-entropy" that one formula computes both.)',
        holds=max(steps.values()) < math.inf,
        figures=_listed(steps),
    )


def _recover(runs: LessonRuns) -> Claim:
    _, large = _starts(runs)
    pairs = (SOFTMAX, SOFTMAX_MSE, SIGMOID, SIGMOID_MSE)
    steps = {pair: _fewest_steps(large, pair) for pair in pairs}
    return Claim(
        f"With output weights {_factor(runs)} times too large, a network is confident even when it "
        f"is wrong. Softmax + cross-entropy and sigmoid + cross-entropy still reach {_GOAL:.0%}. "
        "Softmax + squared error needs more steps than softmax + cross-entropy. Sigmoid + squared "
        "error needs more than twice as many steps as sigmoid + cross-entropy, or never gets "
        "there.",
        holds=steps[SOFTMAX] < steps[SOFTMAX_MSE]
        and steps[SIGMOID] < math.inf
        and steps[SIGMOID_MSE] > _LONGER * steps[SIGMOID],
        figures=_listed({pair.name: count for pair, count in steps.items()}),
    )


def _gradients(runs: LessonRuns) -> Claim:
    ordinary, large = _starts(runs)
    change = {
        pair: _first(large, pair, _GRADIENT) / _first(ordinary, pair, _GRADIENT)
        for pair in (SOFTMAX, SIGMOID, SOFTMAX_MSE, SIGMOID_MSE)
    }
    vanishing = {
        pair: _first(large, pair, "diagnostics/misclassified_vanishing")
        for pair in (SOFTMAX, SIGMOID, APART, SOFTMAX_MSE)
    }
    return Claim(
        "Softmax + cross-entropy and sigmoid + cross-entropy have the gradient p − t, "
        "probabilities minus targets. It is larger for more confident mistakes. The gradient of "
        "squared error after softmax or sigmoid is smaller for more confident mistakes. With "
        "softmax + squared error, or with softmax then cross-entropy, the gradient vanishes for "
        f"many mistakes: its norm is below {VANISHING:g}.",
        holds=(
            min(change[SOFTMAX], change[SIGMOID])
            > 1
            > max(change[SOFTMAX_MSE], change[SIGMOID_MSE])
            and max(vanishing[SOFTMAX], vanishing[SIGMOID]) == 0
            and min(vanishing[APART], vanishing[SOFTMAX_MSE]) > _MANY
        ),
        figures="for each pair, the gradient with respect to the logits was measured twice, once "
        "with the large initial weights and once with ordinary weights. Its size with the large "
        "weights, as a share of its size with ordinary weights, is "
        f"{change[SOFTMAX]:.0%} for {SOFTMAX.name}, {change[SIGMOID]:.0%} for {SIGMOID.name}, "
        f"{change[SOFTMAX_MSE]:.0%} for {SOFTMAX_MSE.name}, and {change[SIGMOID_MSE]:.0%} for "
        f"{SIGMOID_MSE.name}"
        + f". With the large weights, the gradient vanishes for {vanishing[APART]:.0%} of the "
        f'mistakes of "{APART.name}", for {vanishing[SOFTMAX_MSE]:.0%} of those of '
        f"{SOFTMAX_MSE.name}, and for {max(vanishing[SOFTMAX], vanishing[SIGMOID]):.0%} where the "
        "gradient is p − t",
    )


def _paragraph(runs: LessonRuns) -> str:
    ordinary, large = _starts(runs)
    rates = {pair: _best_rate(ordinary, pair) for pair in (SOFTMAX, SOFTMAX_MSE)}
    best = {pair: _highest(large, pair) for pair in (SOFTMAX, SOFTMAX_MSE, APART, LINEAR_MSE)}
    return (
        "With ordinary weights, squared error learns well too, but needs a larger learning rate. "
        f"After a softmax, the fastest learning rate is {rates[SOFTMAX_MSE]:g} for squared error "
        f"and {rates[SOFTMAX]:g} for cross-entropy. The difference shows after a confident "
        "mistake. The gradient of cross-entropy with respect to the logits is p − t: the larger "
        "the mistake, the larger the gradient. The gradient of "
        "squared error contains the slope of the output as a factor. This slope is almost 0 where "
        "the output is confident. With the large initial weights, the gradient of a misclassified "
        f"image had a mean norm of {_first(large, SOFTMAX, _GRADIENT):.2f} with softmax and "
        f"cross-entropy, and {_first(large, SOFTMAX_MSE, _GRADIENT):.3f} with softmax and squared "
        f"error. At its best rate, squared error then reached {best[SOFTMAX_MSE]:.0%}, "
        f"cross-entropy {best[SOFTMAX]:.0%}. If softmax and logarithm are computed separately, the "
        "loss is mathematically the same, and the network with the large initial weights reaches "
        f"{best[APART]:.0%}. But the gradient vanishes if the probability p of the correct "
        "class is very small. The derivative of softmax is then proportional to p. The derivative "
        "of the logarithm, 1/p, would make up for that, but p is clipped before the logarithm is "
        "taken, so 1/p stops growing. The product of the two is almost 0. A linear output has a "
        "constant slope, which can't vanish. But there is no limit to how large its errors can be. "
        "With the large initial weights, it reached at most "
        f"{best[LINEAR_MSE]:.0%} at these learning rates."
    )


def _picture(runs: LessonRuns) -> Drawing:
    from experiments.lessons.pairing import picture

    ordinary, large = _starts(runs)
    starts = {
        "ordinary weights": ordinary,
        f"output weights {_factor(runs)} times too large": large,
    }
    return partial(
        picture.picture,
        goal=_GOAL,
        steps={
            pair.name: [_fewest_steps(start, pair) for start in starts.values()] for pair in _PAIRS
        },
        accuracies={
            title: {pair.name: _by_rate(start, pair) for pair in _PAIRS}
            for title, start in starts.items()
        },
        margins=_MARGINS,
        gradients={pair.name: _gradient_norms(pair) for pair in _PAIRS},
    )


def _gradient_norms(pair: Pair) -> FloatArray:
    """For each of ``_MARGINS``: logit of the wrong class minus logit of the correct one, of ten."""
    classes = 10
    logits = np.repeat(-_MARGINS[:, None] / 2, classes, axis=1)
    logits[:, 1] = _MARGINS / 2
    targets = np.eye(classes, dtype=np.float32)[np.zeros(len(_MARGINS), int)]
    gradient = pair.gradient(logits, targets)
    return np.linalg.norm(gradient.astype(np.float64), axis=1)  # squares in float32 would be 0


def _starts(runs: LessonRuns) -> tuple[LessonRuns, LessonRuns]:
    """The runs with ordinary output weights, and those with large ones."""
    key = "model.output_scale"
    return runs.where(f"{key}=1.0"), runs.where(f"{key}={runs.levels(key)[-1]}")


def _factor(runs: LessonRuns) -> str:
    return f"{runs.levels('model.output_scale')[-1]:g}"


def _first(runs: LessonRuns, pair: Pair, metric: str) -> float:
    """Before the first step, when the learning rate makes no difference."""
    return runs.where(*pair.conditions).curve(metric)[0]


def _by_rate(runs: LessonRuns, pair: Pair) -> Mapping[float, float]:
    """The accuracy after the last epoch; NaN where the training diverged."""
    by_rate = runs.where(*pair.conditions).by("optimizer.learning_rate")
    return {rate: found.latest("val_accuracy") for rate, found in by_rate}


def _highest(runs: LessonRuns, pair: Pair) -> float:
    """The highest accuracy after any epoch; 0 if no run finished one."""
    return max(runs.where(*pair.conditions).all_values("val_accuracy"), default=0.0)


def _steps_by_rate(runs: LessonRuns, pair: Pair) -> Mapping[float, float]:
    """The steps until the goal was reached at the end of an epoch; infinity if it never was."""
    here = runs.where(*pair.conditions)
    [samples], [batch] = here.levels("epoch_samples"), here.levels("batch_size")
    found = {}
    for rate, mine in here.by("optimizer.learning_rate"):
        # A run that diverged in its first epoch has no curve.
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
    finding="After a confident mistake, the gradient of cross-entropy is large. The gradient of "
    "squared error with the same output almost vanishes.",
    claims=(_all_learn, _recover, _gradients),
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
