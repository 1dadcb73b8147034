"""The model of a run, away from this repository: loaded, and served over HTTP."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from harness import checkpoint, environment, store, train
from mlflow import MlflowClient

from experiments.datasets import load
from experiments.runs.summary import RunSummary
from nnscratch import load_checkpoint

# What a stranger runs. This interpreter knows nnscratch by an editable install, which a
# model without its code would fall back on: hence none but the finders of the standard library.
STRANGER = """
import sys
sys.meta_path[:] = [finder for finder in sys.meta_path if "editable" not in str(finder)]
import json, mlflow, numpy as np
assert not any(name.partition(".")[0] == "nnscratch" for name in sys.modules)
model = mlflow.pyfunc.load_model(sys.argv[1])
images = np.load("images.npy")
answers = {
    "probabilities": model.predict(images).tolist(),
    "of the example": np.shape(model.predict(model.input_example)),
    "inputs": model.metadata.signature.inputs.to_dict(),
    "outputs": model.metadata.signature.outputs.to_dict(),
    "code": sys.modules["nnscratch"].__file__,
}
try:
    model.predict(images * 255)
except mlflow.MlflowException as error:
    answers["of 0-255"] = str(error)
print(json.dumps(answers))
"""


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, RunSummary]:
    """A run on the embedded digits: its folder and itself."""
    folder = tmp_path_factory.mktemp("models")
    done = train(folder, "data=digits", "epochs=2", "model.hidden=[16]", "batch_size=16")
    assert done.returncode == 0, done.stderr
    [run] = store(folder).runs()
    return folder, run


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    """Three test images, (3, 784) in [0, 1]."""
    return load("digits", val_fraction=0.1, seed=0).test.take(slice(0, 3))[0]


@pytest.fixture(scope="module")
def expected(finished: tuple[Path, RunSummary], images: np.ndarray) -> np.ndarray:
    """What the best weights of the run make of them."""
    folder, run = finished
    return load_checkpoint(checkpoint(store(folder), run.run_id)).predict_proba(images)


def outside(**changes: str) -> dict[str, str]:
    """The environment of somebody without this repository, but with its libraries."""
    bare = {key: value for key, value in environment().items() if key != "PYTHONPATH"}
    # The server of a model is started by commands of this environment.
    path = f"{Path(sys.executable).parent}{os.pathsep}{bare['PATH']}"
    return {**bare, "PATH": path, "MLFLOW_DISABLE_TELEMETRY": "true", **changes}


def test_the_model_works_without_this_repository(
    finished, images, expected, tmp_path: Path
) -> None:
    folder, run = finished
    np.save(tmp_path / "images.npy", images)
    done = subprocess.run(
        [sys.executable, "-I", "-c", STRANGER, f"runs:/{run.run_id}/model"],
        cwd=tmp_path,
        env=outside(MLFLOW_TRACKING_URI=store(folder).uri),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answers = json.loads(done.stdout)
    np.testing.assert_allclose(answers["probabilities"], expected, atol=1e-6)
    assert answers["of the example"] == [2, 10]
    tensors = [answers[side][0]["tensor-spec"] for side in ("inputs", "outputs")]
    assert tensors == [{"dtype": "float32", "shape": [-1, size]} for size in (784, 10)]
    assert Path(answers["code"]).parts[-4:] == ("model", "code", "nnscratch", "__init__.py")
    assert "divide pixels of 0–255 by 255" in answers["of 0-255"]


def test_the_requirements_of_the_model_are_pinned(finished) -> None:
    folder, run = finished
    model = folder / "mlartifacts" / run.run_id / "artifacts" / "model"
    pinned = {f"{name}=={run.tags[f'version.{name}']}" for name in ("mlflow", "numpy")}
    assert set((model / "requirements.txt").read_text().split()) == pinned
    assert not list(model.rglob("*.pkl")) + list(model.rglob("__pycache__"))


def test_mlflow_serves_the_model(finished, images, expected, tmp_path: Path) -> None:
    folder, run = finished
    with served(f"runs:/{run.run_id}/model", store(folder).uri, tmp_path) as address:
        request = urllib.request.Request(
            f"{address}/invocations",
            json.dumps({"inputs": images.tolist()}).encode(),
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=60) as response:
            answer = json.load(response)
    np.testing.assert_allclose(answer["predictions"], expected, atol=1e-6)


def test_runs_are_found_by_their_data(finished) -> None:
    folder, run = finished
    digest = run.tags["nnscratch.dataset_digest"]
    client = MlflowClient(store(folder).uri)
    [experiment] = [
        e.experiment_id for e in client.search_experiments() if e.name == run.experiment
    ]

    def found(condition: str) -> list[str]:
        return [run.info.run_id for run in client.search_runs([experiment], condition)]

    assert found(f"dataset.name = 'digits' AND dataset.digest = '{digest[:36]}'") == [run.run_id]
    assert found("dataset.name = 'mnist'") == []
    inputs = client.get_run(run.run_id).inputs
    assert inputs is not None
    [data] = [entry.to_dictionary() for entry in inputs.dataset_inputs]
    assert data["dataset"]["source_type"] == "code"
    assert "load_digits" in data["dataset"]["source"]
    assert json.loads(data["dataset"]["profile"])["test_samples"] == 359
    tags = data["tags"]
    assert tags["mlflow.data.context"] == "training"
    assert int(tags["train_samples"]) + int(tags["validation_samples"]) == 1797 - 359


@contextmanager
def served(model: str, uri: str, folder: Path) -> Iterator[str]:
    """``mlflow models serve``, ready to answer at the address that it yields."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    command = ["-m", "mlflow", "models", "serve", "-m", model, "--env-manager", "local"]
    log = folder / "serve.log"
    with log.open("w") as output:
        server = subprocess.Popen(
            [sys.executable, *command, "--port", port],
            cwd=folder,
            env=outside(MLFLOW_TRACKING_URI=uri),
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    address = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + 120
        while not _answers(f"{address}/ping"):
            assert server.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)
        yield address
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait()


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=10) as response:
            return response.status == 200
    except OSError:
        return False
