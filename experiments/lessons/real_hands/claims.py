"""Benchmark accuracy is not the real world: the same networks on other people's drawings."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np

from experiments.datasets.mnist_and_pen import find_pen_strokes
from experiments.errors import DatasetError
from experiments.lessons.lesson import Drawing, Lesson
from experiments.lessons.lesson_runs import LessonRuns
from experiments.lessons.page import Claim
from experiments.lessons.requirements import each_of, one_number

_ALONE, _BESIDE = "data=mnist", "data=mnist_and_pen"
"""The networks trained only on MNIST, and those also trained on other people's strokes."""

_GAP = 0.015  # of accuracy, between MNIST's test images and drawings
_PREPROCESSING = 0.08  # of accuracy, gained by it in the middle of the canvas
_LOST = 0.35  # accuracy, below which a network has failed
_THICKNESS = 0.1  # of accuracy, lost by a thick pen
_UNAFFECTED = 0.02  # of accuracy, lost by rounding to whole canvas pixels
_STROKES = 0.02  # of accuracy, gained by other people's strokes


def obstacle(config: Mapping[str, Any]) -> str | None:
    """Why there are no drawings: no file of pen strokes."""
    try:
        find_pen_strokes(config["data.pen_strokes"])
    except DatasetError as error:
        return str(error)
    return None


def _gap(runs: LessonRuns) -> Claim:
    alone = runs.where(_ALONE)
    gaps = [_benchmark(g) - _drawn(g, "usual", "redrawn") for g in _networks(alone)]
    return Claim(
        "Networks trained only on MNIST classify its test images better than people's drawings, "
        "even if the drawings are converted to MNIST's format.",
        holds=min(gaps) > _GAP,
        figures=f"{100 * min(gaps):.1f} to {100 * max(gaps):.1f} points of difference",
    )


def _preprocessing(runs: LessonRuns) -> Claim:
    alone = runs.where(_ALONE)
    gains = [
        _drawn(network, "usual", "published") - _drawn(network, "usual", "whole_canvas")
        for network in _networks(alone)
    ]
    corner = max(_drawn(network, "corner", "whole_canvas") for network in _networks(alone))
    return Claim(
        "Without preprocessing, they classify fewer drawings correctly than with it if the digit "
        "is in the middle of the canvas, and very few if it is in a corner.",
        holds=min(gains) > _PREPROCESSING and corner < _LOST,
        figures=f"at least {100 * min(gains):.0f} points less in the middle; at most {corner:.0%} "
        "accuracy in a corner",
    )


def _thick(runs: LessonRuns) -> Claim:
    networks = _networks(runs.where(_ALONE))
    costs = {
        way: [_drawn(n, "usual", way) - _drawn(n, "thick", way) for n in networks]
        for way in ("published", "redrawn")
    }
    published, redrawn = min(costs["published"]), max(costs["redrawn"])
    return Claim(
        "Preprocessing of pixels can't make the lines of a thick pen thin again. Redrawing the "
        "recorded strokes can.",
        holds=published > _THICKNESS and redrawn < _UNAFFECTED,
        figures=f"at least {100 * published:.0f} points lost, against at most {100 * redrawn:.1f}",
    )


def _strokes(runs: LessonRuns) -> Claim:
    best = max(_drawn(network, "usual", "redrawn") for network in _networks(runs.where(_ALONE)))
    beside = _drawn(runs.where(_BESIDE), "usual", "redrawn")
    return Claim(
        "Training on people's handwriting helps where preprocessing can't, even with drawings of "
        "people who are not in the training data.",
        holds=beside - best > _STROKES,
        figures=f"{beside:.1%} accuracy, against {best:.1%}",
    )


def _paragraph(runs: LessonRuns) -> str:
    alone, beside = runs.where(_ALONE), runs.where(_BESIDE)
    best = max(_networks(alone), key=_benchmark)
    worst = min(_networks(alone), key=_benchmark)
    [writers] = runs.levels("data.test_writers")
    return (
        f"On MNIST's test images, the accuracies of these networks differ by "
        f"{100 * (_benchmark(best) - _benchmark(worst)):.1f} points, and the best network reaches "
        f"{_benchmark(best):.1%}. On drawings of {writers} people, it reaches "
        f"{_drawn(best, 'usual', 'redrawn'):.1%} if the recorded strokes are redrawn with one pen, "
        f"{_drawn(best, 'usual', 'published'):.1%} with the published preprocessing (bounding box, "
        f"20×20, centre of mass), and {_drawn(best, 'usual', 'whole_canvas'):.1%} if the canvas is "
        "only scaled down. A small digit drawn with a thick pen becomes a blob: "
        f"{_drawn(best, 'thick', 'published'):.1%} with the published preprocessing, against "
        f"{_drawn(best, 'thick', 'redrawn'):.1%} if its strokes are redrawn. The rest is style: "
        "people write nines and sevens differently. The network trained on MNIST and on "
        f"strokes of other people reaches {_drawn(beside, 'usual', 'redrawn'):.1%} on the same "
        f"drawings, and {_benchmark(beside):.1%} on MNIST."
    )


def _picture(runs: LessonRuns) -> Drawing:
    from experiments.lessons.real_hands import picture
    from experiments.training.handwriting import MANNERS, WAYS, views

    alone = runs.where(_ALONE)
    return partial(
        picture.picture,
        networks={
            _name(network): {
                "benchmark": _benchmark(network),
                **{way: _drawn(network, "usual", way) for way in WAYS},
            }
            for network in [*_networks(alone), runs.where(_BESIDE)]
        },
        seen={name: views([_TWO], manner) for name, manner in MANNERS.items()},
        accuracies={name: {way: _drawn(alone, name, way) for way in WAYS} for name in MANNERS},
    )


def _networks(runs: LessonRuns) -> list[LessonRuns]:
    """The runs of each network, over all seeds; the smallest network first."""
    shapes = sorted(runs.levels("model.hidden"), key=sum)
    return [runs.where(f"model.hidden={hidden}") for hidden in shapes]


def _benchmark(runs: LessonRuns) -> float:
    """The accuracy on MNIST's test images; 0 for a network that diverged."""
    return runs.latest("test_accuracy", diverged=0.0)


def _drawn(runs: LessonRuns, manner: str, way: str) -> float:
    return runs.latest(f"handwriting/{manner}/{way}", diverged=0.0)


def _name(runs: LessonRuns) -> str:
    """``784-128-10, MNIST``."""
    [hidden], [data] = runs.levels("model.hidden"), runs.levels("data.name")
    trained_on = "MNIST" if data == "mnist" else "MNIST and strokes"
    return f"{'-'.join(map(str, (784, *hidden, 10)))}, {trained_on}"


_ARC = np.linspace(np.pi, 2.2 * np.pi, 20)
_TWO = [
    np.concatenate(
        [
            np.column_stack([50 + 45 * np.cos(_ARC), 45 + 45 * np.sin(_ARC)]),
            [[10.0, 140.0], [105.0, 140.0]],
        ]
    )
]
"""A digit for the picture: an arc, a diagonal to the lower left, a base line."""

LESSON = Lesson(
    name="real_hands",
    title="Benchmark accuracy is not the real world",
    finding="All these networks classify MNIST well. People's drawings need preprocessing, and "
    "training on handwriting helps further.",
    claims=(_gap, _preprocessing, _thick, _strokes),
    paragraph=_paragraph,
    picture=_picture,
    requirements={"data.name": each_of("mnist", "mnist_and_pen"), "data.test_writers": one_number},
    obstacle=obstacle,
)
