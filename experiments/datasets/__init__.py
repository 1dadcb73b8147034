"""The data sets by name: found, checked, cached, and split for training, validation and test."""

from experiments.datasets.image_set import DatasetError
from experiments.datasets.splits import DATASETS, Splits, load

__all__ = ["DATASETS", "DatasetError", "Splits", "load"]
