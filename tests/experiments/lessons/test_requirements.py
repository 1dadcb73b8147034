"""Sweeps with fewer values: the lesson is written, or refused before any training."""

from contextlib import suppress

import pytest
from lesson_figures import AS_THEY_SHOULD_BE, Run, runs_of, zeros

from experiments.errors import ConfigError, LessonError
from experiments.lessons.catalogue import LESSONS
from experiments.lessons.requirements import above, always, each_of, one_number


def refusal(name: str, runs: list[Run]) -> str | None:
    """Why the lesson refuses a sweep of these."""
    settings = [{"diagnostics": True, **settings} for settings, _ in runs]
    try:
        LESSONS[name].check(settings)
    except ConfigError as error:
        return str(error)
    return None


@pytest.mark.parametrize("name", LESSONS)
def test_a_sweep_with_fewer_values_is_written_or_refused_in_one_line(name: str) -> None:
    runs = list(AS_THEY_SHOULD_BE[name]())
    assert refusal(name, runs) is None
    refused = []
    for key in {key for settings, _ in runs for key in settings}:
        values = {str(settings.get(key)) for settings, _ in runs}
        for value in values if len(values) > 1 else ():
            for alone in (True, False):  # only the value, and all others
                kept = [run for run in runs if (str(run[0].get(key)) == value) is alone]
                if said := refusal(name, kept):
                    refused.append(said)
                else:
                    with suppress(LessonError):  # and no other error
                        assert LESSONS[name].judge(runs_of(kept))
                        assert LESSONS[name].paragraph(runs_of(kept))
    assert refused
    for said in refused:
        key = said.partition("=")[0]
        assert said.endswith(f"; leave {key} out to get the values of its preset")
    assert "\n" not in "".join(refused)


@pytest.mark.parametrize(
    ("requirement", "enough", "falls_short", "said"),
    [
        (each_of("zeros", "he"), ["he", 1, "zeros"], ["he"], "also needs zeros"),
        (each_of(False, None), [None, False], [], "also needs false, null"),
        (above(1), [1.0, 20.0], [1.0], "compares 1 with a larger value"),
        (above(1), [1.0, 20.0], [20.0], "compares 1 with a larger value"),
        (always(True), [True], [True, False], "needs true in all runs"),
        (one_number, [0.95], [0.9, 0.95], "needs the same number above 0"),
        (one_number, [1000], [None], "needs the same number above 0"),
        (one_number, [1000], [], "needs the same number above 0"),
    ],
)
def test_a_requirement_says_what_is_missing(requirement, enough, falls_short, said) -> None:
    assert requirement(enough) is None
    assert said in requirement(falls_short)


def test_a_metric_that_no_run_has_logged_is_named() -> None:
    runs = [(settings, {"val_accuracy": [0.1]}) for settings, _ in zeros()]
    with pytest.raises(LessonError, match=r"^diagnostics/1\.Linear/gradient_norm is missing: "):
        LESSONS["zeros"].judge(runs_of(runs))
