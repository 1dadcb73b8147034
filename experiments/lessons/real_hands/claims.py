"""Benchmark accuracy is not the real world: the same networks on what other people draw."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from experiments.datasets.mnist_and_pen import find_pen_strokes
from experiments.errors import DatasetError
from experiments.lessons.lesson import Lesson
from experiments.lessons.lesson_runs import LessonRuns
from experiments.lessons.page import Claim
from experiments.lessons.requirements import each_of, one_number

_ALONE, _BESIDE = "data=mnist", "data=mnist_and_pen"
"""Which networks have learnt MNIST alone, and which other people's strokes beside it."""

_GAP = 0.015  # of accuracy, between MNIST's test images and strangers' drawings
_PREPROCESSING = 0.08  # of accuracy, that it is worth in the middle of the canvas
_LOST = 0.35  # accuracy that nobody calls reading
_THICKNESS = 0.1  # of accuracy, that a thick pen costs
_UNMINDED = 0.02  # of accuracy, by rounding to whole canvas pixels
_STROKES = 0.02  # of accuracy, that other people's strokes are worth


def obstacle(config: Mapping[str, Any]) -> str | None:
    """Why there is nothing to read: no file of pen strokes."""
    try:
        find_pen_strokes(config["data.pen_strokes"])
    except DatasetError as error:
        return str(error)
    return None


def _claims(runs: LessonRuns) -> Sequence[Claim]:
    return [_gap(runs), _preprocessing(runs), _thick(runs), _strokes(runs)]


def _gap(runs: LessonRuns) -> Claim:
    alone = runs.where(_ALONE)
    gaps = [_benchmark(g) - _read(g, "usual", "redrawn") for g in _networks(alone)]
    return Claim(
        "Whoever has learnt MNIST alone reads its test images better than what people draw, even "
        "if that is made to look like MNIST.",
        holds=min(gaps) > _GAP,
        figures=f"{100 * min(gaps):.1f} to {100 * max(gaps):.1f} points between the two",
    )


def _preprocessing(runs: LessonRuns) -> Claim:
    alone = runs.where(_ALONE)
    gains = [
        _read(network, "usual", "published") - _read(network, "usual", "whole_canvas")
        for network in _networks(alone)
    ]
    corner = max(_read(network, "corner", "whole_canvas") for network in _networks(alone))
    return Claim(
        "Without preprocessing they read fewer of the digits in the middle of the canvas, and "
        "hardly any in a corner.",
        holds=min(gains) > _PREPROCESSING and corner < _LOST,
        figures=f"at least {100 * min(gains):.0f} points less; {corner:.0%} at most in a corner",
    )


def _thick(runs: LessonRuns) -> Claim:
    networks = _networks(runs.where(_ALONE))
    costs = {
        way: [_read(n, "usual", way) - _read(n, "thick", way) for n in networks]
        for way in ("published", "redrawn")
    }
    published, redrawn = min(costs["published"]), max(costs["redrawn"])
    return Claim(
        "Pixels can't undo a pen that is too thick; strokes drawn anew don't mind it.",
        holds=published > _THICKNESS and redrawn < _UNMINDED,
        figures=f"at least {100 * published:.0f} points lost, against {100 * redrawn:.1f} at most",
    )


def _strokes(runs: LessonRuns) -> Claim:
    best = max(_read(network, "usual", "redrawn") for network in _networks(runs.where(_ALONE)))
    beside = _read(runs.where(_BESIDE), "usual", "redrawn")
    return Claim(
        "What preprocessing can't mend, other people's handwriting in training does, for people "
        "who were no part of it.",
        holds=beside - best > _STROKES,
        figures=f"{beside:.1%} read, against {best:.1%}",
    )


