"""Where a server on this machine answers."""

DEFAULT_PORT = 5000


def local_address(port: int = DEFAULT_PORT) -> str:
    """The address of a server on this machine, for a browser and for ``MLFLOW_TRACKING_URI``."""
    return f"http://127.0.0.1:{port}"
