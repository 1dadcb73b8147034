"""Which pictures a sweep gets, and how its factors are named."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from experiments.reporting.factors import factors_of
from experiments.reporting.sweep_plots import sweep_plots
from experiments.reporting.sweep_results import SweepResults
from experiments.runs.ranking import Row


def row(
    number: int, accuracy: float | None = 0.5, *, fate: str = "finished", **factors: object
) -> Row:
    """A group of one run (``optimizer__name="adam"``)."""
    return Row(
        rank=number,
        run_id=str(number),
        factors={key.replace("__", "."): str(value) for key, value in factors.items()},
        val_accuracy=accuracy,
        val_deviation=None,
        test_accuracy=accuracy,
        test_deviation=None,
        seconds=1.0,
        seeds=1,
        finished=int(fate == "finished"),
        runs={str(number): fate},
    )


def results(rows: Sequence[Row], *, epochs: int = 3) -> SweepResults:
    """Runs of ``epochs`` epochs; a run without an accuracy never finished one."""
    seen = {r.run_id: epochs if r.val_accuracy is not None else 0 for r in rows}
    history = {run_id: [(n, n / 10) for n in range(1, 1 + to)] for run_id, to in seen.items()}
    return SweepResults.of(r"a sweep of $\no{formula$", rows, accuracies=history)


def grid(**levels: Sequence[object]) -> list[Row]:
    """Every combination of two factors, a little better each time."""
    (first, firsts), (second, seconds) = levels.items()
    pairs = [(a, b) for a in firsts for b in seconds]
    return [
        row(n, 0.3 + n / 100, fate="finished", **{first: a, second: b})
        for n, (a, b) in enumerate(pairs, start=1)
    ]


ALL = {"sweep_curves", "heat_map", "learning_rates", "accuracy_and_time"}
RATES = {"optimizer__learning_rate": (0.001, 0.01, 0.1), "optimizer__name": ("sgd", "adam")}
FORTY = [row(n, n / 50, batch_size=n) for n in range(1, 41)]


@pytest.mark.parametrize(
    ("rows", "epochs", "pictures"),
    [
        (grid(**RATES), 3, ALL),
        (grid(**RATES), 1, ALL - {"sweep_curves"}),
        (grid(k=(r"$\no$", "100$^", "$$"), l=("$", r"\$_$")), 3, ALL - {"learning_rates"}),
        (grid(model__init=("zeros", "he"), seeds=(1, 2)), 3, ALL - {"learning_rates"}),
        ([row(1)], 3, {"sweep_curves"}),
        ([row(1)], 1, set()),
        (FORTY, 3, {"sweep_curves", "accuracy_and_time"}),
        ([row(n, None, fate="diverged", k=n) for n in range(3)], 3, set()),
        (
            [row(n, 0.1, fate="diverged", optimizer__learning_rate=10**n) for n in range(3)],
            3,
            {"sweep_curves", "accuracy_and_time"},
        ),
    ],
    ids=[
        "grid",
        "one epoch",
        "dollars",
        "names",
        "one run",
        "nothing",
        "forty",
        "diverged",
        "reached some",
    ],
)
def test_a_picture_is_drawn_when_it_makes_sense(
    tmp_path: Path, rows: Sequence[Row], epochs: int, pictures: set[str]
) -> None:
    plots = sweep_plots(results(rows, epochs=epochs))
    assert set(plots) == pictures
    for name, draw in plots.items():
        draw(tmp_path / f"{name}.png")
        assert (tmp_path / f"{name}.png").stat().st_size > 5000


def levels(rows: Sequence[Row]) -> Mapping[str, Sequence[str]]:
    factors, _ = factors_of(rows)
    return {factor.name: factor.levels for factor in factors}


def test_the_strongest_factor_comes_first() -> None:
    rows = [
        row(1, 0.9, model__init="he", batch_size=128),
        row(2, 0.8, model__init="he", batch_size=16),
        row(3, 0.2, model__init="zeros", batch_size=128),
        row(4, 0.1, model__init="zeros", batch_size=16),
    ]
    assert list(levels(rows).items()) == [("init", ("he", "zeros")), ("batch size", ("16", "128"))]


def test_a_full_grid_of_widths_is_two_factors() -> None:
    shapes = ("[32]", "[64]", "[32, 32]", "[64, 64]")
    rows = [row(n, n / 10, model__hidden=shape) for n, shape in enumerate(shapes)]
    assert levels(rows) == {"hidden layers": ("1", "2"), "units per layer": ("32", "64")}
    assert levels(rows[:3]) == {"hidden": ("32", "64", "32-32")}
    assert levels([*rows, row(9, 0.1, model__hidden="[]")])["hidden"][-1] == "none"


def test_a_key_that_only_some_choices_have_belongs_to_the_choice() -> None:
    pairs = (("ce", "logits"), ("mse", "linear"), ("mse", "softmax"))
    rows = [
        row(n, 0.5, loss__name=name, loss__output=output, optimizer__learning_rate=rate)
        for n, ((name, output), rate) in enumerate((pair, r) for pair in pairs for r in (0.1, 1))
    ]
    assert levels(rows)["loss"] == ("ce", "mse, linear", "mse, softmax")
    assert levels(rows)["learning rate"] == ("0.1", "1")


def test_numbers_are_rounded_only_if_they_stay_different() -> None:
    rows = [row(n, 0.5, k=k) for n, k in enumerate((0.123456789, 0.123456788))]
    assert levels(rows) == {"k": ("0.123456788", "0.123456789")}
    assert levels([row(1, 0.5, k=0.007943282347), row(2, 0.5, k=1)]) == {"k": ("0.00794", "1")}
