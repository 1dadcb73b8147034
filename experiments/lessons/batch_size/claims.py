"""Batch size: many noisy steps or few exact ones, and what either costs."""

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from experiments.lessons.lesson import Lesson
from experiments.lessons.lesson_runs import LessonRuns
from experiments.lessons.page import Claim
from experiments.lessons.requirements import always, one_number

_OFF = 1.6  # times larger or smaller than 1/√B may noise be: it is an estimate
_FEWER = 1.2  # times fewer steps with the next larger batch
_MORE_IMAGES = 4  # times as many looks at images before steps that see all of them


def _claims(runs: LessonRuns) -> Sequence[Claim]:
    return [_noise(runs), _steps(runs), _images(runs)]


def _noise(runs: LessonRuns) -> Claim:
    noise = {size: _first_noise(found) for size, found in _batches(runs).items()}
    *sizes, _ = noise
    smallest, largest = sizes[0], sizes[-1]
    measured = noise[smallest] / noise[largest]
    expected = math.sqrt(largest / smallest)
    return Claim(
        "The gradient of a batch is off by a noise that falls with the root of its size.",
        holds=1 / _OFF < measured / expected < _OFF and noise[max(noise)] == 0,
        figures=f"{measured:.1f} times smaller from {smallest} image to {largest}, where √B says "
        f"{expected:.1f}",
    )


def _steps(runs: LessonRuns) -> Claim:
    batches = _batches(runs)
    steps = [_steps_to_goal(found) for found in batches.values()]
    return Claim(
        f"The larger the batch, the fewer steps to {_goal(runs):.0%}.",
        holds=all(before > _FEWER * after for before, after in pairwise(steps)),
        figures="; ".join(
            f"{size:,} image{'s' if size > 1 else ''}: {_steps_said(found)}"
            for size, found in batches.items()
        ),
    )


def _images(runs: LessonRuns) -> Claim:
    *some, whole = (_epochs_to_goal(found) for found in _batches(runs).values())
    return Claim(
        "But steps that wait for all images look at each of them far more often.",
        holds=whole > _MORE_IMAGES * max(some),
        figures=f"looks at each image: {_looks_said(whole)}, against {_looks_said(min(some))} to "
        f"{_looks_said(max(some))}",
    )


def _paragraph(runs: LessonRuns) -> str:
    batches = _batches(runs)
    smallest, *_, largest = batches
    one, whole = batches[smallest], batches[largest]
    middle = batches[sorted(batches)[1]]
    fastest = min(batches, key=lambda size: _seconds_to_goal(batches[size]))
    return (
        f"Before the first step the gradient of one image is off by {_first_noise(one):.1f} times "
        "the length of what it should be: each step goes its own way, and only many short ones "
        f"lead downhill together: {_steps_said(one)} at a rate of {_rate(one):g}. All "
        f"{largest:,} images at once make no such error, and bear a rate of {_rate(whole):g}; but "
        f"they take {_steps_said(whole)}, and each costs a look at all of them. In between, "
        f"{sorted(batches)[1]} images bring the noise down to {_first_noise(middle):.1f}, and take "
        f"{_steps_said(middle)}. Near the goal the signal is weaker: there the "
        f"same batch is off by {_last_noise(middle):.1f}. Seconds depend on the machine: here "
        f"batches of {fastest:,} came first, after {_seconds(batches[fastest]):.1f} s of training; "
        f"single images took {_seconds(one):.0f} s, as they leave a processor nothing to do at "
        f"once, and all images {_seconds(whole):.0f} s."
    )


