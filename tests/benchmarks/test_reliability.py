"""``benchmarks.reliability``: its cheapest attack, and that a broken promise is told."""

from pathlib import Path
from random import Random

import pytest

from benchmarks.reliability.__main__ import main, run
from benchmarks.reliability.attack import Attack, check


def test_damaged_files_are_refused_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--quick", "--only", "damaged_files"])
    assert ended.value.code == 0, capsys.readouterr().out


class _Unlucky(Attack):
    name, promise = "unlucky", "each number is even"

    def prepare(self, folder: Path) -> None:
        self._numbers = iter(range(4))

    def attempt(self, folder: Path, random: Random) -> None:
        number = next(self._numbers)
        check(number != 1, f"{number} is odd")
        assert number != 3


def test_a_failure_is_one_line_with_the_command_that_repeats_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    result = run(_Unlucky, range(4))
    assert (result.tries, result.failures) == (4, 2)
    first, second = capsys.readouterr().out.splitlines()
    assert first == (
        "unlucky 1 failed: 1 is odd; again: python -m benchmarks.reliability --only unlucky --try 1"
    )
    assert "AssertionError" in second
