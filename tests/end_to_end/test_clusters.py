"""Sweeps on the nodes of a Ray cluster, and as jobs of submitit."""

import re
import subprocess
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from gate import VARIABLES, Gate
from harness import checkpoints, start, store, train, wait_for

SWEEP = ("-m", "experiment=xor", "epochs=1", "seed=range(4)")


@pytest.mark.timeout(600)
def test_ray_places_the_runs_of_one_sweep_on_both_nodes(
    tmp_path: Path, ray_cluster: tuple[tuple[str, str], dict[str, str]]
) -> None:
    ray, variables = ray_cluster
    done = train(tmp_path, *SWEEP, *ray, **variables)
    assert done.returncode == 0, done.stderr
    [parent] = store(tmp_path).sweeps()
    runs = store(tmp_path).children(parent.run_id)
    assert [run.status for run in (parent, *runs)] == ["FINISHED"] * 5
    assert len({run.tags["nnscratch.ray_node"] for run in runs}) == 2
    assert len(list(tmp_path.glob("multirun/*/*/*/.hydra"))) == 4


LONG = ("-m", "data=digits", "epochs=10", "model.hidden=[16]")


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
    folder: Path, seeds: str, *arguments: str, **variables: str
) -> subprocess.CompletedProcess[str]:
    """A sweep of long runs side by side, one of whose processes is killed."""
    gate = Gate(folder, 2)
    process = start(folder, *LONG, f"seed={seeds}", *arguments, *gate.overrides, **variables)
    wait_for(lambda: trainers(folder, len(seeds.split(","))), process)[0].kill()
    gate.open()
    out, err = process.communicate(timeout=300)
    assert process.returncode is not None
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def check_one_of_two_is_lost(folder: Path, done: subprocess.CompletedProcess[str]) -> None:
    assert done.returncode == 1
    assert "2/2 runs" in done.stdout
    assert ends(folder) == ["FAILED", "FAILED", "FINISHED"]


@pytest.mark.timeout(600)
def test_ray_repeats_the_run_of_a_dead_worker_and_it_counts_once(
    tmp_path: Path, ray_cluster: tuple[tuple[str, str], dict[str, str]]
) -> None:
    ray, variables = ray_cluster
    done = with_a_death(tmp_path, "0", *ray, **variables)
    assert done.returncode == 0, done.stderr
    assert "1/1 runs" in done.stdout
    assert ends(tmp_path) == ["FINISHED", "FAILED", "FINISHED"]


@pytest.mark.timeout(600)
def test_a_job_that_ray_gives_up_does_not_end_the_sweep(
    tmp_path: Path, ray_cluster: tuple[tuple[str, str], dict[str, str]]
) -> None:
    ray, variables = ray_cluster
    once = "+hydra.launcher.ray.remote.max_retries=0"
    done = with_a_death(tmp_path, "0,1", *ray, once, **variables)
    check_one_of_two_is_lost(tmp_path, done)
    assert re.search(r"seed=[01]: its worker process died \(WorkerCrashedError\)", done.stderr)


def test_a_submitit_job_that_dies_does_not_end_the_sweep(tmp_path: Path) -> None:
    done = with_a_death(tmp_path, "0,1", "launcher=slurm_local", **VARIABLES)
    check_one_of_two_is_lost(tmp_path, done)
    died = r"seed=[01]: its worker process died, .+ its output is in /.+\.err;"
    assert re.search(died, done.stderr)


def test_a_job_that_cannot_start_is_reported_in_one_line(tmp_path: Path) -> None:
    done = train(
        tmp_path, *SWEEP[:-1], "seed=0,1", "launcher=slurm_local", "hydra.sweep.subdir=/proc/no"
    )
    assert done.returncode == 1
    lines = [line for line in done.stderr.splitlines() if "FileNotFoundError: " in line]
    assert [line.partition(":")[0] for line in lines] == ["seed=0", "seed=1"]
    assert "memory" not in done.stderr


def test_submitit_runs_a_sweep_and_names_the_folder_of_its_output(tmp_path: Path) -> None:
    done = train(tmp_path, *SWEEP[:-1], "seed=0,1", "launcher=slurm_local")
    assert done.returncode == 0, done.stderr
    [parent] = store(tmp_path).sweeps()
    runs = store(tmp_path).children(parent.run_id)
    assert [run.status for run in (parent, *runs)] == ["FINISHED"] * 3
    [line] = [line for line in done.stdout.splitlines() if "output" in line]
    folder = Path(line.split()[-1]).parent
    assert len(list((tmp_path / folder).glob("*/*.out"))) == 2


@pytest.mark.parametrize(("launcher", "extra"), [("ray", "ray"), ("slurm", "slurm")])
def test_a_launcher_that_is_not_installed_names_its_extra(
    tmp_path: Path, launcher: str, extra: str
) -> None:
    """Where Python finds no plugins: an empty package of their name comes first."""
    (tmp_path / "hydra_plugins").mkdir()
    (tmp_path / "hydra_plugins" / "__init__.py").touch()
    done = train(tmp_path, *SWEEP, f"launcher={launcher}")
    assert done.returncode == 2
    assert done.stderr.startswith(f"launcher={launcher} needs more packages: `")
    assert done.stderr.endswith(f"[{extra}]'`\n")
