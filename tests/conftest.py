"""What all tests share: real data, displays, servers, and that CI skips nothing."""

import gzip
import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from displays import display, mouse, tkinter_here  # noqa: F401
from ray_cluster import ray_cluster  # noqa: F401
from servers import mlflow_server, open_folder, postgres  # noqa: F401
from unipen import drawings, unipen

# CI may run under nohup or in the background. A handler, unlike the order to ignore a signal,
# is not inherited.
if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
    signal.signal(signal.SIGHUP, lambda *_: None)
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

CI = os.environ.get("CI", "").lower() in ("1", "true")


@pytest.fixture(scope="session")
def mnist_folder() -> Path:
    """The folder that holds ``mnist/`` with the four IDX files."""
    return _data_folder("mnist/train-images-idx3-ubyte.gz", "the MNIST files")


@pytest.fixture(scope="session")
def pen_digits() -> Path:
    """Real pen strokes of thirty writers."""
    return _data_folder("pen_digits/strokes_train.npz", "pen strokes") / "pen_digits"


def _data_folder(wanted: str, what: str) -> Path:
    folder = Path(os.environ.get("NNSCRATCH_DATA", "no such folder"))
    if not (folder / wanted).is_file():
        pytest.skip(f"needs {what}: set NNSCRATCH_DATA to a folder with {wanted}")
    return folder


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The data folder of this test, empty; the user's cache folder lies beside it."""
    folder = tmp_path / "data"
    folder.mkdir()
    monkeypatch.setenv("NNSCRATCH_DATA", str(folder))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "user_cache"))
    yield folder
    shutil.rmtree(tmp_path)  # 55 MB that pytest would keep for three more sessions


@pytest.fixture(scope="session")
def plain_mnist(mnist_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The four original files, unpacked."""
    folder = tmp_path_factory.mktemp("plain_mnist")
    for file in (mnist_folder / "mnist").glob("*ubyte.gz"):
        (folder / file.stem).write_bytes(gzip.decompress(file.read_bytes()))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def strokes(home: Path, plain_mnist: Path) -> Path:
    """A file of five writers, in a data folder with MNIST."""
    (home / "mnist").symlink_to(plain_mnist)
    path = home / "people.tra"
    path.write_text(unipen(drawings(5)))
    return path


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]):
    """In CI a skipped test is a failed one: what it asserts went unchecked."""
    report = yield
    if CI and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"skipped in CI: {reason}"
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Says what was left out, and how to get it."""
    skipped = terminalreporter.getreports("skipped")
    if not skipped:
        return
    terminalreporter.section("left out")
    reasons: dict[str, int] = {}
    for report in skipped:
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        reason = reason.removeprefix("Skipped: ")
        reasons[reason] = reasons.get(reason, 0) + 1
    for reason, count in sorted(reasons.items()):
        terminalreporter.line(f"{count} tests: {reason}")
