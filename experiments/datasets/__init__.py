"""The data sets by name: found, checked, cached, and split for training, validation and test."""

from experiments.datasets.splits import DATASETS, Splits, load

__all__ = ["DATASETS", "Splits", "load"]
