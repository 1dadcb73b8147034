"""Lessons: their claims follow from the runs, and a sweep that doesn't show them says so."""

import re
from itertools import pairwise
from pathlib import Path

import pytest
from harness import command, store
from lesson_figures import initializations, pairs, rates, runs_of, verdicts
from PIL import Image

from experiments.errors import LessonError
from experiments.lessons.learning_rates import claims as learning_rates
from experiments.lessons.pairing import claims as pairing
from experiments.lessons.zeros import claims as zeros
from experiments.reporting.axes import apart
from experiments.runs.tags import CLAIMS

# --- zeros -------------------------------------------------------------------------------------


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
def test_zeros_refuse_to_train_if_the_runs_say_so(changes, expected) -> None:
    runs = runs_of(list(initializations(**changes)))
    assert verdicts(zeros.LESSON.claims(runs)) == expected
    assert zeros.LESSON.paragraph(runs)


# --- pairing -----------------------------------------------------------------------------------


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
def test_softmax_and_cross_entropy_belong_together_if_the_runs_say_so(changes, expected) -> None:
    runs = runs_of(list(pairs(**changes)))
    claims = pairing.LESSON.claims(runs)
    assert verdicts(claims) == expected
    assert "softmax + cross-entropy after 32 steps" in claims[0].figures, "8 epochs of 4 batches"
    assert pairing.LESSON.paragraph(runs)


# --- learning rates ----------------------------------------------------------------------------


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
def test_adam_forgives_what_sgd_does_not_if_the_runs_say_so(changes, expected) -> None:
    runs = runs_of(list(rates(**changes)))
    assert verdicts(learning_rates.LESSON.claims(runs)) == expected
    assert learning_rates.LESSON.paragraph(runs)


def test_runs_of_another_sweep_teach_nothing() -> None:
    with pytest.raises(LessonError, match=r"model\.init=zeros: the runs have no such key"):
        zeros.LESSON.claims(runs_of(list(rates())))


def test_labels_that_would_overlap_move_apart_and_keep_their_order() -> None:
    places = [3.0, 0.1, 0.0, 0.05, 9.0]
    moved = apart(places, 1.0)
    order = sorted(range(5), key=lambda i: places[i])
    assert all(moved[b] - moved[a] > 1 - 1e-3 for a, b in pairwise(order))
    assert moved[4] == 9.0, "far away as it is"


# --- at the end of a sweep ---------------------------------------------------------------------


def test_what_the_runs_do_not_show_is_said_and_the_exit_status_is_1(tmp_path: Path) -> None:
    """Two steps, of which one is enough for some of the networks to diverge."""
    tiny = ("data=digits", "data.train_size=null", "epoch_samples=64", "epochs=2")
    rate = "optimizer.learning_rate=1e20"
    done = command(tmp_path, "experiments.lessons", "--quick", "pairing", *tiny, rate)
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    [sweep] = store(tmp_path).sweeps()
    assert sweep.status == "FAILED"
    children = store(tmp_path).children(sweep.run_id)
    assert len(children) == 12
    assert {run.diverged for run in children} == {True, False}
    holding = int(sweep.tags[CLAIMS].removesuffix(" of 3 hold"))
    assert 0 <= holding < 3
    page = (tmp_path / "docs" / "lessons" / "pairing.md").read_text(encoding="utf-8")
    assert page.startswith("# Why softmax and cross-entropy are paired\n")
    words = " ".join(page.split())
    assert len(re.findall(r"\*Does not hold: ", words)) == 3 - holding
    assert len(re.findall(r"\*Holds: ", words)) == holding
    assert f"python -m experiments.train sweep=quick/lesson_pairing {' '.join(tiny)}" in words
    assert sweep.run_id[:8] in page
    assert "nan" not in page
    with Image.open(tmp_path / "docs" / "lessons" / "pairing.png") as picture:
        assert picture.width > 1000
    terminal = " ".join(done.stdout.split())
    assert terminal.count("does not hold") == 3 - holding


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["zreos"], "zreos: there is no lesson of this name; did you mean zeros?"),
        (
            ["--quick", "zeros", "model.init=he_normal"],
            "model.init=he_normal: the lesson also needs zeros, constant, normal:0.01; leave "
            "model.init out to get the values of its preset",
        ),
    ],
)
def test_what_cannot_be_taught_is_said_in_a_line(
    tmp_path: Path, arguments: list[str], said: str
) -> None:
    done = command(tmp_path, "experiments.lessons", *arguments)
    assert done.returncode == 2
    [line] = done.stderr.strip().splitlines()
    assert said in line
    assert not (tmp_path / "docs").exists()
    assert store(tmp_path).sweeps() == [], "nothing was trained"
