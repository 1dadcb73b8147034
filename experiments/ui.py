"""``python -m experiments.ui``: the MLflow UI over the runs of this folder."""

from experiments.cli.arguments import Parser
from experiments.cli.entry import command
from experiments.runtime.signals import until_interrupted


@command()
def main() -> None:
    """Serves the UI until Ctrl-C; exit status 2 if there are no runs yet."""
    parser = Parser(
        prog="python -m experiments.ui", description="The MLflow UI over all logged runs."
    )
    parser.add_port()
    parser.add_store()
    arguments = parser.parse_args()

    # Here, not above: --help need not wait for MLflow.
    from experiments.reporting import terminal
    from experiments.servers.mlflow_server import MlflowServer
    from experiments.tracking import RunStore

    store = RunStore(arguments.uri)
    if store.uri.startswith("http"):
        terminal.print_text(f"the runs are on a server: open {store.uri}")
        return
    with until_interrupted(), MlflowServer(store.uri, port=arguments.port) as server:
        terminal.print_text(f"{server.uri}  (Ctrl-C ends it)")
        raise SystemExit(server.wait())


if __name__ == "__main__":
    main()
