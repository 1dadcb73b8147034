"""Places as a user types them: on this machine, or refused with the setting that names them."""

from argparse import ArgumentTypeError
from pathlib import Path

import pytest

from experiments.errors import ConfigError
from experiments.runtime.paths import local_path, path_argument


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/me")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("~/runs", "/home/me/runs"),
        ("file:///data/my%20runs", "/data/my runs"),
        ("file://localhost/data", "/data"),
        ("mljournal", "mljournal"),
        ("batch:64", "batch:64"),
        ("./s3:", "s3:"),
    ],
)
def test_a_place_on_this_machine(typed: str, meant: str) -> None:
    assert local_path(typed, "setting") == path_argument(typed) == Path(meant)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("s3://bucket/runs", "of this machine"),
        ("models:/nnscratch-mnist@champion", "of this machine"),
        ("file://elsewhere/data", "of this machine"),
        ("~nobody-has-this-name/runs", "no home folder for ~nobody-has-this-name"),
        (" ", "expected the name of"),
        ("a\0b", "expected the name of"),
    ],
)
def test_any_other_place_is_refused(typed: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said) as error:
        local_path(typed, "tracking.journal")
    assert str(error.value).startswith(f"tracking.journal={typed}: ")
    with pytest.raises(ArgumentTypeError, match=said):
        path_argument(typed)
