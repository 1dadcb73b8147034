"""A trained network as an MLflow model, which works without this repository."""

import json
import platform
import shutil
from importlib.metadata import version
from pathlib import Path

import numpy as np
from mlflow.models import Model, ModelSignature
from mlflow.types import Schema, TensorSpec

import nnscratch
from experiments.tracking.models import served_network
from nnscratch import Network, save_checkpoint
from nnscratch.typing import FloatArray

_FLOAT = np.dtype(np.float32)
_LIBRARIES = ("mlflow", "numpy")
_EXAMPLE, _REQUEST = "input_example.json", "serving_input_example.json"


def export_model(network: Network, folder: Path, example: FloatArray) -> None:
    """Makes ``folder``, with the files that ``mlflow.pyfunc.load_model`` reads.

    ``example``: a few inputs (n, features), which MLflow shows to users of the model.
    The model has no pickles: the weights are a checkpoint, the code is source.
    """
    folder.mkdir()
    model = Model(
        signature=ModelSignature(
            inputs=Schema([TensorSpec(_FLOAT, (-1, network.features))]),
            outputs=Schema([TensorSpec(_FLOAT, (-1, network.classes))]),
        ),
        saved_input_example_info={
            "type": "ndarray",
            "artifact_path": _EXAMPLE,
            "serving_input_path": _REQUEST,
        },
    )
    # Not with mlflow.pyfunc.save_model: for one warning, it always reads the list of all
    # installed packages, which takes a second in every process that trains.
    model.add_flavor(
        "python_function",
        loader_module=served_network.__name__.rpartition(".")[2],
        python_version=platform.python_version(),
        data="network.npz",
        code="code",
        env={"virtualenv": "python_env.yaml"},
    )
    model.save(folder / "MLmodel")
    save_checkpoint(network, folder / "network.npz")
    _copy_code(folder / "code")
    for name, text in _texts(example).items():
        (folder / name).write_text(text)


def _copy_code(folder: Path) -> None:
    package = Path(nnscratch.__file__).parent
    for source in package.rglob("*.py"):
        target = folder / source.relative_to(package.parent)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)  # with the permissions of the user's umask
    shutil.copyfile(served_network.__file__, folder / Path(served_network.__file__).name)


def _texts(example: FloatArray) -> dict[str, str]:
    rows = example.tolist()
    requirements = [f"{library}=={version(library)}" for library in _LIBRARIES]
    python_env = {"python": platform.python_version(), "dependencies": ["-r requirements.txt"]}
    return {
        _EXAMPLE: json.dumps(rows),
        _REQUEST: json.dumps({"inputs": rows}),
        "requirements.txt": "\n".join(requirements),
        "python_env.yaml": json.dumps(python_env),  # JSON is YAML
    }
