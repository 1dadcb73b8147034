"""Data sets by name: they are found, checked, cached, and split into three parts."""

from experiments.datasets.splits import DATASETS, Splits, load

__all__ = ["DATASETS", "Splits", "load"]
