"""Servers of one's own on 127.0.0.1: PostgreSQL for the runs, MLflow before it."""

from experiments.servers.errors import ServerError
from experiments.servers.mlflow_server import MlflowServer
from experiments.servers.postgres import PostgresServer, free_port

__all__ = ["MlflowServer", "PostgresServer", "ServerError", "free_port"]
