"""Downloads: scikit-learn's real client, and a server that answers like OpenML."""

import gc
import importlib.util
import logging
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from openml_server import Answers, arff_answers, opener_to, serving
from sklearn.datasets import fetch_openml

from experiments.datasets import load, openml
from experiments.datasets.idx import read_idx
from experiments.errors import DatasetError

MNIST_DIGEST = "06b0d1f124c4"

# The client leaves the answer to a failed request open; it is closed when that is collected.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture(autouse=True)
def _collect() -> Iterator[None]:
    yield
    gc.collect()


@pytest.fixture(scope="session")
def whole_mnist(plain_mnist: Path) -> Answers:
    """All 70,000 rows, made once: 124 MB of text."""
    parts = [read_idx(plain_mnist / f"{p}-images-idx3-ubyte") for p in ("train", "t10k")]
    labels = [read_idx(plain_mnist / f"{p}-labels-idx1-ubyte") for p in ("train", "t10k")]
    return arff_answers(np.concatenate(parts).reshape(-1, 784), np.concatenate(labels))


@pytest.fixture(scope="session")
def ten_rows() -> Answers:
    return arff_answers(np.zeros((10, 784), np.uint8), np.arange(10))


@contextmanager
def _openml_is(answers: Answers, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    with serving(answers) as port, monkeypatch.context() as patch:
        patch.setattr(urllib.request, "_opener", opener_to(port))
        yield port


def _refusal(name: str = "mnist") -> str:
    with pytest.raises(DatasetError) as refused:
        load(name, val_fraction=0.1, seed=0)
    message = str(refused.value)
    assert "\n" not in message
    return message


def _assert_helpful(message: str, home: Path) -> None:
    for hint in (str(home / "mnist"), "train-images-idx3-ubyte.gz", "mnist.npz", "data=digits"):
        assert hint in message


def _left_behind(home: Path) -> list[Path]:
    """Everything but the empty lock file, which must stay: others may be waiting for it."""
    return [path for path in home.rglob("*") if path.is_file() and path.name != "mnist.lock"]


def _assert_nothing_left(home: Path) -> None:
    assert _left_behind(home) == []
    assert [path.name for path in (home / "cached").iterdir()] == ["mnist.lock"]


def _loading_process(port: int) -> "subprocess.Popen[str]":
    script = (
        "import urllib.request, openml_server; from experiments.datasets import load; "
        f"urllib.request.install_opener(openml_server.opener_to({port})); "
        "load('mnist', val_fraction=0.1, seed=0)"
    )
    env = os.environ | {"PYTHONPATH": str(Path(sys.modules["openml_server"].__file__ or "").parent)}
    return subprocess.Popen(
        [sys.executable, "-c", script], env=env, stderr=subprocess.PIPE, text=True
    )


def test_an_interrupted_download_is_repeated_from_the_start(
    home: Path,
    whole_mnist: Answers,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    interrupted = replace(whole_mnist, cut=1_000_000)
    with serving(interrupted) as port, _loading_process(port) as process:
        assert interrupted.in_the_middle.wait(60)
        assert _left_behind(home)
        process.kill()
    assert process.returncode == -signal.SIGKILL
    caplog.set_level(logging.INFO)
    with _openml_is(whole_mnist, monkeypatch):
        mnist = load("mnist", val_fraction=0.1, seed=0)
    assert mnist.digest.startswith(MNIST_DIGEST)
    assert "Downloading MNIST from OpenML" in caplog.text
    assert sorted(path.name for path in (home / "cached").iterdir()) == ["mnist", "mnist.lock"]
    # No server any more: what is cached is enough.
    assert load("mnist", val_fraction=0.1, seed=0).digest == mnist.digest


def test_ctrl_c_during_the_download_leaves_no_files(home: Path, whole_mnist: Answers) -> None:
    slow = replace(whole_mnist, cut=1_000_000)
    with serving(slow) as port, _loading_process(port) as process:
        assert slow.in_the_middle.wait(60)
        process.send_signal(signal.SIGINT)
        assert process.stderr
        assert "KeyboardInterrupt" in process.stderr.read()
    assert process.returncode != 0
    _assert_nothing_left(home)


@pytest.mark.parametrize(
    ("mood", "reason"),
    [
        (lambda answers: replace(answers, status=503), "503"),
        (lambda answers: replace(answers, status=404), "404"),
        (lambda answers: replace(answers, status=412), "not found"),
        (lambda answers: replace(answers, md5="0" * 32), "md5 checksum"),
        (lambda answers: replace(answers, body=answers.body[:-1] + b"\1"), "delivered|deliver"),
        (lambda answers: replace(answers, body=b"<html>busy</html>"), "deliver"),
    ],
    ids=["503", "404", "412", "wrong checksum", "damaged gzip", "no gzip"],
)
def test_a_failing_server_ends_in_one_sentence_and_leaves_no_files(
    mood: Callable[[Answers], Answers],
    reason: str,
    home: Path,
    ten_rows: Answers,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with _openml_is(mood(ten_rows), monkeypatch):
        message = _refusal()
    assert any(word in message for word in reason.split("|"))
    _assert_helpful(message, home)
    _assert_nothing_left(home)


def test_a_truncated_answer_ends_in_one_sentence_and_leaves_no_files(
    home: Path, whole_mnist: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:
    truncated = replace(whole_mnist, cut=1_000_000)
    truncated.go_on.set()
    with _openml_is(truncated, monkeypatch):
        message = _refusal()
    _assert_helpful(message, home)
    _assert_nothing_left(home)


@pytest.mark.parametrize("quote", ["", "'", '"'])
@pytest.mark.parametrize("pandas", [True, False], ids=["pandas", "no pandas"])
def test_other_data_under_the_same_name_is_refused(
    quote: str, pandas: bool, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not pandas:
        monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    ten_rows = arff_answers(np.zeros((10, 784), np.uint8), np.arange(10), quote)
    with _openml_is(ten_rows, monkeypatch):
        message = _refusal()
    assert message.startswith("OpenML's mnist_784 (train images) holds uint8 of shape (10, 784)")
    _assert_helpful(message, home)
    _assert_nothing_left(home)


def test_no_connection_ends_in_one_sentence_within_seconds(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A refused connection takes no time. What takes time are the pauses between attempts."""
    with socket.create_server(("127.0.0.1", 0)) as closed_soon:
        port = closed_soon.getsockname()[1]
    monkeypatch.setattr(urllib.request, "_opener", opener_to(port))
    pauses: list[float] = []
    monkeypatch.setattr(time, "sleep", pauses.append)
    message = _refusal()
    assert 0 < sum(pauses) < 10
    assert "refused" in message
    _assert_helpful(message, home)
    _assert_nothing_left(home)


def test_the_wait_for_a_silent_server_ends(
    home: Path, ten_rows: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(openml, "_SECONDS_OF_SILENCE", 0.2)
    with _openml_is(replace(ten_rows, cut=100), monkeypatch):
        message = _refusal()
    assert "timed out" in message
    assert socket.getdefaulttimeout() is None
    _assert_nothing_left(home)


def test_fashion_mnist_is_requested_by_its_own_number(
    home: Path, ten_rows: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = replace(ten_rows, status=503)
    with _openml_is(asked, monkeypatch):
        message = _refusal("fashion_mnist")
    assert asked.paths[0].endswith("/data/40996")
    assert str(home / "fashion_mnist") in message


def test_the_cache_of_scikit_learn_is_read_offline_and_left_alone(
    home: Path, ten_rows: Answers, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What it holds here is refused: so it was read."""
    cache = tmp_path / "scikit_learn"
    monkeypatch.setenv("SCIKIT_LEARN_DATA", str(cache))
    with _openml_is(ten_rows, monkeypatch):
        fetch_openml("mnist_784", version=1, as_frame=False, parser="liac-arff")
    before = {path: path.stat().st_mtime_ns for path in cache.rglob("*")}
    message = _refusal()
    assert message.startswith("OpenML's mnist_784 (train images) holds uint8 of shape (10, 784)")
    assert {path: path.stat().st_mtime_ns for path in cache.rglob("*")} == before
    _assert_nothing_left(home)


def test_digits_and_xor_request_nothing(
    home: Path, ten_rows: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = replace(ten_rows)
    with _openml_is(asked, monkeypatch):
        load("digits", val_fraction=0.1, seed=0)
        load("xor", val_fraction=0.1, seed=0)
    assert asked.paths == []
