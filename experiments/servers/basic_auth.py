"""MLflow's basic auth: reading and writing need a user name and a password."""

import os
import secrets
from importlib.util import find_spec
from pathlib import Path

from experiments.errors import ServerError
from experiments.runtime.commands import install_command
from experiments.runtime.files import keep_secret, write_whole

ADMIN = "admin"
_VARIABLE = "MLFLOW_AUTH_ADMIN_PASSWORD"
_SHORTEST, _PUBLIC = 12, "password1234"  # MLflow refuses shorter ones, and its own former default


def admin_password(folder: Path) -> str:
    """The password of ``admin``, the first user, which ``folder`` keeps for its owner only.

    MLFLOW_AUTH_ADMIN_PASSWORD, else a random one, unless the folder keeps one already. Raises
    ``ServerError`` if MLflow would refuse it, or if Flask-WTF is not installed.
    """
    if find_spec("flask_wtf") is None:
        raise ServerError(f"--auth needs Flask-WTF: `{install_command('server')}` installs it")
    file = folder / "admin_password"
    if file.exists() and _is_valid(kept := file.read_text()):
        return kept  # an earlier version also kept those that MLflow refuses
    password = os.environ.get(_VARIABLE) or secrets.token_urlsafe(18)
    if not _is_valid(password):
        raise ServerError(
            f"{_VARIABLE}: expected at least {_SHORTEST} characters, and not {_PUBLIC}, which "
            "everybody knows: choose another password"
        )
    write_whole(file, password.encode(), mode=0o600)
    return password


def basic_auth(folder: Path, database_uri: str, password: str) -> dict[str, str]:
    """The environment with which the MLflow server requires a password.

    The database keeps the users. ``folder`` keeps the address of the database and the key of the
    sessions, so that only its owner can read them.
    """
    settings = [
        "[mlflow]",
        # All users work in the same experiments. By default, only the user who created an
        # experiment may write to it.
        "default_permission = EDIT",
        f"database_uri = {database_uri.replace('%', '%%')}",
    ]
    config = folder / "basic_auth.ini"
    # Anew at each start: the database may have moved to another port.
    write_whole(config, "\n".join(settings).encode(), mode=0o600)
    return {
        "MLFLOW_AUTH_CONFIG_PATH": str(config),
        "MLFLOW_AUTH_ADMIN_USERNAME": ADMIN,
        _VARIABLE: password,
        "MLFLOW_FLASK_SERVER_SECRET_KEY": keep_secret(
            folder / "session_key", secrets.token_urlsafe(32)
        ),
    }


def _is_valid(password: str) -> bool:
    return len(password) >= _SHORTEST and password != _PUBLIC
