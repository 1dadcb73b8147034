"""``python -m experiments.server``: an MLflow server on PostgreSQL, for all runs of a group."""

import argparse
from pathlib import Path

from experiments.errors import ServerError
from experiments.reporting import terminal
from experiments.servers import (
    ADMIN,
    MlflowServer,
    PostgresServer,
    basic_auth,
    check_port,
    until_interrupted,
)
from experiments.servers.mlflow_server import DEFAULT_PORT


def main() -> None:
    """Serves until Ctrl-C; exit status 2 if it can't start, 1 if the server ends by itself."""
    parser = argparse.ArgumentParser(
        prog="python -m experiments.server",
        description="An MLflow server on a PostgreSQL server of its own, on 127.0.0.1. Started "
        "again, it goes on with the same data.",
    )
    parser.add_argument(
        "--port", type=int, default=DEFAULT_PORT, help="on 127.0.0.1 (default %(default)s)"
    )
    parser.add_argument(
        "--folder",
        type=Path,
        default=Path("server"),
        help="keeps the database, the artifacts and the logs (default ./server)",
    )
    parser.add_argument(
        "--auth", action="store_true", help="let nobody in without a user name and a password"
    )
    arguments = parser.parse_args()
    try:
        with until_interrupted():
            _serve(arguments.folder, arguments.port, auth=arguments.auth)
    except ServerError as error:
        terminal.print_error(str(error))
        raise SystemExit(2) from None
    except OSError as error:
        folder = f"--folder {arguments.folder}"
        terminal.print_error(f"{folder}: no file can be written there: {error.strerror}")
        raise SystemExit(2) from None


def _serve(folder: Path, port: int, *, auth: bool) -> None:
    check_port(port)  # before a database is set up for it
    terminal.print_text(f"PostgreSQL and MLflow start; their data are in {folder}/")
    with PostgresServer(folder / "postgres") as postgres:
        users = basic_auth(folder, postgres.uri) if auth else None
        with MlflowServer(
            postgres.uri, folder / "artifacts", port=port, log=folder / "mlflow.log", users=users
        ) as mlflow:
            if auth:
                terminal.print_text(f"user {ADMIN}, password in {folder / 'admin_password'}")
            terminal.print_text(f"{mlflow.uri}  (Ctrl-C ends it)")
            mlflow.wait()
    terminal.print_error(f"the MLflow server has ended, see {folder / 'mlflow.log'}")
    raise SystemExit(1)


if __name__ == "__main__":
    main()
