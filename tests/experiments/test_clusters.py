"""Sweeps beyond this process's children: on the nodes of a Ray cluster, and as submitit's jobs."""

from pathlib import Path

import pytest
from harness import store, train

SWEEP = ("-m", "experiment=xor", "epochs=1", "seed=range(4)")


@pytest.mark.timeout(600)
def test_ray_places_the_runs_of_one_sweep_on_both_nodes(
    tmp_path: Path, ray_cluster: tuple[str, dict[str, str]]
) -> None:
    address, variables = ray_cluster
    done = train(
        tmp_path,
        *SWEEP,
        "launcher=ray",
        f"hydra.launcher.ray.init.address='{address}'",
        **variables,
    )
    assert done.returncode == 0, done.stderr
    [parent] = store(tmp_path).sweeps()
    runs = store(tmp_path).children(parent.run_id)
    assert [run.status for run in (parent, *runs)] == ["FINISHED"] * 5
    assert len({run.tags["nnscratch.ray_node"] for run in runs}) == 2
    assert len(list(tmp_path.glob("multirun/*/*/*/.hydra"))) == 4


def test_submitit_runs_a_sweep_and_says_where_its_output_is(tmp_path: Path) -> None:
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
    assert done.stderr.strip() == (
        f"launcher={launcher} needs the extra: pip install -e '.[{extra}]'"
    )
