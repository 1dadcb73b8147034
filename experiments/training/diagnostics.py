"""``diagnostics=on``: measurements of a network after each epoch, always on the same samples."""

from collections.abc import Callable, Mapping

import numpy as np
from omegaconf import DictConfig

from experiments.training.build import Trainee
from nnscratch import Dataset, evaluate
from nnscratch.inspection.diagnostics import diagnose, gradient_noise, misclassified

_PROBE = 1000  # training samples that are measured
_DRAWS = 8  # the gradient's noise is estimated from at least this many batches

Diagnostics = Callable[[], Mapping[str, float]]


def build_diagnostics(config: DictConfig, trainee: Trainee, train: Dataset) -> Diagnostics:
    """A function that measures ``diagnostics/1.Linear/gradient_norm`` and others.

    ``diagnostics/train_accuracy`` is measured as in validation, without dropout and augmentation.
    """
    if not config.diagnostics:
        return dict
    network, loss, optimizer, _ = trainee
    probe = train.subset(np.arange(min(_PROBE, len(train))))
    inputs, labels = probe.take(slice(None))
    batch_size = config.batch_size or len(train)
    drawn_from = train.subset(np.arange(min(max(_PROBE, _DRAWS * batch_size), len(train))))

    def measure() -> Mapping[str, float]:
        by_layer = {
            f"{layer}/{name}": value
            for layer, found in diagnose(network, loss, optimizer, inputs, labels).items()
            for name, value in found.metrics().items()
        }
        rng = np.random.default_rng(0)
        found = {
            **by_layer,
            **misclassified(network, loss, inputs, labels),
            "train_accuracy": evaluate(network, loss, probe).accuracy,
            "gradient_noise": gradient_noise(network, loss, drawn_from, batch_size, rng),
        }
        return {f"diagnostics/{name}": value for name, value in found.items()}

    return measure
