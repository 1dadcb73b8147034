"""MLflow's basic auth: reading and writing need a user name and a password."""

import os
import secrets
from importlib.util import find_spec
from pathlib import Path

from experiments.errors import ServerError
from experiments.runtime.files import keep_secret, write_whole

ADMIN = "admin"


def basic_auth(folder: Path, database_uri: str) -> dict[str, str]:
    """The environment with which ``mlflow server --app-name basic-auth`` starts.

    The database keeps the users. ``folder`` keeps the key of the sessions and the password
    of ``admin``, the first user, so that only its owner can read them. The password is
    MLFLOW_AUTH_ADMIN_PASSWORD, else a random one. Raises ``ServerError`` if Flask-WTF is
    not installed.
    """
    if find_spec("flask_wtf") is None:
        raise ServerError("--auth needs Flask-WTF: `pip install -e '.[server]'` installs it")
    settings = [
        "[mlflow]",
        # All users work in the same experiments. By default, only the user who created an
        # experiment may write to it.
        "default_permission = EDIT",
        f"database_uri = {database_uri.replace('%', '%%')}",
        f"admin_username = {ADMIN}",
    ]
    config = folder / "basic_auth.ini"
    # Anew at each start: the database may have moved to another port.
    write_whole(config, "\n".join(settings).encode(), mode=0o600)
    password = os.environ.get("MLFLOW_AUTH_ADMIN_PASSWORD") or secrets.token_urlsafe(18)
    session_key = secrets.token_urlsafe(32)
    return {
        "MLFLOW_AUTH_CONFIG_PATH": str(config),
        "MLFLOW_AUTH_ADMIN_PASSWORD": keep_secret(folder / "admin_password", password),
        "MLFLOW_FLASK_SERVER_SECRET_KEY": keep_secret(folder / "session_key", session_key),
    }
