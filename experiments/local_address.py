"""Where the MLflow UI, or a server, is on this machine."""

DEFAULT_PORT = 5000


def local_address(port: int = DEFAULT_PORT) -> str:
    """For a browser, and for ``MLFLOW_TRACKING_URI``."""
    return f"http://127.0.0.1:{port}"
