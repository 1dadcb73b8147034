"""Looking into a network: attribution, calibration, diagnostics, gradient checks."""
