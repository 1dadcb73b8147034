"""``python -m experiments.lessons``: trains the runs of the lessons and writes their pages."""

from __future__ import annotations

import time
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from experiments.cli.exit_status import exit_with
from experiments.cli.page_command import page_parser, run_training
from experiments.config.compose import compose_config
from experiments.config.identity import flatten
from experiments.errors import RunStoreError
from experiments.lessons.catalogue import LESSONS, sweep_of
from experiments.lessons.lesson import FOLDER
from experiments.reporting import terminal
from experiments.runs.tags import CLAIMS
from experiments.runtime.files import write_whole

if TYPE_CHECKING:
    from experiments.runs.summary import RunSummary
    from experiments.tracking import RunStore

_CLAIM_FAILED = 1  # exit status of a sweep whose runs don't show every claim


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
    arguments = parser.parse_args()
    names = [text for text in arguments.words if "=" not in text]
    overrides = [text for text in arguments.words if "=" in text]
    for name in names:
        if name not in LESSONS:
            close = get_close_matches(name, LESSONS)
            hint = f"did you mean {close[0]}?" if close else f"choose from {', '.join(LESSONS)}"
            parser.exit(2, f"{name}: there is no lesson of this name; {hint}\n")
    try:
        names = names or _without_obstacle(arguments.quick, overrides)
    except Exception as error:
        exit_with(error)
    statuses = [_teach(name, arguments.quick, overrides, arguments.output) for name in names]
    raise SystemExit(max(statuses, default=0))


def _without_obstacle(quick: bool, overrides: Sequence[str]) -> list[str]:
    """The lessons that can run here, with a line on the error stream for each other one."""
    found: list[str] = []
    for name, lesson in LESSONS.items():
        config = compose_config([f"sweep={sweep_of(name, quick=quick)}", *overrides])
        if reason := lesson.obstacle(flatten(config)):
            terminal.print_error(f"skipped lesson {name}: {reason}")
        else:
            found.append(name)
    return found


def _teach(name: str, quick: bool, overrides: Sequence[str], folder: Path) -> int:
    """The exit status of the sweep, once the lesson's page is written."""
    from experiments.tracking import RunStore  # here: --help need not wait for MLflow

    sweep, launched = sweep_of(name, quick=quick), int(time.time())
    status = run_training(f"sweep={sweep}", "resume=true", *overrides)
    if status not in (0, _CLAIM_FAILED):
        raise SystemExit(status)
    store = RunStore(compose_config([f"sweep={sweep}", *overrides]).tracking.uri)
    try:
        run_id = _told_since(launched, sweep, store).run_id
        for file in (f"{name}.png", f"{name}.md"):  # the page last, since it shows the picture
            write_whole(folder / file, store.artifact(run_id, f"{FOLDER}/{file}").read_bytes())
    except RunStoreError as error:
        terminal.print_error(f"lesson {name}: no page: {error}")
        return _CLAIM_FAILED
    terminal.print_text(f"written to {folder / name}.md")
    return status


def _told_since(launched: float, sweep: str, store: RunStore) -> RunSummary:
    """The sweep of this name that has just ended, new or resumed."""
    for run in store.sweeps():
        ended = run.started.timestamp() + (run.seconds or 0)
        if run.name == sweep and run.tags.get(CLAIMS) and ended >= launched:
            return run
    raise RunStoreError(f"the sweep {sweep} has not ended with a lesson")


if __name__ == "__main__":
    main()
