"""Batch size: many noisy steps or few exact ones, and what each costs."""

import math
from collections.abc import Mapping, Sequence
from functools import partial
from itertools import pairwise
from typing import Any

from experiments.lessons.lesson import Drawing, Lesson
from experiments.lessons.lesson_runs import LessonRuns
from experiments.lessons.page import Claim
from experiments.lessons.requirements import always, one_number

_OFF = 1.6  # how many times larger or smaller than 1/√B the estimated noise may be
_FEWER = 1.2  # times fewer steps with the next larger batch, at least
_MORE_USES = 4  # times as many uses of each image with all images in a batch, at least


def _noise(runs: LessonRuns) -> Claim:
    noise = {size: _first_noise(found) for size, found in _batches(runs).items()}
    *sizes, _ = noise
    smallest, largest = sizes[0], sizes[-1]
    measured = noise[smallest] / noise[largest]
    expected = math.sqrt(largest / smallest)
    return Claim(
        "The noise in the gradient of a batch of B images is proportional to 1/√B.",
        holds=1 / _OFF < measured / expected < _OFF and noise[max(noise)] == 0,
        figures=f"with {largest} images the noise is {measured:.1f} times smaller than with "
        f"{smallest}; 1/√B predicts {expected:.1f}",
    )


def _steps(runs: LessonRuns) -> Claim:
    batches = _batches(runs)
    steps = [_steps_to_goal(found) for found in batches.values()]
    return Claim(
        f"The larger the batch, the fewer steps it takes to {_goal(runs):.0%} accuracy.",
        holds=all(before > _FEWER * after for before, after in pairwise(steps)),
        figures="in the mean of the seeds, training takes "
        + ", ".join(
            f"{_steps_text(found)} with {size:,} image{'s' if size > 1 else ''} per batch"
            for size, found in batches.items()
        ),
    )


def _uses(runs: LessonRuns) -> Claim:
    *some, whole = (_epochs_to_goal(found) for found in _batches(runs).values())
    return Claim(
        "With all images in each batch, training uses each image far more often than with smaller "
        "batches before it reaches that accuracy.",
        holds=whole > _MORE_USES * max(some),
        figures=f"training uses each image {_uses_text(whole)} times with all images in each "
        f"batch, and {_uses_text(min(some))} to {_uses_text(max(some))} times with smaller batches",
    )


def _paragraph(runs: LessonRuns) -> str:
    batches = _batches(runs)
    smallest, *_, largest = batches
    one, whole = batches[smallest], batches[largest]
    middle = batches[sorted(batches)[1]]
    fastest = min(batches, key=lambda size: _seconds_to_goal(batches[size]))
    return (
        "The gradient of a batch differs from the gradient of all images. This difference is the "
        "noise. Before the first step, the noise of one image is "
        f"{_first_noise(one):.1f} times as large as the gradient of all images. So each step goes "
        "in a different direction, and only many small steps together lead downhill: "
        f"{_steps_text(one)} at a learning rate of {_rate(one):g}. The gradient of all "
        f"{largest:,} images has no noise, and allows a learning rate of {_rate(whole):g}. "
        f"Training then takes only {_steps_text(whole)}, but each of them uses all images. In "
        f"between, training with batches of {sorted(batches)[1]} images takes "
        f"{_steps_text(middle)}. Before the first step, their noise is {_first_noise(middle):.1f} "
        "times as large as the gradient of all images. Near the goal this gradient is smaller, and "
        f"the noise is {_last_noise(middle):.1f} times as large as this gradient. How many seconds "
        f"the training takes depends on the machine. Here batches of {fastest:,} were the fastest: "
        f"training took {_seconds(batches[fastest]):.1f} s. With single images it took "
        f"{_seconds(one):.0f} s, because one image leaves a processor nothing to compute in "
        f"parallel. With all images it took {_seconds(whole):.0f} s."
    )


