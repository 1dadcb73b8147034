"""Dropout and augmentation on little data: what keeps a network from memorizing it."""

from collections.abc import Mapping
from functools import partial

from experiments.lessons.lesson import Drawing, Lesson
from experiments.lessons.lesson_runs import LessonRuns
from experiments.lessons.page import Claim
from experiments.lessons.requirements import above, always, each_of, one_number

_CARE = {
    "neither": (0, "none"),
    "dropout": (0.5, "none"),
    "augmentation": (0, "affine"),
    "both": (0.5, "affine"),
}
"""By their name for the reader: dropout rate and augmentation."""

_MEMORIZED = 0.95  # accuracy on training images, wrong labels included
_GAP = 0.15  # of accuracy
_DROPOUT, _AUGMENTATION, _BOTH = 0.02, 0.05, 0.1  # accuracy gained with wrong labels
_CLEAN = 0.015  # accuracy gained by augmentation with correct labels


def _memorized(runs: LessonRuns) -> Claim:
    plain = _noisy(runs, "neither")
    train, validation = _trained(plain), _validated(plain)
    return Claim(
        f"Without dropout and augmentation, a network memorizes {_images(runs):,} images with "
        "their wrong labels, and is much worse on images that it has never seen.",
        holds=train > _MEMORIZED and train - validation > _GAP,
        figures=f"{train:.1%} accuracy on the given labels, {validation:.1%} on validation images",
    )


def _dropout(runs: LessonRuns) -> Claim:
    gain = _gain(runs, "dropout")
    return Claim(
        "Dropout reduces the damage from wrong labels.",
        holds=gain > _DROPOUT,
        figures=f"{_points(gain)} on validation images, with {_share(runs)} of the labels wrong",
    )


def _augmentation(runs: LessonRuns) -> Claim:
    noisy, clean = _gain(runs, "augmentation"), _gain(runs, "augmentation", noisy=False)
    return Claim(
        "Augmentation helps with wrong labels and with correct labels: images that differ each "
        "time are harder to memorize, and there is more to learn from them.",
        holds=noisy > _AUGMENTATION and clean > _CLEAN,
        figures=f"{_points(noisy)} on validation images with {_share(runs)} of the labels wrong, "
        f"{_points(clean)} with all of them correct",
    )


def _both(runs: LessonRuns) -> Claim:
    gain = _gain(runs, "both")
    single = max(_gain(runs, "dropout"), _gain(runs, "augmentation"))
    return Claim(
        "If labels are wrong, dropout and augmentation together help more than either alone.",
        holds=gain > _BOTH and gain > single,
        figures=f"{_points(gain)} with both, {_points(single)} with the better one of the two",
    )


def _paragraph(runs: LessonRuns) -> str:
    plain = _noisy(runs, "neither")
    curve = plain.curve("val_accuracy")
    best = max(curve, key=lambda epoch: curve[epoch])
    both = _noisy(runs, "both")
    return (
        f"With {_share(runs)} of the labels wrong, the network without dropout and augmentation is "
        f"best after {_epochs(best)}, with {curve[best]:.1%} validation accuracy. Then it learns "
        f"the wrong labels, too, and ends at {_validated(plain):.1%}. Wrong labels follow no rule, "
        "so a network can only memorize them. With dropout and augmentation, it ends at "
        f"{_validated(both):.1%} validation accuracy. On the training images, its answers agree "
        f"with {_trained(both):.1%} of the given labels. A network that classified "
        f"all training images correctly would agree with {1 - _wrong(runs):.0%} of the given "
        f"labels, because {_share(runs)} of them are wrong. If all labels are correct, there is "
        "less harmful memorizing to prevent: dropout changes the accuracy by "
        f"{_points(_gain(runs, 'dropout', noisy=False))}, augmentation by "
        f"{_points(_gain(runs, 'augmentation', noisy=False))}, and both together by "
        f"{_points(_gain(runs, 'both', noisy=False))}."
    )


def _picture(runs: LessonRuns) -> Drawing:
    from experiments.lessons.small_data import picture

    noisy = {care: _noisy(runs, care) for care in _CARE}
    return partial(
        picture.picture,
        images=_images(runs),
        wrong=_wrong(runs),
        training={care: found.curve("diagnostics/train_accuracy") for care, found in noisy.items()},
        validation={care: found.curve("val_accuracy") for care, found in noisy.items()},
        ends={
            "all labels correct": _ends({care: _of(runs, care, 0) for care in _CARE}),
            f"{_share(runs)} of the labels wrong": _ends(noisy),
        },
    )


def _noisy(runs: LessonRuns, care: str) -> LessonRuns:
    return _of(runs, care, _wrong(runs))


def _of(runs: LessonRuns, care: str, wrong: float) -> LessonRuns:
    dropout, augmentation = _CARE[care]
    chosen = (f"model.dropout={dropout}", f"augmentation={augmentation}")
    return runs.where(*chosen, f"data.wrong_labels={wrong}")


def _wrong(runs: LessonRuns) -> float:
    return max(runs.levels("data.wrong_labels"))


def _share(runs: LessonRuns) -> str:
    return f"{_wrong(runs):.0%}"


def _images(runs: LessonRuns) -> int:
    return max(runs.levels("data.train_size"))


def _trained(runs: LessonRuns) -> float:
    """The final accuracy on the training images with their given labels."""
    return runs.latest("diagnostics/train_accuracy", diverged=0.0)


def _validated(runs: LessonRuns) -> float:
    """After the last epoch, not the best, since nobody knows in advance when to stop."""
    return runs.latest("val_accuracy", diverged=0.0)


def _ends(by_care: Mapping[str, LessonRuns]) -> Mapping[str, tuple[float, float]]:
    return {care: (_trained(found), _validated(found)) for care, found in by_care.items()}


def _gain(runs: LessonRuns, care: str, *, noisy: bool = True) -> float:
    wrong = _wrong(runs) if noisy else 0
    return _validated(_of(runs, care, wrong)) - _validated(_of(runs, "neither", wrong))


def _points(gain: float) -> str:
    return f"{100 * gain:+.1f} points"


def _epochs(number: int) -> str:
    return "one epoch" if number == 1 else f"{number} epochs"


LESSON = Lesson(
    name="small_data",
    title="Dropout and augmentation on little data",
    finding="Without dropout and augmentation, the network memorizes wrong labels. With both, it "
    "learns digits instead.",
    claims=(_memorized, _dropout, _augmentation, _both),
    paragraph=_paragraph,
    picture=_picture,
    requirements={
        "model.dropout": each_of(0.0, 0.5),
        "augmentation.name": each_of("none", "affine"),
        "data.wrong_labels": above(0),
        "data.train_size": one_number,
        "diagnostics": always(True),
    },
)
