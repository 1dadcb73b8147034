"""Servers on 127.0.0.1: PostgreSQL stores the runs, MLflow serves them."""
