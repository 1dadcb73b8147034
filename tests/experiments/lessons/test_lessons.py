"""``python -m experiments.lessons``: pages, exit status, and refusals in one line."""

import re
from pathlib import Path

import pytest
from harness import command, store
from PIL import Image

from experiments.runs.tags import CLAIMS


def test_claims_that_do_not_hold_are_listed_and_the_exit_status_is_1(tmp_path: Path) -> None:
    """Two epochs of one step, after which some of the networks have diverged."""
    tiny = ("data=digits", "data.train_size=null", "epoch_samples=64", "epochs=2")
    rate = "optimizer.learning_rate=1e20"
    done = command(tmp_path, "experiments.lessons", "--quick", "pairing", *tiny, rate)
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    [sweep] = store(tmp_path).sweeps()
    assert sweep.status == "FAILED"
    children = store(tmp_path).children(sweep.run_id)
    assert len(children) == 12
    assert {run.diverged for run in children} == {True, False}
    assert CLAIMS in sweep.tags, done.stderr
    holding = int(sweep.tags[CLAIMS].removesuffix(" of 3 hold"))
    assert 0 <= holding < 3
    page = (tmp_path / "docs" / "lessons" / "pairing.md").read_text(encoding="utf-8")
    assert page.startswith("# Why softmax and cross-entropy are paired\n")
    words = " ".join(page.split())
    assert len(re.findall(r"\*Does not hold: ", words)) == 3 - holding
    assert len(re.findall(r"\*Holds: ", words)) == holding
    assert f"python -m experiments.train sweep=quick/lesson_pairing {' '.join(tiny)}" in words
    assert sweep.run_id[:8] in page
    assert "nan" not in page
    with Image.open(tmp_path / "docs" / "lessons" / "pairing.png") as picture:
        assert picture.width > 1000
    terminal = " ".join(done.stdout.split())
    assert terminal.count("does not hold") == 3 - holding


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["zreos"], "zreos: there is no lesson of this name; did you mean zeros?"),
        (
            ["--quick", "zeros", "model.init=he_normal"],
            "model.init=he_normal: the lesson also needs zeros, constant, normal:0.01; leave "
            "model.init out to get the values of its preset",
        ),
    ],
)
def test_a_lesson_that_cannot_run_is_refused_in_one_line(
    tmp_path: Path, arguments: list[str], said: str
) -> None:
    done = command(tmp_path, "experiments.lessons", *arguments)
    assert done.returncode == 2
    [line] = done.stderr.strip().splitlines()
    assert said in line
    assert not (tmp_path / "docs").exists()
    assert store(tmp_path).sweeps() == [], "nothing was trained"