def _paragraph(runs: LessonRuns) -> str:
    alone, beside = runs.where(_ALONE), runs.where(_BESIDE)
    best = max(_networks(alone), key=_benchmark)
    worst = min(_networks(alone), key=_benchmark)
    [writers] = runs.levels("data.test_writers")
    return (
        f"On MNIST's test images these networks lie {_between(worst, best)} apart, and the best "
        f"reads {_benchmark(best):.1%}. Of what {writers} other people have drawn it "
        f"reads {_read(best, 'usual', 'redrawn'):.1%} where the recorded strokes are drawn anew "
        f"with one pen, {_read(best, 'usual', 'published'):.1%} by the published preprocessing "
        "(bounding box, 20×20, centre of mass), and "
        f"{_read(best, 'usual', 'whole_canvas'):.1%} if the canvas is merely made smaller. A small "
        "digit drawn with a thick pen is a blob by then: "
        f"{_read(best, 'thick', 'published'):.1%}, against "
        f"{_read(best, 'thick', 'redrawn'):.1%} if its strokes are drawn anew. What is left is "
        "style: nines and sevens as others write them. The network that has learnt MNIST beside "
        f"strokes of other people reads {_read(beside, 'usual', 'redrawn'):.1%} of the same "
        "drawings, and "
        f"{_benchmark(beside):.1%} of MNIST."
    )


def _between(worst: LessonRuns, best: LessonRuns) -> str:
    gap = _benchmark(best) - _benchmark(worst)
    return f"{100 * gap:.1f} points"


def _picture(runs: LessonRuns, file: Path, heading: str) -> None:
    from experiments.lessons.real_hands import picture
    from experiments.training.handwriting import MANNERS, WAYS, views

    alone = runs.where(_ALONE)
    picture.picture(
        file,
        heading=heading,
        networks={
            _name(network): {
                "benchmark": _benchmark(network),
                **{way: _read(network, "usual", way) for way in WAYS},
            }
            for network in [*_networks(alone), runs.where(_BESIDE)]
        },
        seen={name: views([_TWO], manner) for name, manner in MANNERS.items()},
        read={name: {way: _read(alone, name, way) for way in WAYS} for name in MANNERS},
    )


# --- reading the runs ------------------------------------------------------------------------


def _networks(runs: LessonRuns) -> list[LessonRuns]:
    """The seeds of each network together, those with the fewest units first."""
    shapes = sorted(runs.levels("model.hidden"), key=sum)
    return [runs.where(f"model.hidden={hidden}") for hidden in shapes]


def _benchmark(runs: LessonRuns) -> float:
    """The share of MNIST's test images that is read; a network that diverged reads none."""
    return runs.latest("test_accuracy", diverged=0.0)


def _read(runs: LessonRuns, manner: str, way: str) -> float:
    return runs.latest(f"handwriting/{manner}/{way}", diverged=0.0)


def _name(runs: LessonRuns) -> str:
    """``784-128-10, MNIST``."""
    [hidden], [data] = runs.levels("model.hidden"), runs.levels("data.name")
    learnt = "MNIST" if data == "mnist" else "MNIST and strokes"
    return f"{'-'.join(map(str, (784, *hidden, 10)))}, {learnt}"


_BOW = np.linspace(np.pi, 2.2 * np.pi, 20)
_TWO = [
    np.concatenate(
        [
            np.column_stack([50 + 45 * np.cos(_BOW), 45 + 45 * np.sin(_BOW)]),
            [[10.0, 140.0], [105.0, 140.0]],
        ]
    )
]
"""A digit for the picture: a bow, a line down to the left, a foot."""

LESSON = Lesson(
    name="real_hands",
    title="Benchmark accuracy is not the real world",
    finding=(
        "All of them read MNIST. What people draw they read if it looks like MNIST, and well once "
        "others' hands were learnt"
    ),
    claims=_claims,
    paragraph=_paragraph,
    picture=_picture,
    requirements={"data.name": each_of("mnist", "mnist_and_pen"), "data.test_writers": one_number},
    obstacle=obstacle,
)
