"""Sweeps on the nodes of a Ray cluster, and as jobs of submitit."""

import re
import subprocess
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from gate import Gate
from harness import checkpoints, start, store, train, wait_for

LONG = ("-m", "data=digits", "epochs=3", "model.hidden=[16]")


def trainers(folder: Path, runs: int) -> list[psutil.Process]:
    """The processes that train for a command in ``folder``, once each run has logged an epoch."""
    if len(checkpoints(folder, "state.npz")) < runs:
        return []
    return [process for process in psutil.process_iter() if trains_in(process, folder)]


def trains_in(process: psutil.Process, folder: Path) -> bool:
    with suppress(psutil.Error):
        submitits = "submitit.core._submit" in process.cmdline()
        trains = process.name().startswith("ray::") or submitits
        return trains and process.cwd() == str(folder)
    return False


def ends(folder: Path) -> list[str]:
    """The status of the sweep of ``folder``, and then of its runs."""
    [parent] = store(folder).sweeps()
    runs = store(folder).children(parent.run_id)
    return [parent.status, *sorted(run.status for run in runs)]


def with_a_death(
    folder: Path, *arguments: str, **variables: str
) -> subprocess.CompletedProcess[str]:
    """A sweep of two long runs side by side, one of whose processes is killed."""
    gate = Gate(folder, 2)
    process = start(folder, *LONG, *arguments, *gate.overrides, **variables)
    wait_for(lambda: trainers(folder, 2), process)[0].kill()
    gate.open()
    out, err = process.communicate(timeout=300)
    assert process.returncode is not None
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


@pytest.mark.timeout(600)
def test_ray_uses_both_nodes_and_repeats_the_run_of_a_dead_worker(
    tmp_path: Path, ray_cluster: tuple[tuple[str, str], dict[str, str]]
) -> None:
    """The third run waits for a worker. The repeated one counts once."""
    ray, variables = ray_cluster
    done = with_a_death(tmp_path, "seed=range(3)", *ray, **variables)
    assert done.returncode == 0, done.stderr
    assert "3/3 runs" in done.stdout
    assert ends(tmp_path) == ["FINISHED", "FAILED", *["FINISHED"] * 3]
    assert len({run.tags["nnscratch.ray_node"] for run in store(tmp_path).runs()}) == 2
    assert len(list(tmp_path.glob("multirun/*/*/*/.hydra"))) == 3


@pytest.mark.timeout(600)
def test_a_job_that_ray_gives_up_does_not_end_the_sweep(
    tmp_path: Path, ray_cluster: tuple[tuple[str, str], dict[str, str]]
) -> None:
    ray, variables = ray_cluster
    once = "+hydra.launcher.ray.remote.max_retries=0"
    done = with_a_death(tmp_path, "seed=0,1", *ray, once, **variables)
    assert done.returncode == 1
    assert "2/2 runs" in done.stdout
    assert ends(tmp_path) == ["FAILED", "FAILED", "FINISHED"]
    assert re.search(r"seed=[01]: its worker process died \(WorkerCrashedError\)", done.stderr)


def test_a_submitit_job_that_dies_or_cannot_start_does_not_end_the_sweep(tmp_path: Path) -> None:
    (tmp_path / "jobs").mkdir()
    (tmp_path / "jobs" / "2").touch()  # where the third job would make its folder
    folders = ("hydra.sweep.dir=jobs", "hydra.sweep.subdir='${seed}'")
    done = with_a_death(tmp_path, "seed=range(3)", "launcher=slurm_local", *folders)
    assert done.returncode == 1
    assert "1 of 3 runs never started" in done.stderr
    assert ends(tmp_path) == ["FAILED", "FAILED", "FINISHED"]
    died = r"seed=[01]: its worker process died, .+ its output is in /.+\.err;"
    assert re.search(died, done.stderr)
    [line] = [line for line in done.stderr.splitlines() if "FileExistsError: " in line]
    assert line.startswith("seed=2: its worker process failed")
    assert "memory" not in line


def test_submitit_runs_a_sweep_and_names_the_folder_of_its_output(tmp_path: Path) -> None:
    done = train(tmp_path, "-m", "experiment=xor", "epochs=1", "launcher=slurm_local")
    assert done.returncode == 0, done.stderr
    assert ends(tmp_path) == ["FINISHED", "FINISHED"]
    [line] = [line for line in done.stdout.splitlines() if "output" in line]
    folder = Path(line.split()[-1]).parent
    assert len(list((tmp_path / folder).glob("*/*.out"))) == 1


@pytest.mark.parametrize(("launcher", "extra"), [("ray", "ray"), ("slurm", "slurm")])
def test_a_launcher_that_is_not_installed_names_its_extra(
    tmp_path: Path, launcher: str, extra: str
) -> None:
    """Where Python finds no plugins: an empty package of their name comes first."""
    (tmp_path / "hydra_plugins").mkdir()
    (tmp_path / "hydra_plugins" / "__init__.py").touch()
    done = train(tmp_path, "-m", "experiment=xor", f"launcher={launcher}")
    assert done.returncode == 2
    assert done.stderr.startswith(f"launcher={launcher} needs more packages: `")
    assert done.stderr.endswith(f"[{extra}]'`\n")
