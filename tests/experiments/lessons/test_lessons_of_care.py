"""The lessons on depth, little data, batch size and real hands: when their claims hold.

The runs are written down here as a sweep would have logged them, for each lesson once as they
should be, and then with one thing different.
"""

from pathlib import Path

import pytest
from lesson_figures import AS_THEY_SHOULD_BE, batch_size, real_hands, runs_of, verdicts

from experiments.config.compose import compose_config
from experiments.config.identity import flatten
from experiments.lessons.catalogue import LESSONS


@pytest.mark.parametrize("name", AS_THEY_SHOULD_BE)
def test_runs_as_they_should_be_show_every_claim(name: str, tmp_path: Path) -> None:
    runs = runs_of(AS_THEY_SHOULD_BE[name]())
    assert all(verdicts(LESSONS[name].claims(runs)))
    assert "nan" not in LESSONS[name].paragraph(runs)
    LESSONS[name].picture(runs, tmp_path / "picture.png", "what is shown")
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
def test_a_claim_that_the_runs_do_not_show_does_not_hold(
    name: str, place: int, metric: str, value: float, claim: int
) -> None:
    described = AS_THEY_SHOULD_BE[name]()
    logged = described[place][1]
    logged[metric] = [value] * len(logged[metric])
    assert not verdicts(LESSONS[name].claims(runs_of(described)))[claim]


def test_more_looks_at_all_images_are_a_claim_too() -> None:
    described = batch_size()
    described[3][1]["val_accuracy"] = [0.955] * 20
    claims = LESSONS["batch_size"].claims(runs_of(described))
    assert verdicts(claims) == [True, True, False]


def test_a_goal_that_no_batch_reaches_is_no_number_and_no_finding(tmp_path: Path) -> None:
    described = batch_size()
    for _, logged in described:
        logged["best_val_accuracy"] = [0.9]
    lesson, runs = LESSONS["batch_size"], runs_of(described)
    claims = lesson.claims(runs)
    assert verdicts(claims) == [True, False, False]
    assert lesson.heading(claims) == "Batch size: 1 of 3 claims hold"
    assert "inf " not in " ".join([lesson.paragraph(runs), *(claim.figures for claim in claims)])
    lesson.picture(runs, tmp_path / "picture.png", lesson.heading(claims))


@pytest.mark.parametrize(("place", "claim"), [(0, 0), (1, 0), (2, 3)])
def test_a_network_that_diverged_reads_nothing(place: int, claim: int) -> None:
    described = real_hands()
    described[place] = (described[place][0], {})
    assert not verdicts(LESSONS["real_hands"].claims(runs_of(described)))[claim]


def test_without_pen_strokes_the_lesson_says_what_it_needs(
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
