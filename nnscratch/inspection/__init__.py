"""Inspection: attribution, calibration, diagnostics and gradient checks of a network."""
