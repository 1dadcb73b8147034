"""``python -m experiments.lessons``: trains the runs of the lessons and writes their pages."""

from __future__ import annotations

import time
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from experiments.cli.entry import command
from experiments.cli.page_command import page_parser, run_training
from experiments.errors import RunStoreError, UsageError
from experiments.lessons.catalogue import LESSONS, sweep_of
from experiments.lessons.lesson import FOLDER
from experiments.runs.tags import CLAIMS
from experiments.runtime.files import write_whole
from experiments.runtime.streams import print_error

if TYPE_CHECKING:
    from experiments.runs.summary import RunSummary
    from experiments.tracking import RunStore

_CLAIM_FAILED = 1  # exit status of a sweep whose runs don't show every claim


@command()
def main() -> None:
    """Exit status 0; 1 if a claim does not hold or a run failed; else that of the training."""
    parser = page_parser(
        "lessons",
        "[LESSON …]",
        "Trains the sweep of each lesson and writes its page and picture from the runs. "
        f"Lessons, all by default: {', '.join(LESSONS)}.",
        quick="fewer runs on less data",
        output=Path("docs/lessons"),
    )
    parser.add_argument("words", nargs="*", metavar="LESSON or key=value")
    arguments = parser.parse_intermixed_args()
    names = [text for text in arguments.words if "=" not in text]
    overrides = [text for text in arguments.words if "=" in text]
    for name in names:
        if name not in LESSONS:
            close = get_close_matches(name, LESSONS)
            hint = f"did you mean {close[0]}?" if close else f"choose from {', '.join(LESSONS)}"
            raise UsageError(f"{name}: there is no lesson of this name; {hint}")
    raise SystemExit(_teach(names, overrides, arguments.output, quick=arguments.quick))


def _teach(names: Sequence[str], overrides: Sequence[str], folder: Path, *, quick: bool) -> int:
    """Trains for the named lessons, or for all that can run here; the highest exit status."""
    # Here, not above: --help need not wait for Hydra and MLflow.
    from experiments.config.compose import compose_config
    from experiments.config.digests import flatten
    from experiments.tracking import RunStore

    sweeps = {name: sweep_of(name, quick=quick) for name in names or LESSONS}
    uris = {}
    for name, sweep in sweeps.items():
        config = compose_config([f"sweep={sweep}", *overrides])
        if not names and (reason := LESSONS[name].obstacle(flatten(config))):
            print_error(f"skipped lesson {name}: {reason}")
        else:
            uris[name] = config.tracking.uri
    highest = 0
    for name, uri in uris.items():
        launched = int(time.time())
        status = run_training(f"sweep={sweeps[name]}", "resume=true", *overrides)
        if status not in (0, _CLAIM_FAILED):
            raise SystemExit(status)
        written = _write_page(name, launched, sweeps[name], RunStore(uri), folder)
        highest = max(highest, status if written else _CLAIM_FAILED)
    return highest


def _write_page(name: str, launched: int, sweep: str, store: RunStore, folder: Path) -> bool:
    """Whether the sweep has the lesson's page."""
    from experiments.reporting import terminal  # here: --help need not wait for Rich

    try:
        run_id = _told_since(launched, sweep, store).run_id
        for file in (f"{name}.png", f"{name}.md"):  # the page last, since it shows the picture
            with store.artifact(run_id, f"{FOLDER}/{file}") as kept:
                write_whole(folder / file, kept.read_bytes())
    except RunStoreError as error:
        print_error(f"lesson {name}: no page: {error}")
        return False
    terminal.print_text(f"written to {folder / name}.md")
    return True


def _told_since(launched: float, sweep: str, store: RunStore) -> RunSummary:
    """The sweep of this name that has just ended, new or resumed."""
    for run in store.sweeps():
        ended = run.started.timestamp() + (run.seconds or 0)
        if run.name == sweep and run.tags.get(CLAIMS) and ended >= launched:
            return run
    raise RunStoreError(f"the sweep {sweep} has not ended with a lesson")


if __name__ == "__main__":
    main()
