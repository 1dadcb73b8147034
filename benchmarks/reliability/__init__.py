"""Attacks on the program, each tried many times: ``python -m benchmarks.reliability``."""
