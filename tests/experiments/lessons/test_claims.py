"""Claims of the lessons: they hold if the runs show them, and only then.

The runs are written down here as a sweep would have logged them, for each lesson once as they
should be, and then with one thing different.
"""

from pathlib import Path

import lesson_figures
import pytest
from lesson_figures import AS_THEY_SHOULD_BE, batch_size, real_hands, runs_of, verdicts

from experiments.config.compose import compose_config
from experiments.config.digests import flatten
from experiments.errors import LessonError
from experiments.lessons.catalogue import LESSONS


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, [True, True, True]),
        ({"gradient": 1e-30}, [False, True, True]),
        ({"outputs": 10.0}, [False, True, True]),
        ({"loss": 2.2}, [False, True, True]),
        ({"copies": 9.0}, [True, False, True]),
        ({"copies": 1.0}, [True, True, True]),
        ({"deep": 0.3}, [True, True, False]),
    ],
)
def test_the_claims_about_zeros(changes, expected) -> None:
    runs = runs_of(lesson_figures.zeros(**changes))
    assert verdicts(LESSONS["zeros"].judge(runs)) == expected
    assert LESSONS["zeros"].paragraph(runs)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, [True, True, True]),
        ({"softmax": (1.35, 0, 0)}, [True, False, True]),
        ({"softmax_mse": (0.011, 0.4, 6)}, [True, False, True]),
        ({"sigmoid_mse": (0.026, 0.02, 9)}, [True, False, True]),
        ({"softmax_mse": (0.02, 0.4, 9)}, [True, True, False]),
        ({"apart": (0.75, 0.05, 9)}, [True, True, False]),
    ],
)
def test_the_claims_about_softmax_and_cross_entropy(changes, expected) -> None:
    runs = runs_of(lesson_figures.pairing(**changes))
    claims = LESSONS["pairing"].judge(runs)
    assert verdicts(claims) == expected
    assert "softmax + cross-entropy after 32 steps" in claims[0].figures, "8 epochs of 4 batches"
    assert LESSONS["pairing"].paragraph(runs)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, [True, True, True]),
        ({"momentum": 0.89}, [False, True, True]),
        ({"sgd_uneven": 0.85}, [True, False, True]),
        ({"adam_uneven": 0.87}, [True, False, False]),
        ({"sgd": 0.91, "sgd_elsewhere": 0.91}, [True, False, False]),
    ],
)
def test_the_claims_about_learning_rates(changes, expected) -> None:
    runs = runs_of(lesson_figures.learning_rates(**changes))
    assert verdicts(LESSONS["learning_rates"].judge(runs)) == expected
    assert LESSONS["learning_rates"].paragraph(runs)


def test_runs_of_another_sweep_are_refused() -> None:
    with pytest.raises(LessonError, match=r"model\.init=zeros: the runs have no such key"):
        LESSONS["zeros"].judge(runs_of(lesson_figures.learning_rates()))


@pytest.mark.parametrize("name", AS_THEY_SHOULD_BE)
def test_measured_runs_show_every_claim(name: str, tmp_path: Path) -> None:
    runs = runs_of(AS_THEY_SHOULD_BE[name]())
    assert all(verdicts(LESSONS[name].judge(runs)))
    assert "nan" not in LESSONS[name].paragraph(runs)
    LESSONS[name].draw(runs, "what is shown", tmp_path / "picture.png")
    assert (tmp_path / "picture.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("name", "place", "metric", "value", "claim"),
    [
        ("depth", 1, "diagnostics/1.Linear/gradient_norm", 1.0, 0),
        ("depth", 5, "diagnostics/1.Linear/gradient_norm", 1e-4, 0),
        ("depth", 1, "best_val_accuracy", 0.5, 1),
        ("depth", 5, "best_val_accuracy", 0.2, 1),
        ("depth", 3, "best_val_accuracy", 0.2, 2),
        ("small_data", 1, "diagnostics/train_accuracy", 0.8, 0),
        ("small_data", 3, "val_accuracy", 0.71, 1),
        ("small_data", 4, "val_accuracy", 0.9, 2),
        ("small_data", 7, "val_accuracy", 0.81, 3),
        ("batch_size", 0, "diagnostics/gradient_noise", 1.0, 0),
        ("batch_size", 3, "diagnostics/gradient_noise", 0.1, 0),
        ("batch_size", 3, "best_val_accuracy", 0.9, 1),
        ("real_hands", 1, "test_accuracy", 0.91, 0),
        ("real_hands", 0, "handwriting/usual/whole_canvas", 0.88, 1),
        ("real_hands", 1, "handwriting/corner/whole_canvas", 0.8, 1),
        ("real_hands", 1, "handwriting/thick/published", 0.88, 2),
        ("real_hands", 1, "handwriting/thick/redrawn", 0.7, 2),
        ("real_hands", 2, "handwriting/usual/redrawn", 0.91, 3),
    ],
)
def test_a_claim_does_not_hold_if_the_runs_do_not_show_it(
    name: str, place: int, metric: str, value: float, claim: int
) -> None:
    described = list(AS_THEY_SHOULD_BE[name]())
    logged = described[place][1]
    logged[metric] = [value] * len(logged[metric])
    assert not verdicts(LESSONS[name].judge(runs_of(described)))[claim]


def test_more_uses_of_each_image_are_a_claim_too() -> None:
    described = batch_size()
    described[3][1]["val_accuracy"] = [0.955] * 20
    claims = LESSONS["batch_size"].judge(runs_of(described))
    assert verdicts(claims) == [True, True, False]


def test_a_goal_that_no_batch_size_reaches_gives_no_numbers_and_no_finding(tmp_path: Path) -> None:
    described = batch_size()
    for _, logged in described:
        logged["best_val_accuracy"] = [0.9]
    lesson, runs = LESSONS["batch_size"], runs_of(described)
    claims = lesson.judge(runs)
    assert verdicts(claims) == [True, False, False]
    assert lesson.heading(claims) == "Batch size: 1 of 3 claims hold"
    assert "inf " not in " ".join([lesson.paragraph(runs), *(claim.figures for claim in claims)])
    lesson.draw(runs, lesson.heading(claims), tmp_path / "picture.png")


@pytest.mark.parametrize(("place", "claim"), [(0, 0), (1, 0), (2, 3)])
def test_a_diverged_network_has_accuracy_0(place: int, claim: int) -> None:
    described = real_hands()
    described[place] = (described[place][0], {})
    assert not verdicts(LESSONS["real_hands"].judge(runs_of(described)))[claim]


def test_without_pen_strokes_the_lesson_says_what_is_missing(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sweep = "sweep=quick/lesson_real_hands"
    reason = LESSONS["real_hands"].obstacle(flatten(compose_config([sweep])))
    assert reason is not None
    assert "\n" not in reason
    assert "pen_digits holds neither" in reason
    assert "data.pen_strokes takes" in reason
    given = compose_config([sweep, f"data.pen_strokes={home / 'people.tra'}"])
    assert LESSONS["real_hands"].obstacle(flatten(given)) is None
