"""The MLflow server as ``experiments.servers.mlflow_server`` starts it."""
