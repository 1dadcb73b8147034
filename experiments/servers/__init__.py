"""Servers on 127.0.0.1: PostgreSQL stores the runs, MLflow serves them."""

from experiments.servers.basic_auth import ADMIN, basic_auth
from experiments.servers.foreground import until_interrupted
from experiments.servers.mlflow_server import MlflowServer, check_port
from experiments.servers.postgres import PostgresServer, free_port

__all__ = [
    "ADMIN",
    "MlflowServer",
    "PostgresServer",
    "basic_auth",
    "check_port",
    "free_port",
    "until_interrupted",
]
