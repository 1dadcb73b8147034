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
        figures=f"the accuracy on drawings is {100 * min(gaps):.1f} to {100 * max(gaps):.1f} "
        "points lower",
    )


def _preprocessing(runs: LessonRuns) -> Claim:
    alone = runs.where(_ALONE)
    gains = [
        _drawn(network, "usual", "published") - _drawn(network, "usual", "whole_canvas")
        for network in _networks(alone)
    ]
    corner = max(_drawn(network, "corner", "whole_canvas") for network in _networks(alone))
    return Claim(
        "Without preprocessing, these networks classify fewer drawings correctly, even if the "
        "digit is in the middle of the canvas. If the digit is in a corner, they classify very few "
        "correctly.",
        holds=min(gains) > _PREPROCESSING and corner < _LOST,
        figures=f"the accuracy is at least {100 * min(gains):.0f} points lower in the middle, and "
        f"at most {corner:.0%} in a corner",
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
        figures=f"a thick pen costs at least {100 * published:.0f} points of accuracy with "
        f"preprocessing of pixels, and at most {100 * redrawn:.1f} if the strokes are redrawn",
    )


def _strokes(runs: LessonRuns) -> Claim:
    best = max(_drawn(network, "usual", "redrawn") for network in _networks(runs.where(_ALONE)))
    beside = _drawn(runs.where(_BESIDE), "usual", "redrawn")
    return Claim(
        "Training on people's handwriting helps where preprocessing can't. It helps even with "
        "drawings by people whose handwriting is not in the training data.",
        holds=beside - best > _STROKES,
        figures=f"{beside:.1%} accuracy with this training, {best:.1%} without it",
    )


def _paragraph(runs: LessonRuns) -> str:
    alone, beside = runs.where(_ALONE), runs.where(_BESIDE)
    best = max(_networks(alone), key=_benchmark)
    worst = min(_networks(alone), key=_benchmark)
    [writers] = runs.levels("data.test_writers")
    return (
        f"On MNIST's test images, the accuracies of these networks differ by "
        f"{100 * (_benchmark(best) - _benchmark(worst)):.1f} points, and the best network reaches "
        f"{_benchmark(best):.1%}. Its accuracy on drawings by {writers} people depends on what is "
        "done with a drawing before the network gets it. If the recorded strokes are redrawn, all "
        f"with the same line width, the accuracy is {_drawn(best, 'usual', 'redrawn'):.1%}. With "
        "the preprocessing that MNIST's authors describe (bounding box, 20×20, centre of mass) it "
        f"is {_drawn(best, 'usual', 'published'):.1%}, and if the canvas is only scaled down, "
        f"{_drawn(best, 'usual', 'whole_canvas'):.1%}. A small digit drawn with a thick pen "
        "becomes a blob. The accuracy on such drawings is "
        f"{_drawn(best, 'thick', 'published'):.1%} with the preprocessing of MNIST's authors, and "
        f"{_drawn(best, 'thick', 'redrawn'):.1%} if the strokes are redrawn. The mistakes that "
        "remain come from the style of writing: not everybody writes nines and sevens as in MNIST. "
        "The network trained on MNIST and on strokes of other people reaches "
        f"{_drawn(beside, 'usual', 'redrawn'):.1%} on the same drawings, and "
        f"{_benchmark(beside):.1%} on MNIST."
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
