"""Every end of a command has an exit status, and every error except a bug is one line."""

import errno
from collections.abc import Iterator

import pytest
from harness import fresh_command
from hydra.errors import HydraException

from experiments import errors
from experiments.cli.exit_status import exit_with
from experiments.errors import ConfigError, OutputLost, Pruned, RunNotLogged, Stopped, UserError
from experiments.runtime.signals import Terminated
from nnscratch import DivergenceError

OTHERS = {Stopped: 130, Pruned: 130, OutputLost: 1, RunNotLogged: 1}
FULL = OSError(errno.ENOSPC, "No space left on device", "mlruns/last.npz")


def classes(base: type[UserError] = UserError) -> Iterator[type[UserError]]:
    for child in base.__subclasses__():
        if child.__module__ == errors.__name__:
            yield child
            yield from classes(child)


def made(kind: type[UserError]) -> UserError:
    return kind("seed", -1, "must be\n0 or more") if kind is ConfigError else kind("must be\n0")


@pytest.mark.parametrize(
    ("error", "status"),
    [
        *((made(kind), OTHERS.get(kind, 2)) for kind in classes()),
        (KeyboardInterrupt(), 130),
        (Terminated(), 143),
        (HydraException("no such\ngroup"), 2),
        (OSError(errno.ENAMETOOLONG, "File name too long", "x" * 5000), 2),
        (DivergenceError("epoch 1:\nNaN"), 1),
        (MemoryError(), 1),
        (FULL, 1),
        (ConnectionRefusedError("refused"), 1),
    ],
    ids=lambda value: type(value).__name__,
)
def test_an_error_ends_in_its_status_and_one_line(
    error: BaseException, status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        exit_with(error)
    assert ended.value.code == status
    out, line = capsys.readouterr()
    assert out == ""
    assert len(line.splitlines()) == 1


def test_a_full_disk_is_named_with_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        exit_with(FULL)
    line = capsys.readouterr().err
    assert line.startswith("mlruns/last.npz can't be written: No space left on device")
    assert "resume=true" in line


def test_too_little_memory_inside_of_hydra_is_named_with_what_to_do(
    capsys: pytest.CaptureFixture[str],
) -> None:
    error = HydraException("Error in call to target 'nnscratch.mlp'")
    error.__cause__ = MemoryError("Unable to allocate 8 GiB")
    with pytest.raises(SystemExit):
        exit_with(error)
    line = capsys.readouterr().err
    assert line.startswith("out of memory: Unable to allocate 8 GiB")
    assert "batch_size" in line


def test_a_bug_keeps_its_traceback() -> None:
    bug = ZeroDivisionError("division by zero")
    with pytest.raises(ZeroDivisionError) as raised:
        exit_with(bug)
    assert raised.value is bug


def test_hydra_full_error_shows_the_traceback_of_a_mistake(tmp_path) -> None:
    done = fresh_command(tmp_path, "experiments.train", "epochs=many", HYDRA_FULL_ERROR="1")
    assert done.returncode == 1
    assert done.stderr.startswith("Traceback")
    assert "ConfigError: epochs=many" in done.stderr
