"""A data set as MLflow lists it: name, digest, origin and size."""

import json
from typing import Any

from mlflow.data.schema import TensorDatasetSchema
from mlflow.entities import Dataset, DatasetInput, InputTag
from mlflow.types import Schema, TensorSpec
from mlflow.utils.mlflow_tags import MLFLOW_DATASET_CONTEXT
from mlflow.utils.validation import MAX_DATASET_DIGEST_SIZE

from experiments.datasets import Splits
from experiments.drawings.collection import OwnDrawings

DRAWINGS_FILE = "drawings/drawings.json"
"""The artifact that holds the own drawings of a run."""


def dataset_input(splits: Splits) -> DatasetInput:
    """The data set that a run learns from, with tags for the number of samples in each part.

    All runs on equal data share MLflow's entry of the data set, so the tags belong to the
    run. MLflow keeps the first 36 characters of the digest; the run's tag
    ``nnscratch.dataset_digest`` has all 64.
    """
    source_type, source = _source(splits.origin)
    train, test = splits.train, splits.test
    schema = TensorDatasetSchema(
        features=Schema([TensorSpec(train.inputs.dtype, (-1, train.features))]),
        targets=Schema([TensorSpec(train.labels.dtype, (-1,))]),
    )
    profile = {
        "features": train.features,
        "classes": splits.classes,
        "training_and_validation_samples": len(train.labels),
        "test_samples": len(test),
    }
    parts = {"train": train, "validation": splits.validation, "test": test}
    return DatasetInput(
        Dataset(
            name=splits.name,
            digest=splits.digest[:MAX_DATASET_DIGEST_SIZE],
            source_type=source_type,
            source=json.dumps(source),
            schema=json.dumps(schema.to_dict()),
            profile=json.dumps(profile),
        ),
        [InputTag(MLFLOW_DATASET_CONTEXT, "training")]
        + [InputTag(f"{name}_samples", str(len(part))) for name, part in parts.items()],
    )


def drawings_input(drawings: OwnDrawings) -> DatasetInput:
    """The own drawings that a run learns from in addition to its data set, with their version.

    Runs on the same drawings share this entry; each run keeps the drawings themselves.
    """
    parts = {"train": drawings.trained_on, "held_back": drawings.held_back}
    samples = {f"{name}_samples": len(part) for name, part in parts.items()}
    return DatasetInput(
        Dataset(
            name="own_drawings",
            digest=drawings.version,
            source_type="code",
            source=json.dumps({"tags": {"mlflow.source.name": f"{DRAWINGS_FILE} of the run"}}),
            profile=json.dumps({"classes": 10, "samples": len(drawings.drawings)}),
        ),
        [InputTag(MLFLOW_DATASET_CONTEXT, "teaching")]
        + [InputTag(name, str(number)) for name, number in samples.items()],
    )


def _source(origin: str) -> tuple[str, dict[str, Any]]:
    """The type and content of a source, in MLflow's terms."""
    scheme = origin.partition(":")[0]
    if scheme == "https":
        return "http", {"url": origin}
    if scheme == "file":
        return "local", {"uri": origin}
    return "code", {"tags": {"mlflow.source.name": origin}}
