"""After a sweep: its best run becomes the champion of its data set if it beats the current one."""

from collections.abc import Sequence

from experiments.errors import RunStoreError
from experiments.reporting import terminal
from experiments.runs.summary import RunSummary
from experiments.runtime.streams import print_error
from experiments.tracking import RunStore


def crown(store: RunStore, runs: Sequence[RunSummary]) -> None:
    """Registers the best run on each data set, if it finished, and prints that.

    A failing registry costs a line on the error stream, never the sweep.
    """
    rated = [run for run in runs if run.val_accuracy >= 0 and "data.name" in run.params]
    for dataset in sorted({run.params["data.name"] for run in rated}):
        candidates = [run for run in rated if run.params["data.name"] == dataset]
        best = min(candidates, key=lambda run: (-run.val_accuracy, run.started))
        if best.status != "FINISHED":
            continue
        try:
            promotion = store.registry.promote(best.run_id)
        except RunStoreError as error:
            print_error(f"champion of {dataset}: {error}")
            continue
        if promotion is not None:
            terminal.print_champion(dataset, best.run_id, promotion.val_accuracy, promotion.before)
