"""Optimizers and their learning rates: where adaptive steps help, and where they don't."""

from collections.abc import Mapping, Sequence
from functools import partial

from experiments.lessons.lesson import Drawing, Lesson
from experiments.lessons.lesson_runs import LessonRuns
from experiments.lessons.page import Claim
from experiments.lessons.requirements import each_of

_SGD, _MOMENTUM, _ADAM = "SGD", "momentum", "Adam"
_OPTIMIZERS = {
    _SGD: ("optimizer=sgd", "optimizer.momentum=0.0"),
    _MOMENTUM: ("optimizer=sgd", "optimizer.momentum=0.9"),
    "RMSProp": ("optimizer=rmsprop",),
    _ADAM: ("optimizer=adam",),
    "AdamW": ("optimizer=adamw",),
}
"""Which runs belong to each of them."""

_ONE, _MANY = "mnist", "mnist_uneven"
_PIXELS = {_ONE: "all pixels on one scale", _MANY: "every pixel on its own scale"}
_BEHIND = 0.03  # accuracy below the best of all at which a rate still works
_CLOSE = 0.02  # accuracy
_FAILED, _LITTLE = 0.1, 0.05  # lost accuracy

Table = Mapping[str, Mapping[float, float]]
"""Accuracy after the last epoch by optimizer and learning rate; 0 where training diverged."""


def _tuned(runs: LessonRuns) -> Claim:
    best = _best(_table(runs, _ONE))
    return Claim(
        "If all pixels have the same scale, SGD with momentum and a tuned learning rate is as good "
        "as Adam, or nearly.",
        holds=best[_ADAM] - best[_MOMENTUM] < _CLOSE,
        figures=f"at its best learning rate, Adam reaches {best[_ADAM]:.1%}, SGD with momentum "
        f"{best[_MOMENTUM]:.1%}, and plain SGD {best[_SGD]:.1%}",
    )


def _uneven(runs: LessonRuns) -> Claim:
    one, many = (_table(runs, data) for data in (_ONE, _MANY))
    tuned = {name: _best_rate(one[name]) for name in (_SGD, _ADAM)}
    lost = {name: one[name][rate] - many[name][rate] for name, rate in tuned.items()}
    return Claim(
        "If a learning rate is tuned on data in which all pixels have the same scale, and then "
        "used on data in which every pixel has its own scale, SGD fails. With Adam the accuracy "
        "falls little, because the steps of Adam don't depend on the scale of a gradient.",
        holds=lost[_SGD] > _FAILED and lost[_ADAM] < _LITTLE,
        figures=", ".join(
            f"{name} at {rate:g} goes from {one[name][rate]:.1%} to {many[name][rate]:.1%}"
            for name, rate in tuned.items()
        ),
    )


def _wide(runs: LessonRuns) -> Claim:
    found = {data: _working(_table(runs, data)) for data in _PIXELS}
    return Claim(
        "Adam works over a wider range of learning rates than plain SGD, on both kinds of pixels.",
        holds=all(len(rates[_ADAM]) > len(rates[_SGD]) for rates in found.values()),
        figures="; ".join(
            f"with {_PIXELS[data]}, Adam works at {_range(rates[_ADAM])} and SGD at "
            f"{_range(rates[_SGD])}"
            for data, rates in found.items()
        ),
    )


def _paragraph(runs: LessonRuns) -> str:
    one, many = (_table(runs, data) for data in (_ONE, _MANY))
    moved = {name: (_best_rate(one[name]), _best_rate(many[name])) for name in (_SGD, _ADAM)}
    best = _best(many)
    ranges = "; ".join(f"{name} at {_range(rates)}" for name, rates in _working(one).items())
    return (
        "On this page, a learning rate works if the network reaches an accuracy at most "
        f"{100 * _BEHIND:.0f} points below the best accuracy of all optimizers and learning rates "
        f"on the same data. With all pixels on one scale, these rates work: {ranges}. There is a "
        "second data set, in which every pixel is multiplied by its own factor. The weights of the "
        "first layer could undo that. But if the factor of a pixel is large, gradient descent "
        "changes the weights of this pixel in large steps. So the pixels with the largest factors "
        "limit the learning rate, which all weights share. "
        f"The best rate of SGD {_move(*moved[_SGD])}, where it reaches {best[_SGD]:.1%}. The best "
        f"rate of Adam {_move(*moved[_ADAM])}, where it reaches {best[_ADAM]:.1%}. With all pixels "
        "on one scale, the best accuracy of Adam is hardly better than that of SGD. The advantages "
        "of Adam are that it needs less tuning, and that it also works on data that nobody has "
        "scaled."
    )


def _picture(runs: LessonRuns) -> Drawing:
    from experiments.lessons.learning_rates import picture

    tables = {title: _table(runs, data) for data, title in _PIXELS.items()}
    working = {title: _working(table) for title, table in tables.items()}
    return partial(picture.picture, accuracies=tables, working=working)


def _table(runs: LessonRuns, data: str) -> Table:
    """For each optimizer that the sweep has."""
    here = runs.where(f"data={data}")
    table = {}
    for name, conditions in _OPTIMIZERS.items():
        if conditions[0].partition("=")[2] in here.levels("optimizer.name"):
            by_rate = here.where(*conditions).by("optimizer.learning_rate")
            table[name] = {rate: of.latest("val_accuracy", diverged=0.0) for rate, of in by_rate}
    return table


def _best(table: Table) -> Mapping[str, float]:
    return {name: max(by_rate.values()) for name, by_rate in table.items()}


def _best_rate(by_rate: Mapping[float, float]) -> float:
    return max(by_rate, key=lambda rate: by_rate[rate])


def _working(table: Table) -> Mapping[str, Sequence[float]]:
    """The learning rates that come close to the best of all optimizers."""
    enough = max(_best(table).values()) - _BEHIND
    return {
        name: [rate for rate, accuracy in by_rate.items() if accuracy >= enough]
        for name, by_rate in table.items()
    }


def _move(before: float, now: float) -> str:
    return f"stays at {now:g}" if before == now else f"moves from {before:g} to {now:g}"


def _range(rates: Sequence[float]) -> str:
    if not rates:
        return "no learning rate"
    return f"{rates[0]:g}" if len(rates) == 1 else f"{rates[0]:g} to {rates[-1]:g}"


LESSON = Lesson(
    name="learning_rates",
    title="Optimizers and their learning rates",
    finding="Adam works with more learning rates, and with pixels of different scales. If all "
    "pixels have one scale, tuned momentum is nearly as good.",
    claims=(_tuned, _uneven, _wide),
    paragraph=_paragraph,
    picture=_picture,
    requirements={
        "data.name": each_of(_ONE, _MANY),
        "optimizer.name": each_of("sgd", "adam"),
        "optimizer.momentum": each_of(0.0, 0.9),
    },
)
