"""Models in MLflow: a network exported as one, and the registry of the best."""