def _picture(runs: LessonRuns) -> Drawing:
    from experiments.lessons.batch_size import picture

    batches = _batches(runs)
    return partial(
        picture.picture,
        goal=_goal(runs),
        noise={size: _first_noise(found) for size, found in batches.items()},
        curves={
            size: [_accuracy_by_step(of_seed) for of_seed in _seeds(found)]
            for size, found in batches.items()
        },
        costs={
            "steps": {size: _steps_to_goal(found) for size, found in batches.items()},
            "uses of each image": {size: _epochs_to_goal(f) for size, f in batches.items()},
            "seconds, on this machine": {size: _seconds(found) for size, found in batches.items()},
        },
    )


def _batches(runs: LessonRuns) -> Mapping[int, LessonRuns]:
    """The runs by the number of images per batch, ascending; all images come last."""
    logged = {run.params["batch_size"] for run in runs}
    typed = {_samples(runs) if size == "None" else int(size): size for size in logged}
    return {images: runs.where(f"batch_size={typed[images]}") for images in sorted(typed)}


def _seeds(runs: LessonRuns) -> list[LessonRuns]:
    """Separately: a mean curve would mix runs that have ended with others."""
    return [found for _, found in runs.by("seed")]


def _samples(runs: LessonRuns) -> int:
    [size] = runs.levels("data.train_size")
    return int(size)


def _goal(runs: LessonRuns) -> float:
    return max(runs.levels("early_stopping.goal"))


def _rate(runs: LessonRuns) -> float:
    return max(runs.levels("optimizer.learning_rate"))


def _epochs_to_goal(runs: LessonRuns) -> float:
    """The mean; infinite if a run never reached the goal."""
    if min(run.val_accuracy for run in runs) < _goal(runs):
        return math.inf
    return len(runs.all_values("val_accuracy")) / len(runs)


def _steps_per_epoch(runs: LessonRuns) -> int:
    [size] = _batches(runs)
    return math.ceil(_samples(runs) / size)


def _accuracy_by_step(runs: LessonRuns) -> Mapping[int, float]:
    steps = _steps_per_epoch(runs)
    return {epoch * steps: share for epoch, share in runs.curve("val_accuracy").items()}


def _steps_to_goal(runs: LessonRuns) -> float:
    return _epochs_to_goal(runs) * _steps_per_epoch(runs)


def _steps_text(runs: LessonRuns) -> str:
    """The mean over the seeds, and their range if they differ."""
    steps = _steps_to_goal(runs)
    if steps == math.inf:
        return "more steps than these runs took"
    by_seed = [_steps_to_goal(found) for found in _seeds(runs)]
    least, most = f"{min(by_seed):,.0f}", f"{max(by_seed):,.0f}"
    return f"{steps:,.0f} steps" + (f" (from {least} to {most})" if least != most else "")


def _uses_text(times: float) -> str:
    return f"{times:.3g}" if times < math.inf else "more than in these runs"


def _seconds_to_goal(runs: LessonRuns) -> float:
    return _seconds(runs) if _epochs_to_goal(runs) < math.inf else math.inf


def _seconds(runs: LessonRuns) -> float:
    """Seconds of training without evaluation, mean over the runs."""
    return sum(runs.all_values("epoch_seconds")) / len(runs)


def _first_noise(runs: LessonRuns) -> float:
    return runs.curve("diagnostics/gradient_noise")[0]


def _last_noise(runs: LessonRuns) -> float:
    return runs.latest("diagnostics/gradient_noise")


def _some_and_all(values: Sequence[Any]) -> str | None:
    compared = None in values and len(values) > 2
    return None if compared else "compares null (all images) with at least two other batch sizes"


LESSON = Lesson(
    name="batch_size",
    title="Batch size",
    finding="One image at a time takes many noisy steps; all images at once make each step "
    "expensive. The fastest batches lie in between.",
    claims=(_noise, _steps, _uses),
    paragraph=_paragraph,
    picture=_picture,
    requirements={
        "batch_size": _some_and_all,
        "data.train_size": one_number,
        "early_stopping.goal": one_number,
        "diagnostics": always(True),
    },
)
