"""A search for the best config: Optuna asks, parallel processes train, the study remembers."""
