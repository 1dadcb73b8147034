"""The lessons on depth, little data, batch size and real hands: when their claims hold.

The runs are written down here as a sweep would have logged them, for each lesson once as they
should be, and then with one thing different.
"""

from collections.abc import Callable, Mapping
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from test_lessons import runs_of, verdicts

from experiments.lessons.catalogue import LESSONS

Run = tuple[Mapping[str, Any], dict[str, list[float]]]
"""What a run was set to, and what it logged, step by step from 0."""


def depth() -> list[Run]:
    runs: list[Run] = []
    for activation, normalized, layers in product(("sigmoid", "relu"), (False, True), (2, 10)):
        fades = activation == "sigmoid" and not normalized
        kinds = [
            "Linear",
            *["BatchNorm"] * normalized,
            {"sigmoid": "Sigmoid", "relu": "ReLU"}[activation],
        ]
        logged = {"best_val_accuracy": [0.11 if fades and layers == 10 else 0.9]}
        for layer in range(layers):
            first, last = layer * len(kinds) + 1, (layer + 1) * len(kinds)
            gradient = 3.0 ** (layer - layers) if fades else 1.0
            logged[f"diagnostics/{first}.Linear/gradient_norm"] = [gradient]
            logged[f"diagnostics/{last}.{kinds[-1]}/sample_std"] = [0.3**layer if fades else 0.2]
        params = {
            "model.activation": activation,
            "model.batch_norm": normalized,
            "model.hidden": [64] * layers,
        }
        runs.append((params, logged))
    return runs


def small_data() -> list[Run]:
    runs: list[Run] = []
    ends = {(0, "none"): 0.7, (0.5, "none"): 0.76, (0, "affine"): 0.82, (0.5, "affine"): 0.9}
    for (dropout, augmentation), wrong in product(ends, (0.0, 0.3)):
        clean = 0.9 if augmentation == "none" else 0.94
        end = ends[dropout, augmentation] if wrong else clean
        params = {
            "model.dropout": dropout,
            "augmentation.name": augmentation,
            "data.wrong_labels": wrong,
            "data.train_size": 1000,
        }
        logged = {
            "val_accuracy": [0.5, 0.8, end],
            "diagnostics/train_accuracy": [0.1, 0.6, 1.0 if end != 0.9 else 0.7],
        }
        runs.append((params, logged))
    return runs


def batch_size() -> list[Run]:
    epochs = {1: 3, 32: 4, 128: 8, None: 60}
    noise = {1: 8.0, 32: 1.5, 128: 0.7, None: 0.0}
    return [
        (
            {
                "seed": 0,
                "batch_size": size,
                "data.train_size": 2000,
                "early_stopping.goal": 0.95,
                "optimizer.learning_rate": 0.1,
            },
            {
                "val_accuracy": [0.9] * (count - 1) + [0.955],
                "best_val_accuracy": [0.955],
                "epoch_seconds": [0.5] * count,
                "diagnostics/gradient_noise": [noise[size], 3.0],
            },
        )
        for size, count in epochs.items()
    ]


def real_hands() -> list[Run]:
    runs: list[Run] = []
    for data, hidden in (("mnist", [128]), ("mnist", [128, 64]), ("mnist_and_pen", [256, 128])):
        read = 0.97 if data == "mnist_and_pen" else 0.9
        shares = {
            "usual": {"whole_canvas": 0.7, "published": read - 0.01, "redrawn": read},
            "thick": {"whole_canvas": 0.2, "published": 0.6, "redrawn": read - 0.005},
            "corner": {"whole_canvas": 0.1, "published": read, "redrawn": read},
        }
        logged = {"test_accuracy": [0.98]} | {
            f"handwriting/{manner}/{way}": [share]
            for manner, found in shares.items()
            for way, share in found.items()
        }
        params = {"data.name": data, "model.hidden": hidden, "data.test_writers": 10}
        runs.append((params, logged))
    return runs


AS_THEY_SHOULD_BE: Mapping[str, Callable[[], list[Run]]] = {
    "depth": depth,
    "small_data": small_data,
    "batch_size": batch_size,
    "real_hands": real_hands,
}


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
    assert lesson.heading(claims) == "Batch size: 1 of 3 claims show"
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
    from experiments.config.compose import compose_config

    sweep = "sweep=quick/lesson_real_hands"
    reason = LESSONS["real_hands"].obstacle(compose_config([sweep]))
    assert reason is not None
    assert "\n" not in reason
    assert "pen_digits holds neither" in reason
    assert "data.pen_strokes takes" in reason
    given = compose_config([sweep, f"data.pen_strokes={home / 'people.tra'}"])
    assert LESSONS["real_hands"].obstacle(given) is None
