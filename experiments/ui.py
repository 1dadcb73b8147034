"""``python -m experiments.ui``: the MLflow UI over the runs of this folder."""

import argparse

from experiments.cli.exit_status import errors_exit
from experiments.runtime.signals import until_interrupted
from experiments.servers.address import DEFAULT_PORT


def main() -> None:
    """Serves the UI until Ctrl-C; exit status 2 if there are no runs yet."""
    parser = argparse.ArgumentParser(
        prog="python -m experiments.ui", description="The MLflow UI over all logged runs."
    )
    parser.add_argument(
        "--port", type=int, default=DEFAULT_PORT, help="on 127.0.0.1 (default %(default)s)"
    )
    parser.add_argument("--uri", help="the store (default: MLFLOW_TRACKING_URI or ./mlflow.db)")
    arguments = parser.parse_args()

    # Here, not above: --help need not wait for MLflow.
    from experiments.reporting import terminal
    from experiments.servers.mlflow_server import MlflowServer
    from experiments.tracking import RunStore

    with errors_exit():
        store = RunStore(arguments.uri)
        if store.uri.startswith("http"):
            terminal.print_text(f"the runs are on a server: open {store.uri}")
            return
        with until_interrupted(), MlflowServer(store.uri, port=arguments.port) as server:
            terminal.print_text(f"{server.uri}  (Ctrl-C ends it)")
            raise SystemExit(server.wait())


if __name__ == "__main__":
    main()
