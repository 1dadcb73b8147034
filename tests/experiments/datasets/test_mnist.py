"""The default network on real MNIST reaches the accuracies that system 0 promises."""

from pathlib import Path

import pytest
from harness import store, train


@pytest.mark.parametrize(
    ("overrides", "low", "high"),
    [
        ((), 0.973, 0.982),
        (("optimizer=sgd", "optimizer.learning_rate=0.01"), 0.945, 0.958),
    ],
    ids=["adam", "sgd"],
)
def test_ten_epochs(
    tmp_path: Path, mnist_folder: Path, overrides: tuple[str, ...], low: float, high: float
) -> None:
    done = train(tmp_path, *overrides, NNSCRATCH_DATA=str(mnist_folder))
    assert done.returncode == 0, done.stderr
    [run] = store(tmp_path).runs()
    assert len(store(tmp_path).history(run.run_id, "val_loss")) == 10
    assert low <= run.metrics["test_accuracy"] <= high