def _picture(runs: LessonRuns, file: Path, heading: str) -> None:
    from experiments.lessons.batch_size import picture

    batches = _batches(runs)
    picture.picture(
        file,
        heading=heading,
        goal=_goal(runs),
        noise={size: _first_noise(found) for size, found in batches.items()},
        curves={
            size: [
                {
                    epoch * _steps_per_epoch(found): accuracy
                    for epoch, accuracy in found.curve("val_accuracy").items()
                }
                for found in _seeds(of_size)
            ]
            for size, of_size in batches.items()
        },
        costs={
            "steps": {size: _steps_to_goal(found) for size, found in batches.items()},
            "looks at each image": {size: _epochs_to_goal(f) for size, f in batches.items()},
            "seconds, on this machine": {size: _seconds(found) for size, found in batches.items()},
        },
    )


# --- reading the runs ------------------------------------------------------------------------


def _batches(runs: LessonRuns) -> Mapping[int, LessonRuns]:
    """The runs by the images before each step, in ascending order; all of them come last."""
    sizes = {size or _samples(runs): size for size in _sizes(runs)}
    typed = {images: "null" if size is None else size for images, size in sizes.items()}
    return {images: runs.where(f"batch_size={typed[images]}") for images in sorted(typed)}


def _seeds(runs: LessonRuns) -> list[LessonRuns]:
    """Each for itself: no curve is the mean of some that have ended and others."""
    return [runs.where(f"seed={seed}") for seed in runs.levels("seed")]


def _sizes(runs: LessonRuns) -> list[int | None]:
    typed = {run.params["batch_size"] for run in runs}
    return [None if size == "None" else int(size) for size in typed]


def _samples(runs: LessonRuns) -> int:
    [size] = runs.levels("data.train_size")
    return int(size)


def _goal(runs: LessonRuns) -> float:
    return max(runs.levels("early_stopping.goal"))


def _rate(runs: LessonRuns) -> float:
    return max(runs.levels("optimizer.learning_rate"))


def _epochs_to_goal(runs: LessonRuns) -> float:
    """Infinite if one of them never reached it."""
    if min(run.val_accuracy for run in runs) < _goal(runs):
        return math.inf
    return len(runs.all_values("val_accuracy")) / len(runs)


def _steps_per_epoch(runs: LessonRuns) -> int:
    [size] = _sizes(runs)
    return math.ceil(_samples(runs) / (size or _samples(runs)))


def _steps_to_goal(runs: LessonRuns) -> float:
    return _epochs_to_goal(runs) * _steps_per_epoch(runs)


def _steps_said(runs: LessonRuns) -> str:
    """Their mean, and the range if the seeds differ."""
    steps = _steps_to_goal(runs)
    if steps == math.inf:
        return "more steps than were made"
    by_seed = [_steps_to_goal(found) for found in _seeds(runs)]
    least, most = f"{min(by_seed):,.0f}", f"{max(by_seed):,.0f}"
    return f"{steps:,.0f} steps" + (f" ({least} to {most})" if least != most else "")


def _looks_said(times: float) -> str:
    return f"{times:.3g}" if times < math.inf else "more than were taken"


def _seconds_to_goal(runs: LessonRuns) -> float:
    return _seconds(runs) if _epochs_to_goal(runs) < math.inf else math.inf


def _seconds(runs: LessonRuns) -> float:
    """Of training passes, mean over the runs."""
    return sum(runs.all_values("epoch_seconds")) / len(runs)


def _first_noise(runs: LessonRuns) -> float:
    return runs.curve("diagnostics/gradient_noise")[0]


def _last_noise(runs: LessonRuns) -> float:
    return runs.latest("diagnostics/gradient_noise")


def _some_and_all(values: Sequence[Any]) -> str | None:
    compared = None in values and len(values) > 2
    return None if compared else "compares null (all images) with two batch sizes or more"


LESSON = Lesson(
    name="batch_size",
    title="Batch size",
    finding=(
        "One image at a time takes many noisy steps, all at once a look at everything for each; "
        "the quick ones lie in between"
    ),
    claims=_claims,
    paragraph=_paragraph,
    picture=_picture,
    requirements={
        "batch_size": _some_and_all,
        "data.train_size": one_number,
        "early_stopping.goal": one_number,
        "diagnostics": always(True),
    },
)
