"""``python -m experiments.server``: an MLflow server on PostgreSQL, for the runs of a group."""

import time
from pathlib import Path

from experiments.cli.arguments import Parser
from experiments.cli.entry import command
from experiments.errors import ServerError
from experiments.runtime.paths import path_argument
from experiments.runtime.signals import until_interrupted
from experiments.runtime.streams import print_error

_PAUSE = 0.5  # seconds between two looks at the servers


@command()
def main() -> None:
    """Serves until Ctrl-C; exit status 2 if it can't start, 1 if one of the servers ends."""
    parser = Parser(
        prog="python -m experiments.server",
        description="Starts an MLflow server on 127.0.0.1, and a PostgreSQL server for its data. "
        "The next start uses the same data.",
    )
    parser.add_port()
    parser.add_argument(
        "--folder",
        type=path_argument,
        default=Path("server"),
        help="keeps the database, the artifacts and the logs (default ./server)",
    )
    parser.add_argument("--auth", action="store_true", help="require a user name and a password")
    arguments = parser.parse_args()
    with until_interrupted():
        try:
            _serve(arguments.folder, arguments.port, auth=arguments.auth)
        except OSError as error:
            raise ServerError(
                f"--folder {arguments.folder}: that folder can't be written to "
                f"({error.strerror}): choose another"
            ) from error


def _serve(folder: Path, port: int, *, auth: bool) -> None:
    # Here, not above: --help need not wait for Rich.
    from experiments.reporting import terminal
    from experiments.servers.basic_auth import ADMIN, admin_password, basic_auth
    from experiments.servers.mlflow_server import MlflowServer, check_port
    from experiments.servers.postgres import PostgresServer

    check_port(port)  # before a database is set up for it
    password = admin_password(folder) if auth else None
    terminal.print_text(f"starting PostgreSQL and MLflow; their data are in {folder}/")
    with PostgresServer(folder / "postgres") as postgres:
        users = None if password is None else basic_auth(folder, postgres.uri, password)
        with MlflowServer(
            postgres.uri, folder / "artifacts", port=port, log=folder / "mlflow.log", users=users
        ) as mlflow:
            if auth:
                terminal.print_text(f"user {ADMIN}, password in {folder / 'admin_password'}")
            terminal.print_text(f"{mlflow.uri}  (Ctrl-C ends it)")
            while mlflow.is_running and postgres.is_running:
                time.sleep(_PAUSE)
            ended, log = (
                ("PostgreSQL", folder / "postgres" / "log")
                if mlflow.is_running
                else ("the MLflow server", folder / "mlflow.log")
            )
    print_error(
        f"{ended} has ended, see {log}; both servers are stopped now: the same command starts them"
    )
    raise SystemExit(1)


if __name__ == "__main__":
    main()
