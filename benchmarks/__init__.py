"""Measures speed, memory and accuracy, where possible as ratios. Not part of the tests."""
