"""Lessons: their claims follow from the runs, and a sweep that doesn't show them says so."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import pairwise, product
from pathlib import Path

import pytest
from harness import command, store
from PIL import Image

from experiments.lessons.learning_rates import claims as learning_rates
from experiments.lessons.lesson import Claim
from experiments.lessons.lesson_runs import Histories, LessonError, LessonRuns
from experiments.lessons.pairing import claims as pairing
from experiments.lessons.zeros import claims as zeros
from experiments.reporting.axes import apart
from experiments.tracking import CLAIMS, RunSummary

Figures = tuple[Mapping[str, object], Mapping[str, Sequence[float]]]
"""What a run was set to, and what it logged from step 0 on."""


def runs_of(figures: Sequence[Figures]) -> LessonRuns:
    """As if these had been trained; one that has logged nothing diverged at once."""
    now = datetime(2026, 1, 1, tzinfo=UTC)
    runs = [
        RunSummary(
            run_id=str(number),
            name="",
            status="FINISHED" if logged else "FAILED",
            started=now,
            seconds=1.0,
            experiment="",
            params={key: str(value) for key, value in settings.items()},
            metrics={name: values[-1] for name, values in logged.items()},
            tags={},
            artifact_uri="",
        )
        for number, (settings, logged) in enumerate(figures)
    ]

    def histories(metric: str) -> Histories:
        return {
            str(number): list(enumerate(logged.get(metric, ())))
            for number, (_, logged) in enumerate(figures)
        }

    return LessonRuns(runs, histories)


def verdicts(claims: Sequence[Claim]) -> list[bool]:
    return [claim.holds for claim in claims]


# --- zeros -------------------------------------------------------------------------------------


def initializations(**changes: float) -> Iterator[Figures]:
    """Two depths, as they were measured but for ``changes``: to zeros, and to He's deep ones."""
    for init, activation, optimizer, depth in product(
        ("zeros", "constant", "normal:0.01", "he_normal"),
        ("relu", "tanh", "sigmoid"),
        ("sgd", "adam"),
        (2, 10),
    ):
        dead = init == "zeros" and activation != "sigmoid"
        alike = init in ("zeros", "constant")
        accuracy = 0.11 if alike or (depth == 10 and init != "he_normal") else 0.9
        if init == "he_normal" and depth == 10:
            accuracy = changes.get("deep", accuracy)
        gradient = changes.get("gradient", 0.0) if dead else 0.1
        neurons = changes.get("copies", 5.0) if alike else 64.0
        logged: dict[str, Sequence[float]] = {
            "val_accuracy": [accuracy],
            "best_val_accuracy": [accuracy],
            "test_accuracy": [accuracy],
            "val_loss": [changes.get("loss", 2.301)],
        }
        for number in range(depth + 1):
            layer = f"diagnostics/{2 * number + 1}.Linear"
            logged[f"{layer}/gradient_norm"] = [gradient, gradient]
            logged[f"{layer}/distinct_units"] = [neurons, neurons]
        if dead:
            outputs = [1.0, changes.get("outputs", 1.0)]
            logged[f"diagnostics/{2 * depth + 1}.Linear/distinct_units"] = outputs
        settings = {
            "model.init": init,
            "model.activation": activation,
            "optimizer.name": optimizer,
            "model.hidden": [64] * depth,
        }
        yield settings, logged


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

Start = tuple[float, float, int]
"""The gradient, the share unheard, and after how many epochs 90 % are read (0: never)."""

# Of each pair: loss, output, and what came of a calm and of a too sure start.
MEASURED: dict[str, tuple[str, str, Start, Start]] = {
    "softmax": ("softmax_cross_entropy", "logits", (0.97, 0, 8), (1.35, 0, 6)),
    "sigmoid": ("sigmoid_cross_entropy", "sigmoid_logits", (1.6, 0, 7), (2.1, 0, 6)),
    "apart": ("cross_entropy", "softmax", (0.97, 0, 8), (0.75, 0.22, 9)),
    "softmax_mse": ("mse", "softmax", (0.019, 0, 4), (0.011, 0.4, 9)),
    "sigmoid_mse": ("mse", "sigmoid", (0.076, 0, 9), (0.026, 0.02, 0)),
    "linear_mse": ("mse", "linear", (0.4, 0, 9), (6.8, 0, 0)),
}


def pairs(**changes: Start) -> Iterator[Figures]:
    """As they were measured, but for the large start of those in ``changes``."""
    for name, (loss, output, calm, sure) in MEASURED.items():
        large = changes.get(name, sure)
        for scale, (gradient, unheard, epoch) in ((1.0, calm), (20.0, large)):
            settings = {
                "loss.name": loss,
                "loss.output": output,
                "model.output_scale": scale,
                "optimizer.learning_rate": 0.1,
                "epoch_samples": 100,
                "batch_size": 32,
            }
            curve = [0.91 if 0 < epoch <= number else 0.5 for number in range(10)]
            yield (
                settings,
                {
                    "val_accuracy": curve,
                    "diagnostics/misclassified_gradient": [gradient],
                    "diagnostics/misclassified_vanishing": [unheard],
                },
            )


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


def rates(**changes: float) -> Iterator[Figures]:
    """Three rates, the middle one the best, of optimizers on even (``one``) and uneven pixels."""
    best = {"sgd": 0.9, "momentum": 0.92, "adam": 0.93, "sgd_uneven": 0.6, **changes}
    for data, name in product(("mnist", "mnist_uneven"), ("sgd", "momentum", "adam")):
        top = best[name]
        if data == "mnist_uneven":
            top = best.get(f"{name}_uneven", top)
        others = min(top, 0.925) if name == "adam" else changes.get("sgd_elsewhere", 0.5)
        for rate, accuracy in ((0.01, others), (0.1, top), (1.0, others)):
            settings = {
                "data.name": data,
                "optimizer.name": "adam" if name == "adam" else "sgd",
                "optimizer.learning_rate": rate,
            }
            if name != "adam":
                settings["optimizer.momentum"] = 0.9 if name == "momentum" else 0.0
            yield settings, {"val_accuracy": [accuracy]}


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
    assert len(re.findall(r"\*Does not show: ", words)) == 3 - holding
    assert len(re.findall(r"\*Holds: ", words)) == holding
    assert f"python -m experiments.train sweep=quick/lesson_pairing {' '.join(tiny)}" in words
    assert sweep.run_id[:8] in page
    assert "nan" not in page
    with Image.open(tmp_path / "docs" / "lessons" / "pairing.png") as picture:
        assert picture.width > 1000
    terminal = " ".join(done.stdout.split())
    assert terminal.count("does not show") == 3 - holding


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["zreos"], "zreos: there is no lesson of this name; did you mean zeros?"),
        (
            ["--quick", "zeros", "model.init=he_normal"],
            "model.init=he_normal: the lesson also needs zeros, constant, normal:0.01; without an "
            "override of it, sweep=quick/lesson_zeros has all that it takes",
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
