"""Which runs of a sweep count, if a combination was trained more than once."""

from collections import Counter
from collections.abc import Sequence

from experiments.runs.summary import RunSummary
from experiments.runs.tags import CONFIG_DIGEST


def one_per_combination(
    runs: Sequence[RunSummary], sweep_id: str, digests: Sequence[str]
) -> list[RunSummary]:
    """The run that counts for each combination of a sweep, in the order of ``runs``.

    ``digests`` are the config digests of the combinations; a digest that occurs twice gets two
    runs. If the process of a job dies, Ray starts the job again, as a new run; and a sweep may
    share the runs of others. A run with a result comes first, then one that is being trained,
    then one of the sweep itself, then the newest.
    """

    def order(run: RunSummary) -> tuple[bool, bool, bool, float]:
        foreign = run.parent != sweep_id
        return not run.over, run.status != "RUNNING", foreign, -run.started.timestamp()

    places = Counter(digests)
    counted = set[str]()
    for run in sorted(runs, key=order):
        digest = run.tags.get(CONFIG_DIGEST, "")
        if places[digest] > 0:
            places[digest] -= 1
            counted.add(run.run_id)
    return [run for run in runs if run.run_id in counted]
