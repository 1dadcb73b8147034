"""MLflow's basic auth: nobody reads or writes without a user name and a password."""

import os
import secrets
from importlib.util import find_spec
from pathlib import Path

from experiments.errors import ServerError
from experiments.servers.secret_file import keep

ADMIN = "admin"


def basic_auth(folder: Path, database_uri: str) -> dict[str, str]:
    """The environment with which ``mlflow server --app-name basic-auth`` starts.

    The users are kept in the database. ``folder`` keeps, readable to its owner alone, the
    key of the sessions and the password of ``admin``, the first user: the one in
    MLFLOW_AUTH_ADMIN_PASSWORD, else a random one. Raises ``ServerError`` if Flask-WTF is
    not installed.
    """
    if find_spec("flask_wtf") is None:
        raise ServerError("--auth needs Flask-WTF: `pip install -e '.[server]'` brings it")
    settings = [
        "[mlflow]",
        # All users work in the same experiments; MLflow's default is that all but the one
        # who logged first may only read them.
        "default_permission = EDIT",
        f"database_uri = {database_uri.replace('%', '%%')}",
        f"admin_username = {ADMIN}",
    ]
    config = folder / "basic_auth.ini"
    config.unlink(missing_ok=True)  # the database may have moved to another port
    keep(config, "\n".join(settings))
    password = os.environ.get("MLFLOW_AUTH_ADMIN_PASSWORD") or secrets.token_urlsafe(18)
    return {
        "MLFLOW_AUTH_CONFIG_PATH": str(config),
        "MLFLOW_AUTH_ADMIN_PASSWORD": keep(folder / "admin_password", password),
        "MLFLOW_FLASK_SERVER_SECRET_KEY": keep(folder / "session_key", secrets.token_urlsafe(32)),
    }
