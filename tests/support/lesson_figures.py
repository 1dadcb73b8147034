"""Runs of lessons as they were measured, and variations of them."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import product
from typing import Any

from experiments.lessons.lesson_runs import Histories, LessonRuns
from experiments.lessons.page import Claim
from experiments.runs.summary import RunSummary

Run = tuple[Mapping[str, Any], dict[str, list[float]]]
"""The settings of a run, and what it logged from step 0 on."""


def runs_of(described: Iterable[Run]) -> LessonRuns:
    """As if these had been trained; a run that has logged nothing diverged at once."""
    described = list(described)
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
        for number, (settings, logged) in enumerate(described)
    ]

    def histories(metric: str) -> Histories:
        return {
            str(number): list(enumerate(logged.get(metric, ())))
            for number, (_, logged) in enumerate(described)
        }

    return LessonRuns(runs, histories)


def verdicts(claims: Sequence[Claim]) -> list[bool]:
    return [claim.holds for claim in claims]


def zeros(**changes: float) -> Iterator[Run]:
    """Two depths, as measured except for ``changes`` to zeros, and to He's deep networks."""
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
        logged: dict[str, list[float]] = {
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


Start = tuple[float, float, int]
"""The gradient, the share that vanishes, and the epochs until 90 % accuracy (0: never)."""

# For each pair: loss, output, and the results of ordinary and of large output weights.
MEASURED: dict[str, tuple[str, str, Start, Start]] = {
    "softmax": ("softmax_cross_entropy", "logits", (0.97, 0, 8), (1.35, 0, 6)),
    "sigmoid": ("sigmoid_cross_entropy", "sigmoid_logits", (1.6, 0, 7), (2.1, 0, 6)),
    "apart": ("cross_entropy", "softmax", (0.97, 0, 8), (0.75, 0.22, 9)),
    "softmax_mse": ("mse", "softmax", (0.019, 0, 4), (0.011, 0.4, 9)),
    "sigmoid_mse": ("mse", "sigmoid", (0.076, 0, 9), (0.026, 0.02, 0)),
    "linear_mse": ("mse", "linear", (0.4, 0, 9), (6.8, 0, 0)),
}


def pairing(**changes: Start) -> Iterator[Run]:
    """As measured, except for the large weights of the pairs in ``changes``."""
    for name, (loss, output, ordinary, measured) in MEASURED.items():
        large = changes.get(name, measured)
        for scale, (gradient, vanishing, epoch) in ((1.0, ordinary), (20.0, large)):
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
                    "diagnostics/misclassified_vanishing": [vanishing],
                },
            )


def learning_rates(**changes: float) -> Iterator[Run]:
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


AS_THEY_SHOULD_BE: Mapping[str, Callable[[], Iterable[Run]]] = {
    "zeros": zeros,
    "pairing": pairing,
    "learning_rates": learning_rates,
    "depth": depth,
    "small_data": small_data,
    "batch_size": batch_size,
    "real_hands": real_hands,
}
