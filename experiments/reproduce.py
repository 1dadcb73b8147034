"""``python -m experiments.reproduce``: trains the five systems and checks their claims."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from experiments.cli.arguments import whole_number
from experiments.cli.entry import command
from experiments.cli.page_command import page_parser, run_training
from experiments.runs.tags import CONFIG_DIGEST
from experiments.runtime.files import write_whole
from experiments.servers.address import local_address

if TYPE_CHECKING:
    from experiments.tracking import RunStore

_TENTH = 5000  # training images of --quick
_AS_CLAIMED = 0.005  # claims are whole percents: a smaller difference needs no reason


@dataclass(frozen=True)
class System:
    """A preset, the accuracy (0–1) that its author claims, and why ours may differ."""

    preset: str
    claimed: float | None
    reason: str


SYSTEMS = (
    System("system_0", 0.98, "a tenth of the training images is held out here"),
    System(
        "system_1_as_published",
        0.76,
        "its learning rate was not published, and with its mistake the result depends by several "
        "points on the learning rate and on the initial weights",
    ),
    System("system_1", 0.76, "the slope is evaluated at z, as the chain rule requires"),
    System("system_2_as_published", None, ""),
    System("system_2", None, ""),
    System("system_3", None, ""),
    System("system_4", 0.97, "the claim is rounded"),
)


@dataclass(frozen=True)
class Result:
    """The runs of one system, one per seed: test accuracies (0–1), seconds, links."""

    system: System
    accuracies: Sequence[float]
    seconds: float  # mean
    runs: Mapping[str, str]  # run id -> where the MLflow UI shows it

    @property
    def mean(self) -> float:
        """The mean accuracy."""
        return statistics.mean(self.accuracies)

    @property
    def deviation(self) -> float | None:
        """The sample standard deviation; None for a single seed."""
        return statistics.stdev(self.accuracies) if len(self.accuracies) > 1 else None

    def row(self) -> str:
        """One line of the table."""
        claimed = "—" if self.system.claimed is None else f"{self.system.claimed:.0%}"
        spread = "" if self.deviation is None else f" ± {self.deviation:.2%}"
        runs = ", ".join(f"[{run_id[:8]}]({page})" for run_id, page in self.runs.items())
        measured = f"{self.mean:.2%}{spread}"
        return f"| `{self.system.preset}` | {claimed} | {measured} | {self.seconds:.0f} | {runs} |"

    def difference(self, *, quick: bool) -> str:
        """One sentence that compares the measurement with the claim."""
        preset, claimed = f"`{self.system.preset}`", self.system.claimed
        if claimed is None:
            return f"{preset}: no accuracy was claimed."
        gap = self.mean - claimed
        if abs(gap) <= max(_AS_CLAIMED, 2 * (self.deviation or 0)):
            return f"{preset}: as claimed, within half a point or two standard deviations."
        side = "above" if gap > 0 else "below"
        few = quick and gap < 0
        reason = f"it was trained on {_TENTH:,} images only" if few else self.system.reason
        return f"{preset}: {100 * abs(gap):.1f} points {side} the claim: {reason}."


@command()
def main() -> None:
    """Exit status 0 if the page was written; otherwise the exit status of the training."""
    parser = page_parser(
        "reproduce",
        "[--seeds N]",
        "Trains the five systems, two of them also with their published mistake, and writes a page "
        "that compares the claimed with the measured accuracy.",
        quick=f"only {_TENTH:,} training images",
        output=Path("docs/reproduction.md"),
    )
    parser.add_argument("--seeds", type=whole_number(1, 100), metavar="N", default=3)
    parser.add_argument("overrides", nargs="*", metavar="key=value")
    arguments = parser.parse_intermixed_args()
    few = [f"data.train_size={_TENTH}"] if arguments.quick else []
    overrides = [*few, *arguments.overrides]

    # Here, not above: --help need not wait for Hydra and MLflow.
    from experiments.config.compose import compose_config
    from experiments.config.digests import config_digest, flatten
    from experiments.config.validation import validate
    from experiments.reporting import terminal
    from experiments.tracking import RunStore

    configs = {s: compose_config([f"experiment={s.preset}", *overrides]) for s in SYSTEMS}
    for config in configs.values():
        validate(config)
    seeds = range(arguments.seeds)
    presets = ",".join(system.preset for system in SYSTEMS)
    sweep = ["-m", f"experiment={presets}", f"seed={','.join(map(str, seeds))}", "resume=true"]
    if status := run_training(*sweep, *overrides):
        raise SystemExit(status)
    results = []
    for system, config in configs.items():
        digests = [config_digest({**flatten(config), "seed": seed}) for seed in seeds]
        results.append(_result(system, digests, RunStore(config.tracking.uri)))
    write_whole(arguments.output, page(results, quick=arguments.quick).encode())
    terminal.print_text(f"written to {arguments.output}")


def _result(system: System, digests: Sequence[str], store: RunStore) -> Result:
    """The result from the logged runs, found by the digests of their configs."""
    same = (store.same_runs({CONFIG_DIGEST: digest}) for digest in digests)
    found = [next(run for run in runs if run.status == "FINISHED") for runs in same]
    return Result(
        system,
        accuracies=[run.metrics["test_accuracy"] for run in found],
        seconds=statistics.mean(run.metrics["training_seconds"] for run in found),
        runs={run.run_id: store.page(run.run_id, ui=local_address()) for run in found},
    )


def page(results: Sequence[Result], *, quick: bool) -> str:
    """The results as Markdown."""
    seeds = len(results[0].accuracies)
    size = f" on {_TENTH:,} training images" if quick else ""
    command = "python -m experiments.reproduce" + (" --quick" if quick else "")
    return "\n".join(
        [
            "# Reproduction",
            "",
            "The published test accuracy of the [five systems](systems.md), and the test accuracy",
            f"measured here{size}: mean ± standard deviation over {seeds} seeds.",
            f"`{command}` wrote this page from its runs. The links work while",
            "`python -m experiments.ui` shows the store of these runs.",
            "",
            "| preset | claimed | measured | seconds | runs |",
            "|---|---|---|---|---|",
            *(result.row() for result in results),
            "",
            *(f"- {result.difference(quick=quick)}" for result in results),
            "",
        ]
    )


if __name__ == "__main__":
    main()
